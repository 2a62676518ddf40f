#include "store/erasure.h"

#include <vector>

#include "store/keys.h"
#include "store/rows.h"

namespace thap::store {

using ingest::Result;

Result<void> rewrite_evidence_files(const Database& database) {
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
  compact.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  for (const auto rows : {Rows::evidence, Rows::evidence_index})
    if (const auto status = db.CompactRange(compact, database[rows], nullptr, nullptr); !status.ok())
      return tl::unexpected(error_of(status, database.directory()));
  return {};
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
  return rewrite_evidence_files(database);
}

}  // namespace thap::store
