// Scores of readings against labels: what counts as found, as too much, as missed.
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/evaluation.h"
#include "tests/app/chain.h"

namespace thap::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

ingest::Result<std::vector<LabelledPost>> load(const std::string& text) {
  const TemporaryFolder folder;
  std::ofstream(folder / "set.jsonl") << text;
  return load_labelled(folder / "set.jsonl");
}

TEST(LoadLabelled, ReadsOneObjectALine) {
  const auto posts = load(
      R"({"id": "a", "text": "x", "lang": "en", "services": [{"id": "jio", "status": "down"}], "symptoms": ["call"], "kind": "complaint", "places": ["IN"], "note": "n"})"
      "\n\n  \n"
      R"({"text": "y"})"
      "\n");
  ASSERT_OK(posts);
  ASSERT_EQ(posts->size(), 2u);
  const LabelledPost& first = posts->front();
  EXPECT_EQ(first.id, "a");
  EXPECT_THAT(first.services, ElementsAre(Pair("jio", "down")));
  EXPECT_THAT(first.symptoms, ElementsAre("call"));
  EXPECT_THAT(first.places, ElementsAre("IN"));
  EXPECT_TRUE(first.is_labelled);
  EXPECT_EQ(posts->back().id, "line-4");
  EXPECT_FALSE(posts->back().is_labelled) << "text only";
}

TEST(LoadLabelled, SaysWhereALineIsWrong) {
  for (const char* wrong :
       {"{", R"({"id": "a"})", R"({"text": 3})", R"({"text": "x", "services": [{"id": "jio"}]})", "[]"}) {
    const auto posts = load("{\"text\": \"fine\"}\n" + std::string(wrong) + "\n");
    ASSERT_FALSE(posts) << wrong;
    EXPECT_EQ(posts.error().code, ingest::Code::bad_input);
    EXPECT_THAT(posts.error().place, HasSubstr("set.jsonl:2")) << wrong;
  }
  EXPECT_EQ(load_labelled("/no/such/file").error().code, ingest::Code::io);
}

TEST(Counts, OfNothingArePerfect) {
  const Counts nothing;
  EXPECT_EQ(nothing.precision(), 1);
  EXPECT_EQ(nothing.recall(), 1);
  EXPECT_EQ(nothing.f1(), 1);
  const Counts some{3, 1, 2};
  EXPECT_DOUBLE_EQ(some.precision(), 0.75);
  EXPECT_DOUBLE_EQ(some.recall(), 0.6);
  EXPECT_DOUBLE_EQ(some.f1(), 2.0 / 3);
}

// Two services of the label scheme, one outside it.
const nlp::Reader& reader() {
  static const nlp::Reader reader(
      nlp::lexicon_or_fail(nlp::with(nlp::small_lexicon_files(), "services/real.json", R"json([
{"id": "whatsapp", "name": {"en": "WhatsApp"}, "class": "messaging", "aliases": ["whatsapp"]},
{"id": "jio", "name": {"en": "Jio"}, "class": "telecom", "aliases": ["jio"]}])json")));
  return reader;
}

LabelledPost label(const std::string& text, std::vector<std::pair<std::string, std::string>> services,
                   std::vector<std::string> symptoms = {}, const std::string& kind = "complaint") {
  LabelledPost post;
  post.id = text;
  post.text = text;
  post.lang = "en";
  post.kind = kind;
  post.services = std::move(services);
  post.symptoms = std::move(symptoms);
  return post;
}

TEST(Predict, WritesAReadingLikeALabel) {
  const LabelledPost read = predict(reader(), label("jio is slow in patna", {}));
  EXPECT_THAT(read.services, ElementsAre(Pair("jio", "degraded")));
  EXPECT_THAT(read.symptoms, ElementsAre("slow"));
  EXPECT_THAT(read.places, ElementsAre("IN-Patna"));
  EXPECT_EQ(read.kind, "complaint");
  EXPECT_EQ(read.lang, "en");
  const auto again = load(to_json_line(read) + "\n");
  ASSERT_OK(again);
  EXPECT_EQ(again->front().services, read.services);
  EXPECT_EQ(again->front().text, read.text);
}

TEST(Predict, SaysWhoIsOnlyBlamed) {
  const LabelledPost read = predict(reader(), label("whatsapp is down because of jio", {}));
  EXPECT_THAT(read.services, ElementsAre(Pair("whatsapp", "down"), Pair("jio", ::testing::_)));
  EXPECT_THAT(read.blamed, ElementsAre("jio"));
  const std::string line = to_json_line(read);
  EXPECT_NE(line.find(R"({"blamed":true,"id":"jio")"), std::string::npos) << line;
  EXPECT_EQ(line.find(R"({"blamed":true,"id":"whatsapp")"), std::string::npos) << line;
}

void expect_counts(const Counts& counts, std::uint64_t hit, std::uint64_t extra, std::uint64_t missed,
                   const char* of) {
  EXPECT_EQ(counts.hit, hit) << of;
  EXPECT_EQ(counts.extra, extra) << of;
  EXPECT_EQ(counts.missed, missed) << of;
}

TEST(Evaluate, CountsPairsOfServiceAndStatus) {
  const std::vector<LabelledPost> posts = {
      label("jio is down", {{"jio", "down"}}, {"down"}),            // right
      label("jio is slow", {{"jio", "down"}}, {"slow"}),            // down and degraded are one when merged
      label("whatsapp working", {{"whatsapp", "down"}}),            // missed, and "mentioned" too much
      label("jio and whatsapp down", {{"jio", "down"}}, {"down"}),  // one too many
      label("lahar is down", {}, {"down"}),                         // outside the scheme: not scored
  };
  const Evaluation result = evaluate(reader(), posts);
  EXPECT_EQ(result.all.posts, 5u);
  expect_counts(result.all.services, 4, 1, 0, "services");
  expect_counts(result.all.service_status, 2, 3, 2, "service and status");
  expect_counts(result.all.service_status_merged, 3, 2, 1, "merged");
  expect_counts(result.all.present_posts, 3, 0, 1, "posts of a present outage");
  EXPECT_EQ(result.by_language.at("en").posts, 5u);
  EXPECT_EQ(result.by_kind.at("complaint").posts, 5u);
}

TEST(Evaluate, NamesTheFieldsThatAreWrong) {
  std::vector<LabelledPost> posts = {label("jio is down", {{"jio", "down"}}, {"call"}, "news")};
  posts[0].places = {"IN-Patna"};
  posts[0].lang = "hi";
  const Evaluation result = evaluate(reader(), posts);
  ASSERT_EQ(result.wrong.size(), 1u);
  EXPECT_THAT(result.wrong[0].fields, ElementsAre("symptoms", "kind", "places", "language"));
  EXPECT_EQ(result.wrong[0].label, &posts[0]);
  posts[0].is_labelled = false;
  EXPECT_EQ(evaluate(reader(), posts).all.posts, 0u) << "text only is not scored";
}

}  // namespace
}  // namespace thap::app
