#include "nlp/phrase_book.h"

#include <fmt/format.h>
#define XXH_INLINE_ALL  // words are short: the call would cost more than the hash
#include <xxhash.h>

#include <algorithm>

namespace thap::nlp {

using ingest::Code;
using ingest::fail;
using ingest::Result;

// ---- Vocabulary

std::uint64_t Vocabulary::hash(std::string_view folded) { return XXH3_64bits(folded.data(), folded.size()); }

Vocabulary::Vocabulary() : loading_(std::make_unique<Loading>()) {}

Symbol Vocabulary::word(std::string_view folded) {
  const auto [at, is_new] = loading_->words.try_emplace(std::pmr::string(folded, &loading_->memory), next_);
  if (is_new) add_reading(folded, next_++);
  return at->second;
}

Symbol Vocabulary::word_class(std::string_view name) {
  const auto [at, is_new] = loading_->classes.try_emplace(std::pmr::string(name, &loading_->memory), next_);
  if (is_new) ++next_;
  return at->second;
}

bool Vocabulary::has_class(std::string_view name) const {
  return loading_->classes.contains(std::pmr::string(name, &loading_->memory));
}

void Vocabulary::add_reading(std::string_view folded, Symbol symbol) {
  auto& readings = loading_->readings[std::pmr::string(folded, &loading_->memory)];
  if (std::find(readings.begin(), readings.end(), symbol) != readings.end()) return;
  readings.push_back(symbol);
  loading_->members[symbol].emplace_back(folded);
}

Symbol Vocabulary::any_of(std::vector<Symbol> symbols) {
  std::sort(symbols.begin(), symbols.end());
  symbols.erase(std::unique(symbols.begin(), symbols.end()), symbols.end());
  if (symbols.size() == 1) return symbols.front();
  const auto [at, is_new] = loading_->sets.try_emplace(
      std::pmr::vector<Symbol>(symbols.begin(), symbols.end(), &loading_->memory), next_);
  if (!is_new) return at->second;
  const Symbol set = next_++;
  for (const Symbol symbol : symbols) {
    // A copy: the members of the set are added while we go through those of the symbol.
    const std::vector<std::string> words(loading_->members[symbol].begin(), loading_->members[symbol].end());
    for (const std::string& word : words) add_reading(word, set);
  }
  return set;
}

void Vocabulary::freeze(const std::array<std::function<bool(Symbol)>, 2>& begins) {
  std::size_t size = 64;
  while (size < loading_->readings.size() * 3 / 2) size *= 2;
  slots_.assign(size, WordSlot{});
  readings_.clear();
  filter_.assign(filter_bits / 64, 0);
  std::size_t total = 0;
  for (const auto& [text, readings] : loading_->readings) total += readings.size() * (1 + begins.size());
  readings_.reserve(total);  // slots point into it
  for (const auto& [text, readings] : loading_->readings) {
    const std::uint64_t hash = Vocabulary::hash(text);
    filter_[filter_word(hash)] |= filter_bit(hash);
    std::size_t i = hash & (size - 1);
    while (slots_[i].count != 0) i = (i + 1) & (size - 1);
    slots_[i].hash = hash;
    slots_[i].at = readings_.data() + readings_.size();
    slots_[i].count = static_cast<std::uint16_t>(readings.size());
    readings_.insert(readings_.end(), readings.begin(), readings.end());
    for (const Symbol symbol : readings) slots_[i].mask |= mask_of(symbol);
    for (std::size_t book = 0; book < begins.size(); ++book)
      for (Symbol symbol : readings)
        if (begins[book](symbol)) {
          readings_.push_back(symbol);
          ++slots_[i].begin_count[book];
        }
  }
  loading_.reset();
}

Readings Vocabulary::readings_of(std::uint64_t hash) const {
  if ((filter_[filter_word(hash)] & filter_bit(hash)) == 0) return {};
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = hash & mask; slots_[i].count != 0; i = (i + 1) & mask)
    if (slots_[i].hash == hash) return Readings(slots_[i]);
  return {};
}

std::size_t Vocabulary::bytes() const {
  return slots_.size() * sizeof(WordSlot) + readings_.size() * sizeof(Symbol);
}

// ---- Parsing a pattern into its expansions

namespace {

using Sequences = std::vector<std::vector<Symbol>>;
constexpr std::size_t max_expansions = 512;

class Parser {
 public:
  Parser(std::string_view pattern, Vocabulary& vocabulary) : text_(pattern), vocabulary_(vocabulary) {}

  Result<Sequences> parse() {
    auto out = alternatives();
    if (!out) return out;
    if (at_ < text_.size()) return fail(Code::bad_setting, fmt::format("')' without '(' in \"{}\"", text_));
    return out;
  }

