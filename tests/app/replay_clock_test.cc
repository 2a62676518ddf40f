// A replay's clock, and posts handed out by it.
#include "app/replay_clock.h"

#include <gtest/gtest.h>

#include "app/paced_source.h"
#include "app/replay_server.h"
#include "tests/app/chain.h"

namespace thap::app {
namespace {

class ReplayClockTest : public testing::Test {
 protected:
  std::int64_t steady_{1'000};
  ReplayClock clock_{monday_ms, 60, [this] { return steady_; }};
};

TEST_F(ReplayClockTest, RunsAtItsSpeedOnceItIsStarted) {
  steady_ += 500;
  EXPECT_EQ(clock_.now_ms(), monday_ms);
  EXPECT_EQ(clock_.wait_ms(monday_ms + 1), -1) << "it stands";
  clock_.start();
  steady_ += 1'000;
  EXPECT_EQ(clock_.now_ms(), monday_ms + minute_ms);
  EXPECT_EQ(clock_.wait_ms(monday_ms + minute_ms), 0);
  EXPECT_EQ(clock_.wait_ms(monday_ms + 2 * minute_ms), 1'000);
  clock_.start();
  EXPECT_EQ(clock_.now_ms(), monday_ms + minute_ms) << "the second start changes nothing";
}

TEST_F(ReplayClockTest, NeitherSpeedNorPauseMakesItJump) {
  clock_.start();
  steady_ += 1'000;
  clock_.set_speed(600);
  EXPECT_EQ(clock_.now_ms(), monday_ms + minute_ms);
  steady_ += 100;
  EXPECT_EQ(clock_.now_ms(), monday_ms + 2 * minute_ms);
  clock_.set_paused(true);
  steady_ += 10'000;
  EXPECT_EQ(clock_.now_ms(), monday_ms + 2 * minute_ms);
  EXPECT_EQ(clock_.wait_ms(monday_ms + 3 * minute_ms), -1);
  clock_.set_paused(false);
  steady_ += 100;
  EXPECT_EQ(clock_.now_ms(), monday_ms + 3 * minute_ms);
  clock_.end_at(monday_ms + 5 * minute_ms);
  steady_ += 100;
  EXPECT_EQ(clock_.now_ms(), monday_ms + 5 * minute_ms);
  EXPECT_TRUE(clock_.state().has_ended);
}

class PacedSourceTest : public ReplayClockTest {
 protected:
  std::unique_ptr<PacedSource> paced(const std::vector<ingest::Post>& posts) {
    return std::make_unique<PacedSource>(
        std::make_unique<MemorySource>(posts, 0, [] { return std::size_t{1}; }), clock_);
  }
  ingest::SourceBatch next() { return source_->next({100, std::chrono::milliseconds(0)}).value(); }
  std::unique_ptr<PacedSource> source_;
};

TEST_F(PacedSourceTest, HandsOutWhatIsDueAndSaysHowLongNobodySpoke) {
  const std::vector<ingest::Post> posts = {
      make_post("before", "a", monday_ms - hour_ms), make_post("first", "b", monday_ms),
      make_post("second", "c", monday_ms + minute_ms), make_post("last", "d", monday_ms + 10 * minute_ms)};
  source_ = paced(posts);
  auto batch = next();
  ASSERT_EQ(batch.posts.size(), 2u) << "what lies before the begin, and what is written at it";
  EXPECT_EQ(batch.posts[1].id, "first");
  EXPECT_EQ(batch.positions.at(0).next, 2);
  EXPECT_EQ(next().records, 0u);
  steady_ += 1'500;
  batch = next();
  ASSERT_EQ(batch.posts.size(), 1u);
  EXPECT_EQ(batch.posts[0].id, "second");
  steady_ += 3'500;
  batch = next();
  EXPECT_TRUE(batch.posts.empty());
  EXPECT_EQ(batch.watermark_ms, monday_ms + 5 * minute_ms) << "silence until now";
  EXPECT_FALSE(batch.end);
  steady_ += 60'000;
  batch = next();
  ASSERT_EQ(batch.posts.size(), 1u);
  EXPECT_TRUE(batch.end);
  EXPECT_TRUE(clock_.state().has_ended);
}

TEST_F(PacedSourceTest, PausedHandsOutNothing) {
  const std::vector<ingest::Post> posts = {make_post("first", "b", monday_ms),
                                           make_post("second", "c", monday_ms + minute_ms)};
  source_ = paced(posts);
  EXPECT_EQ(next().posts.size(), 1u);
  clock_.set_paused(true);
  steady_ += 60'000;
  EXPECT_EQ(next().records, 0u);
  clock_.set_paused(false);
  steady_ += 1'000;
  EXPECT_EQ(next().posts.size(), 1u);
}

TEST_F(PacedSourceTest, WithoutABeginTheFirstPostIsIt) {
  const std::vector<ingest::Post> posts = {make_post("first", "b", monday_ms),
                                           make_post("second", "c", monday_ms + minute_ms)};
  ReplayClock clock(0, 1, [this] { return steady_; });
  PacedSource source(std::make_unique<MemorySource>(posts, 0, [] { return std::size_t{1}; }), clock);
  EXPECT_EQ(source.next({100, std::chrono::milliseconds(0)})->posts.size(), 1u);
  EXPECT_EQ(clock.now_ms(), monday_ms);
}

// The chain finds the same incidents, however fast the clock runs.
TEST_F(PacedSourceTest, IncidentsAreThoseOfAReplayWithoutAClock) {
  auto posts = eventful_day(7);
  // As a file's: its clock never goes back.
  std::stable_sort(posts.begin(), posts.end(),
                   [](const auto& a, const auto& b) { return a.clock_ms < b.clock_ms; });
  const auto incidents = [&](bool is_paced) {
    TemporaryFolder folder;
    auto store = store::open_or_fail(store::settings_in(folder / "data"));
    auto pipeline = Pipeline::open(*store, nlp::small_lexicon(), shipped_rules(), 1);
    std::unique_ptr<ingest::PostSource> source =
        std::make_unique<MemorySource>(posts, 0, [] { return std::size_t{1}; });
    ReplayClock clock(0, 60, [this] { return steady_ += 997; });
    if (is_paced) source = std::make_unique<PacedSource>(std::move(source), clock);
    EXPECT_TRUE((*pipeline)->run(*source, {100, std::chrono::milliseconds(0)}, {}));
    std::vector<std::string> out;
    for (const auto& i : (*pipeline)->incidents())
      out.push_back(fmt::format("{} {} {} {}", i.id, i.started_ms, i.opened_ms, i.resolved_ms));
    return out;
  };
  const auto expected = incidents(false);
  EXPECT_FALSE(expected.empty());
  EXPECT_EQ(incidents(true), expected);
}

TEST_F(ReplayClockTest, ThePageMayChangeSpeedAndPause) {
  const auto route = replay_route(clock_);
  const auto post = [&](const std::string& body, const std::string& type) {
    serve::HttpRequest request;
    request.body = body;
    request.headers["content-type"] = type;
    return route.handle(request).status;
  };
  EXPECT_EQ(post(R"({"speed":600,"paused":true})", "application/json"), 200);
  EXPECT_EQ(clock_.state().speed, 600);
  EXPECT_TRUE(clock_.state().is_paused);
  EXPECT_EQ(post(R"({"paused":false})", "application/json"), 200);
  EXPECT_FALSE(clock_.state().is_paused);
  for (const char* bad : {"", "[]", R"({"speed":0})", R"({"speed":"fast"})", R"({"pause":true})"})
    EXPECT_EQ(post(bad, "application/json"), 400) << bad;
  EXPECT_EQ(post(R"({"speed":1})", "text/plain"), 415) << "any page may send text/plain to us";
  EXPECT_EQ(clock_.state().speed, 600);
}

}  // namespace
}  // namespace thap::app
