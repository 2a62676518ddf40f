// What counting costs, and what a reader waits while it goes on.
//   store_bench --benchmark_filter=Write     posts a second through write(), one thread
//   store_bench --benchmark_filter=Day       a day of one service, read while batches are written; p50 and
//   p99
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>

#include "store/window_store.h"

namespace {

using namespace thap;
using namespace thap::store;

constexpr Minute day_start = 28'644'480;
constexpr Facet complaints{FacetKind::complaints, 0};

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "thap_bench_XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  std::string path() const { return path_; }

 private:
  std::string path_;
};

std::unique_ptr<WindowStore> open(const std::string& directory) {
  StoreSettings settings;
  settings.directory = directory;
  auto store = WindowStore::open(settings);
  if (!store) std::abort();
  return std::move(*store);
}

// Posts as they come: a third of the services named get half of the posts; 7 in 10 that name a service
// complain.
class Feed {
 public:
  Feed(std::size_t services, double posts_a_minute) : services_(services), posts_a_minute_(posts_a_minute) {}

  // `posts` posts, of which `naming` in 100 name a service.
  Batch next(std::size_t posts, std::uint32_t naming) {
    Batch batch;
    auto& tally = batch.tally;
    std::map<std::pair<nlp::ServiceId, Minute>, int> shelves;
    batch.handed_rows = std::move(waiting_rows_);
    batch.handed_mentions = std::move(waiting_mentions_);
    for (std::size_t i = 0; i < posts; ++i) {
      clock_ms_ += 60'000 / posts_a_minute_;
      if (random_() % 100 >= naming) continue;
      const auto clock = static_cast<std::int64_t>(clock_ms_);
      const auto minute = minute_of(clock - static_cast<std::int64_t>(random_() % 20'000));
      const auto pick = random_() % (random_() % 2 == 0 ? services_ : services_ / 3 + 1);
      const auto service = nlp::service_id("service-" + std::to_string(pick));
      const ingest::PostKey post{random_(), random_()};
      tally.seen.emplace_back(minute / 60, post);
      if (random_() % 10 >= 7) {
        ++tally.counts[{service, {FacetKind::mentions, 0}, minute}];
        if (!tally.mentions.empty() && tally.mentions.back().service == service)
          ++tally.mentions.back().count;
        else
          tally.mentions.push_back({clock / 1000, service, 1});
        continue;
      }
      const auto fingerprint = static_cast<std::uint32_t>(random_());
      const auto count = [&](FacetKind kind, std::uint64_t value) {
        const WindowKey key{service, {kind, static_cast<std::uint32_t>(value)}, minute};
        ++tally.counts[key];
        tally.authors[key].push_back(fingerprint);
      };
      count(FacetKind::complaints, 0);
      count(FacetKind::symptom, random_() % 18);
      count(FacetKind::language, random_() % 6);
      count(FacetKind::kind, random_() % 2);
      count(FacetKind::source, 2);
      if (random_() % 3 == 0) count(FacetKind::place, random_() % 30);
      DetectorRow row;
      row.clock_ms = clock;
      row.event_ms = clock;
      row.network = ingest::Network::bluesky;
      row.post = post;
      row.author = random_();
      row.complaints = {service};
      tally.rows.push_back(row);
      if (++shelves[{service, minute}] <= 3) {
        Evidence evidence;
        evidence.service = service;
        evidence.minute = minute;
        evidence.post = post;
        evidence.author = row.author;
        evidence.text = std::string(160, 'x');
        tally.evidence.push_back(std::move(evidence));
      }
    }
    // All but the last second is handed over at once and never reaches the store.
    const auto second = static_cast<std::int64_t>(clock_ms_) / 1000;
    std::erase_if(tally.rows, [&](const auto& row) { return row.clock_ms / 1000 < second; });
    std::erase_if(tally.mentions, [&](const auto& row) { return row.clock_s < second; });
    waiting_rows_ = tally.rows;
    waiting_mentions_ = tally.mentions;
    tally.newest_clock_ms = static_cast<std::int64_t>(clock_ms_);
    tally.positions = {{"bench", 0, tally.newest_clock_ms, tally.newest_clock_ms}};
    return batch;
  }
  Minute minute() const { return minute_of(static_cast<std::int64_t>(clock_ms_)); }

 private:
  std::size_t services_;
  double posts_a_minute_;
  double clock_ms_{day_start * 60'000.0};
  std::mt19937_64 random_{1};
  std::vector<DetectorRow> waiting_rows_;
  std::vector<MentionRow> waiting_mentions_;
};

void Write(benchmark::State& state) {
  const auto posts = static_cast<std::size_t>(state.range(0));
  const auto naming = static_cast<std::uint32_t>(state.range(1));
  const TemporaryFolder folder;
  const auto store = open(folder.path());
  Feed feed(100, 5'000);
  std::uint64_t rows = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const auto batch = feed.next(posts, naming);
    state.ResumeTiming();
    const auto written = store->write(batch);
    if (!written) std::abort();
    rows += written->counts;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(posts) * state.iterations());
  state.counters["rows_a_batch"] = static_cast<double>(rows) / static_cast<double>(state.iterations());
  state.counters["flushes"] = static_cast<double>(store->figures().flushes);
}
BENCHMARK(Write)
    ->ArgNames({"posts", "naming"})
    ->Args({500, 40})
    ->Args({2'000, 9})
    ->Args({2'000, 40})
    ->Args({10'000, 9})
    ->Args({10'000, 40})
    ->Iterations(600)
    ->UseRealTime();

// Replay of many quiet days: a batch spans some 20 minutes of event time.
void WriteQuietDays(benchmark::State& state) {
  const TemporaryFolder folder;
  const auto store = open(folder.path());
  Feed feed(100, 100);
  for (auto _ : state) {
    state.PauseTiming();
    const auto batch = feed.next(2'000, 20);
    state.ResumeTiming();
    if (!store->write(batch)) std::abort();
  }
  state.SetItemsProcessed(2'000 * state.iterations());
  state.counters["flushes"] = static_cast<double>(store->figures().flushes);
}
BENCHMARK(WriteQuietDays)->Iterations(600)->UseRealTime();

// A live feed of 300 batches a minute, written as fast as it goes on another thread.
void DayWhileWriting(benchmark::State& state) {
  const TemporaryFolder folder;
  const auto store = open(folder.path());
  Feed feed(100, 12'000);
  const auto busiest = nlp::service_id("service-0");
  while (feed.minute() < day_start + 1440) {  // a day, quickly
    if (!store->write(feed.next(6'000, 20))) std::abort();
  }
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> batches{0};
  std::atomic<Minute> now{feed.minute()};
  std::thread writer([&] {
    while (!stop) {
      if (!store->write(feed.next(40, 40))) std::abort();
      now = feed.minute();
      ++batches;
      if (state.range(0) != 0) std::this_thread::sleep_for(std::chrono::microseconds(state.range(0)));
    }
  });
  std::vector<double> micros;
  for (auto _ : state) {
    const auto start = std::chrono::steady_clock::now();
    const auto series = store->series(busiest, complaints, {now - 1440, now});
    micros.push_back(
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
    if (!series) std::abort();
    std::this_thread::sleep_for(std::chrono::microseconds(500));
  }
  stop = true;
  writer.join();
  std::sort(micros.begin(), micros.end());
  state.counters["p50_us"] = micros[micros.size() / 2];
  state.counters["p99_us"] = micros[micros.size() * 99 / 100];
  state.counters["batches"] = static_cast<double>(batches);
  state.counters["flushes"] = static_cast<double>(store->figures().flushes);
}
BENCHMARK(DayWhileWriting)->ArgName("pause_us")->Arg(0)->Arg(10'000)->Iterations(10'000)->UseRealTime();

void Seen(benchmark::State& state) {
  const TemporaryFolder folder;
  const auto store = open(folder.path());
  std::mt19937_64 random(1);
  for (int i = 0; i < 100; ++i) {
    Batch batch;
    for (int post = 0; post < 10'000; ++post)
      batch.tally.seen.emplace_back(day_start / 60, ingest::PostKey{random(), random()});
    batch.tally.newest_clock_ms = day_start * std::int64_t{60'000};
    if (!store->write(batch)) std::abort();
  }
  for (auto _ : state) benchmark::DoNotOptimize(store->seen({random(), random()}));
}
BENCHMARK(Seen);

}  // namespace

BENCHMARK_MAIN();
