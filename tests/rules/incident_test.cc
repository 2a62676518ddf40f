// Stored forms of incidents and transitions. The golden bytes are what older versions have written: they must
// be read for ever, so a change of the format is a new version and a new file beside these.
#include "rules/incident.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace thap::rules {
namespace {

Incident example() {
  Incident i;
  i.service = nlp::service_id("whatsapp");
  i.started_ms = 1'791'800'000'000;
  i.id = incident_id(i.service, i.started_ms);
  i.sequence = 3;
  i.state = State::easing;
  i.severity = Severity::major;
  i.confidence = Confidence::high;
  i.region = "IN-WB";
  i.previous = "inc_abcdefghijklm";
  i.suspected_ms = i.started_ms + 60'000;
  i.opened_ms = i.started_ms + 90'000;
  i.easing_ms = i.started_ms + 3'600'000;
  i.recovered_ms = i.started_ms + 3'000'000;
  i.updated_ms = i.easing_ms;
  i.observed_posts = 412;
  i.observed_authors = 380;
  i.observed_minutes = 15;
  i.expected_posts = 6.25;
  i.expected_low = 1.5;
  i.expected_high = 11;
  i.score = 14.25;
  i.threshold = 12.125;
  i.peak_per_minute = 44.5;
  i.symptoms[0] = 300;
  i.symptoms[5] = 112;
  i.languages[3] = 9;
  i.sources[1] = 412;
  i.places[nlp::place_id("IN-Kolkata")] = 40;
  i.first_minute = 29'863'300;
  i.minute_counts = {0, 3, 44};
  i.minute_expected = {0.25f, 0.5f, 0.5f};
  i.cause = nlp::service_id("meta");
  i.cause_posts = 7;
  i.group = "grp_abcdefghijklm";
  i.eased_by_silence = true;
  i.reason = "complaints are stopping";
  i.rules_version = "0123456789ab";
  i.lexicon_version = "lexicon";
  i.baseline_version = "1";
  return i;
}

Transition step() {
  Transition t;
  t.after = example();
  t.incident = t.after.id;
  t.sequence = 3;
  t.service = t.after.service;
  t.from = State::confirmed;
  t.to = State::easing;
  t.at_ms = t.after.updated_ms;
  t.reason = t.after.reason;
  return t;
}

std::string golden(const std::string& name, const std::string& made) {
  const auto path = std::string(THAP_TEST_DATA) + "/golden/" + name;
  if (std::getenv("THAP_WRITE_GOLDEN")) std::ofstream(path, std::ios::binary) << made;
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

TEST(IncidentBytes, AreThoseOfVersion1) {
  const auto bytes = encode(example());
  EXPECT_EQ(bytes, golden("incident.v1", bytes));
  const auto read = decode_incident(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(encode(*read), bytes);
  EXPECT_EQ(read->minute_counts, example().minute_counts);
  EXPECT_EQ(read->places, example().places);
}

TEST(TransitionBytes, AreThoseOfVersion1) {
  const auto bytes = encode(step());
  EXPECT_EQ(bytes, golden("transition.v1", bytes));
  const auto read = decode_transition(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(encode(*read), bytes);
  EXPECT_TRUE(read->after.minute_counts.empty()) << "minutes are in the record only";
}

TEST(IncidentBytes, CutOrNewerOnesAreRefused) {
  const auto bytes = encode(example());
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    const auto read = decode_incident(std::string_view(bytes).substr(0, n));
    ASSERT_FALSE(read) << n;
    EXPECT_EQ(read.error().code, ingest::Code::corrupt);
  }
  auto newer = bytes;
  newer[0] = 2;
  EXPECT_EQ(decode_incident(newer).error().code, ingest::Code::newer_format);
  EXPECT_EQ(decode_transition(newer).error().code, ingest::Code::newer_format);
}

TEST(IncidentId, IsAHashOfServiceAndOnset) {
  const auto whatsapp = nlp::service_id("whatsapp");
  EXPECT_EQ(incident_id(whatsapp, 1'791'800'000'000), incident_id(whatsapp, 1'791'800'000'000));
  EXPECT_NE(incident_id(whatsapp, 1'791'800'000'000), incident_id(whatsapp, 1'791'800'000'001));
  EXPECT_NE(incident_id(whatsapp, 1'791'800'000'000), incident_id(nlp::service_id("jio"), 1'791'800'000'000));
  EXPECT_EQ(incident_id(whatsapp, 0).size(), 17u);
}

TEST(TransitionKey, SortsBySequence) {
  EXPECT_LT(transition_key("inc_a", 2), transition_key("inc_a", 10));
  EXPECT_LT(transition_key("inc_a", 255), transition_key("inc_a", 256));
}

}  // namespace
}  // namespace thap::rules
