// What each receiver reads: shape, limits, nothing that becomes markup or calls people.
#include "serve/alerts/notice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "serve/alerts/alertmanager.h"
#include "serve/http.h"
#include "tests/nlp/small_lexicon.h"
#include "tests/serve/example_incident.h"

namespace thap::serve {
namespace {

using nlohmann::json;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

const std::string caveat = "Counts are posts, not affected users.";

rules::Transition step_to(rules::State state, const std::string& reason = "because") {
  rules::Transition out;
  out.after = example_incident();
  out.after.state = state;
  out.to = state;
  out.incident = out.after.id;
  out.sequence = out.after.sequence;
  out.at_ms = out.after.updated_ms;
  out.reason = reason;
  return out;
}
Receiver receiver(Format format, std::vector<Tongue> tongues = {Tongue::en}) {
  Receiver out;
  out.name = "desk";
  out.format = format;
  out.urls = {"https://desk.example/hook?key=1"};
  out.secrets = {"whsec_bm90LWEtc2VjcmV0LW9ubHktYS10ZXN0LXZlY3RvciE="};
  out.chat = "-100";
  out.tongues = std::move(tongues);
  return out;
}
Notice example_notice(const Receiver& to, rules::State state = rules::State::confirmed,
                      const std::string& reason = "because") {
  const auto step = step_to(state, reason);
  return notice_of(step, *event_type(step), to, *nlp::small_lexicon(), "https://thap.example");
}
json body(const Receiver& to, const Notice& what) { return json::parse(outgoing(to, what, "msg_1", 1).body); }
// As most receivers count: UTF-16.
std::size_t units(const std::string& text) {
  std::size_t out = 0;
  for (const unsigned char c : text) out += (c & 0xc0) == 0x80 ? 0 : c >= 0xf0 ? 2 : 1;
  return out;
}

TEST(Notice, TheWebhookIsSignedOverTheBytesThatAreSent) {
  const auto to = receiver(Format::webhook);
  const auto request = outgoing(to, example_notice(to), "msg_inc_1_4_desk", 1'791'793'440);
  EXPECT_THAT(request.headers, testing::Contains("webhook-id: msg_inc_1_4_desk"));
  EXPECT_THAT(request.headers, testing::Contains("webhook-timestamp: 1791793440"));
  const auto sent = json::parse(request.body);
  EXPECT_EQ(sent["type"], "incident.opened");
  EXPECT_EQ(sent["timestamp"], "2026-10-12T02:30:12Z");
  EXPECT_EQ(sent["data"]["id"], "inc_0123456789abc");
  EXPECT_EQ(sent["data"]["headline"].size(), 3U);
}

TEST(Notice, AWebhookStaysUnderTwentyKilobytes) {
  const auto to = receiver(Format::webhook);
  auto what = example_notice(to);
  for (int i = 0; i < 2'000; ++i) what.data["places"].push_back({{"id", "IN-Town"}, {"posts", i}});
  EXPECT_LE(outgoing(to, what, "id", 1).body.size(), 20'000U);
}

TEST(Notice, EveryFormatSaysWhatWasCountedAndTheCaveat) {
  for (const auto format :
       {Format::slack, Format::mattermost, Format::discord, Format::telegram, Format::teams}) {
    const auto to = receiver(format, {Tongue::hi, Tongue::en, Tongue::bn});
    const auto text = outgoing(to, example_notice(to), "id", 1).body;
    EXPECT_THAT(text, HasSubstr("412 posts in 15 minutes; about 6 is usual.")) << name(format);
    EXPECT_THAT(text, HasSubstr("380 different accounts")) << name(format);
    EXPECT_THAT(text, HasSubstr(caveat)) << name(format);
    EXPECT_THAT(text, HasSubstr("प्रभावित लोगों की नहीं")) << name(format);
    EXPECT_THAT(text, HasSubstr("ক্ষতিগ্রস্ত মানুষের সংখ্যা নয়")) << name(format);
    EXPECT_THAT(text, HasSubstr("https://thap.example/#/incident/inc_0123456789abc")) << name(format);
    EXPECT_LT(text.find("412 पोस्ट"), text.find("412 posts")) << "the first language leads: " << name(format);
  }
}

TEST(Notice, TextOfOthersNeverBecomesMarkupOrCallsPeople) {
  const std::string reason = "<!channel> @everyone @all [x](https://evil.example) <b>&amp; *bold* `code`";
  const auto text = [&](Format format, const char* pointer) {
    const auto to = receiver(format);
    return body(to, example_notice(to, rules::State::retracted, reason))
        .at(json::json_pointer(pointer))
        .get<std::string>();
  };
  const auto slack = text(Format::slack, "/blocks/0/text/text");
  EXPECT_THAT(slack, HasSubstr("&lt;!channel&gt;"));
  EXPECT_THAT(slack, Not(HasSubstr("<!channel>")));
  const auto telegram = text(Format::telegram, "/text");
  EXPECT_THAT(telegram, HasSubstr("&lt;b&gt;&amp;amp;"));
  const auto mattermost = text(Format::mattermost, "/text");
  for (const char* never : {"@everyone", "@all", "[x](", "<!channel>"})
    EXPECT_THAT(mattermost, Not(HasSubstr(never)));
  EXPECT_THAT(text(Format::teams, "/attachments/0/content/body/0/text"), Not(HasSubstr("[x](")));
  const auto discord = receiver(Format::discord);
  EXPECT_TRUE(body(discord, example_notice(discord))["allowed_mentions"]["parse"].empty());
}

TEST(Notice, LongTextIsCutBetweenCharactersAndKeepsTheCaveat) {
  std::string reason;
  for (int i = 0; i < 4'000; ++i) reason += i % 2 ? "क्षि" : "ন্ত্রী";
  for (const auto& [format, pointer, most] :
       {std::tuple{Format::slack, "/blocks/0/text/text", 3'000U},
        std::tuple{Format::discord, "/embeds/0/title", 256U}, std::tuple{Format::telegram, "/text", 4'096U},
        std::tuple{Format::mattermost, "/text", 16'383U},
        std::tuple{Format::pagerduty, "/payload/summary", 1'024U}}) {
    const auto to = receiver(format);
    const auto text = body(to, example_notice(to, rules::State::retracted, reason))
                          .at(json::json_pointer(pointer))
                          .get<std::string>();
    EXPECT_LE(units(text), most) << name(format);
    EXPECT_TRUE(is_utf8(text));
    EXPECT_THAT(text, HasSubstr("…"));
    if (format != Format::discord && format != Format::pagerduty) {
      EXPECT_THAT(text, HasSubstr(caveat)) << name(format);
    }
  }
}

TEST(Notice, CutsOnTheBorderOfWhatPeopleSeeAsACharacter) {
  EXPECT_EQ(shortened("क्षिक्षि", 8), "क्षिक्षि");
  EXPECT_EQ(shortened("क्षिक्षि", 7), "क्षि…");
  EXPECT_EQ(shortened("👩‍👩‍👧‍👦x", 11), "…") << "a family is one";
  EXPECT_EQ(shortened("abc", 3), "abc");
  EXPECT_EQ(shortened("abcd", 3), "ab…");
  EXPECT_EQ(shortened("abcd", 0), "");
}

TEST(Notice, AMessageIsUpdatedWhereItsSideAllowsIt) {
  const auto discord = receiver(Format::discord);
  auto what = example_notice(discord);
  EXPECT_EQ(outgoing(discord, what, "id", 1).url, "https://desk.example/hook?key=1&wait=true");
  what.message_id = "77";
  EXPECT_EQ(outgoing(discord, what, "id", 1).method, "PATCH");
  EXPECT_EQ(outgoing(discord, what, "id", 1).url, "https://desk.example/hook/messages/77?key=1");
  const auto telegram = receiver(Format::telegram);
  EXPECT_THAT(outgoing(telegram, what, "id", 1).url, HasSubstr("/editMessageText"));
  EXPECT_EQ(body(telegram, what)["message_id"], 77);
  EXPECT_EQ(message_id_in(discord, R"({"id":"12"})"), "12");
  EXPECT_EQ(message_id_in(telegram, R"({"ok":true,"result":{"message_id":5}})"), "5");
  for (const char* odd :
       {"", "[]", R"({"id":12})", R"({"id":"../x"})", R"({"result":5})", R"({"result":{"message_id":-1}})"}) {
    EXPECT_EQ(message_id_in(discord, odd), "") << odd;
    EXPECT_EQ(message_id_in(telegram, odd), "") << odd;
  }
}

TEST(Notice, APagerHasOneIncidentFromTriggerToResolve) {
  const auto to = receiver(Format::pagerduty);
  const auto opened = body(to, example_notice(to)),
             ended = body(to, example_notice(to, rules::State::resolved));
  EXPECT_EQ(opened["event_action"], "trigger");
  EXPECT_EQ(ended["event_action"], "resolve");
  EXPECT_EQ(opened["dedup_key"], ended["dedup_key"]);
  EXPECT_EQ(opened["payload"]["severity"], "error") << "major";
  EXPECT_EQ(opened["payload"]["class"], "message");
}

TEST(Notice, ATestSaysThatNothingIsFailing) {
  for (const auto format : {Format::webhook, Format::slack, Format::pagerduty, Format::telegram}) {
    const auto to = receiver(format);
    EXPECT_THAT(outgoing(to, test_notice(to, 1), "id", 1).body, HasSubstr("nothing is failing"))
        << name(format);
  }
  const auto pager = receiver(Format::pagerduty);
  EXPECT_EQ(body(pager, test_notice(pager, 1))["event_action"], "resolve") << "it must not ring";
}

// ---- Alertmanager

struct FeedTest : testing::Test {
  static Receiver cluster() {
    auto out = receiver(Format::alertmanager);
    out.urls = {"http://one.example:9093", "http://two.example:9093/"};
    return out;
  }
  Receiver to = cluster();
  AlertmanagerFeed feed{to, "https://thap.example"};
  static constexpr std::int64_t now = onset + 61 * minute;

  json sent(std::int64_t at_ms) {
    json out = json::array();
    for (const auto& sending : feed.due(at_ms)) {
      if (sending.member == 0) out = json::parse(sending.request.body);
      feed.answered(sending.member, answer(200), at_ms);
    }
    return out;
  }
  static Answer answer(int status) {
    Answer out;
    out.status = status;
    return out;
  }
};

TEST_F(FeedTest, EveryMemberIsToldAndToldAgainEveryMinute) {
  feed.apply(step_to(rules::State::confirmed), *nlp::small_lexicon(), now);
  const auto first = feed.due(now);
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(first[0].request.url, "http://one.example:9093/api/v2/alerts");
  EXPECT_EQ(first[1].request.url, "http://two.example:9093/api/v2/alerts");
  const auto alert = json::parse(first[0].request.body).at(0);
  EXPECT_EQ(
      alert["labels"],
      (json{
          {"alertname", "ServiceOutage"}, {"service", "lahar"}, {"region", "IN-WB"}, {"severity", "major"}}));
  EXPECT_EQ(alert["startsAt"], "2026-10-12T01:30:12Z");
  EXPECT_EQ(alert["endsAt"], "2026-10-12T02:35:12Z") << "four minutes ahead";
  EXPECT_THAT(alert["annotations"]["description"].get<std::string>(), EndsWith(caveat));
  EXPECT_TRUE(feed.due(now + 1).empty()) << "under way";
  for (const auto& sending : first) feed.answered(sending.member, answer(200), now);
  EXPECT_TRUE(feed.due(now + 59'999).empty());
  EXPECT_EQ(feed.due(now + 60'000).size(), 2U);
}

TEST_F(FeedTest, AnEndIsRepeatedForAQuarterOfAnHour) {
  feed.apply(step_to(rules::State::confirmed), *nlp::small_lexicon(), now);
  sent(now);
  feed.apply(step_to(rules::State::resolved), *nlp::small_lexicon(), now + 5'000);
  for (int i = 0; i <= 15; ++i)
    EXPECT_EQ(sent(now + 5'000 + i * minute).at(0)["endsAt"], "2026-10-12T02:31:17Z");
  EXPECT_TRUE(sent(now + 5'001 + 15 * minute).empty());
}

TEST_F(FeedTest, AnotherSeverityEndsTheAlertBeforeInTheSameBatch) {
  feed.apply(step_to(rules::State::confirmed), *nlp::small_lexicon(), now);
  sent(now);
  auto worse = step_to(rules::State::confirmed);
  worse.after.severity = rules::Severity::critical;
  worse.annotated = true;
  feed.apply(worse, *nlp::small_lexicon(), now + 5'000);
  const auto both = sent(now + 5'000);
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0]["labels"]["severity"], "critical");
  EXPECT_EQ(both[0]["endsAt"], "2026-10-12T02:35:17Z");
  EXPECT_EQ(both[1]["labels"]["severity"], "major");
  EXPECT_EQ(both[1]["endsAt"], "2026-10-12T02:31:17Z");
}

TEST_F(FeedTest, ABatchThatIsRefusedGoesOneByOneAndNotForEver) {
  to.urls.resize(1);
  AlertmanagerFeed one{to, ""};
  one.apply(step_to(rules::State::confirmed), *nlp::small_lexicon(), now);
  auto other = step_to(rules::State::confirmed);
  other.after.id = other.incident = "inc_other";
  other.after.service = nlp::service_id("megh");
  one.apply(other, *nlp::small_lexicon(), now);
  ASSERT_EQ(json::parse(one.due(now).at(0).request.body).size(), 2U);
  one.answered(0, answer(400), now);
  for (int i = 0; i < 2; ++i) {
    const auto alone = one.due(now + 1 + i);
    ASSERT_EQ(alone.size(), 1U);
    EXPECT_EQ(json::parse(alone[0].request.body).size(), 1U);
    one.answered(0, answer(i == 0 ? 400 : 200), now + 1 + i);
  }
  EXPECT_TRUE(one.due(now + 3).empty()) << "the next round is a minute later";
}

TEST_F(FeedTest, AMemberThatIsDownIsAskedSoonAgainAndTheOtherIsNotHeldUp) {
  feed.apply(step_to(rules::State::confirmed), *nlp::small_lexicon(), now);
  for (const auto& sending : feed.due(now))
    feed.answered(sending.member, answer(sending.member == 0 ? 0 : 200), now);
  const auto again = feed.due(now + 10'000);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].member, 0U);
}

TEST_F(FeedTest, SendsOnlyWhatTheReceiverWants) {
  to.least = rules::Severity::critical;
  feed.apply(step_to(rules::State::confirmed), *nlp::small_lexicon(), now);
  feed.apply(step_to(rules::State::resolved), *nlp::small_lexicon(), now);
  EXPECT_TRUE(feed.due(now).empty());
}

}  // namespace
}  // namespace thap::serve
