// When the windows have to be flushed so that a series stays quick to read: every batch leaves one merge
// operand a key it touches, and a reader adds up all that are not flushed yet. Not once an event minute: a
// replay passes thousands of those a second and most of its keys have one operand each. Counted is what makes
// reads slow, the operands beyond the first of a minute.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

#include "store/series.h"

namespace thap::store {

class FlushRule {
 public:
  static constexpr std::uint32_t merges_at_a_turn =
      512;  // some 50 us of a day's read; live: every other minute
  static constexpr std::uint32_t merges_at_any_time = 2048;  // one minute written in very many batches

  void begin_batch() { ++batch_; }
  void touch(Minute minute) {
    auto& slot = slots_[minute % slots_.size()];
    if (slot.batch == batch_) return;
    if (slot.flush == flush_) ++merges_;
    slot = {batch_, flush_};
  }
  // Whether to flush now that the clock shows this minute.
  bool due(Minute clock) const {
    return merges_ >= merges_at_any_time || (merges_ >= merges_at_a_turn && clock > flushed_at_);
  }
  void flushed(Minute clock) {
    ++flush_;
    merges_ = 0;
    flushed_at_ = clock;
  }
  std::uint32_t merges() const {
    return merges_;
  }  // longest chain a series can have, beyond one operand a minute

 private:
  // By minute; minutes 4,096 apart share a slot and are flushed earlier than they need to be.
  struct Slot {
    std::uint32_t batch{0}, flush{0};
  };
  std::array<Slot, 4096> slots_{};
  std::uint32_t batch_{0}, flush_{1}, merges_{0};
  Minute flushed_at_{0};
};

}  // namespace thap::store
