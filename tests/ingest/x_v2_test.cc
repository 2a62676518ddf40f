#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/ingest/decode.h"
#include "tests/ingest/rows.h"

namespace thap::ingest {
namespace {

using testing::ElementsAre;

constexpr std::string_view plain =
    R"({"data":{"id":"2109558523733102597","text":"Tarang ka data Nagpur me subah se nahi chal raha #TarangDown",)"
    R"("edit_history_tweet_ids":["2109558523733102597"],"author_id":"990000000000000041","lang":"hi",)"
    R"("created_at":"2026-10-12T08:15:20.000Z","conversation_id":"2109558523733102597",)"
    R"("entities":{"hashtags":[{"start":49,"end":60,"tag":"TarangDown"}]},)"
    R"("referenced_tweets":[{"type":"quoted","id":"2109550000000000001"}],"geo":{"place_id":"p1"}},)"
    R"("includes":{"places":[{"id":"p1","full_name":"Nagpur, India","country_code":"IN","place_type":"city"}]},)"
    R"("matching_rules":[{"id":"7","tag":"telecom-hinglish"}]})";

TEST(XV2, ReadsEveryField) {
  const Post post = post_of(plain);
  EXPECT_EQ(post.id, "2109558523733102597");
  EXPECT_EQ(post.network, Network::x);
  EXPECT_EQ(post.key, post_key(Network::x, post.id));
  EXPECT_EQ(post.text, "Tarang ka data Nagpur me subah se nahi chal raha #TarangDown");
  EXPECT_EQ(post.event_ms, test_now + 417) << "the id knows milliseconds, created_at does not";
  EXPECT_EQ(post.claimed_ms, test_now);
  EXPECT_EQ(post.kafka_ms, test_now + 1000);
  EXPECT_EQ(post.clock_ms, test_now + 1000);
  EXPECT_EQ(post.author, test_key().hash(Network::x, "990000000000000041", test_now));
  EXPECT_EQ(post.kind, PostKind::quote);
  EXPECT_EQ(post.ref_id, "2109550000000000001");
  EXPECT_EQ(post.op, Operation::create);
  EXPECT_THAT(post.languages_claimed, ElementsAre("hi"));
  EXPECT_THAT(post.tags, ElementsAre("TarangDown"));
  ASSERT_TRUE(post.place);
  EXPECT_EQ(post.place->country, "IN");
  EXPECT_EQ(post.place->name, "Nagpur, India");
  EXPECT_NE(post.conversation, 0u);
  EXPECT_FALSE(post.late);
}

TEST(XV2, NeedsOnlyIdAndText) {
  const Post post = post_of(R"({"data":{"text":"Tarang down?","id":"2109558523733102597"}})");
  EXPECT_EQ(post.author, 0u);
  EXPECT_EQ(post.event_ms, test_now + 417);
  EXPECT_EQ(post.conversation, 0u);
}

TEST(XV2, IdThatIsNoNumberTakesCreatedAt) {
  Record record =
      record_of(R"({"data":{"id":"sx-17","created_at":"2026-10-12T08:15:20Z","text":"net band"}})");
  record.kafka_ms.reset();
  const Post post = post_of(decode(record));
  EXPECT_EQ(post.event_ms, test_now);
  EXPECT_EQ(post.clock_ms, test_now);
}

TEST(XV2, LongPostIsReadWhole) {
  EXPECT_EQ(
      post_of(
          R"({"data":{"id":"2109558523733102597","text":"Tarang ka…","note_tweet":{"text":"Tarang ka net band"}}})")
          .text,
      "Tarang ka net band");
}

TEST(XV2, RepostTakesTheWholeText) {
  constexpr std::string_view cut =
      R"({"data":{"id":"2109558523733102597","text":"RT @invented_user: Tarang ka…","referenced_tweets":[{"type":"retweeted","id":"21"}]})";
  const Post whole = post_of(
      std::string(cut) +
      R"(,"includes":{"tweets":[{"id":"20","text":"no"},{"id":"21","text":"Tarang ka net band &amp; call bhi"}]}})");
  EXPECT_EQ(whole.kind, PostKind::repost);
  EXPECT_EQ(whole.text, "Tarang ka net band & call bhi");
  EXPECT_FALSE(whole.truncated);
  EXPECT_TRUE(post_of(std::string(cut) + "}").truncated) << "nobody included the original";
}

TEST(XV2, ReferencesHaveAnOrder) {
  const auto kind_of = [](std::string_view references) {
    return post_of(R"({"data":{"id":"2109558523733102597","text":"a","referenced_tweets":)" +
                   std::string(references) + "}}")
        .kind;
  };
  EXPECT_EQ(kind_of(R"([{"type":"replied_to","id":"1"},{"type":"quoted","id":"2"}])"), PostKind::quote);
  EXPECT_EQ(kind_of(R"([{"type":"replied_to","id":"1"}])"), PostKind::reply);
  EXPECT_EQ(kind_of(R"([{"type":"retweeted","id":""}])"), PostKind::repost);
  EXPECT_EQ(kind_of(R"([{"type":"bookmarked","id":"1"}])"), PostKind::original);
  EXPECT_EQ(kind_of(R"("quoted")"), PostKind::original);
}

TEST(XV2, EditKeepsTheFirstIdAndTime) {
  const Post post = post_of(
      R"({"data":{"id":"2109558999999999999","text":"sahi ho gaya","edit_history_tweet_ids":["2109558523733102597","2109558999999999999"]}})");
  EXPECT_EQ(post.id, "2109558523733102597");
  EXPECT_EQ(post.op, Operation::edit);
  EXPECT_EQ(post.event_ms, test_now + 417);
}

TEST(XV2, ThreadOfAnOfficialAccountIsNoConversation) {
  constexpr std::string_view reply =
      R"({"data":{"id":"2109558523733102597","text":"mera bhi","author_id":"5","conversation_id":"21","in_reply_to_user_id":"9",)"
      R"("referenced_tweets":[{"type":"replied_to","id":"21"}]}})";
  DecoderSettings settings;
  EXPECT_NE(post_of(decode(reply, settings)).conversation, 0u);
  settings.official_accounts = {{Network::x, "9"}};
  EXPECT_EQ(post_of(decode(reply, settings)).conversation, 0u);
  EXPECT_FALSE(post_of(decode(reply, settings)).author_is_official);
  settings.official_accounts = {{Network::x, "5"}};
  EXPECT_TRUE(post_of(decode(reply, settings)).author_is_official);
}

struct EventRow {
  const char* name;
  std::string_view payload;
  Operation op;
  std::string_view id;
  const char* why;
};
std::ostream& operator<<(std::ostream& out, const EventRow& row) { return out << row.name; }
class XCompliance : public testing::TestWithParam<EventRow> {};
TEST_P(XCompliance, BecomesAnOperation) {
  const Post post = post_of(GetParam().payload);
  EXPECT_EQ(post.op, GetParam().op) << GetParam().why;
  EXPECT_EQ(post.id, GetParam().id) << GetParam().why;
  EXPECT_EQ(post.network, Network::x);
  EXPECT_NE(post.author, 0u);
}
const EventRow events[] = {
    {"v2_delete",
     R"({"data":{"delete":{"tweet":{"id":"2109558523733102597","author_id":"41"},"event_at":"2026-10-12T09:02:11.000Z"}}})",
     Operation::remove, "2109558523733102597", "compliance stream of v2"},
    {"v1_delete",
     R"({"delete":{"status":{"id_str":"2109558523733102597","user_id_str":"41"},"timestamp_ms":"1791795731000"}})",
     Operation::remove, "2109558523733102597", "the older spelling"},
    {"withheld",
     R"({"data":{"withheld":{"tweet":{"id":"7","author_id":"41"},"event_at":"2026-10-12T09:02:11.000Z"}}})",
     Operation::remove, "7", "what X withholds we do not show"},
    {"edit",
     R"({"data":{"tweet_edit":{"tweet":{"id":"8","author_id":"41"},"event_at":"2026-10-12T09:02:11.000Z"}}})",
     Operation::edit, "8", "hidden until refreshed"},
    {"user", R"({"data":{"user_delete":{"user":{"id":"41"},"event_at":"2026-10-12T09:02:11.000Z"}}})",
     Operation::remove_author, "", "everything of the author"},
    {"suspended", R"({"data":{"user_suspend":{"user":{"id":"41"},"event_at":"2026-10-12T09:02:11.000Z"}}})",
     Operation::remove_author, "", "likewise"},
};
INSTANTIATE_TEST_SUITE_P(Rows, XCompliance, testing::ValuesIn(events), row_name);

}  // namespace
}  // namespace thap::ingest
