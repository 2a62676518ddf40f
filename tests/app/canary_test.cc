// Canaries: what tells who wrote a post is planted in posts of every shape, in deletes and in records nobody
// can read. After the whole chain not a byte of the store, of what is printed and of what is sent has any of
// it.
#include <algorithm>
#include <cctype>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "app/incident_text.h"
#include "ingest/dead_letters.h"
#include "ingest/file_source.h"
#include "serve/incident_json.h"
#include "tests/app/chain.h"

namespace thap::app {
namespace {

// Every name, handle and account begins with the first; the others are numbers of persons.
const std::vector<std::string> canaries = {"canary",     "770011223344",  "9876512340",      "98765 12340",
                                           "9876512340", "1009000077041", "4111111111111111"};

std::string words(int n) {
  return fmt::format(
      "lahar is down since {} @canary_handle call +91 98765 12340 or 9876512340 canary.bird@example.org "
      "canarybird@okbank "
      "4111111111111111 https://example.org/canary/{}",
      n, n);
}

std::vector<std::string> posts_of_every_shape() {
  const std::string created = "2026-10-12T08:15:20.000Z";
  std::vector<std::string> out = {
      R"({"data":{"id":"2109558523733102597","text":")" + words(1) +
          R"(","author_id":"770011223344","created_at":")" + created +
          R"(","lang":"en"},"includes":{"users":[{"id":"770011223344","username":"canary_x","name":"Canary Bird"}]}})",
      R"({"created_at":"Mon Oct 12 08:15:20 +0000 2026","id":2109558523733102598,"id_str":"2109558523733102598","text":")" +
          words(2) +
          R"(","lang":"en","user":{"id_str":"770011223344","screen_name":"canary_x1","name":"Canary","location":"Nagpur"}})",
      R"({"schema":{"type":"struct","optional":false,"fields":[{"field":"Id","type":"int64"},{"field":"Text","type":"string"}]},"payload":{"Id":2109558523733102599,"Text":")" +
          words(3) +
          R"(","CreatedAt":1791792920000,"Lang":"en","User":{"Id":770011223344,"ScreenName":"canary_connect"}}})",
      R"({"did":"did:plc:canary1","time_us":1791792921305123,"kind":"commit","commit":{"rev":"3mxo3acm2vk2l","operation":"create","collection":"app.bsky.feed.post","rkey":"canaryrkey1","record":{"$type":"app.bsky.feed.post","createdAt":"2026-10-12T08:15:20.417Z","text":")" +
          words(4) + R"("}}})",
      R"({"$type":"message","payload":{"$type":"network.bsky.jetstream.subscribeEvents#commit","seq":881204,"did":"did:plc:canary2","time":"2026-10-12T08:15:21.118200Z","rev":"3mxo3im4qzk2l","operation":"create","collection":"app.bsky.feed.post","rkey":"canaryrkey2","record":{"createdAt":"2026-10-12T08:15:20Z","text":")" +
          words(5) + R"("}}})",
      R"({"did":"did:plc:canary3","timestamp":"2026-10-12T08:15:21.300Z","operation":{"action":"create","collection":"app.bsky.feed.post","rkey":"canaryrkey3","uri":"at://did:plc:canary3/app.bsky.feed.post/canaryrkey3","record":{"text":")" +
          words(6) + R"(","createdAt":"2026-10-12T08:15:20Z"}}})",
      R"({"uri":"at://did:plc:canary4/app.bsky.feed.post/canaryrkey4","did":"did:plc:canary4","text":")" +
          words(7) +
          R"(","langs":["en"],"facets":"[]","created_at":"2026-10-12T08:15:20Z","indexed_at":"2026-10-12T08:15:21Z","collection":"app.bsky.feed.post"})",
      R"({"stream":["public"],"event":"update","payload":{"id":"117426940832489473","uri":"https://social.example/users/canary_m/statuses/9","url":"https://social.example/@canary_m/9","created_at":"2026-10-12T08:15:18.000Z","content":"<p>)" +
          words(8) +
          R"(</p>","account":{"id":"770011223344","acct":"canary_m@social.example","url":"https://social.example/@canary_m","display_name":"Canary","bot":false}}})",
      R"({"kind":"t1","data":{"id":"zz41ab","name":"t1_zz41ab","permalink":"/r/u_canary_r/comments/zz1/by_canary_r/zz41ab/","author":"canary_r","author_fullname":"t2_canary","body":")" +
          words(9) +
          R"(","created_utc":1791792920.0,"edited":false,"link_id":"t3_zz1","parent_id":"t1_zz40"}})",
      R"({"kind":"t3","data":{"id":"zz1","name":"t3_zz1","permalink":"/user/canary_r/comments/zz1/by_canary_r/","author":"canary_r","author_fullname":"t2_canary","title":")" +
          words(10) + R"(","selftext":"","created_utc":1791792920.0,"edited":false}})",
      R"({"update_id":550121,"channel_post":{"message_id":42,"chat":{"id":-1009000077041,"title":"Canary news","username":"canary_news","type":"channel"},"author_signature":"Canary","date":1791792920,"text":")" +
          words(11) + R"("}})",
      R"({"update_id":550122,"message":{"message_id":43,"from":{"id":770011223344,"first_name":"Canary","username":"canary_t"},"chat":{"id":-1009000077041,"title":"Canary talk","username":"canary_talk","type":"supergroup"},"date":1791792920,"text":")" +
          words(12) + R"("}})",
      R"({"kind":"youtube#commentThread","snippet":{"videoId":"vid_invented","topLevelComment":{"id":"Ugz_invented","snippet":{"authorDisplayName":"@canary_y","authorChannelUrl":"https://www.youtube.com/@canary_y","authorChannelId":{"value":"UC_canary"},"textOriginal":")" +
          words(13) + R"(","publishedAt":"2026-10-12T08:15:20Z","updatedAt":"2026-10-12T08:15:20Z"}}}})",
      R"({"network":"generic","id":"by-canary-77","uri":"https://example.org/canary/77","event_ms":1791792920000,"author":"canary-17","text":")" +
          words(14) + R"("})",
      R"({"network":"youtube","id":"@canary_y","uri":"https://www.youtube.com/watch?v=@canary_y","event_ms":1791792920000,"author":"canary-18","text":")" +
          words(15) + R"("})",
      R"({"network":"x","id":"2109558523733102600","uri":"https://x.com/canary_x/status/2109558523733102600","event_ms":1791792920000,"author":"770011223344","text":")" +
          words(16) + R"("})",
  };
  // Edits and deletes, of posts kept and of others, and of authors.
  out.push_back(
      R"({"network":"bluesky","id":"did:plc:canary3/app.bsky.feed.post/canaryrkey3","op":"edit","event_ms":1791797200000,"author":"did:plc:canary3","text":")" +
      words(90) + R"("})");
  for (
      const auto* gone :
      {R"({"did":"did:plc:canary1","time_us":1791797200305123,"kind":"commit","commit":{"operation":"delete","collection":"app.bsky.feed.post","rkey":"canaryrkey1"}})",
       R"({"did":"did:plc:canary9","time_us":1791797200305123,"kind":"commit","commit":{"operation":"delete","collection":"app.bsky.feed.post","rkey":"canaryrkey9"}})",
       R"({"did":"did:plc:canary2","time_us":1791797200305123,"kind":"account","account":{"active":false,"status":"deleted","did":"did:plc:canary2"}})",
       R"({"stream":["public"],"event":"delete","payload":"117426940832489473"})",
       R"({"data":{"user_delete":{"user":{"id":"770011223344"},"event_at":"2026-10-12T09:27:11.000Z"}}})"})
    out.push_back(gone);
  return out;
}

