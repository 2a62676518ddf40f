// Posts made to be dear: what is looked at for the sake of something else must grow no faster than the text.
#include <gtest/gtest.h>

#include <string>

#include "nlp/analysis.h"
#include "nlp/lexicon.h"

namespace thap::nlp {
namespace {

const Lexicon::Tables& tables() {
  static const Lexicon::Pointer lexicon = Lexicon::embedded().value();
  return lexicon->tables();
}

std::uint64_t looks_at(const std::string& head, const std::string& piece, int times) {
  std::string text = head;
  for (int i = 0; i < times; ++i) text += piece;
  Analysis analysis;
  Reading reading;
  find_names_and_phrases(tables(), text, analysis);
  find_events(tables(), text, analysis);
  conclude(tables(), text, {}, analysis, reading, nullptr);
  Explanation explanation;
  tell(tables(), analysis, {}, explanation);
  return analysis.looks;
}

struct Shape {
  const char* name;
  std::string head;
  const char* piece;
};
void PrintTo(const Shape& shape, std::ostream* out) { *out << shape.name; }

const std::string article = "a. b. c. d. e. f. g. h. ";

class Hostile : public testing::TestWithParam<Shape> {};

TEST_P(Hostile, TwiceTheTextIsTwiceTheWork) {
  constexpr int times = 200;
  const auto once = looks_at(GetParam().head, GetParam().piece, times);
  const auto twice = looks_at(GetParam().head, GetParam().piece, 2 * times);
  EXPECT_GE(once, 100u) << "the shape makes no work";
  EXPECT_LE(twice, 2 * once + once / 20);
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, Hostile,
    testing::Values(Shape{"NamesAndFailures", "", "whatsapp down "},
                    Shape{"ListThenFailures", "jio, airtel, bsnl, vi, whatsapp ", "down "},
                    Shape{"Clauses", "", "jio down, "}, Shape{"Sentences", "", "jio down. "},
                    Shape{"ManyNamesOneList", "", "jio, "}, Shape{"TagsOfOneList", "", "#jio #airtel down "},
                    Shape{"OneTag", "#", "JioDown"}, Shape{"Handles", "", "@reliancejio @airtelindia down "},
                    Shape{"AmbiguousNames", "", "x "}, Shape{"AmbiguousNamesInATag", "#", "DownDownAct"},
                    Shape{"NamesBesideFailures", "", "act down "}, Shape{"Quotations", "", "\"down\" jio "},
                    Shape{"Negators", "", "jio down nahi "}, Shape{"Causes", "", "because of jio down "},
                    Shape{"Questions", "", "kya jio down hai "}, Shape{"Topics", "", "jio message call "},
                    Shape{"TopicsAndFailures", "", "otp nahi aa raha "},
                    Shape{"Habits", "", "jio otp nahi aata "}, Shape{"Particles", "jio down ", "ka hi "},
                    Shape{"Quotes", "jio down ", "\" ka "},
                    Shape{"ArticleOfNamesAndFailures", article, "jio down "},
                    Shape{"ArticleOfSentences", article, "jio down. airtel works. "},
                    Shape{"ArticleOfSpeakers", article, "jio said it is down. "},
                    Shape{"ArticleOfCauses", article, "because of jio down "},
                    Shape{"ArticleOfCollectives", article, "jio down. some of the sites down. "},
                    Shape{"ArticleOfOverload", article, "login heavy traffic jio down "},
                    Shape{"ArticleOfTails", article, "read more: jio down. "},
                    Shape{"ArticleOfTimes", article, "4 pm jio down "},
                    Shape{"ArticleOfTimesWithoutEvents", article + "jio down ", "4 pm "},
                    Shape{"ArticleOfMoments", article, "4 pm jio down minutes later "},
                    Shape{"ArticleOfListAndFailures", article + "jio, airtel, bsnl, vi, whatsapp ", "down. "},
                    Shape{"WordsOfTimes", "jio down ", "about since half 5 "},
                    Shape{"About", "jio down ", "about "},
                    Shape{"DaysAndParticles", "jio down ", "raat ka "}),
    [](const auto& shape) { return shape.param.name; });

}  // namespace
}  // namespace thap::nlp
