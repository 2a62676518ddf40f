// What a message of the Common Alerting Protocol says of an incident; scripts/api-test reads them with
// others' programs.
#include "serve/cap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/nlp/small_lexicon.h"
#include "tests/serve/example_incident.h"

namespace thap::serve {
namespace {

using testing::HasSubstr;
using testing::Not;

rules::Transition step(std::uint64_t sequence, rules::State to, std::int64_t at_ms) {
  rules::Transition out;
  out.after = example_incident();
  out.after.sequence = sequence;
  out.after.state = to;
  out.sequence = sequence;
  out.to = to;
  out.at_ms = at_ms;
  return out;
}

std::vector<rules::Transition> life() {
  auto suspicion = step(1, rules::State::suspected, onset + minute);
  suspicion.after.opened_ms = 0;
  return {suspicion, step(2, rules::State::confirmed, onset + 3 * minute),
          step(3, rules::State::easing, onset + 60 * minute),
          step(4, rules::State::resolved, onset + 80 * minute)};
}

std::string message(const std::vector<rules::Transition>& steps, CapSettings settings = {}) {
  settings.sender = "desk@thap.example";
  return cap_message(steps, *nlp::small_lexicon(), settings).value_or("none");
}

TEST(Cap, NobodyHearsOfASuspicion) { EXPECT_EQ(message({life()[0]}), "none"); }

TEST(Cap, OpensRestrictedAndAsATest) {
  const auto steps = life();
  const auto text = message({steps[0], steps[1]});
  EXPECT_THAT(text,
              HasSubstr("<identifier>inc_0123456789abc-2</identifier><sender>desk@thap.example</sender>"
                        "<sent>2026-10-12T07:03:12+05:30</sent><status>Test</status><msgType>Alert</msgType>"
                        "<scope>Restricted</scope><restriction>Subscribed newsrooms</restriction>"));
  EXPECT_THAT(text, Not(HasSubstr("<references>"))) << "a suspicion was never sent";
  EXPECT_THAT(text,
              HasSubstr("<urgency>Unknown</urgency><severity>Moderate</severity><certainty>Likely</certainty>"
                        "<onset>2026-10-12T07:00:12+05:30</onset>"));
  EXPECT_THAT(text, HasSubstr("<valueName>ISO3166-2</valueName><value>IN-WB</value>"));
  EXPECT_THAT(text, HasSubstr("Counts are posts, not affected users."));
  for (const char* language : {"en-IN", "hi-IN", "bn-IN"})
    EXPECT_THAT(text, HasSubstr(std::string("<language>") + language + "</language>"));
  EXPECT_THAT(text, Not(HasSubstr("<web>"))) << "nobody said where the page is";
}

TEST(Cap, LaterMessagesReferToAllBefore) {
  const auto text = message(life(), {.is_actual = true, .site = "https://thap.example"});
  EXPECT_THAT(text, HasSubstr("<status>Actual</status><msgType>Update</msgType>"));
  EXPECT_THAT(text,
              HasSubstr("<references>desk@thap.example,inc_0123456789abc-2,2026-10-12T07:03:12+05:30 "
                        "desk@thap.example,inc_0123456789abc-3,2026-10-12T08:00:12+05:30</references>"));
  EXPECT_THAT(text, HasSubstr("<responseType>AllClear</responseType><urgency>Past</urgency>"));
  EXPECT_THAT(text, HasSubstr("<web>https://thap.example/#/incident/inc_0123456789abc</web>"));
}

TEST(Cap, WhatWasWrongIsCancelledWithItsReason) {
  auto steps = life();
  steps.resize(2);
  steps.push_back(step(3, rules::State::retracted, onset + 10 * minute));
  steps.back().reason = "A film, not a fault <sic> & over";
  const auto text = message(steps);
  EXPECT_THAT(text, HasSubstr("<msgType>Cancel</msgType>"));
  EXPECT_THAT(text, HasSubstr("<note>A film, not a fault &lt;sic&gt; &amp; over</note>"));
  EXPECT_THAT(text, Not(HasSubstr("AllClear")));
}

TEST(Cap, ASenderIsWithoutSpacesAndCommas) {
  EXPECT_EQ(wrong_with_cap_sender("desk@thap.example"), "");
  for (const char* sender : {"the desk", "a,b", "a<b", "a&b"})
    EXPECT_NE(wrong_with_cap_sender(sender), "") << sender;
}

}  // namespace
}  // namespace thap::serve