 private:
  // a|b c|  up to ')' or the end
  Result<Sequences> alternatives() {
    Sequences all;
    for (;;) {
      auto one = sequence();
      if (!one) return one;
      all.insert(all.end(), one->begin(), one->end());
      if (all.size() > max_expansions) return too_many();
      if (at_ < text_.size() && text_[at_] == '|') {
        ++at_;
        continue;
      }
      return all;
    }
  }

  Result<Sequences> sequence() {
    Sequences so_far = {{}};
    while (at_ < text_.size() && text_[at_] != '|' && text_[at_] != ')') {
      if (text_[at_] == ' ') {
        ++at_;
        continue;
      }
      auto element = item();
      if (!element) return element;
      if (at_ < text_.size() && text_[at_] == '?') {
        ++at_;
        element->push_back({});
      }
      if (so_far.size() * element->size() > max_expansions) return too_many();
      Sequences next;
      for (const auto& head : so_far)
        for (const auto& tail : *element) {
          auto joined = head;
          joined.insert(joined.end(), tail.begin(), tail.end());
          next.push_back(std::move(joined));
        }
      so_far = std::move(next);
    }
    return so_far;
  }

  Result<Sequences> item() {
    if (text_[at_] == '(') {
      if (++depth_ > deepest)
        return fail(Code::bad_setting, fmt::format("brackets nested more than {} deep", deepest));
      ++at_;
      auto inner = alternatives();
      --depth_;
      if (!inner) return inner;
      if (at_ >= text_.size() || text_[at_] != ')')
        return fail(Code::bad_setting, fmt::format("'(' without ')' in \"{}\"", text_));
      ++at_;
      return folded_into_one(std::move(*inner));
    }
    if (text_[at_] == '{') {
      const auto end = text_.find('}', at_);
      if (end == std::string_view::npos)
        return fail(Code::bad_setting, fmt::format("'{{' without '}}' in \"{}\"", text_));
      const std::string name(text_.substr(at_ + 1, end - at_ - 1));
      at_ = end + 1;
      if (name == "service") return Sequences{{any_service}};
      if (name == "place") return Sequences{{any_place}};
      if (name == "number") return Sequences{{any_number}};
      if (!vocabulary_.has_class(name))
        return fail(
            Code::bad_setting,
            fmt::format("\"{}\" uses the word class {{{}}}, which words.json does not have", text_, name));
      return Sequences{{vocabulary_.word_class(name)}};
    }
    const auto end = std::min(text_.find_first_of(" (){}|?", at_), text_.size());
    if (end == at_)
      return fail(Code::bad_setting, fmt::format("'{}' out of place in \"{}\"", text_[at_], text_));
    const std::string_view word = text_.substr(at_, end - at_);
    at_ = end;
    if (word == "*") return Sequences{{gap_of_two}};
    if (word == "**") return Sequences{{gap_of_four}};
    ScannedText scanned;
    scan(word, scanned);
    std::vector<Symbol> symbols;
    for (const auto& token : scanned.tokens)
      if (token.fold_length > 0) symbols.push_back(vocabulary_.word(scanned.text_of(token)));
    return Sequences{symbols};  // marks alone stand for nothing: the scan drops them from posts too
  }

  // Alternatives of one word each are one class of words.
  Sequences folded_into_one(Sequences alternatives) {
    std::vector<Symbol> words;
    Sequences rest;
    for (auto& sequence : alternatives) {
      if (sequence.size() == 1 && sequence.front() >= first_word_symbol)
        words.push_back(sequence.front());
      else
        rest.push_back(std::move(sequence));
    }
    if (!words.empty()) rest.push_back({vocabulary_.any_of(std::move(words))});
    return rest;
  }

  tl::unexpected<ingest::Error> too_many() const {
    return fail(Code::bad_setting, fmt::format("\"{}\" has more than {} expansions", text_, max_expansions));
  }

  static constexpr int deepest = 16;

  std::string_view text_;
  std::size_t at_{0};
  int depth_{0};
  Vocabulary& vocabulary_;
};

bool is_gap(Symbol symbol) { return symbol == gap_of_two || symbol == gap_of_four; }
std::size_t gap_length(Symbol symbol) { return symbol == gap_of_two ? 2 : 4; }

}  // namespace

Result<void> PhraseBook::add(std::string_view pattern, std::uint32_t id) {
  auto sequences = Parser(pattern, vocabulary_).parse();
  if (!sequences) return tl::unexpected(sequences.error());
  for (const auto& sequence : *sequences) {
    if (sequence.empty())
      return fail(Code::bad_setting, fmt::format("\"{}\" may match nothing at all", pattern));
    if (is_gap(sequence.front()) || is_gap(sequence.back()))
      return fail(Code::bad_setting, fmt::format("\"{}\" begins or ends with a gap", pattern));
    insert(sequence, id);
  }
  return {};
}

