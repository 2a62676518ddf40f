// What is a newspaper article, and what of it is furniture.
#include <algorithm>
#include <vector>

#include "nlp/analysis.h"

namespace thap::nlp {
namespace {

constexpr std::size_t article_bytes = 900;
constexpr std::uint16_t article_sentences = 6;

// Newspaper furniture names services and places that the article is not about: everything after "Related
// articles", every sentence with "read also" or "download the app", and the place the newsroom writes from.
void drop_furniture(const Lexicon::Tables& t, std::string_view text, Analysis& a) {
  constexpr std::size_t most_tail_sentences = 3;
  std::size_t end = a.tokens.size();
  std::vector<bool> is_tail(a.tokens.empty() ? 1 : a.tokens.back().token.sentence + std::size_t{1});
  const auto ends_line_after = [&](std::size_t sentence) {
    const auto next = std::partition_point(a.tokens.begin(), a.tokens.end(),
                                           [&](const ReadToken& x) { return x.token.sentence <= sentence; });
    if (next == a.tokens.begin() || next == a.tokens.end()) return true;
    const Token& last = std::prev(next)->token;
    return text.substr(last.begin, next->token.begin - last.begin).find('\n') != std::string_view::npos;
  };
  for (const PhraseHit& hit : a.cues) {
    const Group group = t.phrase_list[hit.phrase].group;
    if (group == Group::article_end && hit.first * 3 > a.tokens.size())
      end = std::min<std::size_t>(end, hit.first);
    if (group != Group::article_tail) continue;
    // "Read more: what happened? Still down": to the end of the line, if that is near.
    const std::size_t sentence = a.tokens[hit.first].token.sentence;
    for (std::size_t s = sentence; s < std::min(sentence + most_tail_sentences, is_tail.size()); ++s) {
      is_tail[s] = true;
      if (ends_line_after(s)) break;
    }
  }
  const auto dropped = [&](const auto& hit) {
    return hit.first >= end || is_tail[a.tokens[hit.first].token.sentence];
  };
  const auto ends_line = [&](std::size_t i) {
    return i >= a.tokens.size() || a.tokens[i].token.type == TokenType::stop ||
           a.tokens[i].token.type == TokenType::pause;
  };
  const auto is_dateline = [&](const PlaceMention& p) {
    const bool begins = p.first == 0 || a.tokens[p.first - 1u].token.type == TokenType::stop;
    return begins && ends_line(p.last);
  };
  std::erase_if(a.mentions, dropped);
  std::erase_if(a.places, [&](const PlaceMention& p) { return dropped(p) || is_dateline(p); });
  std::erase_if(a.states, dropped);
  std::erase_if(a.cues, dropped);
  a.groups = 0;
  for (const PhraseHit& hit : a.cues) a.groups |= Analysis::bit(t.phrase_list[hit.phrase].group);
}

}  // namespace

void recognise_article(const Lexicon::Tables& tables, std::string_view text, Analysis& analysis) {
  analysis.is_article = text.size() >= article_bytes && !analysis.tokens.empty() &&
                        analysis.tokens.back().token.sentence >= article_sentences;
  if (analysis.is_article) drop_furniture(tables, text, analysis);
}

}  // namespace thap::nlp
