#include "store/erasure.h"

#include "store/keys.h"
#include "store/rows.h"

namespace thap::store {

using ingest::Code;
using ingest::fail;
using ingest::Result;

namespace {

// One row a batch that removed something: the value is empty, the number is RocksDB's before the batch, which
// no two batches share.
const std::string debt_prefix = own_meta_key("erase/");

}  // namespace

Result<std::vector<std::string>> Erasure::debts() const {
  std::vector<std::string> keys;
  const auto scan = scan_all(database_, Rows::meta, after_prefix(debt_prefix));
  for (scan->seek(debt_prefix); scan->valid(); scan->next()) keys.emplace_back(scan->key());
  if (auto finished = scan->finish(); !finished) return tl::unexpected(finished.error());
  return keys;
}

Result<void> Erasure::load() {
  const auto keys = debts();
  if (!keys) return tl::unexpected(keys.error());
  owed_ = !keys->empty();
  return {};
}

void Erasure::stage(rocksdb::WriteBatch& batch) const {
  std::string key = debt_prefix;
  put(key, static_cast<std::uint64_t>(database_.db().GetLatestSequenceNumber()));
  batch.Put(database_[Rows::meta], key, {});
}

Result<void> Erasure::settle() {
  const std::lock_guard lock(mutex_);
  owed_ = false;  // what is removed from here on says so again
  const auto keys = debts();
  auto done = keys ? rewrite_evidence_files(database_, is_stopped_) : tl::unexpected(keys.error());
  if (done && !keys->empty()) {
    rocksdb::WriteBatch batch;
    for (const auto& key : *keys) batch.Delete(database_[Rows::meta], key);
    if (const auto status = database_.db().Write({}, &batch); !status.ok())
      done = tl::unexpected(error_of(status, database_.directory()));
  }
  if (!done) owed_ = true;
  return done;
}

namespace {

// A compaction's old files are deleted after it has reported that it is done. Listing the logs while
// deletions are held waits for those under way; letting them go deletes the rest at once, in this thread.
Result<void> purge_obsolete_files(const Database& database) {
  auto& db = database.db();
  rocksdb::VectorLogPtr logs;
  auto status = db.DisableFileDeletions();
  if (status.ok()) {
    status = db.GetSortedWalFiles(logs);
    const auto enabled = db.EnableFileDeletions(false);
    if (status.ok()) status = enabled;
  }
  if (!status.ok()) return tl::unexpected(error_of(status, database.directory()));
  return {};
}

}  // namespace

Result<void> rewrite_evidence_files(const Database& database, std::atomic<bool>& is_stopped) {
  const auto stopped = [&] {
    return fail(Code::closed, "stopped before what is removed was gone from the files", database.directory());
  };
  if (database.read_only()) return fail(Code::io, "the store is open for reading only", database.directory());
  if (is_stopped) return stopped();
  auto& db = database.db();
  std::vector<rocksdb::ColumnFamilyHandle*> all;
  for (std::size_t i = 0; i < rows_count; ++i) all.push_back(database[static_cast<Rows>(i)]);
  rocksdb::FlushOptions flush;
  flush.wait = true;
  flush.allow_write_stall = true;
  if (const auto status = db.Flush(flush, all); !status.ok())
    return tl::unexpected(error_of(status, database.directory()));
  rocksdb::CompactRangeOptions compact;
  compact.exclusive_manual_compaction = false;
  compact.canceled = &is_stopped;
  compact.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  for (const auto rows : {Rows::evidence, Rows::evidence_index})
    if (const auto status = db.CompactRange(compact, database[rows], nullptr, nullptr); !status.ok())
      return is_stopped ? stopped() : tl::unexpected(error_of(status, database.directory()));
  return purge_obsolete_files(database);
}

// 1 to 2: evidence had the id and address of its post, which on some networks name the author. A row that
// does not read back goes; nothing could be done with it.
Result<void> upgrade(const Database& database, std::uint32_t from_version) {
  if (from_version >= 2) return {};
  rocksdb::WriteBatch batch;
  const auto scan = scan_all(database, Rows::evidence, {});
  for (scan->seek({}); scan->valid(); scan->next()) {
    const auto place = parse_evidence_key(scan->key());
    const auto evidence = place ? decode_evidence(*place, scan->value()) : std::nullopt;
    if (evidence)
      batch.Put(database[Rows::evidence], slice(scan->key()), encode_evidence(*evidence));
    else
      batch.Delete(database[Rows::evidence], slice(scan->key()));
  }
  if (auto finished = scan->finish(); !finished) return finished;
  if (batch.Count() == 0) return {};
  if (const auto status = database.db().Write({}, &batch); !status.ok())
    return tl::unexpected(error_of(status, database.directory()));
  std::atomic<bool> is_stopped{false};
  return rewrite_evidence_files(database, is_stopped);
}

}  // namespace thap::store
