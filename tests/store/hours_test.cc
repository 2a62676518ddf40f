// Hour rows: summed once when the hour closes, added to when something comes late, equal to the minutes
// always.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/open_hours.h"
#include "tests/store/store_testing.h"

namespace thap::store {
namespace {

using testing::ElementsAre;

constexpr MinuteRange three_hours{day_start, day_start + 180};

std::vector<std::uint64_t> hours(const WindowStore& store, MinuteRange range = three_hours) {
  const auto series = store.hourly_series(whatsapp, complaints, range);
  if (!series) {
    ADD_FAILURE() << ingest::to_string(series.error());
    return {};
  }
  return series->counts;
}

TEST(Hours, AreReadBeforeAndAfterTheyClose) {
  const TemporaryFolder folder;
  const auto store = open_or_fail(settings_in(folder / "data"));
  ASSERT_OK(store->write(counts_at(day_start, 1)));
  ASSERT_OK(store->write(counts_at(day_start + 59, 2)));
  ASSERT_OK(store->write(counts_at(day_start + 60, 4)));
  EXPECT_THAT(hours(*store), ElementsAre(3, 4, 0)) << "all open";
  ASSERT_OK(store->write(counts_at(day_start + 120, 8)));
  EXPECT_THAT(hours(*store), ElementsAre(3, 4, 8)) << "the first one closed";
  auto late = counts_at(day_start + 30, 16);
  late.tally.newest_clock_ms = ms_of(day_start + 121);
  ASSERT_OK(store->write(late));
  EXPECT_THAT(hours(*store), ElementsAre(19, 4, 8)) << "late for a closed hour";
  ASSERT_OK(store->write(counts_at(day_start + 1000, 0)));
  EXPECT_THAT(hours(*store), ElementsAre(19, 4, 8)) << "all closed";
}

TEST(Hours, CloseOnceAlsoWhenTheStoreIsReopened) {
  const TemporaryFolder folder;
  for (Minute minute = day_start; minute < day_start + 180; minute += 10) {
    const auto store = open_or_fail(settings_in(folder / "data"));
    ASSERT_OK(store->write(counts_at(minute, 1)));
  }
  const auto store = open_or_fail(settings_in(folder / "data"));
  EXPECT_THAT(hours(*store), ElementsAre(6, 6, 6));
  ASSERT_OK(store->write(counts_at(day_start + 1000, 1)));
  EXPECT_THAT(hours(*store), ElementsAre(6, 6, 6));
}

TEST(Hours, OutliveTheirMinutes) {
  const TemporaryFolder folder;
  const auto store = open_or_fail(settings_in(folder / "data"));
  ASSERT_OK(store->write(counts_at(day_start + 5, 7)));
  ASSERT_OK(store->write(counts_at(day_start + 36 * 1440, 1)));
  EXPECT_THAT(store->series(whatsapp, complaints, {day_start + 5, day_start + 6})->counts, ElementsAre(0));
  EXPECT_THAT(hours(*store), ElementsAre(7, 0, 0));
  ASSERT_OK(store->write(counts_at(day_start + 401 * 1440, 1)));
  EXPECT_THAT(hours(*store), ElementsAre(0, 0, 0));
}

TEST(Hours, CoverTheHoursARangeTouches) {
  const TemporaryFolder folder;
  const auto store = open_or_fail(settings_in(folder / "data"));
  ASSERT_OK(store->write(counts_at(day_start + 61, 4)));
  EXPECT_THAT(hours(*store, {day_start + 59, day_start + 61}), ElementsAre(0, 4));
  EXPECT_THAT(hours(*store, {~0u - 1, ~0u}), ElementsAre(0)) << "the last minutes there are";
}

TEST(OpenHours, CloseInKeyOrder) {
  OpenHours open;
  EXPECT_TRUE(open.add({jio, {FacetKind::symptom, 2}, 60}, 1));
  EXPECT_TRUE(open.add({jio, {FacetKind::symptom, 2}, 119}, 2));
  EXPECT_TRUE(open.add({jio, {FacetKind::symptom, 1}, 61}, 4));
  EXPECT_TRUE(open.add({jio, {FacetKind::symptom, 1}, 120}, 8));
  EXPECT_THAT(open.close_before(2), ElementsAre(HourSum{{jio, {FacetKind::symptom, 1}, 1}, 4},
                                                HourSum{{jio, {FacetKind::symptom, 2}, 1}, 3}));
  EXPECT_FALSE(open.add({jio, {FacetKind::symptom, 1}, 119}, 1)) << "closed";
  EXPECT_THAT(open.close_before(2), ElementsAre());
  EXPECT_EQ(OpenHours::first_open_at(3 * 3'600'000), 2u) << "hour 1 ended an hour ago";
  EXPECT_EQ(OpenHours::first_open_at(0), 0u);
}

}  // namespace
}  // namespace thap::store
