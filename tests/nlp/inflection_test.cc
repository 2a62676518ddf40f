// Endings that names take are read as the name; other words are not.
#include <algorithm>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "nlp/inflection.h"

namespace thap::nlp {
namespace {

constexpr auto row_name = [](const auto& row) { return std::string(row.param.name); };

enum class As { name, romanised_name, topic };
struct Row {
  const char* name;
  As as;
  std::string_view base, form;
  bool reads;
  const char* why;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.name; }

const Row rows[] = {
    {"itself", As::name, "jio", "jio", true, "the base form"},
    {"bn_genitive", As::name, "হোয়াটসঅ্যাপ", "হোয়াটসঅ্যাপের", true, "of WhatsApp"},
    {"bn_locative", As::name, "পেটিএম", "পেটিএমে", true, "in Paytm"},
    {"bn_after_vowel", As::name, "জিও", "জিওর", true, "of Jio"},
    {"bn_te", As::name, "জিও", "জিওতে", true, "in Jio"},
    {"bn_object", As::name, "জিও", "জিওকে", true, "Jio, as object"},
    {"bn_article", As::name, "ফেসবুক", "ফেসবুকটা", true, "the Facebook"},
    {"bn_article_case", As::name, "ফেসবুক", "ফেসবুকটার", true, "of the Facebook"},
    {"bn_too", As::name, "ফেসবুক", "ফেসবুকও", true, "Facebook too"},
    {"bn_genitive_too", As::name, "ফেসবুক", "ফেসবুকেরও", true, "of Facebook too"},
    {"bn_plural", As::name, "ব্যাংক", "ব্যাংকগুলো", true, "the banks"},
    {"bn_long_i", As::name, "ব্যাংক", "ব্যাঙ্কটী", true, "endings are folded, too"},
    {"bn_longer_word", As::name, "ওলা", "ওলাওঠা", false, "cholera is not a taxi"},
    {"hi_glued", As::name, "जियो", "जियोका", true, "a postposition glued in haste"},
    {"hi_glued_me", As::name, "फेसबुक", "फेसबुकमें", true, "likewise, its nasal dropped or not"},
    {"hi_short", As::name, "वी", "वीका", false, "short stems with an ending are too often other words"},
    {"hi_longer_word", As::name, "जियो", "जियोग्राफी", false, "geography"},
    {"en_plural", As::name, "jio", "jios", true, "English plural and possessive"},
    {"en_plural_s", As::name, "threads", "threadss", false, "no second s"},
    {"en_short", As::name, "vi", "vis", false, "two letters and an s are another word"},
    {"en_romanised_off", As::name, "swiggy", "swiggyte", false, "only where asked for"},
    {"romanised_te", As::romanised_name, "swiggy", "swiggyte", true, "Banglish locative"},
    {"romanised_y", As::romanised_name, "kolkata", "kolkatay", true, "Banglish locative"},
    {"romanised_short", As::romanised_name, "vodo", "vodor", false, "short stems are too often other words"},
    {"topic_bn", As::topic, "নেট", "নেটের", true, "common nouns take the same endings"},
    {"topic_en", As::topic, "login", "logins", true, "and the plural"},
    {"topic_en_short", As::topic, "otp", "otps", false, "three letters are too few"},
    {"topic_hi", As::topic, "मैसेज", "मैसेजका", false, "postpositions are glued to names only"},
};

class Inflection : public testing::TestWithParam<Row> {};
TEST_P(Inflection, ReadsFormsAsTheBase) {
  const Row& row = GetParam();
  Vocabulary vocabulary;
  const std::string base = fold_word(row.base);
  const Symbol symbol = vocabulary.word(base);
  if (row.as == As::topic)
    inflect_topic(vocabulary, base);
  else
    inflect_name(vocabulary, base, row.as == As::romanised_name);
  vocabulary.freeze({[](Symbol) { return false; }, [](Symbol) { return false; }});
  const auto readings = vocabulary.readings(fold_word(row.form)).all();
  EXPECT_EQ(std::find(readings.begin(), readings.end(), symbol) != readings.end(), row.reads) << row.why;
}
INSTANTIATE_TEST_SUITE_P(Rows, Inflection, testing::ValuesIn(rows), row_name);

struct Ending {
  const char* name;
  std::string_view word, stem;  // stem empty: none is cut
};
std::ostream& operator<<(std::ostream& out, const Ending& row) { return out << row.name; }

const Ending endings[] = {
    {"bn_na", "করছেনা", "করছে"},
    {"bn_ni", "হয়নি", "হয়"},
    {"bn_nai", "আসেনাই", "আসে"},
    {"bn_alone", "না", ""},
    {"bn_none", "করছে", ""},
    {"latin_na", "korchena", "korche"},
    {"latin_nai", "hocchenai", "hocche"},
    {"latin_short", "kina", ""},
    {"latin_none", "chalu", ""},
    {"empty", "", ""},
};
class TrailingNegator : public testing::TestWithParam<Ending> {};
TEST_P(TrailingNegator, IsCutFromTheVerb) {
  const std::string word = fold_word(GetParam().word), stem = fold_word(GetParam().stem);
  const std::size_t n = trailing_negator(word);
  ASSERT_LE(n, word.size());
  EXPECT_EQ(stem.empty() ? "" : word.substr(0, word.size() - n), stem);
  EXPECT_EQ(n > 0, !stem.empty());
}
INSTANTIATE_TEST_SUITE_P(Rows, TrailingNegator, testing::ValuesIn(endings), row_name);

TEST(FoldHandle, KeepsLettersAndDigits) {
  EXPECT_EQ(fold_handle("@Airtel_Presence"), "airtelpresence");
  EXPECT_EQ(fold_handle("airtelpresence"), "airtelpresence");
  EXPECT_EQ(fold_handle("@Jio5G."), "jio5g");
  EXPECT_EQ(fold_handle("@"), "");
}

}  // namespace
}  // namespace thap::nlp
