// How RocksDB adds up what batches wrote to one key. Both are associative, so operands may be joined in any
// grouping. RocksDB calls them from its own threads; they do not throw. RocksDB neither stores nor checks
// their names: the format version in meta does (database.h).
#pragma once
#include <memory>

#include <rocksdb/merge_operator.h>

namespace thap::store {

// u64 counts that stop at the largest number. A value of another size is an error (the read says corruption),
// where RocksDB's own uint64add would take it for 0.
std::shared_ptr<rocksdb::MergeOperator> count_merge();

// Author sketches (sketch.h).
std::shared_ptr<rocksdb::MergeOperator> sketch_merge();

}  // namespace thap::store
