// Loading the lexicon: the one compiled in, what is refused and where, and the newcomer's recipe: a service
// added in one file, without code.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nlp/reader.h"
#include "tests/nlp/small_lexicon.h"

namespace thap::nlp {
namespace {

using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto row_name = [](const auto& row) { return std::string(row.param.name); };

std::string shown(const std::vector<Finding>& findings) {
  std::string out;
  for (const Finding& finding : findings) out += finding.place + ": " + finding.text + "\n";
  return out;
}

// ---- The lexicon compiled in

const Lexicon& embedded() {
  static const Lexicon::Pointer lexicon = [] {
    auto loaded = Lexicon::embedded();
    if (!loaded) std::cerr << ingest::to_string(loaded.error()) << '\n', std::abort();
    return *loaded;
  }();
  return *lexicon;
}

TEST(Embedded, KnowsServicesPlacesAndSymptoms) {
  EXPECT_GE(embedded().services().size(), 120u);
  EXPECT_GE(embedded().places().size(), 100u);
  static const std::set<std::string> classes = {
      "social", "messaging", "mail",           "work",    "ai",    "telecom",  "broadband", "payment",
      "bank",   "market",    "government",     "exam",    "ott",   "commerce", "food",      "travel",
      "gaming", "news",      "infrastructure", "company", "device"};
  for (const Service& service : embedded().services()) {
    EXPECT_THAT(classes, Contains(service.klass)) << service.id;
    EXPECT_FALSE(service.names.en.empty()) << service.id;
    EXPECT_EQ(embedded().service(service.id), &service);
    EXPECT_EQ(embedded().service(service.number), &service);
  }
  for (const Place& place : embedded().places()) {
    EXPECT_EQ(embedded().place(place.id), &place);
    EXPECT_TRUE(std::regex_match(place.iso, std::regex("[A-Z]{2}(-[A-Z0-9]{1,3})?")))
        << place.id << " " << place.iso;
  }
  for (int i = 0; i < symptom_count; ++i) {
    const Names& names = embedded().symptom_names(static_cast<Symptom>(i));
    const Names& phrases = embedded().symptom_phrases(static_cast<Symptom>(i));
    for (const Names* n : {&names, &phrases})
      EXPECT_FALSE(n->en.empty() || n->hi.empty() || n->bn.empty()) << name(static_cast<Symptom>(i));
  }
  EXPECT_EQ(embedded().service("no such service"), nullptr);
  EXPECT_EQ(embedded().place("IN-Nowhere"), nullptr);
}

TEST(Embedded, EveryCityOfIndiaLiesInAStateOfTheList) {
  std::set<std::string, std::less<>> states{"IN-DL"};  // a city of its own
  for (const auto& place : embedded().places())
    if (place.kind == "state") states.insert(place.iso);
  for (const auto& place : embedded().places()) {
    if (place.kind != "city" || !place.iso.starts_with("IN-")) continue;
    EXPECT_TRUE(states.contains(place.iso)) << place.id;
  }
}

TEST(Embedded, FitsInMemory) { EXPECT_LT(embedded().bytes(), 64u << 20); }

// Stored on disk: a change here is a new store format.
TEST(Ids, NeverChange) {
  EXPECT_EQ(static_cast<std::uint32_t>(service_id("")), 2166136261u);
  EXPECT_EQ(static_cast<std::uint32_t>(service_id("a")), 0xE40C292Cu);
  EXPECT_EQ(static_cast<std::uint32_t>(service_id("foobar")), 0xBF9CF968u);
}

// ---- What is refused, and where

struct Refused {
  const char* name;
  const char *file, *text, *place, *says;
};
std::ostream& operator<<(std::ostream& out, const Refused& row) { return out << row.name; }

const Refused refused[] = {
    {"not_json", "words.json", "{\n\"classes\": {\n,}}", "words.json:3", "parse error"},
    {"large_number", "words.json", "{\"classes\": 7777e777}", "words.json", "number overflow"},
    {"services_no_list", "services/new.json", "{}", "services/new.json#", "must be a list"},
    {"unknown_key", "services/new.json", R"([{"id": "n", "name": {}, "class": "ott", "aliasess": []}])",
     "services/new.json#/0/aliasess", "known here: id, name, class"},
    {"id_twice", "services/new.json", R"([{"id": "lahar", "name": {}, "class": "ott"}])",
     "services/new.json#/0/id", "stands twice"},
    {"same_hash", "services/new.json",
     R"([{"id": "costarring", "name": {}, "class": "ott"}, {"id": "liquid", "name": {}, "class": "ott"}])",
     "services/new.json#/1/id", "same 32-bit hash"},
    {"alias_no_text", "services/new.json",
     R"([{"id": "n", "name": {}, "class": "ott", "aliases": ["n n", 3]}])", "services/new.json#/0/aliases/1",
     "must be a string"},
    {"alias_no_letter", "services/new.json",
     R"([{"id": "n", "name": {}, "class": "ott", "aliases": ["!!"]}])", "services/new.json#/0/aliases/0",
     "holds no letter"},
    {"aliases_no_list", "services/new.json", R"([{"id": "n", "name": {}, "class": "ott", "aliases": "n"}])",
     "services/new.json#/0/aliases", "must be a list"},
    {"unknown_group", "services/new.json",
     R"([{"id": "n", "name": {}, "class": "ott", "ambiguous": [{"aliases": ["nn"], "near": ["net", "@telcom"]}]}])",
     "services/new.json#/0/ambiguous/0/near/1", "unknown word group \"@telcom\""},
    {"wrong_case", "services/new.json",
     R"([{"id": "n", "name": {}, "class": "ott", "ambiguous": [{"aliases": ["nn"], "case": "lower"}]}])",
     "services/new.json#/0/ambiguous/0/case", "\"upper\" or \"capital\""},
    {"unknown_condition", "services/new.json",
     R"([{"id": "n", "name": {}, "class": "ott", "ambiguous": [{"aliases": ["nn"], "nera": []}]}])",
     "services/new.json#/0/ambiguous/0/nera", "unknown key"},
    {"example_key", "services/new.json",
     R"([{"id": "n", "name": {}, "class": "ott", "examples": {"maybe": []}}])",
     "services/new.json#/0/examples/maybe", "known here: yes, no"},
    {"class_two_words", "words.json", R"({"classes": {"neg": ["nahi", "not at all"]}})",
     "words.json#/classes/neg/1", "must be one word"},
    {"place_twice", "places.json", R"([{"id": "IN-Patna", "name": {}}, {"id": "IN-Patna", "name": {}}])",
     "places.json#/1/id", "stands twice"},
    {"unknown_symptom", "symptoms.json", R"({"symptoms": [{"id": "sadness", "name": {}}]})",
     "symptoms.json#/symptoms/0/id", "not one of the 18 symptoms"},
    {"bad_status", "symptoms.json",
     R"({"symptoms": [{"id": "login", "name": {}, "phrases": [{"phrase": "x y", "status": "ill"}]}]})",
     "symptoms.json#/symptoms/0/phrases/0/status", "\"down\" or \"degraded\""},
    {"unknown_class", "predicates.json", R"({"groups": {"outage": ["down", "{negg} down"]}})",
     "predicates.json#/groups/outage/1", "{negg}"},
    {"phrase_open", "predicates.json", R"({"groups": {"outage": ["(down"]}})",
     "predicates.json#/groups/outage/0", "\"(down\""},
    {"predicate_group", "predicates.json", R"({"groups": {"outrage": []}})",
     "predicates.json#/groups/outrage", "unknown group"},
    {"cue_group", "cues.json", R"({"groups": {"wishes": {"phrases": []}}})", "cues.json#/groups/wishes",
     "unknown group"},
    {"cue_no_list", "cues.json", R"({"groups": {"wish": ["kash"]}})", "cues.json#/groups/wish",
     "must be an object"},
};

class Loading : public testing::TestWithParam<Refused> {};
TEST_P(Loading, SaysWhereAndWhy) {
  const Refused& row = GetParam();
  const auto loaded = Lexicon::from_files(with(small_lexicon_files(), row.file, row.text));
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ingest::Code::bad_setting);
  EXPECT_EQ(loaded.error().place, row.place);
  EXPECT_THAT(loaded.error().text, HasSubstr(row.says));
}
INSTANTIATE_TEST_SUITE_P(Rows, Loading, testing::ValuesIn(refused), row_name);

TEST(LoadingAll, NamesTheMissingFile) {
  for (const char* name : {"words.json", "symptoms.json", "predicates.json", "cues.json", "places.json"}) {
    auto files = small_lexicon_files();
    std::erase_if(files, [&](const LexiconFile& file) { return file.name == name; });
    const auto loaded = Lexicon::from_files(files);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().place, name);
  }
}

// What the JSON library would throw is said with its place, too.
TEST(LoadingAll, PlacesMissingKeysAndWrongTypes) {
  for (
      const auto& [text, place] : std::vector<std::pair<const char*, const char*>>{
          {R"([{"name": {}, "class": "ott"}])", "services/new.json#/0/id"},
          {R"([{"id": "n", "name": {}}])", "services/new.json#/0/class"},
          {R"([{"id": "n", "name": {}, "class": "ott", "ambiguous": [{"aliases": ["nn"], "within": "five"}]}])",
           "services/new.json#/0/ambiguous/0/within"}}) {
    const auto loaded = Lexicon::from_files(with(small_lexicon_files(), "services/new.json", text));
    ASSERT_FALSE(loaded);
    EXPECT_THAT(loaded.error().place, testing::StartsWith("services/new.json#/0")) << place;
  }
}

// Each level is a call.
TEST(LoadingAll, EndsOnDeepBrackets) {
  const std::string deep = std::string(100'000, '(') + "a" + std::string(100'000, ')');
  EXPECT_FALSE(Lexicon::from_files(
      with(small_lexicon_files(), "predicates.json", R"({"groups": {"outage": [")" + deep + "\"]}}")));
}

// ---- What check() finds

TEST(Check, FindsNothingInTheSmallLexicon) {
  const auto findings = small_lexicon()->check();
  EXPECT_THAT(findings, IsEmpty()) << shown(findings);
}

struct Found {
  const char* name;
  const char *file, *text, *place, *says;
};
std::ostream& operator<<(std::ostream& out, const Found& row) { return out << row.name; }

const Found found[] = {
    {"name_taken", "services/new.json",
     R"([{"id": "n", "name": {}, "class": "ott", "aliases": ["Lahar-Chat"], "examples": {"yes": ["lahar chat"]}}])",
     "services/new.json#/0/aliases/0", "\"Lahar-Chat\" already names"},
    {"no_example", "services/new.json",
     R"([{"id": "n", "name": {}, "class": "ott", "aliases": ["nayaseva"]}])", "n", "has no example"},
    {"example_fails", "services/new.json",
     R"([{"id": "n", "name": {}, "class": "ott", "aliases": ["nayaseva"], "examples": {"yes": ["on nayaseva", "on naya"]}}])",
     "services/new.json#/0/examples/yes/1", "does not name n"},
    {"counter_example_fails", "services/new.json",
     R"([{"id": "n", "name": {}, "class": "ott", "aliases": ["nayaseva"], "examples": {"yes": ["nayaseva"], "no": ["nayaseva"]}}])",
     "services/new.json#/0/examples/no/0", "\"nayaseva\" names n"},
    {"ordinary_word", "services/new.json",
     R"([{"id": "n", "name": {}, "class": "ott", "aliases": ["the"], "examples": {"yes": ["the"]}}])",
     "services/new.json#/0/aliases/0", "is an ordinary word"},
    {"phrase_twice", "predicates.json",
     R"({"groups": {"outage": ["down", "ठप", "DOWN"], "fails": ["{neg} ho {raha}"]}})",
     "predicates.json#/groups/outage/2", "stands already at predicates.json#/groups/outage/0"},
    {"phrase_never_wins", "predicates.json",
     R"({"groups": {"outage": ["down"], "slow": ["down"], "fails": ["{neg} ho {raha}"]}})",
     "predicates.json#/groups/slow/0", "can never win"},
    {"cue_example", "cues.json",
     R"({"groups": {"wish": {"phrases": ["kash"], "examples": {"yes": ["i wish"]}}}})",
     "cues.json#/groups/wish/examples/yes/0", "does not read as wish"},
    {"place_example", "places.json",
     R"([{"id": "IN-Patna", "iso": "IN-BR", "name": {"en": "Patna"}, "aliases": ["patna"], "examples": {"no": ["in patna"]}}])",
     "places.json#/0/examples/no/0", "names IN-Patna"},
};
class Finds : public testing::TestWithParam<Found> {};
TEST_P(Finds, WhatCannotBeMeant) {
  const Found& row = GetParam();
  const auto findings = lexicon_or_fail(with(small_lexicon_files(), row.file, row.text))->check();
  EXPECT_THAT(findings, Contains(testing::AllOf(Field(&Finding::place, row.place),
                                                Field(&Finding::text, HasSubstr(row.says)))))
      << shown(findings);
}
INSTANTIATE_TEST_SUITE_P(Rows, Finds, testing::ValuesIn(found), row_name);

// ---- Versions and folders

TEST(Version, IsOfTheContentsAlone) {
  auto files = small_lexicon_files();
  const std::string version = lexicon_or_fail(files)->version();
  EXPECT_TRUE(std::regex_match(version, std::regex("[0-9a-f]{12}"))) << version;
  std::reverse(files.begin(), files.end());
  EXPECT_EQ(lexicon_or_fail(files)->version(), version) << "the order of files does not count";
  files.front().text += " ";
  EXPECT_NE(lexicon_or_fail(files)->version(), version) << "each byte does";
  EXPECT_NE(lexicon_or_fail(with(small_lexicon_files(), "services/new.json", "[]"))->version(), version);
}

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "thap_lexicon_XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << text;
  }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

