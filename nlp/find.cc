// From text to tokens, names and phrases.
#include <unicode/utf8.h>

#include <algorithm>

#include "nlp/analysis.h"
#include "nlp/inflection.h"

namespace thap::nlp {

void Analysis::clear() {
  scanned.clear();
  extra.clear();
  tokens.clear();
  mentions.clear();
  places.clear();
  hits.clear();
  states.clear();
  cues.clear();
  events.clear();
  bonds.assign(1, {});
  bound_mentions.clear();
  looks = 0;
  groups = 0;
  is_article = false;
  glue_first.clear();
  tag_last.clear();
  name_hits.clear();
  plain_names.clear();
  witnesses.clear();
  failures.clear();
  spans.clear();
}

TokenRange tag_around(Analysis& a, std::size_t first, std::size_t last) {
  if (a.glue_first.empty()) {
    const auto count = static_cast<std::uint16_t>(a.tokens.size());
    for (std::uint16_t i = 0; i < count; ++i)
      a.glue_first.push_back(i > 0 && a.tokens[i].token.has(glued) ? a.glue_first.back() : i);
    a.tag_last.assign(count + std::size_t{1}, count);
    for (std::uint16_t i = count; i-- > 0;)
      if (const Token& token = a.tokens[i].token; !token.has(in_tag) || !token.has(glued))
        a.tag_last[i] = i;
      else
        a.tag_last[i] = a.tag_last[i + 1];
  }
  return {a.glue_first[first], a.tag_last[last]};
}

namespace {

// ---- Tokens

class Annotator {
 public:
  Annotator(const Lexicon::Tables& tables, Analysis& analysis) : t_(tables), a_(analysis) {}

  void run() {
    const auto& tokens = a_.scanned.tokens;
    a_.hashes.clear();
    for (const Token& token : tokens) {
      a_.hashes.push_back(Vocabulary::hash(text(token)));
      t_.vocabulary.prefetch(a_.hashes.back());
    }
    for (std::size_t i = 0; i < tokens.size();) {
      if (tokens[i].has(in_handle)) {
        i = handle(i);
      } else if (tokens[i].has(in_tag)) {
        i = tag(i);
      } else {
        plain(tokens[i], a_.hashes[i]);
        ++i;
      }
    }
  }

 private:
  std::string_view text(const Token& token) const { return a_.scanned.text_of(token); }

  void push(const Token& token, Readings readings) {
    ReadToken& read = a_.tokens.emplace_back();
    read.token = token;
    read.readings = readings;
    if ((readings.mask() & Vocabulary::mask_of(t_.particle)) != 0)
      for (Symbol s : readings.all())
        if (s == t_.particle) read.token.flags |= particle;
  }

  void plain(const Token& token, std::uint64_t hash) {
    if (token.fold_length == 0) return push(token, {});
    auto readings = t_.vocabulary.readings_of(hash);
    if (readings.empty() && token.has(elongated)) readings = squeezed(text(token));
    if (readings.empty()) {
      if (const std::size_t n = trailing_negator(text(token))) {
        const std::string_view word = text(token);
        const auto stem = t_.vocabulary.readings(word.substr(0, word.size() - n));
        if (!stem.empty()) {
          Token head = token, tail = token;
          head.fold_length = static_cast<std::uint16_t>(word.size() - n);
          tail.fold_begin += head.fold_length;
          tail.fold_length = static_cast<std::uint16_t>(n);
          tail.flags |= glued;
          push(head, stem);
          push(tail, t_.vocabulary.readings(word.substr(word.size() - n)));
          return;
        }
      }
    }
    push(token, readings);
  }

  // dooown was folded to doown: try every doubled letter single.
  Readings squeezed(std::string_view word) const {
    std::string single;
    for (char c : word)
      if (single.empty() || single.back() != c || static_cast<unsigned char>(c) >= 0x80) single.push_back(c);
    return t_.vocabulary.readings(single);
  }

