// Whole stories through the engine: what people get to hear, and that neither cuts nor restarts change it.
#include "rules/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "story.h"

namespace thap::rules {
namespace {

using test::day_ms;
using test::hour_ms;
using test::id;
using test::minute_ms;
using test::monday_ms;
using test::Outcome;
using test::play;
using test::Story;

// Some complaints and talk about everything, all the time.
void background(Story& story, std::int64_t from, std::int64_t to) {
  for (const char* name : {"jio", "airtel", "whatsapp"}) {
    story.complaints({id(name)}, from, to, 0.2);
    story.talk(id(name), from, to, 2);
  }
  for (const char* name : {"paytm", "phonepe", "googlepay", "sbi", "hdfc", "zomato", "hotstar", "irctc"}) {
    story.complaints({id(name)}, from, to, 0.02);
    story.talk(id(name), from, to, 0.3);
  }
  story.talk(store::every_record, from, to, 20);
}

std::vector<State> states_of(const Outcome& outcome, nlp::ServiceId service) {
  std::vector<State> states;
  for (const auto& t : outcome.transitions)
    if (t.service == service && !t.annotated) states.push_back(t.to);
  return states;
}

const Incident* incident_of(const Outcome& outcome, nlp::ServiceId service) {
  const Incident* found = nullptr;
  for (const auto& i : outcome.incidents)
    if (i.service == service && i.opened_ms > 0) found = &i;
  return found;
}

TEST(Engine, OpensEasesAndResolvesAnOutage) {
  Story story(1);
  const auto end = monday_ms + 3 * day_ms;
  background(story, monday_ms, end);
  const auto onset = monday_ms + 2 * day_ms + 12 * hour_ms;
  story.complaints({id("jio")}, onset, onset + 40 * minute_ms, 10, [&](store::DetectorRow& row) {
    row.symptoms.add(nlp::Symptom::network);
    if (story.uniform() < 0.5) row.places = {nlp::place_id(story.uniform() < 0.5 ? "IN-Mumbai" : "IN-Pune")};
  });
  story.sort();
  const auto outcome = play(story, monday_ms, end);
  EXPECT_THAT(states_of(outcome, id("jio")),
              testing::ElementsAre(State::suspected, State::confirmed, State::easing, State::resolved));
  const auto* incident = incident_of(outcome, id("jio"));
  ASSERT_TRUE(incident);
  EXPECT_LT(incident->opened_ms - onset, 3 * minute_ms);
  EXPECT_LT(std::abs(incident->started_ms - onset), 2 * minute_ms);
  EXPECT_LT(std::abs(incident->recovered_ms - onset - 40 * minute_ms), 5 * minute_ms);
  EXPECT_EQ(incident->state, State::resolved);
  EXPECT_EQ(incident->region, "IN-MH");
  EXPECT_TRUE(incident->eased_by_silence);
  EXPECT_GT(incident->symptoms[static_cast<std::size_t>(nlp::Symptom::network)], 300u);
  EXPECT_GT(incident->peak_per_minute, 8);
  EXPECT_EQ(incident->lexicon_version, "lexicon-1");
  ASSERT_GT(incident->minute_counts.size(), 70u);
  EXPECT_EQ(incident->minute_counts.size(), incident->minute_expected.size());
  const auto& opening = *std::find_if(outcome.transitions.begin(), outcome.transitions.end(),
                                      [](const auto& t) { return t.to == State::confirmed; });
  EXPECT_THAT(opening.reason,
              testing::MatchesRegex("[0-9]+ posts by [0-9]+ accounts in [0-9]+ minutes? where "
                                    "[0-9.]+ are usual; score [0-9.]+ over threshold [0-9.]+"));
  // Nothing else was confirmed.
  for (const auto& t : outcome.transitions)
    if (t.to == State::confirmed) {
      EXPECT_EQ(t.service, id("jio"));
    }
}

TEST(Engine, FirstDayOnlySuspects) {
  Story story(2);
  background(story, monday_ms, monday_ms + day_ms);
  story.complaints({id("jio")}, monday_ms + 12 * hour_ms, monday_ms + 13 * hour_ms, 10);
  story.sort();
  const auto outcome = play(story, monday_ms, monday_ms + day_ms);
  for (const auto& t : outcome.transitions) EXPECT_NE(t.to, State::confirmed);
  EXPECT_FALSE(states_of(outcome, id("jio")).empty());
}

TEST(Engine, PeopleWhoSayThatItWorksAgainMakeItEase) {
  Story story(3);
  const auto end = monday_ms + 3 * day_ms;
  background(story, monday_ms, end);
  const auto onset = monday_ms + 2 * day_ms + 12 * hour_ms;
  story.complaints({id("airtel")}, onset, onset + 30 * minute_ms, 4);
  story.recoveries(id("airtel"), onset + 30 * minute_ms, onset + 60 * minute_ms, 6);
  story.sort();
  const auto outcome = play(story, monday_ms, end);
  const auto* incident = incident_of(outcome, id("airtel"));
  ASSERT_TRUE(incident);
  EXPECT_EQ(incident->state, State::resolved);
  EXPECT_FALSE(incident->eased_by_silence);
  EXPECT_LT(incident->easing_ms - onset, 42 * minute_ms);
}

TEST(Engine, ASilentFeedIsNoRecovery) {
  Story story(4);
  const auto end = monday_ms + 3 * day_ms;
  background(story, monday_ms, end);
  const auto onset = monday_ms + 2 * day_ms + 12 * hour_ms;
  story.complaints({id("jio")}, onset, onset + 3 * hour_ms, 10);
  const auto silence = onset + 30 * minute_ms;
  story.gap(silence, silence + hour_ms);
  story.sort();
  const auto outcome = play(story, monday_ms, end);
  for (const auto& t : outcome.transitions)
    if (t.service == id("jio") && t.at_ms >= silence && t.at_ms < silence + hour_ms + 15 * minute_ms) {
      EXPECT_TRUE(t.annotated) << t.reason;
    }
  EXPECT_THAT(states_of(outcome, id("jio")),
              testing::ElementsAre(State::suspected, State::confirmed, State::easing, State::resolved));
}

TEST(Engine, PostsNamingTwoServicesCountForTheOneThatFails) {
  Story story(5);
  const auto end = monday_ms + 3 * day_ms;
  background(story, monday_ms, end);
  const auto onset = monday_ms + 2 * day_ms + 12 * hour_ms;
  story.complaints({id("airtel")}, onset, onset + 40 * minute_ms, 10, [&](store::DetectorRow& row) {
    if (story.uniform() < 0.15) row.complaints.push_back(id("whatsapp"));
  });
  story.sort();
  const auto outcome = play(story, monday_ms, end);
  EXPECT_TRUE(incident_of(outcome, id("airtel")));
  EXPECT_FALSE(incident_of(outcome, id("whatsapp")));
}

TEST(Engine, ServicesOfOneProviderAreOneGroup) {
  Story story(6);
  const auto end = monday_ms + 3 * day_ms;
  background(story, monday_ms, end);
  const auto onset = monday_ms + 2 * day_ms + 12 * hour_ms;
  int i = 0;
  for (const char* name : {"paytm", "phonepe", "googlepay", "sbi", "hdfc"})
    story.complaints({id(name)}, onset + ++i * 20'000, onset + 40 * minute_ms, 5,
                     [&](store::DetectorRow& row) {
                       if (story.uniform() < 0.1) row.blamed = {id("upi")};
                     });
  story.complaints({id("irctc")}, onset, onset + 40 * minute_ms, 5);  // the same minute, no edge
  story.sort();
  const auto outcome = play(story, monday_ms, end);
  std::string group;
  for (const char* name : {"paytm", "phonepe", "googlepay", "sbi", "hdfc"}) {
    const auto* incident = incident_of(outcome, id(name));
    ASSERT_TRUE(incident) << name;
    EXPECT_EQ(incident->cause, id("upi")) << name;
    EXPECT_GT(incident->cause_posts, 0u) << name;
    if (group.empty()) group = incident->group;
    EXPECT_EQ(incident->group, group) << name;
  }
  EXPECT_FALSE(group.empty());
  ASSERT_TRUE(incident_of(outcome, id("irctc")));
  EXPECT_TRUE(incident_of(outcome, id("irctc"))->group.empty());
  EXPECT_FALSE(incident_of(outcome, id("upi"))) << "a provider that is only blamed has no incident";
}

TEST(Engine, AFloodThatIsFoundOutIsRetracted) {
  Story story(7);
  const auto end = monday_ms + 3 * day_ms;
  background(story, monday_ms, end);
  const auto onset = monday_ms + 2 * day_ms + 12 * hour_ms;
  // Seven authors, each with three texts of their own.
  for (std::uint64_t author = 1; author <= 7; ++author)
    for (int n = 0; n < 3; ++n) {
      auto row = story.post(onset + static_cast<std::int64_t>(author) * 9000 + n * 3 * minute_ms);
      row.author = author;
      row.complaints = {id("zomato")};
      story.rows.push_back(row);
    }
  story.sort();
  const auto outcome = play(story, monday_ms, end);
  EXPECT_THAT(states_of(outcome, id("zomato")),
              testing::ElementsAre(State::suspected, State::confirmed, State::retracted));
}

TEST(Engine, ARelapseSoonAfterTheEndReopens) {
  Story story(8);
  const auto end = monday_ms + 4 * day_ms;
  background(story, monday_ms, end);
  const auto onset = monday_ms + 2 * day_ms + 12 * hour_ms;
  story.complaints({id("jio")}, onset, onset + 30 * minute_ms, 10);
  story.complaints({id("jio")}, onset + 50 * minute_ms, onset + 80 * minute_ms, 20);
  story.complaints({id("jio")}, onset + 8 * hour_ms, onset + 9 * hour_ms, 20);
  story.sort();
  const auto outcome = play(story, monday_ms, end);
  std::vector<IncidentId> opened;
  for (const auto& i : outcome.incidents)
    if (i.service == id("jio") && i.opened_ms > 0) opened.push_back(i.id);
  ASSERT_EQ(opened.size(), 2u);
  EXPECT_EQ(incident_of(outcome, id("jio"))->previous, opened.front());
  bool relapse = false;
  for (const auto& t : outcome.transitions) relapse |= t.relapse && t.incident == opened.front();
  EXPECT_TRUE(relapse);
}

// Everything at once.
Story long_story(std::uint64_t seed) {
  Story story(seed);
  const auto end = monday_ms + 4 * day_ms;
  background(story, monday_ms, end);
  for (int n = 0; n < 12; ++n) {
    const auto onset = monday_ms + day_ms + static_cast<std::int64_t>(story.uniform() * 2.8 * day_ms);
    static const std::vector<const char*> names = {"jio", "airtel", "paytm", "sbi", "zomato", "whatsapp"};
    const auto service = id(names[story.number() % names.size()]);
    story.complaints({service}, onset, onset + static_cast<std::int64_t>(story.uniform() * 60) * minute_ms,
                     0.5 + 10 * story.uniform(), [&](store::DetectorRow& row) {
                       const double what = story.uniform();
                       if (what < 0.1)
                         row.author = 1 + story.number() % 9;
                       else if (what < 0.2)
                         row.text_hash = 1 + story.number() % 9;
                       else if (what < 0.25)
                         row.simhash = 0xf0f0 ^ (std::uint64_t{1} << (story.number() % 64));
                       else if (what < 0.3)
                         row.words = 2;
                       else if (what < 0.35)
                         row.conversation = 1 + story.number() % 9;
                       else if (what < 0.5)
                         row.complaints.push_back(id("hotstar"));
                       else if (what < 0.6)
                         row.blamed = {id("upi")};
                       else if (what < 0.7)
                         row.places = {nlp::place_id("IN-Delhi")};
                       if (story.uniform() < 0.05)
                         row.event_ms -= static_cast<std::int64_t>(story.uniform() * 3 * hour_ms);
                     });
    if (n % 3 == 0) story.recoveries(service, onset + 40 * minute_ms, onset + 60 * minute_ms, 4);
    if (n % 4 == 1) story.talk(service, onset, onset + 2 * hour_ms, 60);
    if (n % 4 == 2)
      story.gap(onset + 10 * minute_ms,
                onset + 10 * minute_ms + static_cast<std::int64_t>(story.uniform() * 50) * minute_ms);
  }
  story.sort();
  return story;
}

void expect_same(const Outcome& a, const Outcome& b) {
  ASSERT_EQ(a.transitions.size(), b.transitions.size());
  for (std::size_t i = 0; i < a.transitions.size(); ++i)
    ASSERT_EQ(encode(a.transitions[i]), encode(b.transitions[i])) << i << ": " << a.transitions[i].reason;
  ASSERT_EQ(a.rows.size(), b.rows.size());
  for (auto x = a.rows.begin(), y = b.rows.begin(); x != a.rows.end(); ++x, ++y) {
    ASSERT_EQ(x->first, y->first) << x->first.second;
    ASSERT_EQ(x->second, y->second) << x->first.second;
  }
}

class AnyCut : public testing::TestWithParam<std::uint64_t> {};

TEST_P(AnyCut, GivesTheSameTransitionsAndRows) {
  const auto story = long_story(GetParam());
  const auto end = monday_ms + 4 * day_ms;
  const auto whole = play(story, monday_ms, end);
  EXPECT_GT(whole.transitions.size(), 20u);
  std::mt19937_64 random(GetParam());
  const auto any_cut = [&](std::int64_t t) {
    return t + 1000 * (1 + static_cast<std::int64_t>(random() % (random() % 20 == 0 ? 20'000 : 200)));
  };
  expect_same(whole, play(story, monday_ms, end, any_cut, [] { return false; }));
  expect_same(whole, play(story, monday_ms, end, any_cut, [&] { return random() % 10 == 0; }));
}

INSTANTIATE_TEST_SUITE_P(Seeds, AnyCut, testing::Values(11, 12, 13, 14));

}  // namespace
}  // namespace thap::rules
