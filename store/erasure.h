// What was removed goes from the disk, too: RocksDB by itself keeps deleted and replaced rows in its log and
// files until some compaction comes by.
#pragma once
#include <cstdint>

#include "ingest/result.h"
#include "store/database.h"

namespace thap::store {

// Flushes all families, so that no log file is needed any longer, and rewrites the files of evidence and its
// index. Afterwards removed and replaced evidence is in no file of the store, unless an iterator or snapshot
// older than the removal still lives. Costs reading and writing all evidence once. Any thread, also beside a
// writer.
ingest::Result<void> rewrite_evidence_files(const Database& database);

// Brings the rows of a store of an earlier format to this one. The caller writes the new version after it.
// Writer, before anything else.
ingest::Result<void> upgrade(const Database& database, std::uint32_t from_version);

}  // namespace thap::store
