// Phrases over token classes: what each piece of the syntax matches, what is refused, and the trie against
// the slow, obvious matcher on generated books and texts.
#include <algorithm>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nlp/phrase_book.h"

namespace thap::nlp {
namespace {

using testing::HasSubstr;

constexpr auto row_name = [](const auto& row) { return std::string(row.param.name); };

// A book with a few classes; "tarang" and "lahar seva" are services, "patna" is a place, "hi" may be stepped
// over.
class Book {
 public:
  Book() {
    phrases_.keep_expansions();
    for (const auto& [name, members] : std::vector<std::pair<const char*, std::vector<const char*>>>{
             {"neg", {"nahi", "na", "not"}}, {"raha", {"raha", "rahi", "rha"}}, {"particle", {"hi"}}})
      for (const char* member : members) vocabulary_.add_reading(member, vocabulary_.word_class(name));
    particle_ = vocabulary_.word_class("particle");
  }

  ingest::Result<void> add(std::string_view pattern, std::uint32_t id = 7) {
    return phrases_.add(pattern, id);
  }
  void add_name(const std::vector<std::string>& words, std::uint32_t id) { phrases_.add_name(words, id); }
  Vocabulary& vocabulary() { return vocabulary_; }
  const PhraseBook& phrases() const { return phrases_; }
  void freeze() {
    phrases_.freeze();
    vocabulary_.freeze({[](Symbol) { return false; }, [this](Symbol s) { return phrases_.begins_with(s); }});
  }

  using Hit = std::tuple<int, int, int, std::uint32_t>;  // first, last, words, phrase
  void read(std::string_view text) {
    tokens_.clear();
    names_.clear();
    scan(text, scanned_);
    for (const Token& token : scanned_.tokens) {
      ReadToken read{token, 0, vocabulary_.readings(scanned_.text_of(token))};
      if (std::ranges::count(read.readings.all(), particle_) > 0) read.token.flags |= particle;
      tokens_.push_back(read);
    }
    link_solid(tokens_);
    for (std::uint16_t i = 0; i < tokens_.size(); ++i) {
      const auto word = [&](std::size_t k) {
        return k < tokens_.size() ? scanned_.text_of(tokens_[k].token) : "";
      };
      const auto after = static_cast<std::uint16_t>(i + 1);
      if (word(i) == "tarang") names_.push_back({i, after, false});
      if (word(i) == "lahar" && word(after) == "seva")
        names_.push_back({i, static_cast<std::uint16_t>(i + 2), false});
      if (word(i) == "patna") names_.push_back({i, after, true});
    }
  }
  std::vector<PhraseHit> hits() const {
    std::vector<PhraseHit> hits;
    phrases_.match(tokens_, names_, hits);
    return hits;
  }
  std::vector<PhraseHit> slow_hits() const {
    std::vector<PhraseHit> hits;
    phrases_.match_slowly(tokens_, names_, hits);
    return hits;
  }
  static std::set<Hit> as_set(const std::vector<PhraseHit>& hits) {
    std::set<Hit> out;
    for (const PhraseHit& hit : hits) out.emplace(hit.first, hit.last, hit.words, hit.phrase);
    return out;
  }

