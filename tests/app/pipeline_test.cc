// The chain does not depend on how its input is cut: any batches, any restarts, a killed process: the same
// windows, incidents and transitions.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "app/pipeline.h"
#include "app/read_ahead.h"
#include "ingest/file_source.h"
#include "serve/incident_rows.h"
#include "tests/app/chain.h"

extern char** environ;

namespace thap::app {
namespace {

// What people heard, a line each, and what the store holds afterwards.
struct Outcome {
  std::vector<std::string> told, stored;
};

std::string line_of(const rules::Transition& t) {
  return fmt::format("{} {} {} {}->{} at {}{}{}{}: {}", t.incident, t.sequence,
                     static_cast<std::uint32_t>(t.service), rules::name(t.from), rules::name(t.to), t.at_ms,
                     t.opened ? " opened" : "", t.relapse ? " relapse" : "", t.annotated ? " annotated" : "",
                     t.reason);
}

// Runs all of `posts`, cut by `cut`; a new process, as it were, after as many batches as `restart` says (0:
// never).
Outcome run(
    const std::vector<ingest::Post>& posts, const std::function<std::size_t()>& cut,
    const std::function<std::int64_t()>& lag = [] { return 0; },
    const std::function<int()>& restart = [] { return 0; }, int threads = 1) {
  const TemporaryFolder folder;
  Outcome out;
  PipelineHooks hooks;
  hooks.on_transition = [&](const rules::Transition& t) { out.told.push_back(line_of(t)); };
  for (std::size_t next = 0; next < posts.size();) {
    const auto store = store::open_or_fail(store::settings_in(folder / "data"));
    next = store->positions().empty() ? 0 : static_cast<std::size_t>(store->positions().front().next);
    if (next == posts.size()) break;
    int batches = restart();
    hooks.should_stop = [&, left = batches]() mutable { return batches > 0 && left-- == 0; };
    MemorySource source(posts, next, cut, lag);
    const auto summary = pipeline_on(*store, threads)->run(source, {}, hooks);
    if (!summary) ADD_FAILURE() << ingest::to_string(summary.error());
    next = static_cast<std::size_t>(store->positions().front().next);
  }
  const auto store = store::open_or_fail(store::settings_in(folder / "data"));
  out.stored = contents_of(*store);
  return out;
}

std::function<std::size_t()> all_at_once() {
  return [] { return std::size_t{1'000'000}; };
}

TEST(Pipeline, TellsTheStoryOfTheDay) {
  const auto posts = eventful_day(1);
  const TemporaryFolder folder;
  const auto store = store::open_or_fail(store::settings_in(folder / "data"));
  const auto pipeline = pipeline_on(*store);
  MemorySource source(posts, 0, [] { return std::size_t{100}; });
  int dead = 0;
  PipelineHooks hooks;
  hooks.on_dead_letters = [&](const auto&) -> ingest::Result<void> { return ++dead, ingest::Result<void>{}; };
  const auto summary = pipeline->run(source, {}, hooks);
  ASSERT_OK(summary);
  EXPECT_EQ(summary->records, posts.size());
  EXPECT_EQ(summary->counted.posts, posts.size());
  EXPECT_GT(summary->counted.complaints, 200u);
  EXPECT_GT(summary->counted.duplicates, 10u);
  EXPECT_EQ(dead, 0);

  std::vector<rules::Incident> opened;
  for (const auto& incident : pipeline->incidents())
    if (incident.opened_ms > 0) opened.push_back(incident);
  ASSERT_EQ(opened.size(), 1u) << "one outage, one incident";
  EXPECT_EQ(opened[0].service, nlp::service_id("lahar"));
  const auto outage = monday_ms + 25 * hour_ms;
  EXPECT_NEAR(static_cast<double>(opened[0].started_ms - outage), 0, 5 * minute_ms);
  EXPECT_GT(opened[0].opened_ms, opened[0].started_ms);
  EXPECT_LT(opened[0].opened_ms, outage + 10 * minute_ms);
  EXPECT_GT(opened[0].easing_ms, outage + 15 * minute_ms) << "and it is told that it eases";
  EXPECT_EQ(opened[0].lexicon_version, nlp::small_lexicon()->version());

  const auto kept = serve::incidents_in(*store);
  ASSERT_OK(kept);
  EXPECT_EQ(kept->size(), pipeline->incidents().size());
  const auto transitions = serve::transitions_of(*store, opened[0].id);
  ASSERT_OK(transitions);
  ASSERT_GE(transitions->size(), 2u);
  for (std::size_t i = 1; i < transitions->size(); ++i)
    EXPECT_LT((*transitions)[i - 1].sequence, (*transitions)[i].sequence);
}

TEST(Pipeline, AnyCutGivesTheSame) {
  for (const std::uint32_t seed : {1u, 2u}) {
    const auto posts = eventful_day(seed, false);
    const Outcome whole = run(posts, all_at_once());
    ASSERT_GT(whole.told.size(), 2u);
    for (std::uint32_t cut_seed = 1; cut_seed <= 6; ++cut_seed) {
      std::mt19937 random(cut_seed);
      const std::size_t most = cut_seed == 1 ? 1 : 10 * cut_seed * cut_seed;
      const auto cut = [&] { return 1 + random() % most; };
      const auto lag = [&]() -> std::int64_t {
        return random() % 2 == 0 ? 0 : static_cast<std::int64_t>(random() % 600'000);
      };
      const Outcome pieces = run(posts, cut, lag);
      EXPECT_EQ(difference(whole.told, pieces.told), "")
          << "at most " << most << " posts a batch, seed " << seed;
      EXPECT_EQ(difference(whole.stored, pieces.stored), "")
          << "at most " << most << " posts a batch, seed " << seed;
    }
  }
}

TEST(Pipeline, RestartsAtAnyBatchBorderGiveTheSame) {
  const auto posts = eventful_day(3, false);
  const Outcome whole = run(posts, all_at_once());
  for (std::uint32_t seed = 1; seed <= 4; ++seed) {
    std::mt19937 random(seed);
    const Outcome pieces = run(
        posts, [&] { return 1 + random() % 60; },
        [&] { return static_cast<std::int64_t>(random() % 60'000); },
        [&] { return static_cast<int>(1 + random() % 6); });
    EXPECT_EQ(difference(whole.told, pieces.told), "") << "seed " << seed;
    EXPECT_EQ(difference(whole.stored, pieces.stored), "") << "seed " << seed;
  }
}

// Edits and deletes change evidence only: which posts are shown may depend on how many came at once, counts
// may not.
TEST(Pipeline, EditsAndDeletesLeaveCountsTheSame) {
  const auto posts = eventful_day(4, true);
  auto without_evidence = [](Outcome outcome) {
    std::erase_if(outcome.stored, [](const std::string& line) { return line.starts_with("evidence "); });
    return outcome;
  };
  const Outcome whole = without_evidence(run(posts, all_at_once()));
  std::mt19937 random(9);
  const Outcome pieces = without_evidence(run(
      posts, [&] { return 1 + random() % 40; }, [] { return 0; },
      [&] { return static_cast<int>(random() % 8); }));
  EXPECT_EQ(difference(whole.told, pieces.told), "");
  EXPECT_EQ(difference(whole.stored, pieces.stored), "");
}

TEST(Pipeline, ThreadsGiveTheSame) {
  const auto posts = eventful_day(5, false);
  const Outcome one = run(posts, [] { return std::size_t{300}; });
  const Outcome four = run(
      posts, [] { return std::size_t{300}; }, [] { return 0; }, [] { return 0; }, 4);
  EXPECT_EQ(difference(one.told, four.told), "");
  EXPECT_EQ(difference(one.stored, four.stored), "");
}

// A dead letter that cannot be kept stops the run before the positions move over it.
TEST(Pipeline, StopsWhereADeadLetterCannotBeKept) {
  class Broken : public ingest::PostSource {
    ingest::Result<ingest::SourceBatch> next(const ingest::BatchLimits&) override {
      ingest::SourceBatch batch;
      batch.dead_letters.push_back({"memory", 0, 0, "bad_json", "", "{", false});
      batch.records = 1;
      batch.positions = {{"memory", 0, 1, 0}};
      batch.end = true;
      return batch;
    }
  };
  const TemporaryFolder folder;
  const auto store = store::open_or_fail(store::settings_in(folder / "data"));
  Broken source;
  PipelineHooks hooks;
  hooks.on_dead_letters = [](const auto&) -> ingest::Result<void> {
    return ingest::fail(ingest::Code::io, "disk full");
  };
  const auto summary = pipeline_on(*store)->run(source, {}, hooks);
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().code, ingest::Code::io);
  EXPECT_TRUE(store->positions().empty());
}

TEST(Pipeline, PassesOnWhatTheSourceSays) {
  class Gone : public ingest::PostSource {
    ingest::Result<ingest::SourceBatch> next(const ingest::BatchLimits&) override {
      return ingest::fail(ingest::Code::unavailable, "no broker", "posts/0");
    }
  };
  const TemporaryFolder folder;
  const auto store = store::open_or_fail(store::settings_in(folder / "data"));
  Gone source;
  const auto summary = pipeline_on(*store)->run(source, {}, {});
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().place, "posts/0");
}

// Counts batches up; `on_hold` is told when nobody takes them.
class EndlessSource : public ingest::PostSource {
 public:
  ingest::Result<ingest::SourceBatch> next(const ingest::BatchLimits&) override {
    ingest::SourceBatch batch;
    batch.records = 1;
    batch.positions = {{"endless", 0, ++taken_, 0}};
    return batch;
  }
  void written(const std::vector<ingest::SourcePosition>& positions) override {
    for (const auto& position : positions) written_.push_back(position.next);
  }
  bool hold(std::chrono::milliseconds) override {
    ++holds_;
    return true;
  }
  std::atomic<std::int64_t> taken_{0}, holds_{0};
  std::vector<std::int64_t> written_;
};

TEST(ReadAhead, IsBoundedAndHoldsTheSourceMeanwhile) {
  EndlessSource source;
  const nlp::Reader reader(nlp::small_lexicon());
  ReadAhead ahead(source, {}, reader, 2);
  while (source.holds_ == 0) std::this_thread::yield();
  EXPECT_EQ(source.taken_, 4) << "reading threads and two";
  for (std::int64_t n = 1; n < 100; ++n) {
    const auto read = ahead.next();
    ASSERT_TRUE(read && *read);
    EXPECT_EQ((*read)->batch.positions.front().next, n) << "in the source's order";
  }
}

TEST(ReadAhead, HandsOutWhatWasTakenBeforeItFinishes) {
  EndlessSource source;
  {
    const nlp::Reader reader(nlp::small_lexicon());
    ReadAhead ahead(source, {}, reader, 3);
    std::int64_t taken = 0;
    for (bool goes_on = true; goes_on;) {
      const auto read = ahead.next();
      ASSERT_TRUE(read);
      goes_on = read->has_value();
      if (!goes_on) break;
      EXPECT_EQ((*read)->batch.positions.front().next, ++taken);
      ahead.written((*read)->batch.positions);
      if (taken == 50) ahead.finish();
    }
    EXPECT_EQ(taken, source.taken_);
  }
  EXPECT_EQ(source.written_.size(), static_cast<std::size_t>(source.taken_))
      << "told at the end at the latest";
  EXPECT_TRUE(std::is_sorted(source.written_.begin(), source.written_.end()));
}

// ---- kill -9

std::string canonical_line(const ingest::Post& post) {
  return nlohmann::json{{"network", ingest::name(post.network)},
                        {"id", post.id},
                        {"event_ms", post.event_ms},
                        {"kafka_ms", post.clock_ms},
                        {"author", std::to_string(post.author)},
                        {"kind", ingest::name(post.kind)},
                        {"op", ingest::name(post.op)},
                        {"bot", post.bot},
                        {"author_verified_service", post.author_is_official},
                        {"text", post.text}}
      .dump();
}

// Reads `file` into `data` from where the store stands. `pause` after each batch gives the killer a chance.
ingest::Result<PipelineSummary> replay(const std::string& file, const std::string& data,
                                       std::chrono::microseconds pause) {
  const auto store = store::open_or_fail(store::settings_in(data));
  ingest::FileSettings settings;
  settings.author_key = ingest::AuthorKey(ingest::AuthorKey::Bytes{7});
  auto source = ingest::open_files({file}, settings, store->positions());
  if (!source) return tl::unexpected(source.error());
  PipelineHooks hooks;
  hooks.on_progress = [&](const PipelineSummary&, std::int64_t) { std::this_thread::sleep_for(pause); };
  ingest::BatchLimits limits;
  limits.max_posts = 8;
  return pipeline_on(*store)->run(**source, limits, hooks);
}

// The process that is killed: this binary again, with these two in the environment. Not a test by itself.
TEST(Pipeline, DISABLED_ChildThatIsKilled) {
  const char *file = std::getenv("THAP_TEST_FILE"), *data = std::getenv("THAP_TEST_DATA_FOLDER");
  if (!file || !data) GTEST_SKIP() << "started by AKilledProcessGoesOnWhereItStood";
  const auto summary = replay(file, data, std::chrono::microseconds(500));
  ASSERT_OK(summary);
}

TEST(Pipeline, AKilledProcessGoesOnWhereItStood) {
  const TemporaryFolder folder;
  const std::string file = folder / "posts.ndjson";
  {
    auto posts = eventful_day(6, false);
    std::stable_sort(posts.begin(), posts.end(), [](auto& a, auto& b) { return a.clock_ms < b.clock_ms; });
    std::ofstream out(file);
    for (const auto& post : posts) out << canonical_line(post) << '\n';
  }
  ASSERT_OK(replay(file, folder / "whole", {}));
  const auto contents = [&](const std::string& data) {
    return contents_of(*store::open_or_fail(store::settings_in(data)));
  };
  const auto expected = contents(folder / "whole");
  ASSERT_GT(expected.size(), 500u);

  const auto start = [&](const std::string& data) {
    const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
    std::vector<std::string> variables = {"THAP_TEST_FILE=" + file, "THAP_TEST_DATA_FOLDER=" + data};
    for (char** variable = environ; *variable; ++variable)
      if (!std::string_view(*variable).starts_with("GTEST_") &&
          !std::string_view(*variable).starts_with("TEST_"))
        variables.emplace_back(*variable);
    std::vector<char*> env;
    for (auto& variable : variables) env.push_back(variable.data());
    env.push_back(nullptr);
    std::string filter = "--gtest_filter=Pipeline.DISABLED_ChildThatIsKilled",
                disabled = "--gtest_also_run_disabled_tests";
    std::string name = self;
    char* arguments[] = {name.data(), filter.data(), disabled.data(), nullptr};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t child = 0;
    if (posix_spawn(&child, self.c_str(), &actions, nullptr, arguments, env.data()) != 0) std::abort();
    posix_spawn_file_actions_destroy(&actions);
    return child;
  };

  std::mt19937 random(11);
  int kills = 0, runs = 0;
  for (; kills < 20 && runs < 40; ++runs) {
    const std::string data = folder / fmt::format("killed-{}", runs);
    for (;;) {
      const pid_t child = start(data);
      std::this_thread::sleep_for(std::chrono::milliseconds(20 + random() % 250));
      if (kills < 20) kill(child, SIGKILL);
      int status = 0;
      ASSERT_EQ(waitpid(child, &status, 0), child);
      if (WIFEXITED(status)) {
        ASSERT_EQ(WEXITSTATUS(status), 0) << "the child failed";
        break;
      }
      ++kills;
    }
    ASSERT_EQ(difference(expected, contents(data)), "") << "after " << kills << " kills";
  }
  EXPECT_GE(kills, 20) << "in " << runs << " runs";
}

}  // namespace
}  // namespace thap::app
