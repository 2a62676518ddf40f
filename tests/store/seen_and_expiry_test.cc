// What is remembered for how long, by what the store answers and by the bytes that are left.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/database.h"
#include "store/expiry.h"
#include "tests/store/store_testing.h"

namespace thap::store {
namespace {

using testing::ElementsAre;

ingest::PostKey post(std::uint64_t n) { return {n, n * 31}; }

Batch posts_at(std::uint32_t hour, std::uint64_t first, std::uint64_t count) {
  Batch batch;
  for (std::uint64_t n = first; n < first + count; ++n) batch.tally.seen.emplace_back(hour, post(n));
  batch.tally.newest_clock_ms = std::int64_t{hour} * 3'600'000;
  return batch;
}

constexpr std::uint32_t first_hour = day_start / 60;

TEST(Seen, IsRememberedOverReopening) {
  const TemporaryFolder folder;
  {
    const auto store = open_or_fail(settings_in(folder / "data"));
    EXPECT_FALSE(store->seen(post(1)));
    ASSERT_OK(store->write(posts_at(first_hour, 1, 3)));
    ASSERT_OK(store->write(posts_at(first_hour + 1, 4, 3)));
    EXPECT_TRUE(store->seen(post(1)));
  }
  const auto store = open_or_fail(settings_in(folder / "data"));
  for (std::uint64_t n = 1; n < 7; ++n) EXPECT_TRUE(store->seen(post(n))) << n;
  EXPECT_FALSE(store->seen(post(7)));
  EXPECT_EQ(store->figures().seen_posts, 6u);
}

TEST(Seen, IsForgottenAfterItsHours) {
  const TemporaryFolder folder;
  {
    const auto store = open_or_fail(settings_in(folder / "data"));
    for (std::uint32_t i = 0; i < 100; ++i) ASSERT_OK(store->write(posts_at(first_hour + i, i, 1)));
    EXPECT_FALSE(store->seen(post(50)));
    EXPECT_TRUE(store->seen(post(51))) << "48 hours before the newest";
    EXPECT_TRUE(store->seen(post(99)));
  }
  const auto store = open_or_fail(settings_in(folder / "data"));
  EXPECT_FALSE(store->seen(post(50)));
  EXPECT_TRUE(store->seen(post(51)));
  EXPECT_EQ(store->figures().seen_posts, 49u);
}

TEST(Seen, LeavesNoRowsBehind) {
  const TemporaryFolder folder;
  {
    const auto store = open_or_fail(settings_in(folder / "data"));
    for (std::uint32_t i = 0; i < 200; ++i) ASSERT_OK(store->write(posts_at(first_hour + i, i * 5, 5)));
  }
  const auto database = open_database(settings_in(folder / "data"));
  ASSERT_OK(database);
  const auto scan = scan_all(**database, Rows::seen, {});
  std::size_t rows = 0;
  for (scan->seek({}); scan->valid(); scan->next()) ++rows;
  EXPECT_LE(rows, 49u + 6) << "the rest was deleted, at most six hours late";
}

// Partitions that are read one after the other: what comes twice has its other copy days behind the newest
// clock.
TEST(Seen, IsRememberedUntilAllPartitionsHavePassed) {
  const TemporaryFolder folder;
  const std::int64_t start_ms = std::int64_t{day_start} * 60'000;
  const ingest::PostKey early{1, 2};
  const auto write = [&](WindowStore& store, std::int64_t clock_ms, std::int64_t watermark_ms,
                         bool with_post) {
    Batch batch;
    batch.tally.newest_clock_ms = clock_ms;
    batch.tally.watermark_ms = watermark_ms;
    if (with_post) batch.tally.seen.emplace_back(static_cast<std::uint32_t>(start_ms / 3'600'000), early);
    ASSERT_OK(store.write(batch));
  };
  constexpr std::int64_t day_ms = 86'400'000;
  {
    const auto store = open_or_fail(settings_in(folder / "data"));
    write(*store, start_ms, start_ms, true);
    write(*store, start_ms + 3 * day_ms, start_ms, false);
    EXPECT_TRUE(store->seen(early));
  }
  {
    const auto store = open_or_fail(settings_in(folder / "data"));
    EXPECT_TRUE(store->seen(early)) << "after a restart, too";
    write(*store, start_ms + 3 * day_ms, start_ms + 3 * day_ms, false);
    EXPECT_FALSE(store->seen(early)) << "all have passed";
  }
}

TEST(Retention, EndsWhereTheNewestClockSays) {
  const TemporaryFolder folder;
  const auto store = open_or_fail(settings_in(folder / "data"));
  ASSERT_OK(store->write(counts_at(day_start, 1)));
  ASSERT_OK(store->write(counts_at(day_start + 1, 2)));
  ASSERT_OK(store->write(counts_at(day_start + 35 * 1440 + 1, 4)));
  EXPECT_EQ(store->retention_floor(), day_start + 1);
  EXPECT_THAT(store->series(whatsapp, complaints, {day_start, day_start + 2})->counts, ElementsAre(0, 2));
  EXPECT_THAT(*store->breakdown(whatsapp, FacetKind::complaints, {day_start, day_start + 2}),
              ElementsAre(testing::Pair(0u, 2u)));
  const auto late = store->write(counts_at(day_start, 8));
  ASSERT_OK(late);
  EXPECT_EQ(late->expired_counts, 1u);
  EXPECT_EQ(late->counts, 0u);
}

TEST(Retention, HoldsAfterReopening) {
  const TemporaryFolder folder;
  {
    const auto store = open_or_fail(settings_in(folder / "data"));
    ASSERT_OK(store->write(counts_at(day_start, 1)));
    ASSERT_OK(store->write(counts_at(day_start + 36 * 1440, 4)));
  }
  auto settings = settings_in(folder / "data");
  settings.read_only = true;
  const auto store = open_or_fail(settings);
  EXPECT_EQ(store->retention_floor(), day_start + 1440);
  EXPECT_THAT(store->series(whatsapp, complaints, {day_start, day_start + 1})->counts, ElementsAre(0));
}

TEST(Retention, TakesTheBytesAwayWhenCompacting) {
  const TemporaryFolder folder;
  {
    const auto store = open_or_fail(settings_in(folder / "data"));
    Batch batch = counts_at(day_start, 1);
    batch.tally.authors[{whatsapp, complaints, day_start}] = {1, 2};
    Evidence evidence;
    evidence.service = whatsapp;
    evidence.minute = day_start;
    evidence.author = 5;
    evidence.text = "text";
    batch.tally.evidence = {evidence};
    EvidenceChange gone;
    gone.post = {9, 9};
    gone.event_ms = ms_of(day_start);
    batch.tally.changes = {gone};
    ASSERT_OK(store->write(batch));
    ASSERT_OK(store->write(batch));  // merge operands as well as values
    ASSERT_OK(store->write(counts_at(day_start + 401 * 1440, 4)));
  }
  const auto database = open_database(settings_in(folder / "data"));
  ASSERT_OK(database);
  (*database)->retention().advance(ms_of(day_start + 401 * 1440));
  for (const auto rows : {Rows::windows, Rows::authors, Rows::hours, Rows::evidence, Rows::evidence_index}) {
    rocksdb::CompactRangeOptions options;
    options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    ASSERT_TRUE((*database)->db().CompactRange(options, (**database)[rows], nullptr, nullptr).ok());
    const auto scan = scan_all(**database, rows, {});
    std::size_t left = 0;
    for (scan->seek({}); scan->valid(); scan->next()) ++left;
    EXPECT_EQ(left, rows == Rows::windows ? 1u : 0u) << name(rows);
  }
}

TEST(Retention, DoesNotReachBeforeTheFirstMinute) {
  Retention retention(StoreSettings{});
  EXPECT_EQ(retention.minute_floor(), 0u);
  retention.advance(60'000);
  EXPECT_EQ(retention.minute_floor(), 0u);
  EXPECT_EQ(retention.hour_floor(), 0u);
  retention.advance(-5);
  EXPECT_EQ(retention.newest_clock_ms(), 60'000) << "never goes back";
  retention.advance(std::numeric_limits<std::int64_t>::max());
  EXPECT_GT(retention.minute_floor(), 0u);
}

}  // namespace
}  // namespace thap::store
