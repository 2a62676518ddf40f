// The one form of an incident that every interface shows: its keys, their order, and the words people read.
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "serve/incident_json.h"
#include "serve/incident_words.h"
#include "tests/nlp/small_lexicon.h"
#include "tests/serve/example_incident.h"

namespace thap::serve {
namespace {

using nlohmann::ordered_json;
using testing::HasSubstr;
using testing::Not;

TEST(IncidentJson, IsPinnedByAnExample) {
  const ordered_json golden = ordered_json::parse(R"json({
  "id": "inc_0123456789abc",
  "sequence": 4,
  "service": "lahar",
  "region": "IN-WB",
  "state": "easing",
  "severity": "major",
  "confidence": "high",
  "started_at": "2026-10-12T01:30:12Z",
  "opened_at": "2026-10-12T01:33:12Z",
  "easing_at": "2026-10-12T02:30:12Z",
  "recovered_at": "2026-10-12T02:22:12Z",
  "resolved_at": null,
  "updated_at": "2026-10-12T02:30:12Z",
  "observed": {"posts": 412, "authors": 380, "minutes": 15},
  "expected": {"value": 6.28, "lo": 2.0, "hi": 11.5},
  "symptoms": [{"id": "message", "share": 0.66}, {"id": "down", "share": 0.26}, {"id": "login", "share": 0.26}],
  "places": [{"id": "IN-Kolkata", "posts": 30}, {"id": "IN-Patna", "posts": 4}],
  "languages": {"bn": 0.21, "hi-Latn": 0.79},
  "sources": {"x": 0.5, "mastodon": 0.5},
  "role": "origin",
  "bystander_of": null,
  "cause": {"provider": "megh", "posts": 21},
  "group": "grp_1",
  "data_age_s": 2.5,
  "versions": {"rules": "0123456789ab", "lexicon": "ba9876543210", "baseline": "b1"},
  "headline": {
    "en": "Lahar: posts report message failures in West Bengal since 07:00 IST. 412 posts in 15 minutes; about 6 is usual.",
    "hi": "लहर: पश्चिम बंगाल में 07:00 IST से मैसेज न जाने की शिकायत वाली पोस्ट बढ़ी हैं। 15 मिनट में 412 पोस्ट; आम तौर पर क़रीब 6।",
    "bn": "লহর: পশ্চিমবঙ্গে 07:00 IST থেকে মেসেজ না যাওয়া নিয়ে অভিযোগের পোস্ট বেড়েছে। 15 মিনিটে 412টি পোস্ট; সাধারণত প্রায় 6টি।"
  },
  "links": {
    "self": "/api/v1/incidents/inc_0123456789abc",
    "evidence": "/api/v1/incidents/inc_0123456789abc/evidence"
  }
})json");
  EXPECT_EQ(incident_json(example_incident(), *nlp::small_lexicon(), 2.5).dump(1), golden.dump(1));
}

TEST(StepText, SaysEveryStepInThreeLanguages) {
  rules::Transition step;
  step.after = example_incident();
  step.to = rules::State::easing;
  const Headline easing = step_text(step, *nlp::small_lexicon());
  EXPECT_EQ(
      easing.en,
      "Lahar: posts say it works again, after reports of message failures in West Bengal since 07:00 IST. "
      "412 "
      "posts in 15 minutes; about 6 is usual. Severity: major. 21 accounts name Megh Cloud as the cause.");
  EXPECT_THAT(easing.hi, Not(HasSubstr("posts")));
  EXPECT_THAT(easing.bn, Not(HasSubstr("posts")));

  step.to = step.after.state = rules::State::suspected;
  step.after.opened_ms = 0;
  EXPECT_EQ(step_text(step, *nlp::small_lexicon()).en, headline(step.after, *nlp::small_lexicon()).en)
      << "of a suspicion only what was counted";

  step.after = example_incident();
  step.to = rules::State::retracted;
  step.reason = "A test was mistaken for an outage.";
  EXPECT_THAT(step_text(step, *nlp::small_lexicon()).en, HasSubstr("was wrong. A test was mistaken"));
}

const std::vector<std::string> keys = {
    "id",         "sequence",  "service",    "region",       "state",       "severity",   "confidence",
    "started_at", "opened_at", "easing_at",  "recovered_at", "resolved_at", "updated_at", "observed",
    "expected",   "symptoms",  "places",     "languages",    "sources",     "role",       "bystander_of",
    "cause",      "group",     "data_age_s", "versions",     "headline",    "links"};

std::vector<std::string> keys_of(const ordered_json& object) {
  std::vector<std::string> out;
  for (const auto& [key, value] : object.items()) out.push_back(key);
  return out;
}

TEST(IncidentJson, HasEveryKeyInOrder) {
  for (const rules::Incident& incident : {rules::Incident{}, example_incident()}) {
    const auto json = incident_json(incident, *nlp::small_lexicon(), 0);
    EXPECT_EQ(keys_of(json), keys);
    EXPECT_EQ(keys_of(json["observed"]), (std::vector<std::string>{"posts", "authors", "minutes"}));
    EXPECT_EQ(keys_of(json["expected"]), (std::vector<std::string>{"value", "lo", "hi"}));
    EXPECT_EQ(keys_of(json["versions"]), (std::vector<std::string>{"rules", "lexicon", "baseline"}));
    EXPECT_EQ(keys_of(json["headline"]), (std::vector<std::string>{"en", "hi", "bn"}));
    EXPECT_EQ(json["role"], "origin");
  }
}

TEST(IncidentJson, IsNullWhereNothingHasCome) {
  rules::Incident incident;
  incident.service = nlp::service_id("lahar");
  const auto json = incident_json(incident, *nlp::small_lexicon(), -1);
  for (const char* key : {"started_at", "opened_at", "easing_at", "recovered_at", "resolved_at", "updated_at",
                          "bystander_of", "cause", "group", "data_age_s"})
    EXPECT_TRUE(json[key].is_null()) << key;
  EXPECT_EQ(json["symptoms"], ordered_json::array());
  EXPECT_EQ(json["places"], ordered_json::array());
  EXPECT_EQ(json["languages"], ordered_json::object());
  EXPECT_EQ(json["sources"], ordered_json::object());
  EXPECT_EQ(json["region"], "IN");
}

TEST(IncidentJson, NamesWhatTheLexiconNoLongerKnows) {
  rules::Incident incident = example_incident();
  incident.service = nlp::ServiceId{0xABCD1234};
  incident.places = {{nlp::PlaceId{0x12345678}, 3}};
  const auto json = incident_json(incident, *nlp::small_lexicon(), 0);
  EXPECT_EQ(json["service"], "service-abcd1234");
  EXPECT_EQ(json["places"], ordered_json::array());
  EXPECT_THAT(json["headline"]["en"].get<std::string>(), testing::StartsWith("service-abcd1234: "));
}

TEST(IncidentJson, IsJsonWhateverTheNumbers) {
  rules::Incident incident = example_incident();
  incident.expected_posts = 1e300;
  incident.observed_posts = UINT64_MAX;
  incident.started_ms = 4'102'444'800'000;  // 2100
  const auto json = incident_json(incident, *nlp::small_lexicon(), 1e9);
  EXPECT_EQ(ordered_json::parse(json.dump()), json);
  EXPECT_EQ(json["started_at"], "2100-01-01T00:00:00Z");
}

// ---- Words for people

TEST(Headline, SaysWhatWasCountedAndNothingMore) {
  const auto lexicon = nlp::Lexicon::embedded();
  ASSERT_TRUE(lexicon) << ingest::to_string(lexicon.error());
  for (const char* service : {"whatsapp", "jio", "upi"}) {
    for (int symptom = 0; symptom < nlp::symptom_count; ++symptom) {
      for (const auto state : {rules::State::suspected, rules::State::confirmed, rules::State::easing,
                               rules::State::resolved, rules::State::retracted}) {
        for (const double expected : {0.0, 0.94, 6.0}) {
          rules::Incident incident = example_incident();
          incident.service = nlp::service_id(service);
          incident.state = state;
          incident.symptoms = {};
          incident.symptoms[static_cast<std::size_t>(symptom)] = 9;
          incident.expected_posts = expected;
          const Headline words = headline(incident, **lexicon);
          for (const std::string& text : {words.en, words.hi, words.bn}) {
            EXPECT_THAT(text, HasSubstr("412")) << "the count";
            EXPECT_THAT(text, HasSubstr("15")) << "over how long";
            EXPECT_THAT(text, HasSubstr("07:00 IST")) << "since when";
            for (const char* never : {"affected", "confirmed", "Confirmed", "users", "यूज़र", "पुष्टि", "প্রভাবিত",
                                      "নিশ্চিত", "  ", "{", "}"})
              EXPECT_THAT(text, Not(HasSubstr(never)));
          }
          EXPECT_THAT(words.en, HasSubstr("posts report"));
          EXPECT_THAT(words.en, HasSubstr(expected < 0.95 ? "less than 1 is usual" : "about 6 is usual"));
        }
      }
    }
  }
}

TEST(Headline, NamesTheSymptomThatTellsMost) {
  rules::Incident incident = example_incident();
  auto led_by = [&](std::uint32_t down, std::uint32_t message) {
    incident.symptoms = {};
    incident.symptoms[static_cast<std::size_t>(nlp::Symptom::down)] = down;
    incident.symptoms[static_cast<std::size_t>(nlp::Symptom::message)] = message;
    return headline(incident, *nlp::small_lexicon()).en;
  };
  EXPECT_THAT(led_by(90, 31), HasSubstr("message failures")) << "a third of the general ones is enough";
  EXPECT_THAT(led_by(90, 29), HasSubstr("service failures"));
  EXPECT_THAT(led_by(0, 0), HasSubstr("service failures"));
}

TEST(Headline, NamesTheStateOnlyWhereItIsOne) {
  rules::Incident incident = example_incident();
  incident.region = "IN";
  EXPECT_THAT(headline(incident, *nlp::small_lexicon()).en, HasSubstr("message failures since 07:00"));
  incident.region = "IN-BR";  // the lexicon has its city, not the state
  EXPECT_THAT(headline(incident, *nlp::small_lexicon()).en, HasSubstr("message failures since 07:00"));
}

TEST(Times, AreWrittenInUtcAndIndia) {
  EXPECT_EQ(utc_time(0), "");
  EXPECT_EQ(utc_time(onset), "2026-10-12T01:30:12Z");
  EXPECT_EQ(utc_time(onset + 999 - 345), "2026-10-12T01:30:12Z") << "cut, not rounded";
  EXPECT_EQ(ist_clock(onset), "07:00");
  EXPECT_EQ(ist_date_time(onset), "2026-10-12 07:00");
  EXPECT_EQ(ist_date_time(onset + 17 * 60 * minute), "2026-10-13 00:00") << "midnight is India's";
}

}  // namespace
}  // namespace thap::serve