 private:
  Vocabulary vocabulary_;
  PhraseBook phrases_{vocabulary_, 1};
  Symbol particle_{0};
  ScannedText scanned_;
  std::vector<ReadToken> tokens_;
  std::vector<NameSpan> names_;
};

// ---- Syntax

struct Row {
  const char* name;
  std::string_view pattern, text;
  int first, last;  // of the only match; 0, 0: none
  const char* why;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.name; }

const Row rows[] = {
    {"word", "down", "net down hai", 1, 2, "one word"},
    {"whole_word", "down", "downtown", 0, 0, "words match whole"},
    {"words", "server down", "ye server down hai", 1, 3, "in order, side by side"},
    {"words_apart", "server down", "server is down", 0, 0, "nothing may stand between"},
    {"folded", "काम नहीं", "काम नही", 0, 2, "patterns are folded like posts"},
    {"hyphen_in_pattern", "log-in failed", "log in failed", 0, 3,
     "a hyphen in a pattern is an edge, as in posts"},
    {"class", "{neg} chal", "net nahi chal", 1, 3, "one word of the class"},
    {"class_other", "{neg} chal", "net not chal", 1, 3, "any word of the class"},
    {"class_only", "{neg} chal", "net bahut chal", 0, 0, "no other"},
    {"optional", "chal {raha}? hai", "chal hai", 0, 2, "left out"},
    {"optional_there", "chal {raha}? hai", "chal rha hai", 0, 3, "there"},
    {"optional_word", "is very? slow", "is very slow", 0, 3, "a plain word too"},
    {"alternatives", "(band|thap pada) hai", "sab thap pada hai", 1, 4, "of several words"},
    {"alternatives_first", "(band|thap pada) hai", "band hai", 0, 2, "of one word"},
    {"alternative_empty", "ho (ja|) raha", "ho raha", 0, 2, "an alternative may be empty"},
    {"alternatives_top", "crash ho|hang ho", "phone hang ho gaya", 1, 3,
     "brackets are not needed around all"},
    {"nested", "a (b (c|d)|e)", "x a b d", 1, 4, "brackets in brackets"},
    {"bracket_optional", "a (b c)? d", "a b c d", 0, 4, "optional brackets, there"},
    {"bracket_left_out", "a (b c)? d", "a d", 0, 2, "optional brackets, left out"},
    {"gap_none", "kab * hoga", "kab hoga", 0, 2, "a gap may be empty"},
    {"gap_two", "kab * hoga", "kab ye theek hoga", 0, 4, "up to two words"},
    {"gap_three", "kab * hoga", "kab ye sab theek hoga", 0, 0, "not three"},
    {"gap_four", "kab ** hoga", "kab ye sab bhi theek hoga", 0, 6, "a long gap: up to four"},
    {"gap_clause", "kab * hoga", "kab, theek hoga", 0, 0, "not across the end of a clause"},
    {"gap_sentence", "kab * hoga", "kab. hoga", 0, 0, "nor of a sentence"},
    {"number", "for {number} hours", "for 3 hours", 0, 3, "digits"},
    {"number_native", "for {number} hours", "for ३ hours", 0, 3, "native digits"},
    {"number_word", "for {number} hours", "for three hours", 0, 0, "not a word"},
    {"number_first", "{number} ghante", "bas 2 ghante", 1, 3, "at the beginning"},
    {"service", "because of {service}", "because of tarang", 0, 3, "a service"},
    {"service_two_words", "because of {service} now", "because of lahar seva now", 0, 5,
     "stepped over whole"},
    {"service_first", "{service} ki wajah", "sab tarang ki wajah", 1, 4, "at the beginning"},
    {"service_no_place", "because of {service}", "because of patna", 0, 0, "a place is no service"},
    {"place", "down in {place}", "down in patna", 0, 3, "a place"},
    {"place_first", "{place} me band", "yaha patna me band", 1, 4, "at the beginning"},
    {"particle", "band ho", "band hi ho gaya", 0, 3, "a particle may stand between"},
    {"particle_before", "band ho", "hi band ho", 1, 3, "but is no part of the phrase before it"},
    {"quote", "server down", "\"server\" down", 1, 4, "quotation marks may stand between"},
    {"pause", "server down", "server, down", 0, 0, "other marks may not"},
    {"particle_after_gap", "kab * ho", "kab hi ho", 0, 3, "a particle fills a gap, too"},
};

class Syntax : public testing::TestWithParam<Row> {};
TEST_P(Syntax, Matches) {
  const Row& row = GetParam();
  Book book;
  const auto added = book.add(row.pattern);
  ASSERT_TRUE(added) << added.error().text;
  book.freeze();
  book.read(row.text);
  std::set<std::pair<int, int>> found;
  for (const PhraseHit& hit : book.hits()) found.emplace(hit.first, hit.last);
  std::set<std::pair<int, int>> expected;
  if (row.last > 0) expected.emplace(row.first, row.last);
  EXPECT_EQ(found, expected) << row.why;
  EXPECT_EQ(Book::as_set(book.hits()), Book::as_set(book.slow_hits()));
}
INSTANTIATE_TEST_SUITE_P(Rows, Syntax, testing::ValuesIn(rows), row_name);

TEST(Match, CountsWordsOutsideGaps) {
  Book book;
  ASSERT_TRUE(book.add("kab ** {service} chalega"));
  book.freeze();
  book.read("kab ye sab lahar seva chalega");
  ASSERT_EQ(book.hits().size(), 1u);
  EXPECT_EQ(book.hits()[0].words, 3) << "a name is one word, what fills a gap is none";
}

TEST(Match, GivesOverlapsInOrderOfTheirFirstToken) {
  Book book;
  ASSERT_TRUE(book.add("a b c", 1));
  ASSERT_TRUE(book.add("b c", 2));
  ASSERT_TRUE(book.add("b", 3));
  ASSERT_TRUE(book.add("b c", 4));
  book.freeze();
  book.read("a b c");
  const auto hits = book.hits();
  EXPECT_EQ(Book::as_set(hits),
            (std::set<Book::Hit>{{0, 3, 3, 1}, {1, 3, 2, 2}, {1, 2, 1, 3}, {1, 3, 2, 4}}));
  EXPECT_TRUE(std::is_sorted(hits.begin(), hits.end(), [](auto& x, auto& y) { return x.first < y.first; }));
}

TEST(Names, MatchWithAndWithoutSpaces) {
  Book book;
  book.add_name({"whats", "app"}, 1);
  book.freeze();
  for (std::string_view text : {"whats app", "whatsapp", "whats-app"}) {
    book.read(text);
    EXPECT_EQ(book.hits().size(), 1u) << text;
  }
  book.read("whats my app");
  EXPECT_TRUE(book.hits().empty());
}

TEST(Names, InflectedFormsReadAsTheName) {
  Book book;
  book.add_name({"tarang"}, 1);
  book.vocabulary().add_reading("tarangs", book.vocabulary().word("tarang"));
  book.freeze();
  book.read("tarangs");
  EXPECT_EQ(book.hits().size(), 1u);
}

// A hostile post may make many phrases begin everywhere; it must still end.
TEST(Match, EndsOnTextThatMatchesEverywhere) {
  Book book;
  ASSERT_TRUE(book.add("a ** a ** a ** a ** a ** a ** a ** a ** a ** a"));
  book.freeze();
  std::string text;
  for (int i = 0; i < 5'000; ++i) text += "a ";
  book.read(text);
  EXPECT_LE(book.hits().size(), PhraseBook::max_steps);
}

// ---- What is refused

struct Refused {
  const char* name;
  std::string_view pattern, says;
};
std::ostream& operator<<(std::ostream& out, const Refused& row) { return out << row.name; }

const Refused refused[] = {
    {"open", "(a b", "without ')'"},
    {"close", "a b)", "without '('"},
    {"open_class", "{raha a", "without '}'"},
    {"unknown_class", "{rahaa} a", "word class {rahaa}"},
    {"gap_first", "* a", "begins or ends with a gap"},
    {"gap_last", "a **", "begins or ends with a gap"},
    {"gap_by_optional", "a? * b", "begins or ends with a gap"},
    {"empty", "", "may match nothing"},
    {"all_optional", "a? {raha}?", "may match nothing"},
    {"empty_alternative", "(a|)", "may match nothing"},
    {"marks_only", "!!!", "may match nothing"},
    {"question_first", "? a", "out of place"},
    {"stray_brace", "a } b", "out of place"},
    {"too_many", "a? b? c? d? e? f? g? h? i? j? k", "more than 512"},
    {"too_many_nested",
     "(a b|c d|e f|g h) (a b|c d|e f|g h) (a b|c d|e f|g h) (a b|c d|e f|g h) (a b|c d|e f|g h)",
     "more than 512"},
};
class Refusal : public testing::TestWithParam<Refused> {};
TEST_P(Refusal, NamesThePattern) {
  Book book;
  const auto added = book.add(GetParam().pattern);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, ingest::Code::bad_setting);
  EXPECT_THAT(added.error().text, HasSubstr(std::string(GetParam().says)));
  EXPECT_THAT(added.error().text, HasSubstr("\"" + std::string(GetParam().pattern) + "\""));
}
INSTANTIATE_TEST_SUITE_P(Rows, Refusal, testing::ValuesIn(refused), row_name);

TEST(Expansions, OneWordAlternativesAreOneExpansion) {
  Book book;
  const std::string ten = "(a|b|c|d|e|f|g|h|i|j)";
  EXPECT_TRUE(book.add(ten + " " + ten + " " + ten + " " + ten)) << "10,000 readings, one expansion";
}

// ---- The trie against the obvious way

class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  std::string pattern() { return sequence(0); }

