// What the reader does with what it finds, on a small lexicon: which service an event speaks of, what cancels
// it, who speaks. How well whole posts are read is told by the labelled sets.
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nlp/reader.h"
#include "tests/nlp/small_lexicon.h"

namespace thap::nlp {
namespace {

constexpr auto row_name = [](const auto& row) { return std::string(row.param.name); };

const Reader& reader() {
  static const Reader reader(small_lexicon());
  return reader;
}

// "lahar=down megh=down!": '!' says that it is only blamed.
std::string services_of(const Reading& reading) {
  std::string out;
  for (const ServiceReading& s : reading.services) {
    if (!out.empty()) out += ' ';
    out +=
        small_lexicon()->service(s.service)->id + "=" + std::string(name(s.status)) + (s.blamed ? "!" : "");
  }
  return out;
}
std::string symptoms_of(const Reading& reading) {
  std::string out;
  for (int i = 0; i < symptom_count; ++i) {
    if (!reading.symptoms.has(static_cast<Symptom>(i))) continue;
    if (!out.empty()) out += ' ';
    out += name(static_cast<Symptom>(i));
  }
  return out;
}

struct Row {
  const char* name;
  std::string_view text, services, symptoms;
  Kind kind;
  const char* why;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.name; }

const Row rows[] = {
    {"plain", "lahar is down", "lahar=down", "down", Kind::complaint, "a name and a predicate"},
    {"none", "lahar is nice", "lahar=mentioned", "", Kind::unrelated, "a name alone"},
    {"no_service", "everything is down", "", "", Kind::unrelated, "a predicate alone"},
    {"native_hi", "लहर ठप है", "lahar=down", "down", Kind::complaint, "Devanagari"},
    {"native_bn", "লহরের নেট ডাউন", "lahar=down", "internet", Kind::complaint,
     "a case ending, and what fails"},

    {"negated_before", "lahar is not down", "lahar=mentioned", "", Kind::unrelated, "English negates before"},
    {"negated_after", "लहर ठप नहीं है", "lahar=mentioned", "", Kind::unrelated, "Hindi negates after"},
    {"negated_elsewhere", "not again, lahar down", "lahar=down", "down", Kind::complaint,
     "not across a clause"},
    {"negated_far", "not that you all care lahar down", "lahar=down", "down", Kind::complaint,
     "not over four words"},
    {"negator_taken", "lahar down message nahi ho raha", "lahar=down", "message", Kind::complaint,
     "the negator belongs to the other phrase"},
    {"negator_lookalike", "lahar down ya nahi", "lahar=down", "down", Kind::complaint,
     "'or not' negates nothing"},
    {"negator_fused", "লহর লগইন হচ্ছেনা", "lahar=down", "login", Kind::complaint,
     "written together with the verb"},
    {"negator_own", "lahar not working", "lahar=down", "down", Kind::complaint, "part of the phrase itself"},

    {"asked", "is lahar down?", "lahar=down", "down", Kind::question, "a question is a report"},
    {"asked_works", "is lahar working for anyone else?", "lahar=down", "down", Kind::question,
     "so is its opposite"},
    {"asked_word", "kya lahar down", "lahar=down", "down", Kind::question, "a word that asks"},
    {"asked_elsewhere", "lahar down. kya karu", "lahar=down", "down", Kind::complaint,
     "the question is another clause"},

    {"tag_only", "#LaharDown", "lahar=down", "down", Kind::complaint, "a tag says it all"},
    {"tag_lower", "good morning #lahardown", "lahar=down", "down", Kind::complaint, "cut by known words"},
    {"tag_ambiguous", "#TarangDown", "tarang=down", "down", Kind::complaint, "beside a state only"},
    {"tag_other_word", "#TarangNritya", "", "", Kind::unrelated, "beside another word it may be anything"},
    {"tag_of_one", "pankh fine #LaharDown", "pankh=mentioned lahar=down", "down", Kind::complaint,
     "of its own name only"},
    {"handle_only", "@TarangCare hello", "tarang=mentioned", "", Kind::unrelated, "a listed account"},
    {"handle_and_fault", "@TarangCare net down", "tarang=down", "internet", Kind::complaint,
     "nobody else is named"},
    {"handle_unlisted", "@LaharOfficial hello", "lahar=mentioned", "", Kind::unrelated,
     "a name and a word companies add"},
    {"handle_person", "@laharlover hello", "", "", Kind::unrelated, "somebody's name"},
    {"handle_is_no_text", "@down_lahar hello", "", "", Kind::unrelated, "what a handle says is not read"},

    {"refuge", "lahar down, came to pankh", "lahar=down pankh=mentioned", "down", Kind::complaint,
     "where people go works"},
    {"cause_after", "lahar down because of megh", "lahar=down megh=down!", "down", Kind::complaint,
     "blamed, no complaint of it"},
    {"cause_before", "megh ki wajah se lahar down", "megh=down! lahar=down", "down", Kind::complaint,
     "likewise"},
    {"provider_alone", "megh is down", "megh=down", "down", Kind::complaint, "no one else fails"},
    {"speaker", "pankh said lahar down", "pankh=mentioned lahar=down", "down", Kind::complaint,
     "who speaks does not fail"},

    {"back", "lahar is back", "lahar=recovered", "", Kind::recovery, "it works again"},
    {"back_last", "lahar down. lahar is back", "lahar=recovered", "", Kind::recovery,
     "the last state stands"},
    {"down_last", "lahar is back. lahar down again", "lahar=down", "down", Kind::complaint,
     "the last state stands"},
    {"works_now", "lahar working now", "lahar=recovered", "", Kind::recovery, "works, and now"},
    {"works", "lahar working", "lahar=mentioned", "", Kind::unrelated, "that it works is no news"},
    {"not_yet_back", "lahar kab theek hoga", "lahar=down", "down", Kind::complaint, "when will it be back"},

    {"past", "lahar was down", "lahar=mentioned", "", Kind::retrospective, "told in the past"},
    {"past_but_now", "lahar was down since morning", "lahar=down", "down", Kind::complaint,
     "a past that lasts"},
    {"looks_back", "last year lahar down", "lahar=mentioned", "", Kind::retrospective, "another day"},
    {"planned", "lahar down for scheduled maintenance", "lahar=mentioned", "", Kind::official, "announced"},
    {"hypothetical", "if lahar is down we talk", "lahar=mentioned", "", Kind::unrelated, "might be"},
    {"wish", "i wish lahar down", "lahar=mentioned", "", Kind::meme, "would be nice"},
    {"metaphor", "my heart is down like lahar", "lahar=mentioned", "", Kind::meme, "a heart is no server"},
    {"denied", "who said lahar down", "lahar=mentioned", "", Kind::unrelated, "a rumour"},
    {"advice", "how to fix lahar down", "lahar=mentioned", "", Kind::unrelated, "an explainer"},
    {"order", "lahar down by order of the state", "lahar=mentioned", "", Kind::news,
     "shut by law, not broken"},
    {"own_trouble", "mera phone lahar not working", "lahar=mentioned", "", Kind::unrelated,
     "their own device"},
    {"own_ruled_out", "my recharge done, phone is fine, lahar not working", "lahar=down", "down",
     Kind::complaint, "they looked"},
    {"mask", "sit down lahar", "lahar=mentioned", "", Kind::unrelated, "another sense of the word"},
    {"news", "lahar down, according to users", "lahar=down", "down", Kind::news, "a newsroom's voice"},

    {"partial", "lahar down for some", "lahar=degraded", "down", Kind::complaint, "not for all"},
    {"slow", "lahar slow", "lahar=degraded", "slow", Kind::complaint, "late, not gone"},
    {"phrase_status", "lahar messages late", "lahar=degraded", "message", Kind::complaint,
     "as the lexicon says"},
    {"topic", "lahar message nahi ho raha", "lahar=down", "message", Kind::complaint, "what fails"},
    {"topic_alone", "lahar message karo", "lahar=mentioned", "", Kind::unrelated, "a topic says nothing"},
    {"two_topics", "lahar call aur message nahi ho raha", "lahar=down", "message call", Kind::complaint,
     "both fail"},
    {"phrase", "lahar pe single tick", "lahar=down", "message", Kind::complaint, "an idiom says it all"},

    {"list", "lahar, pankh aur tarang down", "lahar=down pankh=down tarang=down", "down", Kind::complaint,
     "all of them"},
    {"two_states", "lahar down, pankh working", "lahar=down pankh=mentioned", "down", Kind::complaint,
     "each its own"},
    {"nearest", "on pankh they say: lahar down", "pankh=mentioned lahar=down", "down", Kind::complaint,
     "in its clause"},
    {"rambling",
     "i went to the market and met my old friend and we had tea and talked of lahar and films and then of "
     "his shop that is down in the lane behind the school",
     "lahar=mentioned", "", Kind::unrelated, "forty words without a stop: only neighbours belong together"},
    {"rambling_beside",
     "i went to the market and met my old friend and we had tea and talked of films and then of his shop "
     "in the lane and now lahar is down again",
     "lahar=down", "down", Kind::complaint, "neighbours do"},
    {"speaker_of_itself", "lahar is down. megh is fine. lahar said it is back",
     "lahar=recovered megh=mentioned", "", Kind::recovery,
     "who failed and speaks of a recovery speaks of itself"},
    {"another_subject", "shaadi nahi ho raha lahar wale bhai log bolo", "lahar=mentioned", "",
     Kind::unrelated, "what does not happen stands before its verb"},
    {"named_last", "nahi ho raha lahar", "lahar=down", "down", Kind::complaint, "nothing else is named"},
    {"once", "lahar lahar lahar down", "lahar=down", "down", Kind::complaint, "each service once"},

    {"ambiguous_alone", "tarang of joy", "", "", Kind::unrelated, "a wave"},
    {"ambiguous_near", "tarang has no sim", "tarang=mentioned", "", Kind::unrelated, "a witness word"},
    {"ambiguous_after", "tarang ka gana", "tarang=mentioned", "", Kind::unrelated, "a word right after it"},
    {"ambiguous_far", "tarang one two three four sim", "", "", Kind::unrelated, "too far away"},
    {"ambiguous_veto", "tarang nritya ka sim", "", "", Kind::unrelated, "a word that says otherwise"},
    {"ambiguous_service", "lahar and tarang", "lahar=mentioned tarang=mentioned", "", Kind::unrelated,
     "another service"},
    {"longest_name", "tarang fiber", "tarang=mentioned", "", Kind::unrelated,
     "the longer name has no condition"},
    {"not_this", "tarang talkies sim", "", "", Kind::unrelated, "a longer name that is something else"},
    {"capitals", "ACT net", "act=mentioned", "", Kind::unrelated, "written in capitals"},
    {"no_capitals", "Act net", "", "", Kind::unrelated, "who writes capitals means them"},
};

class Reads : public testing::TestWithParam<Row> {};
TEST_P(Reads, AsMeant) {
  const Row& row = GetParam();
  const Explanation explained = reader().explain(row.text);
  std::string reasons;
  for (const auto& reason : explained.reasons) reasons += "\n  " + reason;
  for (const auto& span : explained.spans)
    reasons += "\n  [" + span.entry.group + "] " + span.entry.text + ": " + span.note;
  EXPECT_EQ(services_of(explained.reading), row.services) << row.text << ": " << row.why << reasons;
  EXPECT_EQ(symptoms_of(explained.reading), row.symptoms) << row.text << ": " << row.why << reasons;
  EXPECT_EQ(name(explained.reading.kind), name(row.kind)) << row.text << ": " << row.why << reasons;
}
// Explaining reads the same as reading; the hint for counting loses only posts that name nobody.
TEST_P(Reads, TheSameWithoutExplaining) {
  const Row& row = GetParam();
  const Reading read = reader().read(row.text), explained = reader().explain(row.text).reading;
  EXPECT_EQ(read.services, explained.services);
  EXPECT_EQ(read.symptoms, explained.symptoms);
  EXPECT_EQ(read.kind, explained.kind);
  EXPECT_EQ(read.text_hash, explained.text_hash);
  const Reading quick = reader().read(row.text, {.only_if_named = true});
  EXPECT_EQ(quick.services, read.services);
  EXPECT_EQ(quick.symptoms, read.symptoms);
}
TEST_P(Reads, WithSpansInsideTheText) {
  const std::string_view text = GetParam().text;
  std::size_t before = 0;
  for (const Span& span : reader().explain(text).spans) {
    EXPECT_LT(span.begin, span.end);
    EXPECT_LE(span.end, text.size());
    EXPECT_LE(before, span.begin) << "spans come in order";
    before = span.begin;
    EXPECT_FALSE(span.entry.group.empty());
    if (span.entry.text.starts_with("@")) continue;  // an account, told by its handle
    EXPECT_THAT(span.entry.place, testing::HasSubstr(".json#/"));
  }
}
INSTANTIATE_TEST_SUITE_P(Rows, Reads, testing::ValuesIn(rows), row_name);

TEST(Reader, KeepsAnOfficialVoiceApart) {
  const Reading reading = reader().read("lahar is down", {.author_is_official = true});
  EXPECT_EQ(reading.kind, Kind::official);
  EXPECT_FALSE(reading.complains());
  EXPECT_EQ(reader().read("we are aware that lahar is down").kind, Kind::official);
}

TEST(Reader, FindsPlaces) {
  const auto places = [](std::string_view text) {
    std::vector<std::string> out;
    for (PlaceId id : reader().read(text).places) out.push_back(small_lexicon()->place(id)->id);
    return out;
  };
  using testing::ElementsAre;
  EXPECT_THAT(places("lahar down in patna and kolkata and patna"), ElementsAre("IN-Patna", "IN-Kolkata"));
  EXPECT_THAT(places("salt lake e lahar down"), ElementsAre("IN-Kolkata")) << "a locality gives its city";
  EXPECT_THAT(places("কলকাতায় লহর ডাউন"), ElementsAre("IN-Kolkata")) << "a case ending";
  EXPECT_THAT(places("kolkata knights, lahar down"), ElementsAre()) << "a team is no place";
}

TEST(Reader, TellsLanguages) {
  EXPECT_EQ(reader().read("lahar is down for the day").language, Language::en);
  EXPECT_EQ(reader().read("लहर ठप है").language, Language::hi);
  EXPECT_EQ(reader().read("লহর হচ্ছে না").language, Language::bn);
  EXPECT_EQ(reader().read("lahar ka msg nahi ja raha hai").language, Language::hi_latn);
  EXPECT_EQ(reader().read("lahar keno cholche na").language, Language::bn_latn);
  EXPECT_EQ(reader().read("லஹர் வேலை செய்யவில்லை").language, Language::other);
  EXPECT_EQ(reader().read("").language, Language::other);
}

TEST(Reader, SeesCopiesThrough) {
  const Reading first = reader().read("Lahar down since morning, @a_b https://t.example/1");
  const Reading copy = reader().read("@someone LAHAR down since morning!! https://t.example/2");
  EXPECT_EQ(first.text_hash, copy.text_hash);
  EXPECT_EQ(first.words, copy.words);
  const Reading other = reader().read("lahar down since morning in patna");
  EXPECT_NE(first.text_hash, other.text_hash);
  EXPECT_LT(__builtin_popcountll(first.simhash ^ other.simhash), 32);
}

TEST(Reader, KnowsServicesOwnAccounts) {
  EXPECT_TRUE(reader().is_service_handle("@TarangCare"));
  EXPECT_TRUE(reader().is_service_handle("tarangcare"));
  EXPECT_FALSE(reader().is_service_handle("@someone"));
}

TEST(Reader, ReadsFromManyThreads) {
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([] {
      for (int i = 0; i < 50; ++i)
        for (const Row& row : rows) EXPECT_EQ(services_of(reader().read(row.text)), row.services);
    });
}

// A post may be as long as the settings allow at their default, 16 KiB, and made to be slow (how slow it may
// be: hostile_test.cc).
TEST(Reader, ReadsHostilePosts) {
  for (std::string_view piece :
       {"lahar down ", "tarang ", "#lahardown", "@laharx", "not ", "a ", "lahar, ", "down. ",
        "net nahi ho raha ", "because of megh ", "na", "tarang sim ", "লহর", "?", "if lahar ", "ka ", "ab"}) {
    std::string text;
    while (text.size() + piece.size() < 16'384) text += piece;
    for (std::string whole : {text, "#" + text, "@" + text}) {
      const Reading reading = reader().read(whole);
      EXPECT_LE(reading.services.size(), small_lexicon()->services().size());
    }
  }
}

TEST(Reader, TakesAnything) {
  for (std::string_view text :
       {"", " ", "\n", "।", "#", "@", "@ #", "\xFF\xFE", "😡", "???", "#@lahar", "@#lahar"}) {
    reader().read(text);
    reader().explain(text);
  }
}

}  // namespace
}  // namespace thap::nlp