  // One handle, all its parts: either a service's or nobody's.
  std::size_t handle(std::size_t i) {
    const auto& tokens = a_.scanned.tokens;
    std::size_t end = i + 1;
    while (end < tokens.size() && tokens[end].has(in_handle) && tokens[end].has(glued)) ++end;
    std::string joined;
    for (std::size_t k = i; k < end; ++k)
      for (char c : text(tokens[k]))
        if (static_cast<unsigned char>(c) < 0x80) joined.push_back(c);
    Token whole = tokens[i];
    whole.end = tokens[end - 1].end;
    whole.fold_length = static_cast<std::uint16_t>(tokens[end - 1].fold_begin + tokens[end - 1].fold_length -
                                                   whole.fold_begin);
    const auto at = static_cast<std::uint16_t>(a_.tokens.size());
    push(whole, {});
    if (const std::uint32_t service = service_of_handle(joined); service != none) {
      Mention mention;
      mention.first = at;
      mention.last = static_cast<std::uint16_t>(at + 1);
      mention.alias = handle_alias;
      mention.service = service;
      mention.in_handle = true;
      a_.mentions.push_back(mention);
    }
    return end;
  }

  static constexpr std::uint32_t none = 0xFFFFFFFF;
  std::uint32_t service_of_handle(std::string_view joined) const {
    constexpr std::size_t longest_handle = 64;
    if (joined.size() > longest_handle) return none;
    if (const auto at = t_.handles.find(joined); at != t_.handles.end()) return at->second;
    // An official account that the lexicon does not list: a name and a word that companies add.
    for (std::size_t n = joined.size(); n >= 4; --n) {
      const auto at = t_.handle_stems.find(joined.substr(0, n));
      if (at == t_.handle_stems.end()) continue;
      const std::string_view rest = joined.substr(n);
      if (rest.empty() || t_.handle_endings.contains(rest)) return at->second;
    }
    return none;
  }

  // A tag that is not made of known words is cut at the longest known ones: #swiggyisnotworking.
  std::size_t tag(std::size_t i) {
    const auto& tokens = a_.scanned.tokens;
    std::size_t end = i + 1;
    while (end < tokens.size() && tokens[end].has(in_tag) && tokens[end].has(glued)) ++end;
    bool known = true;
    for (std::size_t k = i; k < end; ++k)
      known = known && (t_.vocabulary.knows(text(tokens[k])) || tokens[k].type == TokenType::number);
    if (known) {
      for (std::size_t k = i; k < end; ++k) push(tokens[k], t_.vocabulary.readings(text(tokens[k])));
      return end;
    }
    for (std::size_t k = i; k < end; ++k) {
      // Of several parts an unknown one is a name of its own: #HimantaBiswaSarma holds no "nta".
      if (end > i + 1 || t_.vocabulary.knows(text(tokens[k])) || !segment(tokens[k]))
        push(tokens[k], t_.vocabulary.readings(text(tokens[k])));
    }
    return end;
  }

  bool segment(const Token& token) {
    const std::string_view word = text(token);
    constexpr std::uint16_t most_pieces = 5;
    if (word.size() < 5 || word.size() > 120) return false;
    // best[i]: fewest pieces that cover the first i bytes
    std::array<std::uint16_t, 121> pieces, from;
    pieces.fill(0xFFFF);
    pieces[0] = 0;
    for (std::size_t i = 0; i < word.size(); ++i) {
      if (pieces[i] >= most_pieces) continue;
      for (std::size_t j = i + 2; j <= word.size(); ++j) {
        if (j < word.size() && (static_cast<unsigned char>(word[j]) & 0xC0) == 0x80) continue;
        if (pieces[i] + 1 >= pieces[j]) continue;
        if (t_.vocabulary.knows(word.substr(i, j - i))) {
          pieces[j] = static_cast<std::uint16_t>(pieces[i] + 1);
          from[j] = static_cast<std::uint16_t>(i);
        }
      }
    }
    if (pieces[word.size()] > most_pieces) return false;
    std::vector<std::pair<std::size_t, std::size_t>> cuts;
    for (std::size_t j = word.size(); j > 0; j = from[j]) cuts.emplace_back(from[j], j);
    std::reverse(cuts.begin(), cuts.end());
    for (std::size_t k = 0; k < cuts.size(); ++k) {
      Token part = token;
      part.fold_begin += static_cast<std::uint32_t>(cuts[k].first);
      part.fold_length = static_cast<std::uint16_t>(cuts[k].second - cuts[k].first);
      if (k > 0) part.flags |= glued;
      push(part, t_.vocabulary.readings(word.substr(cuts[k].first, cuts[k].second - cuts[k].first)));
    }
    return true;
  }