TEST(FromFolder, ReadsWhatFromFilesReads) {
  const Folder folder;
  for (const LexiconFile& file : small_lexicon_files()) folder.write(file.name, file.text);
  folder.write("notes.txt", "not a lexicon file");
  const auto loaded = Lexicon::from_folder(folder.path());
  ASSERT_TRUE(loaded) << ingest::to_string(loaded.error());
  EXPECT_EQ((*loaded)->version(), small_lexicon()->version());
}

TEST(FromFolder, RefusesWhatIsNoLexicon) {
  const auto missing = Lexicon::from_folder("/no/such/folder");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ingest::Code::io);

  const Folder folder;
  for (const LexiconFile& file : small_lexicon_files()) folder.write(file.name, file.text);
  folder.write("services/big.json", "[]" + std::string(4u << 20, ' '));
  const auto big = Lexicon::from_folder(folder.path());
  ASSERT_FALSE(big);
  EXPECT_THAT(big.error().text, HasSubstr("4 MiB"));
  EXPECT_THAT(big.error().place, HasSubstr("big.json"));
}

// ---- The newcomer's recipe

// One new file, three spellings, two examples: the service is read in all of them, with the endings each
// script adds, and nothing else has changed.
TEST(Newcomer, AddsAServiceInOneFile) {
  const char* const file = R"json([
{"id": "gilli", "name": {"en": "Gilli", "hi": "गिल्ली", "bn": "গিল্লি"}, "class": "gaming",
 "aliases": ["gilli", "गिल्ली", "গিল্লি"],
 "examples": {"yes": ["gilli nahi ho raha"], "no": ["gill"]}}])json";
  const auto lexicon = lexicon_or_fail(with(small_lexicon_files(), "services/gaming.json", file));
  EXPECT_THAT(lexicon->check(), IsEmpty()) << shown(lexicon->check());
  const Reader reader(lexicon);
  for (const char* text :
       {"gilli is down", "GILLI down", "गिल्ली ठप", "গিল্লি ডাউন", "গিল্লির নেট ডাউন", "গিল্লিতে লগইন হচ্ছে না",
        "#GilliDown", "#gillidown", "ｇｉｌｌｉ down", "@GilliCare down"}) {
    const Reading reading = reader.read(text);
    ASSERT_EQ(reading.services.size(), 1u) << text;
    EXPECT_EQ(reading.services[0].service, service_id("gilli")) << text;
    EXPECT_EQ(reading.services[0].status, Status::down) << text;
  }
  EXPECT_THAT(reader.read("गिलली ठप है").services, IsEmpty()) << "another spelling has to be listed";
  EXPECT_EQ(reader.read("lahar is down").services, Reader(small_lexicon()).read("lahar is down").services);
}

TEST(Names, OfSentencesFallBackToTheName) {
  EXPECT_EQ(small_lexicon()->symptom_names(Symptom::login).en, "login");
  EXPECT_EQ(small_lexicon()->symptom_phrases(Symptom::login).en, "login failures");
  EXPECT_EQ(small_lexicon()->symptom_phrases(Symptom::slow).en, "slowness");
  EXPECT_EQ(small_lexicon()->place("IN-Kolkata")->in_names.en, "in Kolkata");
  EXPECT_EQ(small_lexicon()->place("IN-Patna")->in_names.en, "Patna");
  EXPECT_EQ(small_lexicon()->place("IN-Patna")->iso, "IN-BR");
}

}  // namespace
}  // namespace thap::nlp