// A day with an outage, by authors who are all canaries.
std::vector<std::string> outage() {
  std::vector<std::string> out;
  for (const auto& post : eventful_day(1))
    out.push_back(nlohmann::json{{"network", "mastodon"},
                                 {"id", "https://canary.example/users/canary" + post.id},
                                 {"uri", "https://canary.example/@canary" + post.id},
                                 {"event_ms", post.event_ms},
                                 {"kafka_ms", post.clock_ms},
                                 {"author", "canary" + std::to_string(post.author)},
                                 {"op", ingest::name(post.op)},
                                 {"text", post.text + " @canary_handle 9876512340"}}
                      .dump());
  return out;
}

const std::vector<std::string> unreadable = {
    R"({"network":"canary-net","id":"1","event_ms":1791797200000,"text":"x"})",
    R"({"data":{"id":"canary)",
    R"(["canary"])",
    R"({"canary":"canary"})",
    R"({"network":"x","event_ms":1791797200000,"author":"canary","text":"no id"})",
    "{\"canary\":\"\xff\"}",
};

// The first canary in these bytes with what stands around it; empty: none.
std::string canary_in(const std::string& bytes) {
  std::string lower = bytes;
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const auto& canary : canaries)
    if (const auto at = lower.find(canary); at != std::string::npos)
      return canary + " in " + hex(std::string_view(bytes).substr(at < 60 ? 0 : at - 60, 160));
  return {};
}