  const Lexicon::Tables& t_;
  Analysis& a_;
};

// ---- Names

int distance(std::uint16_t a_first, std::uint16_t a_last, std::uint16_t b_first, std::uint16_t b_last) {
  if (b_first >= a_last) return b_first - a_last;
  if (a_first >= b_last) return a_first - b_last;
  return 0;
}

bool fails_or_symptom(Group group) {
  return group == Group::symptom || group == Group::outage || group == Group::fails || group == Group::slow ||
         group == Group::crash || group == Group::back;
}

class NameFinder {
 public:
  NameFinder(const Lexicon::Tables& tables, Analysis& analysis)
      : t_(tables), a_(analysis), handle_count_(analysis.mentions.size()) {}

  // Every candidate, for {service} and {place} in phrases.
  void candidates() {
    a_.looks += t_.names.match(a_.tokens, {}, a_.name_hits);
    for (const PhraseHit& hit : a_.name_hits)
      if (const Alias& alias = t_.aliases[hit.phrase]; alias.of == Alias::Of::service && alias.condition < 0)
        a_.plain_names.add(hit);
    put_in_order();
    select([](const PhraseHit&) { return true; },
           [&](const PhraseHit& hit) {
             const Alias& alias = t_.aliases[hit.phrase];
             if (alias.of != Alias::Of::nothing)
               a_.spans.push_back({hit.first, hit.last, alias.of == Alias::Of::place});
           });
    for (const Mention& m : a_.mentions) a_.spans.push_back({m.first, m.last, false});
    std::sort(a_.spans.begin(), a_.spans.end(),
              [](const NameSpan& x, const NameSpan& y) { return x.first < y.first; });
  }

  bool any_service() const {
    return std::any_of(a_.spans.begin(), a_.spans.end(), [](const NameSpan& span) { return !span.is_place; });
  }

  // Those whose conditions hold.
  void resolve() {
    for (const PhraseHit& hit : a_.hits) {
      const Phrase& phrase = t_.phrase_list[hit.phrase];
      if (phrase.group == Group::context) a_.witnesses.add({hit.first, hit.last, phrase.context});
      if (fails_or_symptom(phrase.group)) a_.failures.add(hit);
    }
    select([&](const PhraseHit& hit) { return holds(hit); },
           [&](const PhraseHit& hit) {
             const Alias& alias = t_.aliases[hit.phrase];
             if (alias.of == Alias::Of::service) {
               Mention mention;
               mention.first = hit.first;
               mention.last = hit.last;
               mention.alias = hit.phrase;
               mention.service = alias.entry;
               mention.in_tag = a_.tokens[hit.first].token.has(in_tag);
               a_.mentions.push_back(mention);
             } else if (alias.of == Alias::Of::place) {
               a_.places.push_back({hit.first, hit.last, hit.phrase, alias.entry});
             }
           });
    std::sort(a_.mentions.begin(), a_.mentions.end(),
              [](const Mention& x, const Mention& y) { return x.first < y.first; });
    std::sort(a_.places.begin(), a_.places.end(),
              [](const PlaceMention& x, const PlaceMention& y) { return x.first < y.first; });
  }

 private:
  // Longest first. Of names of one length, services go before places and those without a condition first.
  void put_in_order() {
    auto& ranked = a_.ranked_names;
    ranked.clear();
    for (const PhraseHit& hit : a_.name_hits) {
      const Alias& alias = t_.aliases[hit.phrase];
      const unsigned of = alias.of == Alias::Of::nothing ? 0 : alias.of == Alias::Of::service ? 1 : 2;
      const auto tokens = static_cast<std::uint16_t>(~(hit.last - hit.first));
      const auto letters = static_cast<std::uint16_t>(~alias.letters);
      const std::uint64_t rank = std::uint64_t{tokens} << 48 | std::uint64_t{letters} << 32 |
                                 std::uint64_t{of * 2 + (alias.condition >= 0)} << 16 | hit.first;
      ranked.emplace_back(rank, hit);
    }
    std::sort(ranked.begin(), ranked.end(), [](const auto& x, const auto& y) {
      return x.first != y.first ? x.first < y.first : x.second.phrase < y.second.phrase;
    });
    std::transform(ranked.begin(), ranked.end(), a_.name_hits.begin(),
                   [](const auto& r) { return r.second; });
  }

