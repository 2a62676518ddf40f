// What was removed goes from the disk, too: RocksDB by itself keeps deleted and replaced rows in its log and
// files until some compaction comes by.
#pragma once
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include <rocksdb/write_batch.h>

#include "ingest/result.h"
#include "store/database.h"

namespace thap::store {

// What batches have removed and the files may still hold.
// Threads: any; settle() runs once at a time.
class Erasure {
 public:
  explicit Erasure(const Database& database) : database_(database) {}

  ingest::Result<void> load();  // what an earlier process owed; before anything else
  bool owed() const { return owed_.load(std::memory_order_acquire); }
  // Writer: adds to a batch that removes evidence the row that says so, and once it is written says so here.
  void stage(rocksdb::WriteBatch& batch) const;
  void written() { owed_.store(true, std::memory_order_release); }

  // rewrite_evidence_files(), then what was owed when it began is owed no longer. Fails with `io`, `closed`.
  ingest::Result<void> settle();
  void stop() { is_stopped_ = true; }

 private:
  ingest::Result<std::vector<std::string>> debts() const;

  const Database& database_;
  std::mutex mutex_;
  std::atomic<bool> owed_{false}, is_stopped_{false};
};

// Flushes all families, so that no log file is needed any longer, and rewrites the files of evidence and its
// index. Afterwards removed and replaced evidence is in no file of the store, unless an iterator or snapshot
// older than the removal still lives. Costs reading and writing all evidence once. Any thread, also beside a
// writer. Fails with `io`; with `closed` once `is_stopped` is set.
ingest::Result<void> rewrite_evidence_files(const Database& database, std::atomic<bool>& is_stopped);

// Brings the rows of a store of an earlier format to this one. The caller writes the new version after it.
// Writer, before anything else.
ingest::Result<void> upgrade(const Database& database, std::uint32_t from_version);

}  // namespace thap::store
