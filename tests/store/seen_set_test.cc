#include "store/seen_set.h"

#include <map>
#include <random>

#include <gtest/gtest.h>

namespace thap::store {
namespace {

ingest::PostKey post(std::uint64_t n) { return {n * 0x9e3779b97f4a7c15u, n}; }

TEST(SeenSet, KnowsWhatItWasTold) {
  SeenSet set;
  EXPECT_FALSE(set.contains(post(1)));
  set.insert(10, post(1));
  EXPECT_TRUE(set.contains(post(1)));
  EXPECT_FALSE(set.contains(post(2)));
  EXPECT_FALSE(set.contains({}));
  set.insert(10, {});
  EXPECT_TRUE(set.contains({})) << "no key stands for an empty slot";
}

TEST(SeenSet, ForgetsByTheHour) {
  SeenSet set;
  set.insert(10, post(1));
  set.insert(11, post(2));
  set.expire_before(11);
  EXPECT_FALSE(set.contains(post(1)));
  EXPECT_TRUE(set.contains(post(2)));
  EXPECT_EQ(set.size(), 1u);
  set.insert(10, post(3));
  EXPECT_FALSE(set.contains(post(3))) << "too old to be kept";
  set.insert(12, post(1));
  EXPECT_TRUE(set.contains(post(1))) << "an expired post may come again";
  EXPECT_EQ(set.size(), 2u);
  set.expire_before(5);
  EXPECT_EQ(set.size(), 2u) << "the floor never goes back";
  EXPECT_EQ(set.evicted(), 0u);
}

TEST(SeenSet, KeepsTheLatestHourOfAPost) {
  SeenSet set;
  set.insert(10, post(1));
  set.insert(12, post(1));
  set.insert(11, post(1));
  set.expire_before(12);
  EXPECT_TRUE(set.contains(post(1)));
  EXPECT_EQ(set.size(), 1u);
}

TEST(SeenSet, MakesRoomByTheOldestHour) {
  SeenSet set(100);
  for (std::uint64_t n = 0; n < 60; ++n) set.insert(1, post(n));
  for (std::uint64_t n = 60; n < 120; ++n) set.insert(2, post(n));
  EXPECT_EQ(set.evicted(), 60u);
  EXPECT_EQ(set.size(), 60u);
  EXPECT_FALSE(set.contains(post(0)));
  for (std::uint64_t n = 60; n < 120; ++n) EXPECT_TRUE(set.contains(post(n)));
}

TEST(SeenSet, KeepsNoMoreThanItsCapInOneHour) {
  SeenSet set(100);
  for (std::uint64_t n = 0; n < 150; ++n) set.insert(1, post(n));
  EXPECT_EQ(set.size(), 100u);
  EXPECT_EQ(set.evicted(), 50u);
}

TEST(SeenSet, StaysSmallWhileHoursPass) {
  SeenSet set;
  std::uint64_t n = 0;
  for (std::uint32_t hour = 0; hour < 2'000; ++hour) {
    for (int i = 0; i < 500; ++i) set.insert(hour, post(++n));
    if (hour >= 48) set.expire_before(hour - 48);
  }
  EXPECT_EQ(set.size(), 49u * 500);
  EXPECT_LT(set.memory_bytes(), 3'000'000u);
}

// The oracle is a map from post to hour.
TEST(SeenSet, AgreesWithAMap) {
  std::mt19937 random(3);
  SeenSet set;
  std::map<std::uint64_t, std::uint32_t> map;
  std::uint32_t floor = 0;
  for (std::uint32_t step = 0; step < 200'000; ++step) {
    const auto n = random() % 30'000;
    const auto hour = static_cast<std::uint32_t>(step / 2'000 + random() % 5);
    if (random() % 3 != 0) {
      set.insert(hour, post(n));
      if (hour >= floor) {
        auto& held = map[n];
        held = std::max(held, hour);
      }
    }
    if (step % 2'000 == 0 && step / 2'000 > 20) {
      floor = step / 2'000 - 20;
      set.expire_before(floor);
      std::erase_if(map, [&](const auto& entry) { return entry.second < floor; });
    }
    const auto asked = random() % 30'000;
    ASSERT_EQ(set.contains(post(asked)), map.contains(asked)) << step;
    ASSERT_EQ(set.size(), map.size()) << step;
  }
  EXPECT_EQ(set.evicted(), 0u);
}

}  // namespace
}  // namespace thap::store
