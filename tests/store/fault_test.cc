// A killed process, damaged rows, stores from the future.
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/database.h"
#include "store/rows.h"
#include "tests/store/store_testing.h"

namespace thap::store {
namespace {

using ingest::Code;

// Batch n, so that everything in the store tells how many there were: minute n / 10 counts it, the position
// is n + 1.
Batch numbered(std::int64_t n) {
  Batch batch = counts_at(day_start + static_cast<Minute>(n / 10), 1);
  batch.tally.counts[{jio, {FacetKind::symptom, 1}, day_start + static_cast<Minute>(n / 10)}] = 2;
  batch.tally.seen = {
      {day_start / 60 + static_cast<std::uint32_t>(n / 600), {1, static_cast<std::uint64_t>(n)}}};
  batch.tally.positions = {{"posts", 0, n + 1, 0}};
  batch.bytes = {{Family::incidents, "last", std::to_string(n)}};
  batch.has_transition = n % 500 == 0;
  DetectorRow row;
  row.clock_ms = n;
  batch.tally.rows = {row};
  if (n > 0) {
    row.clock_ms = n - 1;
    batch.handed_rows = {row};
  }
  return batch;
}

std::int64_t written(const WindowStore& store) {
  const auto positions = store.positions();
  return positions.empty() ? 0 : positions.front().next;
}

void expect_exactly(const WindowStore& store, std::int64_t batches) {
  const auto minutes = static_cast<Minute>(batches / 10 + 1);
  const auto first = store.series(whatsapp, complaints, {day_start, day_start + minutes});
  const auto second = store.series(jio, {FacetKind::symptom, 1}, {day_start, day_start + minutes});
  ASSERT_OK(first);
  ASSERT_OK(second);
  for (Minute i = 0; i < minutes; ++i) {
    const auto expected =
        static_cast<std::uint64_t>(std::clamp<std::int64_t>(batches - std::int64_t{i} * 10, 0, 10));
    EXPECT_EQ(first->counts[i], expected) << "minute " << i << " of " << batches << " batches";
    EXPECT_EQ(second->counts[i], 2 * expected);
  }
  std::uint64_t hours = 0;
  const auto hourly = store.hourly_series(whatsapp, complaints, {day_start, day_start + minutes});
  ASSERT_OK(hourly);
  for (const auto count : hourly->counts) hours += count;
  EXPECT_EQ(hours, static_cast<std::uint64_t>(batches));
  for (std::int64_t n = 0; n < batches; ++n) EXPECT_TRUE(store.seen({1, static_cast<std::uint64_t>(n)})) << n;
  EXPECT_FALSE(store.seen({1, static_cast<std::uint64_t>(batches)}));
  if (batches == 0) return;
  EXPECT_EQ(*store.get(Family::incidents, "last"), std::to_string(batches - 1));
  ASSERT_EQ(store.pending_rows()->size(), 1u);
  EXPECT_EQ(store.pending_rows()->front().clock_ms, batches - 1);
}

// `promised` is shared with the child: how many writes have returned.
TEST(Kill, LeavesAPrefixWithoutHoles) {
  const TemporaryFolder folder;
  std::mt19937 random(5);
  void* shared = mmap(nullptr, sizeof(std::atomic<std::int64_t>), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(shared, MAP_FAILED);
  auto& promised = *new (shared) std::atomic<std::int64_t>(0);
  for (int kill_number = 0; kill_number < 12; ++kill_number) {
    const auto child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto store = WindowStore::open(settings_in(folder / "data"));
      if (!store) _exit(1);
      for (auto n = written(**store);; ++n) {
        if (!(*store)->write(numbered(n))) _exit(2);
        promised = n + 1;
      }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + random() % 250));
    ASSERT_EQ(kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself with " << WEXITSTATUS(status);

    const auto store = open_or_fail(settings_in(folder / "data"));
    const auto batches = written(*store);
    EXPECT_GE(batches, promised) << "what a write returned from is kept";
    EXPECT_LE(batches, promised + 1);
    if (batches >= 48 * 600) break;  // the first posts are no longer to be seen
    expect_exactly(*store, batches);
  }
  EXPECT_GT(promised, 100) << "the children were killed before they did anything";
}

void limit_file_size(rlim_t bytes) {
  const rlimit limit{bytes, RLIM_INFINITY};
  setrlimit(RLIMIT_FSIZE, &limit);
}

void damage(const std::string& directory, Rows rows, const std::string& key, const std::string& value) {
  const auto database = open_database(settings_in(directory));
  ASSERT_OK(database);
  ASSERT_TRUE((*database)->db().Put({}, (**database)[rows], key, value).ok());
}

TEST(Damage, IsSaidWhereItIsRead) {
  const TemporaryFolder folder;
  const auto directory = folder / "data";
  const auto window = std::string(view(window_key({whatsapp, complaints, day_start})));
  damage(directory, Rows::windows, window, "short");
  damage(directory, Rows::authors, window, "no sketch");
  damage(directory, Rows::pending, row_key(1, ingest::Network::x, {1, 1}), "?");
  damage(directory, Rows::pending, mention_key(1, jio), "?");
  damage(directory, Rows::evidence, evidence_key({whatsapp, day_start, {1, 1}}), "?");

  auto settings = settings_in(directory);
  settings.read_only = true;  // a writer reads the open hours when it opens, and would say so then
  const auto store = open_or_fail(settings);
  const MinuteRange range{day_start, day_start + 1};
  EXPECT_EQ(store->series(whatsapp, complaints, range).error().code, Code::corrupt);
  EXPECT_EQ(store->hourly_series(whatsapp, complaints, range).error().code, Code::corrupt);
  EXPECT_EQ(store->breakdown(whatsapp, FacetKind::complaints, range).error().code, Code::corrupt);
  EXPECT_EQ(store->distinct_authors(whatsapp, complaints, range).error().code, Code::corrupt);
  EXPECT_EQ(store->pending_rows().error().code, Code::corrupt);
  EXPECT_EQ(store->pending_mentions().error().code, Code::corrupt);
  EXPECT_EQ(store->evidence(whatsapp, range, 9).error().code, Code::corrupt);
  EXPECT_TRUE(store->series(jio, complaints, range)) << "other rows still read";
  EXPECT_EQ(WindowStore::open(settings_in(directory)).error().code, Code::corrupt);
}

// A count of the wrong size is an error also where the merge operator meets it, not a zero.
TEST(Damage, IsNotAddedTo) {
  const TemporaryFolder folder;
  const auto directory = folder / "data";
  damage(directory, Rows::meta, own_meta_key("hours_closed_before"), encode_u32(day_start / 60 + 100));
  damage(directory, Rows::windows, std::string(view(window_key({whatsapp, complaints, day_start}))), "short");
  const auto store = open_or_fail(settings_in(directory));
  ASSERT_OK(store->write(counts_at(day_start, 1)));
  const auto series = store->series(whatsapp, complaints, {day_start, day_start + 1});
  ASSERT_FALSE(series);
  EXPECT_EQ(series.error().code, Code::corrupt);
}

TEST(Damage, OfTheStoresOwnRowsIsSaidAtOpen) {
  for (const auto* name : {"format_version", "newest_clock_ms", "hours_closed_before"}) {
    const TemporaryFolder folder;
    damage(folder / "data", Rows::meta, own_meta_key(name), "?");
    EXPECT_EQ(WindowStore::open(settings_in(folder / "data")).error().code, Code::corrupt) << name;
  }
  const TemporaryFolder folder;
  damage(folder / "data", Rows::offsets, "x", "?");
  EXPECT_EQ(WindowStore::open(settings_in(folder / "data")).error().code, Code::corrupt);
}

// Format 1 kept ids and addresses of posts, which may name their authors.
TEST(EarlierFormat, LosesWhatNamedTheAuthors) {
  const TemporaryFolder folder;
  const auto directory = folder / "data";
  const EvidencePlace place{whatsapp, day_start, {1, 2}};
  const std::string id = "did:plc:qx7vn2kd4wz9rt5m", text = "band hai";
  std::string row;
  put(row, std::uint8_t{1});
  put(row, std::uint8_t{2});  // bluesky
  put(row, std::uint64_t{77});
  put_signed(row, ms_of(day_start));
  row.append("\x02\0\0\0\0\0\0\0\0\0",
             10);  // down, no symptom, first language and kind, no flag, nobody blamed
  for (const auto& part : {id, "at://" + id, text}) {
    put(row, static_cast<std::uint32_t>(part.size()));
    row += part;
  }
  {
    const auto database = open_database(settings_in(directory));
    ASSERT_OK(database);
    auto& db = (*database)->db();
    ASSERT_TRUE(db.Put({}, (**database)[Rows::evidence], evidence_key(place), row).ok());
    ASSERT_TRUE(db.Put({}, (**database)[Rows::meta], own_meta_key("format_version"), encode_u32(1)).ok());
    ASSERT_NE(bytes_below(directory).find(id), std::string::npos) << "the search finds what is there";
  }
  const auto store = open_or_fail(settings_in(directory));
  const auto evidence = store->evidence(whatsapp, {day_start, day_start + 1}, 9);
  ASSERT_OK(evidence);
  ASSERT_EQ(evidence->size(), 1u);
  EXPECT_EQ(evidence->front().text, text);
  EXPECT_EQ(evidence->front().author, 77u);
  EXPECT_EQ(bytes_below(directory).find(id), std::string::npos);
}

TEST(NewerFormat, IsRefusedByItsVersion) {
  const TemporaryFolder folder;
  damage(folder / "data", Rows::meta, own_meta_key("format_version"), encode_u32(format_version + 1));
  for (const bool read_only : {false, true}) {
    auto settings = settings_in(folder / "data");
    settings.read_only = read_only;
    const auto store = WindowStore::open(settings);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, Code::newer_format);
  }
}

TEST(NewerFormat, IsRefusedByItsFamilies) {
  const TemporaryFolder folder;
  {
    const auto database = open_database(settings_in(folder / "data"));
    ASSERT_OK(database);
    rocksdb::ColumnFamilyHandle* handle = nullptr;
    ASSERT_TRUE((*database)->db().CreateColumnFamily({}, "of_tomorrow", &handle).ok());
    (*database)->db().DestroyColumnFamilyHandle(handle);
  }
  const auto store = WindowStore::open(settings_in(folder / "data"));
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Code::newer_format);
}