  // In the order of put_in_order(), none overlapping another; a name that is nothing hides the shorter ones
  // inside it.
  template <class Holds, class Take>
  void select(Holds holds, Take take) {
    a_.taken.assign(a_.tokens.size() + 1, 0);
    for (const PhraseHit& hit : a_.name_hits) {
      if (std::any_of(a_.taken.begin() + hit.first, a_.taken.begin() + hit.last,
                      [](std::uint8_t x) { return x != 0; }))
        continue;
      if (!holds(hit)) continue;
      std::fill(a_.taken.begin() + hit.first, a_.taken.begin() + hit.last, 1);
      take(hit);
    }
  }

  bool holds(const PhraseHit& hit) {
    const Alias& alias = t_.aliases[hit.phrase];
    if (alias.condition < 0) return true;
    const Condition& c = t_.conditions[static_cast<std::size_t>(alias.condition)];
    const Token& token = a_.tokens[hit.first].token;
    // Who writes no capitals at all cannot be asked for them; then only a witness word counts.
    if (!token.has(in_tag) && !has_case(hit, c))
      return !writes_capitals() && near(hit, c.near, c.within) && !near(hit, c.unless, c.within);
    if (near(hit, c.unless, c.within)) return false;
    if (token.has(in_tag)) return tag_says_no_more(hit);
    const bool asks = !c.near.empty() || !c.after.empty() || c.near_symptom || c.near_service;
    if (!asks) return true;
    if (near(hit, c.near, c.within)) return true;
    if (follows(hit, c.after)) return true;
    if (c.near_symptom && near_symptom(hit, c.within)) return true;
    if (c.near_service && near_service(hit, c.within)) return true;
    return false;
  }

  bool writes_capitals() {
    if (!writes_capitals_)
      writes_capitals_ = std::any_of(a_.tokens.begin(), a_.tokens.end(), [](const ReadToken& t) {
        return t.token.has(capital) && !t.token.has(in_handle);
      });
    return *writes_capitals_;
  }
  bool has_case(const PhraseHit& hit, const Condition& c) const {
    if (c.letter_case == Condition::Case::any) return true;
    return c.letter_case == Condition::Case::upper ? all_upper(hit) : a_.tokens[hit.first].token.has(capital);
  }
  bool all_upper(const PhraseHit& hit) const {
    for (std::size_t i = hit.first; i < hit.last; ++i) {
      const Token& token = a_.tokens[i].token;
      if (token.type == TokenType::word && !token.has(upper) &&
          !(token.fold_length == 1 && token.has(capital)))
        return false;
    }
    return true;
  }
  // Hits that can be within so many tokens of a name.
  template <class Hit>
  std::span<const Hit> around(const HitsInOrder<Hit>& list, const PhraseHit& name, int within) const {
    const auto begins_before = [](const Hit& hit, int first) { return hit.first < first; };
    const auto& hits = list.hits;
    const auto from =
        std::lower_bound(hits.begin(), hits.end(), name.first - within - list.longest, begins_before);
    const auto to = std::lower_bound(from, hits.end(), name.last + within + 1, begins_before);
    a_.looks += static_cast<std::uint64_t>(to - from);
    return {from, to};
  }
  static bool is_one_of(std::uint32_t context, const std::vector<std::uint32_t>& contexts) {
    return std::find(contexts.begin(), contexts.end(), context) != contexts.end();
  }
  bool near(const PhraseHit& hit, const std::vector<std::uint32_t>& contexts, int within) const {
    if (contexts.empty()) return false;
    for (const Witness& other : around(a_.witnesses, hit, within)) {
      if (!is_one_of(other.context, contexts)) continue;
      if (other.first >= hit.first && other.last <= hit.last) continue;  // the name itself is no witness
      if (distance(hit.first, hit.last, other.first, other.last) < within) return true;
    }
    return false;
  }
  bool follows(const PhraseHit& hit, const std::vector<std::uint32_t>& contexts) const {
    if (contexts.empty()) return false;
    for (const Witness& other : around(a_.witnesses, hit, 1))
      if (other.first == hit.last && is_one_of(other.context, contexts)) return true;
    return false;
  }
  // #JioDown names Jio, #Act or #ActEastPolicy does not name ACT: beside an ambiguous name a tag may hold
  // only words that tell a state.
  bool tag_says_no_more(const PhraseHit& hit) {
    const TokenRange tag = tag_around(a_, hit.first, hit.last);
    count_other_words();
    const auto others = [&](std::size_t first, std::size_t last) {
      return other_words_[last] - other_words_[first];
    };
    if (others(tag.first, hit.first) + others(hit.last, tag.last) > 0) return false;
    const bool says_state = tag.first < hit.first || tag.last > hit.last;
    return says_state || t_.aliases[hit.phrase].letters >= 3;
  }
  // How many tokens before each one neither are part of a state nor particles.
  void count_other_words() {
    if (!other_words_.empty()) return;
    std::vector<bool> tells_state(a_.tokens.size());
    for (const PhraseHit& hit : a_.hits)
      if (is_state(t_.phrase_list[hit.phrase].group))
        std::fill(tells_state.begin() + hit.first, tells_state.begin() + hit.last, true);
    other_words_.assign(1, 0);
    for (std::size_t i = 0; i < a_.tokens.size(); ++i)
      other_words_.push_back(other_words_.back() + !(tells_state[i] || a_.tokens[i].token.has(particle)));
  }
  bool near_symptom(const PhraseHit& hit, int within) const {
    for (const PhraseHit& other : around(a_.failures, hit, within)) {
      const Phrase& phrase = t_.phrase_list[other.phrase];
      if (other.first < hit.last && other.last > hit.first) continue;
      const int d = distance(hit.first, hit.last, other.first, other.last);
      if (d < within && (phrase.near == 0 || d <= phrase.near) && same_sentence(hit, other)) return true;
    }
    return false;
  }
  bool near_service(const PhraseHit& hit, int within) const {
    for (const PhraseHit& other : around(a_.plain_names, hit, within)) {
      if (t_.aliases[other.phrase].entry == t_.aliases[hit.phrase].entry) continue;
      if (other.first < hit.last && other.last > hit.first) continue;
      if (distance(hit.first, hit.last, other.first, other.last) < within) return true;
    }
    // Handles were found first, in order, and take one token each.
    const auto handles = a_.mentions.begin(), end = handles + static_cast<std::ptrdiff_t>(handle_count_);
    const auto handle =
        std::partition_point(handles, end, [&](const Mention& m) { return m.last + within <= hit.first; });
    return handle != end && distance(hit.first, hit.last, handle->first, handle->last) < within;
  }
  bool same_sentence(const PhraseHit& x, const PhraseHit& y) const {
    return a_.tokens[x.first].token.sentence == a_.tokens[y.first].token.sentence;
  }

