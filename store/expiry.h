// How long rows live. The guarantee is logical: a reader never returns a row from before its floor, whether
// or not the bytes are still there. Compaction takes the bytes away later. In: the newest clock_ms ever
// written. Out: floors, and the filters that RocksDB asks while it compacts.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>

#include <rocksdb/compaction_filter.h>

#include "store/window_store.h"

namespace thap::store {

// Threads: the writer advances it, anybody reads it.
class Retention {
 public:
  explicit Retention(const StoreSettings& settings);

  void advance(std::int64_t newest_clock_ms);  // never goes back
  std::int64_t newest_clock_ms() const { return newest_clock_ms_.load(std::memory_order_acquire); }

  Minute minute_floor() const { return minute_floor_at(newest_clock_ms()); }
  Minute minute_floor_at(std::int64_t clock_ms) const;
  std::uint32_t hour_floor() const;  // hours before it are expired
  Minute evidence_floor() const { return evidence_floor_at(newest_clock_ms()); }
  Minute evidence_floor_at(std::int64_t clock_ms) const;
  std::uint32_t seen_floor_at(std::int64_t clock_ms) const;  // an hour

 private:
  std::uint32_t minute_days_, hour_days_, evidence_days_, seen_hours_;
  std::atomic<std::int64_t> newest_clock_ms_{0};
};

enum class Expires { minutes, hours, evidence, evidence_index };

// A filter decides by the key (tombstones: by their time) whether a row is past its floor. Applied to plain
// operands as well as values. It is no deadline: a compaction that has passed a row leaves it until the next
// one.
std::shared_ptr<rocksdb::CompactionFilterFactory> expiry_filter(Expires what,
                                                                std::shared_ptr<const Retention> retention);

}  // namespace thap::store
