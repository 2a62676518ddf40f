// The one writer of a store: turns a Batch into one WriteBatch, all or nothing.
// In: Batch. Out: WriteSummary; what the store knows in memory (seen posts, positions, newest clock) moves
// with it.
#pragma once
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <rocksdb/write_batch.h>

#include "ingest/result.h"
#include "store/database.h"
#include "store/erasure.h"
#include "store/evidence_shelf.h"
#include "store/flush_rule.h"
#include "store/open_hours.h"
#include "store/seen_set.h"
#include "store/window_store.h"

namespace thap::store {

// Threads: the writer; positions() and figures() from any thread.
class BatchWriter {
 public:
  explicit BatchWriter(Database& database);

  ingest::Result<void> load();  // what is kept in memory, from the rows; before anything else

  ingest::Result<WriteSummary> write(const Batch& batch);
  bool seen(const ingest::PostKey& post) const { return seen_.contains(post); }

  std::vector<ingest::SourcePosition> positions() const;
  StoreFigures figures() const;
  Erasure& erasure() { return erasure_; }
  const Erasure& erasure() const { return erasure_; }

 private:
  using PositionMap = std::map<std::pair<std::string, std::int32_t>, ingest::SourcePosition>;

  void stage_counts(const Tally& tally, Minute floor, WriteSummary& summary);
  void stage_hours(std::int64_t newest_clock_ms);
  void stage_pending(const Batch& batch);
  void stage_seen(const Tally& tally, std::uint32_t floor);
  void stage_small(const Batch& batch, std::int64_t newest_clock_ms);
  void remember(const Batch& batch, std::int64_t newest_clock_ms);
  void flush_if_due(Minute clock);
  void expire_seen_rows(std::uint32_t floor);

  Database& database_;
  rocksdb::WriteBatch rows_;  // kept for its memory
  std::vector<HourSum> late_hours_;
  std::string bytes_;
  std::map<std::uint32_t, std::string> posts_of_hour_;
  EvidenceShelf shelf_;
  Erasure erasure_;
  OpenHours open_hours_;
  FlushRule flush_rule_;
  SeenSet seen_;
  std::int64_t seen_clock_ms_{0};     // what `seen_hours` is measured from; never goes back
  std::uint32_t seen_rows_floor_{0};  // rows of earlier hours were deleted from `seen`

  mutable std::mutex positions_mutex_;
  PositionMap positions_;
  std::atomic<std::uint64_t> seen_posts_{0}, seen_evicted_{0}, flushes_{0};
};

}  // namespace thap::store
