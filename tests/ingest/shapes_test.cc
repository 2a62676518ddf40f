// One golden record or more of every shape; every person, service and id in them is invented.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/ingest/decode.h"
#include "tests/ingest/golden.h"
#include "tests/ingest/rows.h"

namespace thap::ingest {
namespace {

using testing::ElementsAre;

struct Row {
  const char* name;
  std::string_view payload;
  Network network;
  std::string_view id, text, author;
  std::int64_t event_ms;
  PostKind kind;
  Operation op;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.name; }

const Row rows[] = {
    {"x_v1", golden::x_v1, Network::x, "2109558523733102597",
     "Tarang ka net band hai, sab doston ka yahi haal hai, call bhi nahi lag rahi", "990000000000000041",
     test_now + 417, PostKind::original, Operation::create},
    {"x_connect", golden::x_connect, Network::x, "2109558523733102597", "Tarang ka net band hai",
     "990000000000000041", test_now + 417, PostKind::original, Operation::create},
    {"jetstream_v1", golden::jetstream_v1, Network::bluesky,
     "did:plc:qwertyuiopasdfghjklzxcvb/app.bsky.feed.post/3mxo3ackov52l",
     "পাড়ায় তরঙ্গের নেটওয়ার্ক নেই, কল যাচ্ছে না #তরঙ্গ", "did:plc:qwertyuiopasdfghjklzxcvb", test_now + 1'305,
     PostKind::original, Operation::create},
    {"jetstream_v2", golden::jetstream_v2_delete, Network::bluesky,
     "did:plc:qwertyuiopasdfghjklzxcvb/app.bsky.feed.post/3mxo3ackov52l", "",
     "did:plc:qwertyuiopasdfghjklzxcvb", test_now + 1'118, PostKind::original, Operation::remove},
    {"at_kafka", golden::at_kafka, Network::bluesky,
     "did:plc:qwertyuiopasdfghjklzxcvb/app.bsky.feed.post/3mxo3ackov52l", "Tarang fibre down in Salt Lake?",
     "did:plc:qwertyuiopasdfghjklzxcvb", test_now + 1'300, PostKind::original, Operation::create},
    {"at_kafka_wrapped", golden::at_kafka_wrapped, Network::bluesky,
     "did:plc:qwertyuiopasdfghjklzxcvb/app.bsky.feed.post/3mxo3ackov52l", "Tarang fibre down in Salt Lake?",
     "did:plc:qwertyuiopasdfghjklzxcvb", test_now + 1'300, PostKind::original, Operation::create},
    {"bsky_flat", golden::bsky_flat, Network::bluesky,
     "did:plc:qwertyuiopasdfghjklzxcvb/app.bsky.feed.post/3mxo3ackov52l", "Tarang down hai kya? Patna",
     "did:plc:qwertyuiopasdfghjklzxcvb", test_now + 1'000, PostKind::original, Operation::create},
    {"mastodon_event", golden::mastodon_event, Network::mastodon, "https://social.example/users/a/statuses/9",
     "तरंग का सर्वर ठप & ऐप बंद\nकोई और?", "a@social.example", test_now - 2'000, PostKind::original,
     Operation::create},
    {"reddit_comment", golden::reddit_comment, Network::reddit, "t1_zz41ab",
     "Tarang fibre gone in Kothrud & Baner too?", "t2_zz9", test_now, PostKind::reply, Operation::create},
    {"reddit_submission", golden::reddit_submission, Network::reddit, "t3_zz1",
     "Tarang down?\nNo net since morning", "t2_zz9", test_now, PostKind::original, Operation::create},
    {"telegram", golden::telegram, Network::telegram, "-1009000000041/42", "নদীয়ায় তরঙ্গের ডেটা বন্ধ #তরঙ্গ",
     "-1009000000041", test_now, PostKind::original, Operation::create},
    {"youtube", golden::youtube, Network::youtube, "Ugz_invented",
     "Tarang app khul hi nahi raha & OTP nahi aata", "UC_invented", test_now, PostKind::original,
     Operation::create},
    {"canonical", golden::canonical, Network::generic, "77", "Tarang recharge page not opening in Guwahati",
     "a-17", test_now, PostKind::original, Operation::create},
};

class Shape : public testing::TestWithParam<Row> {};

TEST_P(Shape, IsRecognisedAndRead) {
  const Row& row = GetParam();
  const Post post = post_of(row.payload);
  EXPECT_EQ(post.network, row.network);
  EXPECT_EQ(post.id, row.id);
  EXPECT_EQ(post.text, row.text);
  EXPECT_EQ(post.author, test_key().hash(row.network, row.author, test_now));
  EXPECT_EQ(post.event_ms, row.event_ms);
  EXPECT_EQ(post.kind, row.kind);
  EXPECT_EQ(post.op, row.op);
  EXPECT_EQ(post.key, post_key(row.network, row.id));
}

// Every prefix of a record ends as one outcome, and never as a post with another text than the whole's.
TEST_P(Shape, CutAnywhereIsNoCrash) {
  Decoder decoder(std::make_shared<DecoderSettings>(), test_key());
  for (std::size_t size = 0; size < GetParam().payload.size(); ++size)
    EXPECT_NE(outcome(decoder.decode(record_of(GetParam().payload.substr(0, size)))), "post") << size;
}

INSTANTIATE_TEST_SUITE_P(Rows, Shape, testing::ValuesIn(rows), row_name);

TEST(Bluesky, FacetOffsetsAreBytes) { EXPECT_THAT(post_of(golden::jetstream_v1).tags, ElementsAre("তরঙ্গ")); }

struct FacetRow {
  const char* name;
  std::string_view begin, end;
  bool is_kept;
  const char* why;
};
std::ostream& operator<<(std::ostream& out, const FacetRow& row) { return out << row.name; }
class Facet : public testing::TestWithParam<FacetRow> {};
TEST_P(Facet, OutsideTheTextCostsOnlyTheTag) {
  std::string payload(golden::jetstream_v1);
  const FacetRow& row = GetParam();
  payload.replace(payload.find("135"), 3, row.end);
  payload.replace(payload.find("119"), 3, row.begin);
  EXPECT_EQ(post_of(payload).tags.size(), row.is_kept ? 1u : 0u) << row.why;
}
const FacetRow facet_rows[] = {
    {"right", "119", "135", true, "on characters"},
    {"past_end", "119", "999", false, "past the end"},
    {"inside", "119", "133", false, "inside a character"},
    {"backwards", "135", "119", false, "ends before it begins"},
    {"negative", "-1", "135", false, "not a place"},
};
INSTANTIATE_TEST_SUITE_P(Rows, Facet, testing::ValuesIn(facet_rows), row_name);

TEST(Bluesky, OnePostByThreeFeedsIsOnePost) {
  EXPECT_EQ(post_of(golden::jetstream_v1).key, post_of(golden::at_kafka).key);
  EXPECT_EQ(post_of(golden::jetstream_v1).key, post_of(golden::bsky_flat).key);
}

TEST(Bluesky, ClientTimeIsOnlyAClaim) {
  for (const char* year : {"2019", "2035"}) {
    std::string payload(golden::jetstream_v1);
    payload.replace(payload.find("2026-10-12T08:15:20.417Z"), 4, year);
    const Post post = post_of(payload);
    EXPECT_EQ(post.event_ms, test_now + 1'305);
    ASSERT_TRUE(post.claimed_ms);
    EXPECT_GT(std::abs(*post.claimed_ms - post.event_ms), 86'400'000);
  }
}

std::string bsky_record(std::string_view record, std::string_view collection = "app.bsky.feed.post",
                        std::string_view operation = "create") {
  return R"({"did":"did:plc:a","time_us":1791792921305123,"kind":"commit","commit":{"operation":")" +
         std::string(operation) + R"(","collection":")" + std::string(collection) +
         R"(","rkey":"r1","record":)" + std::string(record) + "}}";
}

TEST(Bluesky, KindsOfPosts) {
  const Post repost = post_of(
      bsky_record(R"({"subject":{"uri":"at://did:plc:b/app.bsky.feed.post/r0"}})", "app.bsky.feed.repost"));
  EXPECT_EQ(repost.kind, PostKind::repost);
  EXPECT_EQ(repost.ref_id, "did:plc:b/app.bsky.feed.post/r0");
  EXPECT_EQ(repost.text, "");
  const Post quote = post_of(bsky_record(
      R"({"text":"works for me","embed":{"$type":"app.bsky.embed.recordWithMedia","record":{"record":{"uri":"at://did:plc:b/app.bsky.feed.post/r0"}}}})"));
  EXPECT_EQ(quote.kind, PostKind::quote);
  EXPECT_EQ(quote.ref_id, "did:plc:b/app.bsky.feed.post/r0");
  EXPECT_EQ(quote.text, "works for me") << "only the quoting text";
  const std::string reply = bsky_record(
      R"({"text":"mera bhi","reply":{"parent":{"uri":"at://did:plc:c/app.bsky.feed.post/r2"},"root":{"uri":"at://did:plc:b/app.bsky.feed.post/r0"}}})");
  EXPECT_EQ(post_of(reply).kind, PostKind::reply);
  EXPECT_EQ(post_of(reply).ref_id, "did:plc:c/app.bsky.feed.post/r2");
  EXPECT_NE(post_of(reply).conversation, 0u);
  DecoderSettings settings;
  settings.official_accounts = {{Network::bluesky, "did:plc:b"}};
  EXPECT_EQ(post_of(decode(reply, settings)).conversation, 0u) << "begun by an official account";
  EXPECT_EQ(post_of(bsky_record(R"({"text":"x"})", "app.bsky.feed.post", "update")).op, Operation::edit);
  EXPECT_EQ(outcome(decode(bsky_record("{}", "app.bsky.feed.like"))), "skip other_collection");
}

struct AccountRow {
  const char* name;
  std::string_view account;
  std::string_view outcome;
  const char* why;
};
std::ostream& operator<<(std::ostream& out, const AccountRow& row) { return out << row.name; }
class Account : public testing::TestWithParam<AccountRow> {};
TEST_P(Account, GoneAccountsTakeTheirPostsAlong) {
  const std::string payload = R"({"did":"did:plc:a","time_us":1791792921305123,"kind":"account","account":)" +
                              std::string(GetParam().account) + "}";
  EXPECT_EQ(outcome(decode(payload)), GetParam().outcome) << GetParam().why;
  if (GetParam().outcome == "post") {
    EXPECT_EQ(post_of(payload).op, Operation::remove_author);
    EXPECT_EQ(post_of(payload).author_elsewhen.size(), 2u)
        << "what was kept under last month's key goes, too";
  }
}
const AccountRow account_rows[] = {
    {"deleted", R"({"active":false,"status":"deleted"})", "post", "gone"},
    {"takendown", R"({"active":false,"status":"takendown"})", "post", "gone"},
    {"deactivated", R"({"active":false,"status":"deactivated"})", "skip account", "may come back"},
    {"active", R"({"active":true})", "skip account", "here"},
};
INSTANTIATE_TEST_SUITE_P(Rows, Account, testing::ValuesIn(account_rows), row_name);

TEST(XV1, RepostTakesTheWholeText) {
  const Post post = post_of(
      R"({"id_str":"2109558523733102597","text":"RT @invented_user: Tarang…","truncated":false,"user":{"id_str":"5"},)"
      R"("retweeted_status":{"id_str":"21","truncated":true,"text":"Tarang…","extended_tweet":{"full_text":"Tarang &lt;br&gt; band"}}})");
  EXPECT_EQ(post.kind, PostKind::repost);
  EXPECT_EQ(post.ref_id, "21");
  EXPECT_EQ(post.text, "Tarang <br> band");
  EXPECT_FALSE(post.truncated);
}

TEST(XConnect, DeletesComeOnATopicOfTheirOwn) {
  DecoderSettings settings = with_format(Format::x_connect);
  settings.any_source.is_deletes = true;
  const Post post = post_of(decode(R"({"StatusId":2109558523733102597,"UserId":41})", settings));
  EXPECT_EQ(post.op, Operation::remove);
  EXPECT_EQ(post.id, "2109558523733102597");
}

std::string status(std::string_view fields) {
  return R"({"id":"abc","uri":"https://social.example/9","created_at":"2026-10-12T08:15:18.000Z","account":{"acct":"a","url":"https://social.example/@a","bot":true},)" +
         std::string(fields) + "}";
}

TEST(Mastodon, WarningAndContentAreOneText) {
  const Post post = post_of(status(
      R"("spoiler_text":"Tarang ठप","content":"<p>yes</p><p><span class=\"invisible\">https://</span>x.example</p>")"));
  EXPECT_EQ(post.text, "Tarang ठप\nyes\nx.example");
  EXPECT_EQ(post.event_ms, test_now - 2'000) << "an id with letters tells no time";
  EXPECT_TRUE(post.bot);
}

TEST(Mastodon, RepostAndReplyAndVisibility) {
  const Post repost =
      post_of(status(R"("content":"","reblog":{"uri":"https://other.example/3","content":"<p>band</p>"})"));
  EXPECT_EQ(repost.kind, PostKind::repost);
  EXPECT_EQ(repost.ref_id, "https://other.example/3");
  EXPECT_EQ(repost.text, "band");
  EXPECT_EQ(post_of(status(R"("content":"a","in_reply_to_id":"7")")).kind, PostKind::reply);
  EXPECT_EQ(outcome(decode(status(R"("content":"a","visibility":"private")"))), "skip not_public");
}

TEST(Mastodon, DeleteNamesTheLocalIdOnly) {
  constexpr std::string_view deletes =
      R"({"stream":["public"],"event":"delete","payload":"117426940832489473"})";
  EXPECT_EQ(outcome(decode(deletes)), "skip instance_unknown");
  DecoderSettings settings;
  settings.any_source.instance = "social.example";
  const Post post = post_of(decode(deletes, settings));
  EXPECT_EQ(post.op, Operation::remove);
  EXPECT_EQ(post.local_id, "social.example/117426940832489473");
  EXPECT_EQ(post_of(decode(golden::mastodon_event, settings)).local_id, post.local_id);
}

TEST(Reddit, DeletedBodiesAreDeletes) {
  for (const char* gone : {"[deleted]", "[removed]"})
    EXPECT_EQ(post_of(R"({"kind":"t1","data":{"name":"t1_a","body":")" + std::string(gone) +
                      R"(","created_utc":1791792920.0}})")
                  .op,
              Operation::remove);
}

TEST(Reddit, EditedIsFalseOrANumber) {
  const auto op_of = [](std::string_view edited) {
    return post_of(R"({"kind":"t1","data":{"name":"t1_a","body":"x","created_utc":1791792920,"edited":)" +
                   std::string(edited) + "}}")
        .op;
  };
  EXPECT_EQ(op_of("false"), Operation::create);
  EXPECT_EQ(op_of("1791792990.0"), Operation::edit);
}

TEST(Reddit, SubredditIsAPlace) {
  DecoderSettings settings;
  settings.subreddit_states = {{"pune", "IN-MH"}};
  const Post post = post_of(decode(golden::reddit_comment, settings));
  ASSERT_TRUE(post.place);
  EXPECT_EQ(post.place->state, "IN-MH");
  EXPECT_EQ(post.place->origin, PlaceOrigin::community);
}

std::string telegram(std::string_view key, std::string_view fields,
                     std::string_view chat = R"("type":"channel","username":"invented_news")") {
  return R"({"update_id":1,")" + std::string(key) + R"(":{"message_id":42,"chat":{"id":-1009000000041,)" +
         std::string(chat) + R"(},"date":1791792920,)" + std::string(fields) + "}}";
}

TEST(Telegram, OffsetsAreUtf16Units) {
  EXPECT_THAT(post_of(golden::telegram).tags, ElementsAre("তরঙ্গ"));
  EXPECT_THAT(post_of(telegram("channel_post",
                               R"("text":"😀 #thap x","entities":[{"offset":3,"length":5,"type":"hashtag"}])"))
                  .tags,
              ElementsAre("thap"));
  EXPECT_THAT(post_of(telegram("channel_post",
                               R"("text":"😀 #thap","entities":[{"offset":1,"length":5,"type":"hashtag"}])"))
                  .tags,
              ElementsAre())
      << "inside a character";
  EXPECT_THAT(post_of(telegram("channel_post",
                               R"("text":"#thap","entities":[{"offset":0,"length":50,"type":"hashtag"}])"))
                  .tags,
              ElementsAre())
      << "past the end";
}

TEST(Telegram, EditsForwardsRepliesAndCaptions) {
  EXPECT_EQ(post_of(telegram("edited_channel_post", R"("text":"a")")).op, Operation::edit);
  EXPECT_EQ(post_of(telegram("channel_post", R"("text":"a","forward_origin":{"type":"channel"})")).kind,
            PostKind::repost);
  EXPECT_EQ(post_of(telegram("channel_post", R"("caption":"a","reply_to_message":{"message_id":41})")).ref_id,
            "-1009000000041/41");
}

TEST(Telegram, PrivateChatsAreDropped) {
  EXPECT_EQ(outcome(decode(telegram("message", R"("text":"a")", R"("type":"private")"))),
            "skip private_chat");
  EXPECT_EQ(outcome(decode(telegram("message", R"("text":"a")", R"("type":"supergroup")"))),
            "skip private_chat");
  EXPECT_EQ(outcome(decode(R"({"update_id":1,"poll":{}})")), "skip other_event");
}

TEST(YouTube, RepliesEditsAndHtml) {
  const Post post = post_of(
      R"({"kind":"youtube#comment","id":"Ugz_invented.1","snippet":{"parentId":"Ugz_invented","textDisplay":"a&lt;br&gt;b<br>c",)"
      R"("publishedAt":"2026-10-12T08:15:20Z","updatedAt":"2026-10-12T08:16:20Z"}})");
  EXPECT_EQ(post.kind, PostKind::reply);
  EXPECT_EQ(post.op, Operation::edit);
  EXPECT_EQ(post.text, "a<br>b\nc") << "decoded exactly once";
}

TEST(Canonical, OlderStateCodesAreBroughtUpToDate) {
  constexpr std::array<std::pair<const char*, const char*>, 4> codes{
      {{"IN-CT", "IN-CG"}, {"IN-TG", "IN-TS"}, {"IN-DD", "IN-DH"}, {"IN-WB", "IN-WB"}}};
  for (const auto& [before, now] : codes)
    EXPECT_EQ(post_of(R"({"id":"1","event_ms":1791792920000,"text":"a","place":{"country":"IN","state":")" +
                      std::string(before) + "\"}}")
                  .place->state,
              now);
}

}  // namespace
}  // namespace thap::ingest