void PhraseBook::add_name(const std::vector<std::string>& words, std::uint32_t id) {
  std::vector<Symbol> sequence;
  std::string joined;
  for (const auto& word : words) {
    sequence.push_back(vocabulary_.word(word));
    joined += word;
  }
  insert(sequence, id);
  if (words.size() > 1) insert({vocabulary_.word(joined)}, id);
}

void PhraseBook::insert(const std::vector<Symbol>& sequence, std::uint32_t id) {
  std::uint32_t node = 0;
  for (Symbol symbol : sequence) {
    const auto [at, is_new] =
        building_[node].try_emplace(symbol, static_cast<std::uint32_t>(building_.size()));
    node = at->second;
    if (is_new) {
      building_.emplace_back();
      building_ids_.emplace_back();
    }
  }
  auto& ids = building_ids_[node];
  if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  if (keep_expansions_) expansions_.emplace_back(sequence, id);
}

void PhraseBook::freeze() {
  nodes_.assign(building_.size(), Node{});
  root_.assign(vocabulary_.symbol_count(), 0);
  for (std::size_t i = 0; i < building_.size(); ++i) {
    Node& node = nodes_[i];
    node.first_edge = static_cast<std::uint32_t>(edges_.size());
    for (const auto& [symbol, child] : building_[i]) {
      switch (symbol) {
        case any_service:
          node.service = child;
          break;
        case any_place:
          node.place = child;
          break;
        case any_number:
          node.number = child;
          break;
        case gap_of_two:
          node.small_gap = child;
          break;
        case gap_of_four:
          node.large_gap = child;
          break;
        default:
          if (i == 0) root_[symbol] = child;
          edges_.push_back({symbol, child});
          node.mask |= Vocabulary::mask_of(symbol);
      }
    }
    node.edge_count = static_cast<std::uint32_t>(edges_.size()) - node.first_edge;
    node.first_id = static_cast<std::uint32_t>(ids_.size());
    ids_.insert(ids_.end(), building_ids_[i].begin(), building_ids_[i].end());
    node.id_count = static_cast<std::uint32_t>(ids_.size()) - node.first_id;
  }
  building_.clear();
  building_ids_.clear();
}

std::size_t PhraseBook::bytes() const {
  return nodes_.size() * sizeof(Node) + edges_.size() * sizeof(Edge) + (ids_.size() + root_.size()) * 4;
}

// ---- Matching

namespace {
// Quotation marks and particles may stand between the words of a phrase.
bool may_be_skipped(const Token& token) { return token.type == TokenType::quote || token.has(particle); }
bool breaks_gap(const Token& token) {
  return token.type == TokenType::stop || token.type == TokenType::pause;
}
}  // namespace

void link_solid(std::span<ReadToken> tokens) {
  auto solid = static_cast<std::uint16_t>(tokens.size());
  for (std::size_t i = tokens.size(); i-- > 0;) {
    if (!may_be_skipped(tokens[i].token)) solid = static_cast<std::uint16_t>(i);
    tokens[i].next_solid = solid;
  }
}

struct PhraseBook::Walk {
  const PhraseBook& book;
  std::span<const ReadToken> tokens;
  std::span<const NameSpan> names;
  std::vector<PhraseHit>& hits;
  std::size_t steps{0};
  std::size_t start{0};

  void from(std::uint32_t node_index, std::size_t i, std::uint16_t words) {
    if (++steps > max_steps) return;
    const Node& node = book.nodes_[node_index];
    for (std::uint32_t k = 0; k < node.id_count; ++k)
      hits.push_back({static_cast<std::uint16_t>(start), static_cast<std::uint16_t>(i), words,
                      book.ids_[node.first_id + k]});
    if (i >= tokens.size()) return;
    step(node, i, words);
    if (const std::size_t solid = tokens[i].next_solid; solid != i && solid < tokens.size())
      step(node, solid, words);
    if (node.small_gap) gap(node.small_gap, i, 2, words);
    if (node.large_gap) gap(node.large_gap, i, 4, words);
  }

  void step(const Node& node, std::size_t i, std::uint16_t words) {
    const auto w = static_cast<std::uint16_t>(words + 1);
    if ((node.mask & tokens[i].readings.mask()) != 0)
      for (Symbol symbol : tokens[i].readings.all())
        if (const std::uint32_t child = book.child(node, symbol)) from(child, i + 1, w);
    if (node.number && tokens[i].token.type == TokenType::number) from(node.number, i + 1, w);
    if (node.service || node.place) names_at(node, i, w);
  }

