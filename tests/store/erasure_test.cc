// What is removed goes from the files as well, whenever the process dies.
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "tests/store/store_testing.h"

namespace thap::store {
namespace {

using ingest::Operation;

// Nothing compresses it, so it stands in the files as it is.
const std::string secret = "q7Zr2XvK9mTb4LwY8sHd", other = "p3Nf6GcJ1eRu5AiO0kBx";

Evidence post_saying(std::uint64_t n, const std::string& text) {
  Evidence evidence;
  evidence.service = whatsapp;
  evidence.minute = day_start;
  evidence.post = {0, n};
  evidence.author = 1'000 + n;
  evidence.event_ms = ms_of(day_start);
  evidence.text = text;
  return evidence;
}

class ErasureTest : public testing::Test {
 protected:
  void keep() {
    Batch batch;
    batch.tally.evidence = {post_saying(1, secret), post_saying(2, other)};
    batch.tally.newest_clock_ms = ms_of(day_start);
    ASSERT_OK(store->write(batch));
  }
  WriteSummary change(Operation op, std::uint64_t n, const std::string& text = {}) {
    Batch batch;
    EvidenceChange change;
    change.op = op;
    (op == Operation::remove_author ? change.author : change.post.low) = n;
    change.text = text;
    change.event_ms = ms_of(day_start);
    batch.tally.changes = {change};
    return store->write(batch).value();
  }
  bool is_on_disk(const std::string& text) const {
    return bytes_below(folder / "data").find(text) != std::string::npos;
  }
  void reopen() {
    store.reset();
    store = open_or_fail(settings_in(folder / "data"));
  }

  TemporaryFolder folder;
  std::unique_ptr<WindowStore> store = open_or_fail(settings_in(folder / "data"));
};

TEST_F(ErasureTest, TakesADeletedPostFromLogAndFiles) {
  for (const bool was_flushed : {false, true}) {
    keep();
    if (was_flushed) reopen();
    ASSERT_TRUE(is_on_disk(secret));
    EXPECT_FALSE(store->owes_erasure());
    EXPECT_EQ(change(Operation::remove, 1).evidence_removed, 1u);
    EXPECT_TRUE(store->owes_erasure());
    ASSERT_TRUE(is_on_disk(secret)) << "deleting alone does not do it";
    ASSERT_OK(store->erase_removed());
    EXPECT_FALSE(store->owes_erasure());
    EXPECT_FALSE(is_on_disk(secret));
    EXPECT_TRUE(is_on_disk(other));
    store.reset();
    std::filesystem::remove_all(folder / "data");
    store = open_or_fail(settings_in(folder / "data"));
  }
}

TEST_F(ErasureTest, TakesAnAuthorsPostsAndReplacedTexts) {
  keep();
  change(Operation::edit, 1, "edited");
  EXPECT_EQ(change(Operation::remove_author, 1'002).evidence_removed, 1u);
  ASSERT_OK(store->erase_removed());
  EXPECT_FALSE(is_on_disk(secret));
  EXPECT_FALSE(is_on_disk(other));
  const auto left = store->evidence(whatsapp, {day_start, day_start + 1}, 9).value();
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].text, "edited");
}

TEST_F(ErasureTest, OwesNothingWhereNothingWasStored) {
  keep();
  change(Operation::remove, 77);
  change(Operation::remove_author, 77);
  change(Operation::edit, 77, "x");
  EXPECT_FALSE(store->owes_erasure());
}

TEST_F(ErasureTest, IsStillOwedAfterARestart) {
  keep();
  reopen();  // into a file, which a deletion alone does not touch
  change(Operation::remove, 1);
  reopen();
  ASSERT_TRUE(store->owes_erasure());
  ASSERT_TRUE(is_on_disk(secret));
  ASSERT_OK(store->erase_removed());
  EXPECT_FALSE(is_on_disk(secret));
  reopen();
  EXPECT_FALSE(store->owes_erasure());
}

TEST_F(ErasureTest, StoppedIsStillOwed) {
  keep();
  change(Operation::remove, 1);
  store->stop_erasing();
  const auto erased = store->erase_removed();
  ASSERT_FALSE(erased);
  EXPECT_EQ(erased.error().code, ingest::Code::closed);
  EXPECT_TRUE(store->owes_erasure());
  reopen();
  EXPECT_TRUE(store->owes_erasure());
}

// Writer, eraser and checkpoint at once: nothing is lost, and what is removed meanwhile is owed.
TEST_F(ErasureTest, RunsBesideTheWriter) {
  std::atomic<bool> is_done{false};
  std::atomic<int> erased{0};
  std::thread eraser([&] {
    while (!is_done || store->owes_erasure())
      if (store->owes_erasure()) erased += store->erase_removed().has_value();
  });
  for (std::uint64_t n = 0; n < 300; ++n) {
    auto batch = counts_at(day_start, 1);
    auto post = post_saying(n, secret + std::to_string(n));
    post.minute = day_start + static_cast<Minute>(n);
    batch.tally.evidence = {post};
    ASSERT_OK(store->write(batch));
    if (n % 3 == 0) change(Operation::remove, n);
    if (n == 150) ASSERT_OK(store->checkpoint(folder / "copy"));
  }
  is_done = true;
  eraser.join();
  EXPECT_GT(erased, 0);
  EXPECT_FALSE(store->owes_erasure());
  const auto left = store->evidence(whatsapp, {day_start, day_start + 300}, 1'000).value();
  EXPECT_EQ(left.size(), 200u);
  EXPECT_FALSE(is_on_disk(secret + "297"));
  EXPECT_EQ(store->series(whatsapp, complaints, {day_start, day_start + 1})->counts[0], 300u);

  auto settings = settings_in(folder / "copy");
  settings.read_only = true;
  const auto copy = open_or_fail(settings);
  const auto rows = copy->count_rows();
  ASSERT_OK(rows);
  std::map<std::string, std::uint64_t> by_name(rows->begin(), rows->end());
  EXPECT_EQ(by_name["windows"], 1u);
  EXPECT_EQ(by_name["evidence"], 100u);
  EXPECT_EQ(copy->series(whatsapp, complaints, {day_start, day_start + 1})->counts[0], 151u);
}

}  // namespace
}  // namespace thap::store
