// A store as other folders use it: what is written comes back, at once and after reopening.
#include "store/window_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/store/store_testing.h"

namespace thap::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(WindowStore, AddsUpCountsOfSeveralBatches) {
  const TemporaryFolder folder;
  const auto store = open_or_fail(settings_in(folder / "data"));
  for (const std::uint64_t count : {3, 4}) ASSERT_OK(store->write(counts_at(day_start + 1, count)));
  ASSERT_OK(store->write(counts_at(day_start + 2, 5)));

  const auto series = store->series(whatsapp, complaints, {day_start, day_start + 4});
  ASSERT_OK(series);
  EXPECT_THAT(series->counts, ElementsAre(0, 7, 5, 0));
}

TEST(WindowStore, ReadsAnUnknownServiceAsNothing) {
  const TemporaryFolder folder;
  const auto store = open_or_fail(settings_in(folder / "data"));
  ASSERT_OK(store->write(counts_at(day_start, 1)));
  const auto series = store->series(jio, complaints, {day_start, day_start + 2});
  ASSERT_OK(series);
  EXPECT_THAT(series->counts, ElementsAre(0, 0));
  EXPECT_THAT(*store->services({day_start, day_start + 2}), ElementsAre(whatsapp));
  EXPECT_THAT(*store->breakdown(jio, FacetKind::symptom, {day_start, day_start + 2}), IsEmpty());
  EXPECT_EQ(*store->distinct_authors(jio, complaints, {day_start, day_start + 2}), 0u);
}

TEST(WindowStore, BreaksDownByValueLargestFirst) {
  const TemporaryFolder folder;
  const auto store = open_or_fail(settings_in(folder / "data"));
  Batch batch;
  batch.tally.newest_clock_ms = ms_of(day_start + 10);
  const auto add = [&](FacetKind kind, std::uint32_t value, Minute minute, std::uint64_t count) {
    batch.tally.counts[{whatsapp, {kind, value}, minute}] = count;
  };
  add(FacetKind::complaints, 0, day_start, 99);
  add(FacetKind::symptom, 2, day_start, 100);  // before the range
  add(FacetKind::symptom, 2, day_start + 1, 1);
  add(FacetKind::symptom, 2, day_start + 2, 2);
  add(FacetKind::symptom, 7, day_start + 1, 5);
  add(FacetKind::symptom, 9, day_start + 3, 50);  // after it
  add(FacetKind::symptom, ~0u, day_start + 2, 4);
  add(FacetKind::language, 1, day_start + 1, 98);
  ASSERT_OK(store->write(batch));
  EXPECT_THAT(*store->breakdown(whatsapp, FacetKind::symptom, {day_start + 1, day_start + 3}),
              ElementsAre(Pair(7u, 5u), Pair(~0u, 4u), Pair(2u, 3u)));
}

TEST(WindowStore, KeepsPositionsAndClockOverReopening) {
  const TemporaryFolder folder;
  const ingest::SourcePosition first{"posts.jsonl", 0, 1234, 99}, second{"topic", 7, 5, -1};
  {
    const auto store = open_or_fail(settings_in(folder / "data"));
    EXPECT_THAT(store->positions(), IsEmpty());
    EXPECT_EQ(store->newest_clock_ms(), 0);
    auto batch = counts_at(day_start, 1);
    batch.tally.positions = {{"topic", 7, 1, 0}, first};
    ASSERT_OK(store->write(batch));
    batch.tally.positions = {second};
    ASSERT_OK(store->write(batch));
    EXPECT_THAT(store->positions(), ElementsAre(first, second));
  }
  const auto store = open_or_fail(settings_in(folder / "data"));
  EXPECT_THAT(store->positions(), ElementsAre(first, second));
  EXPECT_EQ(store->newest_clock_ms(), ms_of(day_start));
  EXPECT_THAT(store->series(whatsapp, complaints, {day_start, day_start + 1})->counts, ElementsAre(2));
}

TEST(WindowStore, KeepsBytesOfOtherFolders) {
  const TemporaryFolder folder;
  const auto store = open_or_fail(settings_in(folder / "data"));
  Batch batch;
  batch.bytes = {{Family::detectors, "a1", "x"},
                 {Family::detectors, "a2", "y"},
                 {Family::detectors, "b", "z"},
                 {Family::incidents, "a1", ""},
                 {Family::meta, "lexicon", "7"}};
  batch.has_transition = true;
  ASSERT_OK(store->write(batch));
  const auto rows = [&](Family family, std::string_view prefix) {
    std::vector<std::pair<std::string, std::string>> all;
    const auto scanned = store->scan(family, prefix, [&](auto key, auto value) {
      all.emplace_back(key, value);
      return true;
    });
    EXPECT_TRUE(scanned);
    return all;
  };
  EXPECT_THAT(rows(Family::detectors, "a"), ElementsAre(Pair("a1", "x"), Pair("a2", "y")));
  EXPECT_THAT(rows(Family::incidents, ""), ElementsAre(Pair("a1", "")));
  EXPECT_THAT(rows(Family::meta, ""), ElementsAre(Pair("lexicon", "7"))) << "without the store's own rows";
  EXPECT_EQ(*store->get(Family::detectors, "b"), "z");
  EXPECT_EQ(*store->get(Family::detectors, "c"), std::nullopt);

  batch.bytes = {{Family::detectors, "a1", std::nullopt}};
  ASSERT_OK(store->write(batch));
  EXPECT_THAT(rows(Family::detectors, "a"), ElementsAre(Pair("a2", "y")));
}

