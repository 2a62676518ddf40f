// Which of five varieties a post is written in, by script and by function words.
#include "nlp/analysis.h"

namespace thap::nlp {

Language identify_language(const Lexicon::Tables& tables, const Analysis& analysis) {
  // Words outside names, tags and handles decide; a tag or name says nothing of the sentence around it.
  int latin = 0, devanagari = 0, bengali = 0, other = 0;
  int en = 0, hi = 0, bn = 0;
  auto weigh = [&](bool names_too) {
    auto name = analysis.mentions.begin();  // in order: the first that does not end before the token
    for (std::size_t i = 0; i < analysis.tokens.size(); ++i) {
      while (name != analysis.mentions.end() && name->last <= i) ++name;
      const bool in_name = name != analysis.mentions.end() && name->first <= i;
      const Token& token = analysis.tokens[i].token;
      if (token.type != TokenType::word || token.has(in_handle)) continue;
      if (!names_too && (token.has(in_tag) || in_name)) continue;
      const std::string_view text = analysis.scanned.text_of(token);
      const auto lead = static_cast<unsigned char>(text[0]);
      if (lead < 0x80) {
        ++latin;
        for (Symbol s : analysis.tokens[i].readings.all()) {
          en += s == tables.function_en;
          hi += s == tables.function_hi;
          bn += s == tables.function_bn;
        }
      } else if (lead == 0xE0 && text.size() >= 3) {
        const auto second = static_cast<unsigned char>(text[1]);
        if (second == 0xA4 || second == 0xA5)
          ++devanagari;
        else if (second == 0xA6 || second == 0xA7)
          ++bengali;
        else
          ++other;
      } else {
        ++other;
      }
    }
  };
  weigh(false);
  if (latin + devanagari + bengali + other == 0) weigh(true);
  const int total = latin + devanagari + bengali + other;
  if (total == 0) return Language::other;
  if (other * 2 > total) return Language::other;
  if (bengali > devanagari && bengali * 4 >= total) return Language::bn;
  if (devanagari > 0 && devanagari * 4 >= total) return Language::hi;
  if (hi > bn && hi * 2 >= en) return Language::hi_latn;
  if (bn > 0 && bn >= hi && bn * 2 >= en) return Language::bn_latn;
  return Language::en;
}

}  // namespace thap::nlp
