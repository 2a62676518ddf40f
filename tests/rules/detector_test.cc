// What the shipped set mends, each beside what the reference does.
#include "rules/detector.h"

#include <gtest/gtest.h>

#include <random>

#include "rules/rule_set.h"

namespace thap::rules {
namespace {

using How = PhaseChange::How;

Parameters parameters(const char* set) {
  return load_rules(embedded_rule_files(), set).value()->of("default").parameters;
}

const Shape& flat() {
  static const Shape shape = [] {
    Shape s;
    for (auto& day : s.slot) day.fill(1.0);
    return s;
  }();
  return shape;
}

// A detector that has been watching a quiet service for two days.
class Watched : public testing::Test {
 protected:
  static constexpr double start = 1'000'000 * 60.0;

  void make(const Parameters& parameters_) {
    p = parameters_;
    detector.emplace(p, flat(), start);
    detector->advance(start, true, changes);
    for (now = start; now < start + 2 * 86'400; now += 60) detector->advance(now, true, changes);
    now = detector->last();
    ASSERT_TRUE(changes.empty());
  }
  void post(double t) {
    Arrival a;
    a.event = t;
    a.post = ++id;
    a.author = a.text = a.simhash = random();
    a.words = 8;
    detector->post(t, a, admission, changes);
  }
  // `per_minute` posts a minute, evenly.
  void outage(double minutes, double per_minute) {
    const double end = now + minutes * 60;
    for (double t = now + 1; t < end; t += 60 / per_minute) post(t);
    pass(end);
  }
  void pass(double to, bool feed_ok = true) {
    for (double t = now + 60; t < to; t += 60) detector->advance(t, feed_ok, changes);
    detector->advance(to, feed_ok, changes);
    now = to;
  }
  int count(Phase to, How how) const {
    int n = 0;
    for (const auto& c : changes) n += c.to == to && c.how == how;
    return n;
  }

  Parameters p{};
  std::optional<Detector> detector;
  Admission admission;
  std::vector<PhaseChange> changes;
  std::mt19937_64 random{7};
  std::uint64_t id{0};
  double now{0};
};

TEST_F(Watched, AnOutageIsConfirmedWithinSecondsOfTheFourthPost) {
  make(parameters("shipped"));
  const double onset = now;
  outage(3, 10);
  ASSERT_EQ(count(Phase::confirmed, How::step), 1);
  EXPECT_LT(changes[1].t - onset, 60);
  EXPECT_NEAR(changes[1].onset, onset, 10);
  EXPECT_GE(changes[1].score, changes[1].threshold);
}

TEST_F(Watched, ASilentFeedEndsNothing) {
  auto p_ = parameters("reference");
  for (const bool mended : {false, true}) {
    p_.closing_needs_feed = mended;
    changes.clear();
    make(p_);
    outage(20, 10);
    pass(now + 300);  // easing begins
    ASSERT_EQ(detector->phase(), Phase::easing);
    pass(now + 900, false);
    EXPECT_EQ(detector->phase(), mended ? Phase::easing : Phase::normal);
    pass(now + 840);
    EXPECT_EQ(detector->phase(), mended ? Phase::easing : Phase::normal)
        << "15 minutes after it is back nothing closes";
    pass(now + 300);
    EXPECT_EQ(detector->phase(), Phase::normal);
    EXPECT_EQ(count(Phase::normal, How::resolved), 1);
    admission = {};
  }
}

TEST_F(Watched, ASuspicionDoesNotDieInAStall) {
  auto p_ = parameters("reference");
  for (const bool mended : {false, true}) {
    p_.closing_needs_feed = mended;
    changes.clear();
    make(p_);
    for (double t : {1, 20, 40}) post(now + t);
    ASSERT_EQ(detector->phase(), Phase::suspected);
    now = detector->last();
    pass(now + 2 * 3600, false);
    EXPECT_EQ(detector->phase(), mended ? Phase::suspected : Phase::normal);
    pass(now + 1200);
    EXPECT_EQ(count(Phase::normal, How::cleared), 1);
    admission = {};
  }
}

TEST_F(Watched, ANewOutageOpensRightAfterAStall) {
  make(parameters("shipped"));
  pass(now + 900, false);
  outage(3, 10);
  EXPECT_EQ(count(Phase::confirmed, How::step), 1);
}

TEST_F(Watched, EasingIsToldOnceItHasLasted) {
  make(parameters("shipped"));
  outage(20, 10);
  for (int i = 0; i < 5; ++i) {  // two minutes of quiet, then it goes on
    pass(now + 120);
    outage(6, 10);
  }
  EXPECT_EQ(count(Phase::easing, How::step), 0);
  EXPECT_EQ(count(Phase::confirmed, How::relapse), 0);
  pass(now + 420);
  EXPECT_EQ(count(Phase::easing, How::step), 1);
  pass(now + 600);
  EXPECT_EQ(count(Phase::normal, How::resolved), 1);
}

TEST_F(Watched, TheGuardLooksAtThreeFullMinutes) {
  auto p_ = parameters("reference");
  double expected[2];
  for (const bool mended : {false, true}) {
    p_.guard_full_minutes = mended;
    changes.clear();
    make(p_);
    for (int i = 0; i < 3; ++i) {
      detector->mention(now, 3000);
      pass(now + 60);
    }
    expected[mended] = detector->expected(now);
  }
  EXPECT_NEAR(expected[1], expected[0] * 1.5, expected[0] * 0.01);
}

TEST_F(Watched, ThreeWhoSayThatItWorksAgainMakeItEaseAtOnce) {
  make(parameters("shipped"));
  outage(30, 1);
  for (std::uint64_t author : {1, 2, 2, 2}) detector->recovery(now + 1, author, changes);
  EXPECT_EQ(count(Phase::easing, How::step), 0) << "two authors";
  // Half of ten minutes' voices: ten complaints ask for ten.
  for (std::uint64_t author = 3; author <= 12; ++author) detector->recovery(now + 2, author, changes);
  ASSERT_EQ(count(Phase::easing, How::step), 1);
  EXPECT_TRUE(changes.back().by_posts);
  now += 2;
  pass(now + 11 * 60);
  EXPECT_EQ(count(Phase::normal, How::resolved), 1);
}

TEST_F(Watched, StateOfANewerProgramIsRefused) {
  make(parameters("shipped"));
  auto bytes = detector->encode();
  EXPECT_LE(bytes.size(), 1536u);
  bytes[0] = 9;
  EXPECT_EQ(detector->decode(bytes).error().code, ingest::Code::newer_format);
  bytes = detector->encode();
  bytes.pop_back();
  EXPECT_EQ(detector->decode(bytes).error().code, ingest::Code::corrupt);
}

TEST(DetectorSize, IsSmall) { EXPECT_LE(sizeof(Detector), 1600u); }

}  // namespace
}  // namespace thap::rules
