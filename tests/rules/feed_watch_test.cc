#include "rules/feed_watch.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace thap::rules {
namespace {

// Records for `days` days, on average one every `mean_s`.
std::int64_t feed(FeedWatch& watch, std::int64_t from, double days, double mean_s, std::uint64_t seed = 1) {
  std::mt19937_64 random(seed);
  auto t = static_cast<double>(from);
  const double end = t + days * 86'400;
  while (t < end) {
    watch.record(static_cast<std::int64_t>(t));
    t += -std::log(1 - static_cast<double>(random() >> 11) * 0x1p-53) * mean_s;
  }
  return static_cast<std::int64_t>(t);
}

TEST(FeedWatch, TenMinutesUntilLearned) {
  FeedWatch watch;
  EXPECT_EQ(watch.stalls_at(), FeedWatch::never);
  watch.record(1000);
  EXPECT_EQ(watch.stalls_at(), 1600);
  watch.record(1600);
  EXPECT_TRUE(watch.ended().empty()) << "just within";
  watch.record(2201);
  ASSERT_EQ(watch.ended().size(), 1u);
  EXPECT_EQ(watch.ended()[0].from, 2200);
  EXPECT_EQ(watch.ended()[0].to, 2201);
}

struct Row {
  const char* name;
  double mean_s;
  std::int64_t low, high;  // limit
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.name; }
class Learned : public testing::TestWithParam<Row> {};

TEST_P(Learned, AGapOnceAWeekIsNoStall) {
  FeedWatch watch;
  const auto learned = feed(watch, 0, 4, GetParam().mean_s);
  watch.forget_ended();
  const auto end = feed(watch, learned, 14, GetParam().mean_s, 2);
  EXPECT_GE(watch.limit_at(end), GetParam().low);
  EXPECT_LE(watch.limit_at(end), GetParam().high);
  // Of stalls there are about as many as weeks.
  EXPECT_LE(watch.ended().size(), 6u);
}

const Row rows[] = {
    {"busy", 0.1, 60, 60},
    {"usual", 5, 60, 90},
    {"sparse", 40, 350, 450},  // gaps of 141 s are nothing here
    {"very_sparse", 600, 2500, 8000},
};
INSTANTIATE_TEST_SUITE_P(Rows, Learned, testing::ValuesIn(rows),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(FeedWatch, AStallIsNoticedAfterAMinuteWhereRecordsAreDense) {
  FeedWatch watch;
  const auto end = feed(watch, 0, 3, 0.5);
  watch.record(end);
  EXPECT_EQ(watch.stalls_at(), end + 60);
  const auto before = watch.ended().size();
  watch.record(end + 3600);
  EXPECT_EQ(watch.ended().size(), before + 1);
  EXPECT_EQ(watch.limit_at(end), 60) << "an hour of silence teaches nothing";
}

}  // namespace
}  // namespace thap::rules