TEST(BrokenStore, RefusesWritesAndStaysReadable) {
  const TemporaryFolder folder;
  const auto database = open_database(settings_in(folder / "data"));
  ASSERT_OK(database);
  auto status = rocksdb::Status::NoSpace();
  (*database)->health().OnBackgroundError(rocksdb::BackgroundErrorReason::kFlush, &status);
  EXPECT_TRUE((*database)->health().broken());
  EXPECT_THAT((*database)->health().reason(), testing::HasSubstr("space"));
}

// A disk that takes no more: a file size limit makes every write past it fail.
TEST(BrokenStore, AnswersIoUntilItIsReopened) {
  const TemporaryFolder folder;
  const auto child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    auto store = WindowStore::open(settings_in(folder / "data"));
    if (!store) _exit(1);
    for (std::int64_t n = 0; n < 100; ++n)
      if (!(*store)->write(numbered(n))) _exit(2);
    limit_file_size(32 << 10);
    for (std::int64_t n = 100; n < 10'000; ++n) {
      const auto result = (*store)->write(numbered(n));
      if (result) continue;
      if (result.error().code != Code::io || !(*store)->figures().broken) _exit(3);
      if ((*store)->write({})) _exit(4);    // for good
      if (written(**store) != n) _exit(5);  // nothing of the failed batch
      if (!(*store)->series(whatsapp, complaints, {day_start, day_start + 9})) _exit(6);
      _exit(0);
    }
    _exit(7);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  const auto store = open_or_fail(settings_in(folder / "data"));
  expect_exactly(*store, written(*store));
  ASSERT_OK(store->write(numbered(written(*store))));
}

