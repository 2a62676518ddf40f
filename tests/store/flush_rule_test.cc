#include "store/flush_rule.h"

#include <gtest/gtest.h>

namespace thap::store {
namespace {

constexpr Minute start = 28'000'000;

TEST(FlushRule, FlushesALiveFeedEveryFewMinutes) {
  FlushRule rule;
  rule.flushed(start);
  int flushes = 0;
  std::uint32_t longest = 0;
  for (Minute minute = start; minute < start + 60; ++minute)
    for (int batch = 0; batch < 300; ++batch) {
      rule.begin_batch();
      for (int facet = 0; facet < 10; ++facet) rule.touch(minute);
      longest = std::max(longest, rule.merges());
      if (rule.due(minute)) {
        rule.flushed(minute);
        ++flushes;
      }
    }
  EXPECT_GE(flushes, 25);
  EXPECT_LE(flushes, 60);
  EXPECT_LE(longest, FlushRule::merges_at_a_turn + 300);
}

TEST(FlushRule, LetsAFastReplayPass) {
  FlushRule rule;
  int flushes = 0;
  Minute minute = start;
  for (int batch = 0; batch < 500;
       ++batch) {  // 20 new minutes a batch, the last one of the batch before again
    rule.begin_batch();
    for (Minute m = minute; m <= minute + 20; ++m) rule.touch(m);
    minute += 20;
    if (rule.due(minute)) {
      rule.flushed(minute);
      ++flushes;
    }
  }
  EXPECT_LE(flushes, 3) << "10,000 event minutes";
}

TEST(FlushRule, BoundsAMinuteWrittenInManyBatches) {
  FlushRule rule;
  rule.flushed(start);
  std::uint32_t longest = 0;
  for (int batch = 0; batch < 10'000; ++batch) {
    rule.begin_batch();
    rule.touch(start);
    longest = std::max(longest, rule.merges());
    if (rule.due(start)) rule.flushed(start);
  }
  EXPECT_EQ(longest, FlushRule::merges_at_any_time);
}

}  // namespace
}  // namespace thap::store