TEST(WindowStore, KeepsItsOwnRowsInMetaToItself) {
  const TemporaryFolder folder;
  const auto store = open_or_fail(settings_in(folder / "data"));
  Batch batch;
  batch.bytes = {{Family::meta, std::string("\0format_version", 15), "x"}};
  const auto written = store->write(batch);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ingest::Code::bad_input);
  EXPECT_EQ(*store->get(Family::meta, std::string_view("\0format_version", 15)), std::nullopt);
  EXPECT_TRUE(store->write({}));
}

TEST(WindowStore, StopsAScanThatHasSeenEnough) {
  const TemporaryFolder folder;
  const auto store = open_or_fail(settings_in(folder / "data"));
  Batch batch;
  batch.bytes = {{Family::detectors, "1", ""}, {Family::detectors, "2", ""}};
  ASSERT_OK(store->write(batch));
  int rows = 0;
  ASSERT_OK(store->scan(Family::detectors, "", [&](auto, auto) { return ++rows < 1; }));
  EXPECT_EQ(rows, 1);
}

TEST(WindowStore, RefusesRangesThatAreTooLongOrBackwards) {
  const TemporaryFolder folder;
  const auto store = open_or_fail(settings_in(folder / "data"));
  const auto code = [](const auto& result) { return result.error().code; };
  EXPECT_EQ(code(store->series(jio, complaints, {0, 45 * 1440 + 1})), ingest::Code::too_long);
  EXPECT_EQ(code(store->series(jio, complaints, {2, 1})), ingest::Code::bad_input);
  EXPECT_EQ(code(store->hourly_series(jio, complaints, {2, 1})), ingest::Code::bad_input);
  EXPECT_EQ(code(store->hourly_series(jio, complaints, {0, ~0u})), ingest::Code::too_long);
  EXPECT_EQ(code(store->distinct_authors(jio, complaints, {0, 1441})), ingest::Code::too_long);
  EXPECT_THAT(store->series(jio, complaints, {5, 5})->counts, IsEmpty());
  EXPECT_THAT(store->hourly_series(jio, complaints, {5, 5})->counts, IsEmpty());
  EXPECT_THAT(store->series(jio, complaints, {~0u - 1, ~0u})->counts, ElementsAre(0));
}

TEST(WindowStore, BelongsToOneWriter) {
  const TemporaryFolder folder;
  const auto store = open_or_fail(settings_in(folder / "data"));
  const auto second = WindowStore::open(settings_in(folder / "data"));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ingest::Code::locked);
}

TEST(WindowStore, CanBeReadBesideItsWriter) {
  const TemporaryFolder folder;
  const auto writer = open_or_fail(settings_in(folder / "data"));
  auto batch = counts_at(day_start, 3);
  batch.tally.positions = {{"topic", 0, 9, 1}};
  ASSERT_OK(writer->write(batch));
  auto settings = settings_in(folder / "data");
  settings.read_only = true;
  const auto reader = open_or_fail(settings);
  ASSERT_OK(writer->write(batch));
  EXPECT_THAT(reader->series(whatsapp, complaints, {day_start, day_start + 1})->counts, ElementsAre(3))
      << "what was written when it opened";
  EXPECT_EQ(reader->newest_clock_ms(), ms_of(day_start));
  EXPECT_EQ(reader->positions().size(), 1u);
  const auto written = reader->write(batch);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ingest::Code::io);
  EXPECT_TRUE(writer->write(batch)) << "the writer is not disturbed";
}

TEST(WindowStore, HasNothingToReadWhereThereIsNoStore) {
  const TemporaryFolder folder;
  auto settings = settings_in(folder / "none");
  settings.read_only = true;
  const auto store = WindowStore::open(settings);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ingest::Code::not_found);
  EXPECT_FALSE(std::filesystem::exists(folder / "none"));
}

TEST(WindowStore, CopiesItselfWhileWriting) {
  const TemporaryFolder folder;
  const auto store = open_or_fail(settings_in(folder / "data"));
  ASSERT_OK(store->write(counts_at(day_start, 3)));
  ASSERT_OK(store->checkpoint(folder / "copy"));
  ASSERT_OK(store->write(counts_at(day_start, 4)));
  EXPECT_FALSE(store->checkpoint(folder / "copy")) << "never over an older copy";
  const auto copy = open_or_fail(settings_in(folder / "copy"));
  EXPECT_THAT(copy->series(whatsapp, complaints, {day_start, day_start + 1})->counts, ElementsAre(3));
  ASSERT_OK(copy->write(counts_at(day_start, 1)));
  EXPECT_THAT(store->series(whatsapp, complaints, {day_start, day_start + 1})->counts, ElementsAre(7));
}

}  // namespace
}  // namespace thap::store
