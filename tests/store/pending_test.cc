// Rows that wait for the detector: kept from the batch that counts them to the batch that hands them over.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/store/store_testing.h"

namespace thap::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

DetectorRow row(std::int64_t clock_ms, std::uint64_t post, ingest::Network network = ingest::Network::x) {
  DetectorRow row;
  row.clock_ms = clock_ms;
  row.event_ms = clock_ms - 5;
  row.network = network;
  row.post = {1, post};
  row.author = post * 3;
  row.complaints = {whatsapp};
  return row;
}

TEST(Pending, ComesBackInHandOverOrder) {
  const TemporaryFolder folder;
  const auto early = row(1000, 9), bluesky = row(1000, 1, ingest::Network::bluesky), late = row(2000, 1);
  {
    const auto store = open_or_fail(settings_in(folder / "data"));
    Batch batch;
    batch.tally.rows = {late, early};
    ASSERT_OK(store->write(batch));
    batch.tally.rows = {bluesky};
    ASSERT_OK(store->write(batch));
  }
  const auto store = open_or_fail(settings_in(folder / "data"));
  EXPECT_THAT(*store->pending_rows(), ElementsAre(early, bluesky, late));
  Batch batch;
  batch.handed_rows = {early, bluesky};
  ASSERT_OK(store->write(batch));
  EXPECT_THAT(*store->pending_rows(), ElementsAre(late));
}

TEST(Pending, AddsUpMentionsOfOneSecond) {
  const TemporaryFolder folder;
  const auto store = open_or_fail(settings_in(folder / "data"));
  Batch batch;
  batch.tally.mentions = {{7, jio, 2}, {7, every_record, 5}, {6, whatsapp, 1}};
  ASSERT_OK(store->write(batch));
  ASSERT_OK(store->write(batch));
  EXPECT_THAT(
      *store->pending_mentions(),
      ElementsAre(MentionRow{6, whatsapp, 2}, MentionRow{7, every_record, 10}, MentionRow{7, jio, 4}));
  Batch handing;
  handing.handed_mentions = {{7, jio, 4}, {6, whatsapp, 2}};
  ASSERT_OK(store->write(handing));
  EXPECT_THAT(*store->pending_mentions(), ElementsAre(MentionRow{7, every_record, 10}));
}

TEST(Pending, IsNotWrittenWhenHandedOverAtOnce) {
  const TemporaryFolder folder;
  const auto store = open_or_fail(settings_in(folder / "data"));
  Batch before;
  before.tally.mentions = {{7, jio, 2}};
  before.tally.rows = {row(7000, 1)};
  ASSERT_OK(store->write(before));
  Batch batch;
  batch.tally.mentions = {{7, jio, 3}, {8, jio, 1}};
  batch.tally.rows = {row(7000, 2), row(8000, 3)};
  batch.handed_rows = {row(7000, 1), row(7000, 2)};
  batch.handed_mentions = {{7, jio, 5}};
  ASSERT_OK(store->write(batch));
  EXPECT_THAT(*store->pending_rows(), ElementsAre(row(8000, 3)));
  EXPECT_THAT(*store->pending_mentions(), ElementsAre(MentionRow{8, jio, 1}));
}

TEST(Pending, IsEmptyAtFirst) {
  const TemporaryFolder folder;
  const auto store = open_or_fail(settings_in(folder / "data"));
  EXPECT_THAT(*store->pending_rows(), IsEmpty());
  EXPECT_THAT(*store->pending_mentions(), IsEmpty());
}

}  // namespace
}  // namespace thap::store