  std::string text() {
    static const std::vector<std::string> pieces = {
        "a",  "b",  "c",  "d", "a", "b",  "nahi",   "na",         "raha",  "zz",
        "hi", "hi", "12", ",", ".", "\"", "tarang", "lahar seva", "patna", "😡"};
    std::string out;
    for (std::size_t n = pick(14); n > 0; --n) out += pieces[pick(pieces.size())] + " ";
    return out;
  }
  std::size_t pick(std::size_t below) { return random_() % below; }

 private:
  std::string sequence(int depth) {
    std::string out = item(depth);
    for (std::size_t n = pick(depth == 0 ? 4 : 3); n > 0; --n) out += " " + item(depth);
    return out;
  }
  std::string item(int depth) {
    static const std::vector<std::string> words = {"a",      "b",  "c",        "d",         "{neg}",
                                                   "{raha}", "hi", "{number}", "{service}", "{place}"};
    std::string out;
    if (depth < 2 && pick(4) == 0) {
      out = "(" + sequence(depth + 1);
      for (std::size_t n = pick(3); n > 0; --n) out += "|" + (pick(6) == 0 ? "" : sequence(depth + 1));
      out += ")";
    } else if (pick(7) == 0) {
      return pick(2) == 0 ? "*" : "**";
    } else {
      out = words[pick(words.size())];
    }
    return pick(5) == 0 ? out + "?" : out;
  }

  std::mt19937 random_;
};

TEST(Match, EqualsTheSlowWayOnGeneratedBooks) {
  std::size_t added = 0, found = 0;
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    Generator generate(seed);
    Book book;
    std::string patterns;
    for (std::uint32_t id = 0; id < 12; ++id) {
      const std::string pattern = generate.pattern();
      if (!book.add(pattern, id)) continue;
      patterns += std::to_string(id) + ": " + pattern + "\n";
      ++added;
    }
    if (generate.pick(2) == 0) book.add_name({"a", "b"}, 50), patterns += "50: a b, as a name\n";
    book.freeze();
    for (int i = 0; i < 60; ++i) {
      const std::string text = generate.text();
      book.read(text);
      const auto fast = Book::as_set(book.hits()), slow = Book::as_set(book.slow_hits());
      ASSERT_EQ(fast, slow) << "seed " << seed << ", text: " << text << "\n" << patterns;
      found += fast.size();
    }
  }
  EXPECT_GT(added, 1'500u) << "the generator makes too little that is allowed";
  EXPECT_GT(found, 20'000u) << "the generator makes too little that matches";
}

}  // namespace
}  // namespace thap::nlp