TEST(Canaries, AreNowhereButInDeadLetters) {
  const TemporaryFolder folder;
  const auto posts = posts_of_every_shape(), complaints = outage();
  {
    std::ofstream file(folder / "posts.ndjson", std::ios::binary);
    for (const auto& post : posts) file << post << '\n';
    for (const auto& record : unreadable) file << record << '\n';
    std::ofstream day(folder / "day.ndjson", std::ios::binary);
    for (const auto& post : complaints) day << post << '\n';
  }
  ingest::DecoderSettings decoder;
  decoder.any_source.instance = "social.example";
  ingest::FileSettings settings;
  settings.decoder = std::make_shared<ingest::DecoderSettings>(decoder);
  const auto source = ingest::open_files({folder / "posts.ndjson", folder / "day.ndjson"}, settings);
  ASSERT_OK(source);
  auto letters = ingest::DeadLetterWriter::open(folder / "data.dead");
  ASSERT_OK(letters);
  const auto lexicon = nlp::small_lexicon();
  auto store = store::open_or_fail(store::settings_in(folder / "data"));
  const auto pipeline = pipeline_on(*store);

  std::string told;
  std::size_t kept = 0;
  PipelineHooks hooks;
  hooks.on_dead_letters = [&](const std::vector<ingest::DeadLetter>& dead) {
    for (const auto& letter : dead) told += std::string(letter.reason) + "\n";
    return letters->append(dead, 1'791'797'200'000);
  };
  hooks.on_transition = [&](const rules::Transition& transition) {
    told += transition_line(transition, *lexicon) + '\n' + transition.reason + '\n';
    told += serve::incident_json(transition.after, *lexicon, 0).dump() + '\n';
  };
  // Before anything is deleted, too: batches are small, and the log of the store has what ever was in it.
  hooks.on_progress = [&](const PipelineSummary&, std::int64_t) {
    const store::MinuteRange day{store::minute_of(1'791'792'000'000), store::minute_of(1'791'793'200'000)};
    for (const auto& service : lexicon->services()) {
      const auto evidence = store->evidence(service.number, day, 1'000).value();
      kept += evidence.size();
      for (const auto& one : evidence) told += one.text + ' ' + one.link + '\n';
    }
  };
  ingest::BatchLimits limits;
  limits.max_posts = 10;
  const auto summary = pipeline->run(**source, limits, hooks);
  ASSERT_OK(summary);

  // What is looked for would be found: all shapes were read, an incident opened, evidence was kept and is in
  // the bytes.
  EXPECT_EQ(summary->dead_letters, unreadable.size());
  EXPECT_EQ(summary->skipped, 0u);
  EXPECT_EQ(summary->counted.posts, posts.size() + complaints.size());
  EXPECT_TRUE(std::ranges::any_of(pipeline->incidents(), [](const auto& i) { return i.opened_ms > 0; }));
  EXPECT_GT(kept, 0u);
  EXPECT_NE(told.find("https://x.com/i/status/2109558523733102597"), std::string::npos);
  EXPECT_NE(told.find("lahar is down"), std::string::npos);
  EXPECT_NE(canary_in(store::bytes_below(folder / "data.dead")), "") << "dead letters hold what came";
  const auto while_open = store::bytes_below(folder / "data");
  EXPECT_NE(while_open.find("lahar is down"), std::string::npos);

  EXPECT_EQ(canary_in(while_open), "");
  EXPECT_EQ(canary_in(told), "");
  store.reset();
  EXPECT_EQ(canary_in(store::bytes_below(folder / "data")), "");
}

}  // namespace
}  // namespace thap::app