// Full and free again many times, at other bytes of the log each time: nothing is lost, nothing is there
// twice.
TEST(BrokenStore, GoesOnAfterBeingReopened) {
  const TemporaryFolder folder;
  const auto child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    auto store = WindowStore::open(settings_in(folder / "data"));
    if (!store) _exit(1);
    std::int64_t n = 0;
    for (rlim_t limit = 20'011; limit < 90'000; limit += 2'503) {
      limit_file_size(limit);
      ingest::Result<WriteSummary> result;
      while ((result = (*store)->write(numbered(n)))) ++n;
      if (result.error().code != Code::io || !(*store)->figures().broken) _exit(2);
      limit_file_size(RLIM_INFINITY);
      if (!(*store)->reopen() || (*store)->figures().broken) _exit(3);
      const auto there = written(**store);
      if (there != n && there != n + 1) _exit(4);  // of the one that failed all or nothing
      n = there;
    }
    _exit(n > 1'000 ? 0 : 5);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  const auto store = open_or_fail(settings_in(folder / "data"));
  expect_exactly(*store, written(*store));
}

TEST(Reopening, LetsReadersFinishAndAnswersTheOthers) {
  const TemporaryFolder folder;
  auto store = open_or_fail(settings_in(folder / "data"));
  for (std::int64_t n = 0; n < 100; ++n) ASSERT_OK(store->write(numbered(n)));
  std::atomic<bool> is_over{false};
  std::atomic<int> wrong{0}, reads{0};
  std::thread reader([&] {
    while (!is_over) {
      const auto series = store->series(whatsapp, complaints, {day_start, day_start + 10});
      if (series ? series->counts != std::vector<std::uint64_t>(10, 10) : series.error().code != Code::closed)
        ++wrong;
      ++reads;
    }
  });
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(store->reopen());
  is_over = true;
  reader.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(reads, 0);
}

TEST(Reopening, ThatFailsCanBeTriedAgain) {
  const TemporaryFolder folder;
  auto store = open_or_fail(settings_in(folder / "data"));
  ASSERT_OK(store->write(numbered(0)));
  std::filesystem::rename(folder / "data", folder / "away");
  std::ofstream(folder / "data") << "a file where the folder was";
  EXPECT_FALSE(store->reopen());
  EXPECT_TRUE(store->figures().broken);
  EXPECT_FALSE(store->write(numbered(1)));
  EXPECT_FALSE(store->series(whatsapp, complaints, {day_start, day_start + 1}));
  EXPECT_TRUE(store->positions().empty());
  std::filesystem::remove(folder / "data");
  std::filesystem::rename(folder / "away", folder / "data");
  ASSERT_OK(store->reopen());
  ASSERT_OK(store->write(numbered(1)));
  expect_exactly(*store, 2);
}

}  // namespace
}  // namespace thap::store