  const Lexicon::Tables& t_;
  Analysis& a_;
  std::size_t handle_count_;
  std::optional<bool> writes_capitals_;
  std::vector<int> other_words_;
};

// ---- Which phrases win

// At equal length the more telling group wins.
int rank(Group group) {
  switch (group) {
    case Group::mask:
      return 0;
    case Group::not_back:
      return 1;
    case Group::back:
      return 2;
    case Group::symptom:
      return 3;
    case Group::crash:
      return 4;
    case Group::outage:
      return 5;
    case Group::slow:
      return 6;
    case Group::fails:
      return 7;
    case Group::works:
      return 8;
    case Group::partial:
      return 9;
    case Group::topic:
      return 10;
    default:
      return 11;
  }
}

// "Microsoft Outlook": an owner's name right before a product that is a service of its own says whose it is.
void drop_owners(const Lexicon::Tables& t, Analysis& a) {
  const auto owns_the_next = [&](const Mention& m) {
    const Mention* next = &m + 1;
    return next != a.mentions.data() + a.mentions.size() && next->first == m.last &&
           t.services[next->service].owner == t.services[m.service].id;
  };
  std::size_t kept = 0;
  for (std::size_t i = 0; i < a.mentions.size(); ++i)
    if (!owns_the_next(a.mentions[i])) a.mentions[kept++] = a.mentions[i];
  a.mentions.resize(kept);
}

void select_states(const Lexicon::Tables& t, Analysis& a) {
  // "line murda", "order ta udhao": a single word that stands behind what fails has one sense.
  constexpr int reach_by_topic = 14;
  constexpr std::size_t words_to_topic = 2;
  std::vector<std::uint8_t>& ends_topic = a.taken;  // until it says what is taken, below
  ends_topic.assign(a.tokens.size() + 1, 0);
  for (const PhraseHit& hit : a.hits)
    if (t.phrase_list[hit.phrase].group == Group::topic) ends_topic[hit.last] = 1;
  const auto stands_by_topic = [&](const PhraseHit& hit) {
    for (std::size_t gap = 0; gap <= words_to_topic && gap <= hit.first; ++gap)
      if (ends_topic[hit.first - gap] != 0) return true;
    return false;
  };
  auto near_enough = [&](const PhraseHit& hit) {
    const Phrase& phrase = t.phrase_list[hit.phrase];
    if (phrase.near == 0) return true;
    const int near = phrase.reaches_by_topic && stands_by_topic(hit) ? reach_by_topic : phrase.near;
    // Mentions stand in order and do not overlap: those right before and after the hit are the nearest.
    const auto after = std::partition_point(a.mentions.begin(), a.mentions.end(),
                                            [&](const Mention& m) { return m.first < hit.first; });
    const auto is_near = [&](const Mention& m) {
      return distance(hit.first, hit.last, m.first, m.last) <= near;
    };
    return (after != a.mentions.end() && is_near(*after)) ||
           (after != a.mentions.begin() && is_near(after[-1]));
  };
  auto inside_a_name = [&](const PhraseHit& hit) {
    const auto holds_it = [&](const auto& names) {
      const auto after = std::partition_point(names.begin(), names.end(),
                                              [&](const auto& name) { return name.first <= hit.first; });
      return after != names.begin() && hit.last <= after[-1].last;
    };
    return holds_it(a.mentions) || holds_it(a.places);
  };
  std::vector<PhraseHit>& states = a.states;
  for (const PhraseHit& hit : a.hits) {
    const Phrase& phrase = t.phrase_list[hit.phrase];
    if (is_state(phrase.group)) {
      if (near_enough(hit) && !inside_a_name(hit)) states.push_back(hit);
    } else if (phrase.group != Group::context) {
      if (!near_enough(hit)) continue;
      a.cues.push_back(hit);
      a.groups |= Analysis::bit(phrase.group);
    }
  }
  // A longer expression with another sense hides what overlaps it, however long that is ("दाम डाउन हो गया").
  const auto hides = [&](const PhraseHit& hit) {
    return hit.words >= 2 && t.phrase_list[hit.phrase].group == Group::mask;
  };
  std::sort(states.begin(), states.end(), [&](const PhraseHit& x, const PhraseHit& y) {
    if (hides(x) != hides(y)) return hides(x);
    if (x.words != y.words) return x.words > y.words;
    const int nx = x.last - x.first, ny = y.last - y.first;
    if (nx != ny) return nx < ny;  // same words with a smaller gap
    const int rx = rank(t.phrase_list[x.phrase].group), ry = rank(t.phrase_list[y.phrase].group);
    if (rx != ry) return rx < ry;
    const bool nx_needs = t.phrase_list[x.phrase].needs_topic, ny_needs = t.phrase_list[y.phrase].needs_topic;
    if (nx_needs != ny_needs) return ny_needs;
    return x.first != y.first ? x.first < y.first : x.phrase < y.phrase;
  });
  a.taken.assign(a.tokens.size() + 1, 0);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < states.size(); ++i) {
    const PhraseHit hit = states[i];
    if (std::any_of(a.taken.begin() + hit.first, a.taken.begin() + hit.last,
                    [](std::uint8_t x) { return x != 0; }))
      continue;
    std::fill(a.taken.begin() + hit.first, a.taken.begin() + hit.last, 1);
    states[kept++] = hit;
  }
  states.resize(kept);
  std::sort(states.begin(), states.end(),
            [](const PhraseHit& x, const PhraseHit& y) { return x.first < y.first; });
}

}  // namespace

// A text is read up to so many tokens: three long newspaper articles. Positions of tokens have 16 bits.
constexpr std::size_t most_tokens = 5'000;

void find_names_and_phrases(const Lexicon::Tables& tables, std::string_view text, Analysis& analysis,
                            bool only_if_named) {
  analysis.clear();
  scan(text, analysis.scanned);
  Annotator(tables, analysis).run();
  if (analysis.tokens.size() > most_tokens) analysis.tokens.resize(most_tokens);
  std::erase_if(analysis.mentions, [&](const Mention& m) { return m.last > analysis.tokens.size(); });
  link_solid(analysis.tokens);
  NameFinder names(tables, analysis);
  names.candidates();
  if (only_if_named && !names.any_service()) {
    analysis.mentions.clear();
    return;
  }
  analysis.looks += tables.phrases.match(analysis.tokens, analysis.spans, analysis.hits);
  names.resolve();
  drop_owners(tables, analysis);
  select_states(tables, analysis);
  recognise_article(tables, text, analysis);
}

}  // namespace thap::nlp
