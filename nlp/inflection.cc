#include "nlp/inflection.h"

#include <algorithm>
#include <array>

namespace thap::nlp {
namespace {

// Written as they stand after a stem; folded once.
const std::vector<std::string>& bengali_endings() {
  static const std::vector<std::string> endings = [] {
    std::vector<std::string> out;
    for (const char* e :
         {"ের",  "এর",  "র",    "য়ের",  "ে",   "এ",    "য়",   "তে",  "য়ে",   "কে",  "টা", "টি", "টার",
          "টাও", "টাই", "টাকে", "টাতে", "টায়", "টিতে", "টির", "গুলো", "গুলোর", "গুলি", "ই",  "ও",  "রও",
          "রই",  "তেও", "তেই",  "েও",   "েই",  "েরও",  "েরই", "কেও", "কেই",  "দের", "রা", "েরা"})
      out.push_back(fold_word(e));
    return out;
  }();
  return endings;
}

const std::vector<std::string>& hindi_postpositions() {
  static const std::vector<std::string> endings = [] {
    std::vector<std::string> out;
    for (const char* e : {"का", "की", "के", "को", "में", "पर", "पे", "से", "ने", "वाला", "वाले", "वाली", "वालों"})
      out.push_back(fold_word(e));
    return out;
  }();
  return endings;
}

bool is_latin(std::string_view word) { return static_cast<unsigned char>(word.front()) < 0x80; }
// First bytes of U+0980-09FF are E0 A6 or E0 A7, of U+0900-097F E0 A4 or E0 A5.
bool is_bengali(std::string_view word) {
  const auto second = word.size() > 1 ? static_cast<unsigned char>(word[1]) : 0;
  return static_cast<unsigned char>(word[0]) == 0xE0 && (second == 0xA6 || second == 0xA7);
}

}  // namespace

void inflect_name(Vocabulary& vocabulary, const std::string& word, bool romanised) {
  const Symbol symbol = vocabulary.word(word);
  if (is_latin(word)) {
    if (word.size() >= 3 && word.back() != 's') vocabulary.add_reading(word + "s", symbol);
    if (romanised && word.size() >= 5)
      for (const char* e : {"er", "te", "e", "r", "y", "ke"}) vocabulary.add_reading(word + e, symbol);
    return;
  }
  // One-letter and two-letter stems with an ending are too often other words.
  if (is_bengali(word)) {
    for (const auto& e : bengali_endings()) vocabulary.add_reading(word + e, symbol);
  } else if (word.size() >= 9) {
    for (const auto& e : hindi_postpositions()) vocabulary.add_reading(word + e, symbol);
  }
}

void inflect_topic(Vocabulary& vocabulary, const std::string& word) {
  const Symbol symbol = vocabulary.word(word);
  if (is_latin(word)) {
    if (word.size() >= 4 && word.back() != 's') vocabulary.add_reading(word + "s", symbol);
    return;
  }
  if (is_bengali(word))
    for (const auto& e : bengali_endings()) vocabulary.add_reading(word + e, symbol);
}

std::size_t trailing_negator(std::string_view word) {
  static const std::array<std::string, 4> bengali = {fold_word("না"), fold_word("নি"), fold_word("নাই"),
                                                     fold_word("নেই")};
  static constexpr std::array<std::string_view, 4> latin = {"na", "ni", "nai", "nei"};
  if (word.empty()) return 0;
  if (is_latin(word)) {
    for (std::string_view n : latin)
      if (word.size() >= n.size() + 4 && word.ends_with(n)) return n.size();
    return 0;
  }
  for (const auto& n : bengali)
    if (word.size() > n.size() + 3 && word.ends_with(n)) return n.size();
  return 0;
}

}  // namespace thap::nlp