  // Names stand in order of their first token.
  void names_at(const Node& node, std::size_t i, std::uint16_t words) {
    auto name = std::lower_bound(names.begin(), names.end(), i,
                                 [](const NameSpan& span, std::size_t first) { return span.first < first; });
    for (; name != names.end() && name->first == i; ++name)
      if (const std::uint32_t next = name->is_place ? node.place : node.service)
        from(next, name->last, words);
  }

  void gap(std::uint32_t child, std::size_t i, std::size_t longest, std::uint16_t words) {
    const Node& node = book.nodes_[child];
    for (std::size_t skipped = 0; i < tokens.size(); ++skipped, ++i) {
      step(node, i, words);
      if (skipped == longest || breaks_gap(tokens[i].token)) return;
    }
  }
};

std::uint32_t PhraseBook::child(const Node& node, Symbol symbol) const {
  if ((node.mask & Vocabulary::mask_of(symbol)) == 0) return 0;
  const Edge* edges = edges_.data() + node.first_edge;
  if (node.edge_count <= 8) {
    for (std::uint32_t k = 0; k < node.edge_count; ++k)
      if (edges[k].symbol == symbol) return edges[k].node;
    return 0;
  }
  const Edge* end = edges + node.edge_count;
  const Edge* at =
      std::lower_bound(edges, end, symbol, [](const Edge& edge, Symbol s) { return edge.symbol < s; });
  return at != end && at->symbol == symbol ? at->node : 0;
}

std::size_t PhraseBook::match(std::span<const ReadToken> tokens, std::span<const NameSpan> names,
                              std::vector<PhraseHit>& hits) const {
  Walk walk{*this, tokens, names, hits};
  const Node& top = nodes_[0];
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    walk.start = i;
    for (Symbol symbol : tokens[i].readings.begin(number_)) walk.from(root_[symbol], i + 1, 1);
    if (top.number && tokens[i].token.type == TokenType::number) walk.from(top.number, i + 1, 1);
    if (top.service || top.place) walk.names_at(top, i, 1);
  }
  return walk.steps;
}

namespace {

// Every way `sequence` can match from token `i` on: calls found(end, words).
void match_from(std::span<const ReadToken> tokens, std::span<const NameSpan> names,
                std::span<const Symbol> sequence, std::size_t i, std::uint16_t words,
                const std::function<void(std::size_t, std::uint16_t)>& found) {
  if (sequence.empty()) return found(i, words);
  const auto rest = sequence.subspan(1);
  if (is_gap(sequence.front())) {
    for (std::size_t skipped = 0; skipped <= gap_length(sequence.front()); ++skipped) {
      const std::size_t j = i + skipped;
      if (j >= tokens.size()) return;
      if (skipped > 0 && breaks_gap(tokens[j - 1].token)) return;
      // After a gap nothing more is skipped.
      const auto w = static_cast<std::uint16_t>(words + 1);
      for (Symbol s : tokens[j].readings.all())
        if (s == rest.front()) match_from(tokens, names, rest.subspan(1), j + 1, w, found);
      if (rest.front() == any_number && tokens[j].token.type == TokenType::number)
        match_from(tokens, names, rest.subspan(1), j + 1, w, found);
      for (const NameSpan& name : names)
        if (name.first == j && rest.front() == (name.is_place ? any_place : any_service))
          match_from(tokens, names, rest.subspan(1), name.last, w, found);
    }
    return;
  }
  auto at = [&](std::size_t j) {
    if (j >= tokens.size()) return;
    const auto w = static_cast<std::uint16_t>(words + 1);
    for (Symbol s : tokens[j].readings.all())
      if (s == sequence.front()) match_from(tokens, names, rest, j + 1, w, found);
    if (sequence.front() == any_number && tokens[j].token.type == TokenType::number)
      match_from(tokens, names, rest, j + 1, w, found);
    for (const NameSpan& name : names)
      if (name.first == j && sequence.front() == (name.is_place ? any_place : any_service))
        match_from(tokens, names, rest, name.last, w, found);
  };
  at(i);
  if (words > 0 && i < tokens.size() && may_be_skipped(tokens[i].token)) {
    std::size_t j = i;
    while (j < tokens.size() && may_be_skipped(tokens[j].token)) ++j;
    at(j);
  }
}

}  // namespace

void PhraseBook::match_slowly(std::span<const ReadToken> tokens, std::span<const NameSpan> names,
                              std::vector<PhraseHit>& hits) const {
  for (std::size_t i = 0; i < tokens.size(); ++i)
    for (const auto& [sequence, id] : expansions_)
      match_from(tokens, names, sequence, i, 0, [&, id = id](std::size_t end, std::uint16_t words) {
        hits.push_back({static_cast<std::uint16_t>(i), static_cast<std::uint16_t>(end), words, id});
      });
}

}  // namespace thap::nlp
