// What a post counts as.
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/tally_builder.h"
#include "tests/app/chain.h"

namespace thap::app {
namespace {

using ingest::Operation;
using ingest::Post;
using ingest::PostKind;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

const nlp::ServiceId lahar = nlp::service_id("lahar"), megh = nlp::service_id("megh");

class Counting {
 public:
  std::set<ingest::PostKey> seen_before;

  void add(const Post& post) { builder_.add(post, reader_.read(post.text, {post.author_is_official, true})); }
  store::Tally finish(ingest::SourceBatch batch = {}) { return builder_.finish(batch); }
  store::Tally tally_of(const std::vector<Post>& posts) {
    for (const Post& post : posts) add(post);
    return finish();
  }
  const CountingSummary& summary() const { return builder_.summary(); }

 private:
  nlp::Reader reader_{nlp::small_lexicon()};
  TallyBuilder builder_{reader_, [this](const ingest::PostKey& key) { return seen_before.contains(key); }};
};

// "lahar complaints" -> 1, "lahar symptom message" -> 1.
std::map<std::string, std::uint64_t> counts(const store::Tally& tally) {
  std::map<std::string, std::uint64_t> out;
  for (const auto& [key, count] : tally.counts) {
    std::string label =
        nlp::small_lexicon()->service(key.service)->id + " " + std::string(store::name(key.facet.kind));
    switch (key.facet.kind) {
      case store::FacetKind::symptom:
        label += " " + std::string(name(static_cast<nlp::Symptom>(key.facet.value)));
        break;
      case store::FacetKind::language:
        label += " " + std::string(name(static_cast<nlp::Language>(key.facet.value)));
        break;
      case store::FacetKind::place:
        label += " " + nlp::small_lexicon()->place(nlp::PlaceId{key.facet.value})->id;
        break;
      case store::FacetKind::kind:
        label += " " + std::string(name(static_cast<nlp::Kind>(key.facet.value)));
        break;
      case store::FacetKind::source:
        label += " " + std::string(name(static_cast<ingest::Network>(key.facet.value)));
        break;
      default:
        break;
    }
    out[label] += count;
  }
  return out;
}

// Mentions by service, without the row of every record.
std::map<std::string, std::uint32_t> talk(const store::Tally& tally) {
  std::map<std::string, std::uint32_t> out;
  for (const auto& row : tally.mentions)
    if (row.service != store::every_record) out[nlp::small_lexicon()->service(row.service)->id] += row.count;
  return out;
}

Post post(const std::string& text, const std::string& id = "1") { return make_post(id, text, monday_ms); }

TEST(Counts, AComplaintByAllItsFacets) {
  Counting counting;
  const auto tally = counting.tally_of({post("lahar message nahi ho raha, kolkata")});
  EXPECT_THAT(counts(tally),
              UnorderedElementsAre(Pair("lahar complaints", 1), Pair("lahar mentions", 1),
                                   Pair("lahar symptom message", 1), Pair("lahar language hi-Latn", 1),
                                   Pair("lahar place IN-Kolkata", 1), Pair("lahar kind complaint", 1),
                                   Pair("lahar source generic", 1)));
  EXPECT_THAT(talk(tally), IsEmpty()) << "a complaint is no talk";
  ASSERT_EQ(tally.rows.size(), 1u);
  EXPECT_THAT(tally.rows[0].complaints, ElementsAre(lahar));
  EXPECT_EQ(tally.rows[0].post, post("").key);
  EXPECT_NE(tally.rows[0].text_hash, 0u);
  ASSERT_EQ(tally.evidence.size(), 1u);
  EXPECT_EQ(tally.evidence[0].status, nlp::Status::down);
  EXPECT_EQ(tally.seen.size(), 1u);
}

TEST(Counts, ByTheMinuteOfTheEventInOrderOfTheClock) {
  Counting counting;
  Post late = post("lahar is down");
  late.event_ms = late.clock_ms - hour_ms;
  const auto tally = counting.tally_of({late});
  for (const auto& [key, count] : tally.counts) EXPECT_EQ(key.minute, store::minute_of(late.event_ms));
  EXPECT_EQ(tally.rows[0].clock_ms, late.clock_ms);
  EXPECT_EQ(tally.rows[0].event_ms, late.event_ms);
  EXPECT_EQ(tally.newest_clock_ms, late.clock_ms);
}

TEST(Counts, ARepostAsARepostOnly) {
  Counting counting;
  Post repost = post("lahar is down");
  repost.kind = PostKind::repost;
  const auto tally = counting.tally_of({repost});
  EXPECT_THAT(counts(tally), ElementsAre(Pair("lahar reposts", 1)));
  EXPECT_THAT(tally.rows, IsEmpty());
  EXPECT_THAT(tally.evidence, IsEmpty());
  EXPECT_THAT(tally.authors, IsEmpty());
}

TEST(Counts, QuotesAndRepliesLikeAnyOther) {
  for (const PostKind kind : {PostKind::quote, PostKind::reply}) {
    Counting counting;
    Post other = post("lahar is down");
    other.kind = kind;
    EXPECT_EQ(counts(counting.tally_of({other})).at("lahar complaints"), 1u);
  }
}

TEST(Counts, BotsAndOfficialAccountsAsMentionsOnly) {
  for (const bool bot : {true, false}) {
    for (const char* text : {"lahar is down because of megh", "lahar is back"}) {
      Counting counting;
      Post voice = post(text);
      (bot ? voice.bot : voice.author_is_official) = true;
      const auto tally = counting.tally_of({voice});
      for (const auto& [label, count] : counts(tally)) EXPECT_THAT(label, testing::EndsWith(" mentions"));
      EXPECT_EQ(talk(tally).at("lahar"), 1u);
      EXPECT_THAT(tally.rows, IsEmpty()) << "a bot's blame is no vote either";
      EXPECT_THAT(tally.evidence, IsEmpty());
      EXPECT_EQ(counting.summary().complaints, 0u);
    }
  }
}

TEST(Counts, TheBlamedAsNoComplaint) {
  Counting counting;
  const auto tally = counting.tally_of({post("lahar is down because of megh")});
  const auto found = counts(tally);
  EXPECT_TRUE(found.contains("lahar complaints"));
  EXPECT_FALSE(found.contains("megh complaints"));
  EXPECT_TRUE(found.contains("megh mentions"));
  ASSERT_EQ(tally.rows.size(), 1u);
  EXPECT_THAT(tally.rows[0].complaints, ElementsAre(lahar));
  EXPECT_THAT(tally.rows[0].blamed, ElementsAre(megh));
}

TEST(Counts, NewsAsAComplaintThatIsNotAdmitted) {
  Counting counting;
  const auto tally = counting.tally_of({post("lahar down, according to users")});
  EXPECT_EQ(counts(tally).at("lahar kind news"), 1u);
  EXPECT_THAT(tally.rows, IsEmpty()) << "the detector hears people, not newsrooms";
  EXPECT_EQ(talk(tally).at("lahar"), 1u);
}

TEST(Counts, ARecovery) {
  Counting counting;
  const auto tally = counting.tally_of({post("lahar is back")});
  EXPECT_THAT(counts(tally), UnorderedElementsAre(Pair("lahar mentions", 1), Pair("lahar recovered", 1)));
  ASSERT_EQ(tally.rows.size(), 1u);
  EXPECT_THAT(tally.rows[0].recovered, ElementsAre(lahar));
  EXPECT_EQ(tally.evidence.size(), 1u);
}

TEST(Counts, SeveralServicesInOneRow) {
  Counting counting;
  const auto tally = counting.tally_of({post("lahar and pankh down")});
  EXPECT_EQ(counts(tally).at("lahar complaints"), 1u);
  EXPECT_EQ(counts(tally).at("pankh complaints"), 1u);
  ASSERT_EQ(tally.rows.size(), 1u);
  EXPECT_THAT(tally.rows[0].complaints, ElementsAre(lahar, nlp::service_id("pankh")));
  EXPECT_EQ(counting.summary().complaints, 1u) << "posts, not services";
}

TEST(Counts, NothingOfAPostThatNamesNobody) {
  Counting counting;
  const auto tally = counting.tally_of({post("everything is down")});
  EXPECT_THAT(tally.counts, IsEmpty());
  EXPECT_THAT(tally.seen, IsEmpty()) << "nothing to remember";
  ASSERT_EQ(tally.mentions.size(), 1u) << "but that a record came";
  EXPECT_EQ(tally.mentions[0].service, store::every_record);
  EXPECT_EQ(tally.mentions[0].clock_s, monday_ms / 1'000);
}

TEST(Counts, ARepeatOnce) {
  Counting counting;
  counting.add(post("lahar is down"));
  counting.add(post("lahar is down"));
  auto tally = counting.finish();
  EXPECT_EQ(counts(tally).at("lahar complaints"), 1u) << "within a batch";
  EXPECT_EQ(tally.mentions[0].count, 2u) << "both records came";
  EXPECT_EQ(counting.summary().duplicates, 1u);
  for (const auto& [hour, key] : tally.seen) counting.seen_before.insert(key);

  counting.add(post("lahar is down"));
  tally = counting.finish();
  EXPECT_THAT(tally.counts, IsEmpty()) << "and across batches";
  EXPECT_THAT(tally.rows, IsEmpty());
  EXPECT_EQ(counting.summary().duplicates, 2u);
}

TEST(Counts, AnEditAsTheEvidenceItChanges) {
  Counting counting;
  counting.seen_before.insert(post("").key);
  Post edit = post("lahar is down, call 9876500001");
  edit.op = Operation::edit;
  const auto tally = counting.tally_of({edit});
  EXPECT_THAT(tally.counts, IsEmpty());
  ASSERT_EQ(tally.changes.size(), 1u);
  EXPECT_EQ(tally.changes[0].op, Operation::edit);
  EXPECT_EQ(tally.changes[0].text, "lahar is down, call …") << "masked like any evidence";
}

TEST(Counts, AnEditOfAnUnseenPostAsAPost) {
  Counting counting;
  Post edit = post("lahar is down");
  edit.op = Operation::edit;
  EXPECT_EQ(counts(counting.tally_of({edit})).at("lahar complaints"), 1u);
}

TEST(Counts, NothingOfDeletes) {
  for (const Operation op : {Operation::remove, Operation::remove_author}) {
    Counting counting;
    Post gone = post("lahar is down");
    gone.op = op;
    gone.author = 77;
    const auto tally = counting.tally_of({gone});
    EXPECT_THAT(tally.counts, IsEmpty());
    EXPECT_THAT(tally.rows, IsEmpty());
    ASSERT_EQ(tally.changes.size(), 1u);
    EXPECT_EQ(tally.changes[0].op, op);
    EXPECT_EQ(tally.changes[0].author, 77u);
    EXPECT_EQ(tally.changes[0].post, gone.key);
    EXPECT_EQ(tally.changes[0].text, "");
  }
}

// A backfill belongs into its minutes and is no outage of today.
TEST(Counts, LatePostsWithoutShowingThemToTheDetector) {
  Counting counting;
  Post complaint = post("lahar is down", "1"), chat = post("lahar is nice", "2");
  for (Post* late : {&complaint, &chat}) {
    late->event_ms = late->clock_ms - 5 * hour_ms;
    late->late = true;
  }
  const auto tally = counting.tally_of({complaint, chat});
  EXPECT_EQ(counts(tally).at("lahar complaints"), 1u);
  EXPECT_EQ(counts(tally).at("lahar mentions"), 2u);
  EXPECT_THAT(tally.rows, IsEmpty());
  EXPECT_THAT(talk(tally), IsEmpty());
  EXPECT_EQ(tally.evidence.size(), 1u);
  EXPECT_EQ(counting.summary().late, 2u);
  ASSERT_FALSE(tally.mentions.empty());
  EXPECT_EQ(tally.mentions[0].service, store::every_record) << "the feed is alive";
}

// Under the hashes of all periods in which the author may have written what is still kept.
TEST(Counts, OneChangeAHashOfADeletedAuthor) {
  Counting counting;
  Post gone = post("");
  gone.op = Operation::remove_author;
  gone.author = 77;
  gone.author_elsewhen = {76, 78};
  const auto tally = counting.tally_of({gone});
  std::set<std::uint64_t> authors;
  for (const auto& change : tally.changes) authors.insert(change.author);
  EXPECT_THAT(authors, UnorderedElementsAre(76, 77, 78));
}

// Mastodon's deletes know the post by instance and local id only.
TEST(Evidence, IsFoundByTheLocalIdWhereThereIsOne) {
  Counting counting;
  Post create = post("lahar is down", "https://social.example/users/a/statuses/9"),
       gone = post("", "social.example/17");
  create.local_id = gone.local_id = "social.example/17";
  gone.op = Operation::remove;
  const auto tally = counting.tally_of({create, gone});
  ASSERT_EQ(tally.evidence.size(), 1u);
  ASSERT_EQ(tally.changes.size(), 1u);
  EXPECT_EQ(tally.evidence[0].post, tally.changes[0].post);
  EXPECT_EQ(tally.seen[0].second, create.key) << "repeats are known by the address all instances share";
}

TEST(Evidence, IsFewAndMasked) {
  Counting counting;
  for (int i = 0; i < 10; ++i)
    counting.add(post("@some_person @LaharHelp lahar is down, 9876500001", std::to_string(i)));
  const auto tally = counting.finish();
  ASSERT_EQ(tally.evidence.size(), 3u);
  EXPECT_EQ(tally.evidence[0].text, "@… @LaharHelp lahar is down, …");
  EXPECT_EQ(counts(tally).at("lahar complaints"), 10u);
}

TEST(Authors, AreFingerprintsOfADayAndService) {
  Counting counting;
  const auto tally = counting.tally_of({post("lahar is down")});
  const auto at = tally.authors.find({lahar, {store::FacetKind::complaints, 0}, store::minute_of(monday_ms)});
  ASSERT_NE(at, tally.authors.end());
  const auto first = author_fingerprint(1, lahar, monday_ms);
  EXPECT_THAT(at->second, ElementsAre(first));
  EXPECT_EQ(first, author_fingerprint(1, lahar, monday_ms + 23 * hour_ms)) << "one Indian day";
  EXPECT_NE(first, author_fingerprint(1, lahar, monday_ms + 25 * hour_ms));
  EXPECT_NE(first, author_fingerprint(1, megh, monday_ms));
  EXPECT_NE(first, author_fingerprint(2, lahar, monday_ms));

  Post unknown = post("lahar is down");
  unknown.author = 0;
  EXPECT_THAT(Counting().tally_of({unknown}).authors, IsEmpty()) << "nobody is not one author";
}

TEST(Finish, HandsOverTheBatchAndStartsAnew) {
  Counting counting;
  counting.add(post("lahar is down"));
  ingest::SourceBatch batch;
  batch.positions = {{"file", 0, 17, 5}};
  batch.watermark_ms = 99;
  const auto tally = counting.finish(batch);
  EXPECT_EQ(tally.positions, batch.positions);
  EXPECT_EQ(tally.watermark_ms, 99);
  const auto next = counting.finish();
  EXPECT_TRUE(next.counts.empty() && next.rows.empty() && next.mentions.empty() && next.seen.empty() &&
              next.evidence.empty());
  EXPECT_EQ(counting.summary().posts, 1u);
}

}  // namespace
}  // namespace thap::app
