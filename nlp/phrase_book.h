// Phrases over token classes, compiled into one trie whose edges are words, word classes, gaps and names.
// Built once, then read by any thread.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ingest/result.h"
#include "nlp/text.h"

namespace thap::nlp {

using Symbol = std::uint32_t;
inline constexpr Symbol any_service = 0, any_place = 1, any_number = 2, gap_of_two = 3, gap_of_four = 4,
                        first_word_symbol = 5;

// A row of the vocabulary's table.
struct WordSlot {
  std::uint64_t hash{0};
  std::uint64_t mask{0};  // Vocabulary::mask_of() of all readings
  const Symbol* at{nullptr};
  std::uint16_t count{0};
  std::array<std::uint16_t, 2> begin_count{};  // they follow the readings, book by book
};
inline constexpr WordSlot no_readings{};

// What a word may stand for; points into the vocabulary, and is copied with every token, so it is small.
class Readings {
 public:
  Readings() = default;
  explicit Readings(const WordSlot& slot) : slot_(&slot) {}
  bool empty() const { return slot_->count == 0; }
  // Vocabulary::mask_of() of all: says without a look at them what they are not.
  std::uint64_t mask() const { return slot_->mask; }
  std::span<const Symbol> all() const { return {slot_->at, slot_->count}; }
  // Those with which a phrase of the book begins.
  std::span<const Symbol> begin(std::size_t book) const {
    return {slot_->at + slot_->count + (book == 0 ? 0 : slot_->begin_count[0]), slot_->begin_count[book]};
  }

 private:
  const WordSlot* slot_{&no_readings};
};

// Words and what they may stand for: themselves and the classes they belong to.
class Vocabulary {
 public:
  Vocabulary();

  static constexpr std::uint64_t mask_of(Symbol symbol) { return std::uint64_t{1} << (symbol % 64); }

  // These, until add_reading, only before freeze(): it throws away what they look up.
  // The symbol of a folded word, made if new.
  Symbol word(std::string_view folded);
  // The symbol of a word class, made if new. Classes are named "{raha}" so that no word can clash with one.
  Symbol word_class(std::string_view name);
  bool has_class(std::string_view name) const;
  // One symbol for "any of these words or classes", the same for the same set. It keeps (a|b|c) from
  // multiplying.
  Symbol any_of(std::vector<Symbol> symbols);
  // From now on `folded` also reads as `symbol`.
  void add_reading(std::string_view folded, Symbol symbol);

  // `begins[k](symbol)` says whether a phrase of book k begins with the symbol.
  void freeze(const std::array<std::function<bool(Symbol)>, 2>& begins);

  // After freeze: what the word may stand for; empty for a word no phrase knows.
  Readings readings(std::string_view folded) const { return readings_of(hash(folded)); }
  // The same in three steps, so that the memory of the next words is on its way while one is looked at.
  static std::uint64_t hash(std::string_view folded);
  void prefetch(std::uint64_t hash) const {
    __builtin_prefetch(&filter_[filter_word(hash)]);
    __builtin_prefetch(&slots_[hash & (slots_.size() - 1)]);
  }
  Readings readings_of(std::uint64_t hash) const;
  bool knows(std::string_view folded) const { return !readings(folded).empty(); }
  Symbol symbol_count() const { return next_; }
  std::size_t bytes() const;

 private:
  static constexpr std::uint64_t filter_bits = 1u << 21;
  static std::size_t filter_word(std::uint64_t hash) { return (hash >> 40) % filter_bits / 64; }
  static std::uint64_t filter_bit(std::uint64_t hash) { return std::uint64_t{1} << ((hash >> 40) % 64); }

  // What only loading asks for. In memory of its own, which goes back whole: among what stays it would leave
  // holes, three times as large.
  struct Loading {
    std::pmr::monotonic_buffer_resource memory{1u << 20};
    std::pmr::unordered_map<std::pmr::string, std::pmr::vector<Symbol>> readings{&memory};
    std::pmr::unordered_map<std::pmr::string, Symbol> classes{&memory}, words{&memory};
    std::pmr::unordered_map<Symbol, std::pmr::vector<std::pmr::string>> members{
        &memory};  // read as the symbol
    std::pmr::map<std::pmr::vector<Symbol>, Symbol> sets{&memory};
  };
  std::unique_ptr<Loading> loading_;  // until freeze()
  Symbol next_{first_word_symbol};
  std::vector<WordSlot> slots_;
  std::vector<std::uint64_t>
      filter_;  // a bit a hash, small enough for the cache: most words of a post are unknown
  std::vector<Symbol> readings_;
};

// One token as the matcher sees it.
struct ReadToken {
  Token token;
  std::uint16_t next_solid{0};  // index of the first token from here on that may not be skipped: link_solid()
  Readings readings;
};
// Before match(): sets next_solid of all tokens. Quotation marks and particles may be skipped.
void link_solid(std::span<ReadToken> tokens);

// `first` to `last` are indices into the tokens, half-open; `words` is how many tokens matched outside gaps.
struct PhraseHit {
  std::uint16_t first{0}, last{0};
  std::uint16_t words{0};
  std::uint32_t phrase{0};
};

// A name found before phrases are matched; {service} and {place} step over it whole.
struct NameSpan {
  std::uint16_t first{0}, last{0};
  bool is_place{false};
};

class PhraseBook {
 public:
  // `number`: 0 or 1, which of the two books over this vocabulary it is.
  PhraseBook(Vocabulary& vocabulary, std::size_t number) : vocabulary_(vocabulary), number_(number) {}

  // Adds every expansion of `pattern` (syntax: nlp/lexicon/README.md) under `id`; more than 512 are refused,
  // as are unknown classes, unbalanced brackets and gaps at either end.
  ingest::Result<void> add(std::string_view pattern, std::uint32_t id);
  // Adds a plain sequence of folded words, and the same written together.
  void add_name(const std::vector<std::string>& words, std::uint32_t id);
  void freeze();

  // After freeze: whether a phrase begins with the symbol.
  bool begins_with(Symbol symbol) const { return symbol < root_.size() && root_[symbol] != 0; }

  // Appends every phrase that occurs, in order of its first token. Linear: at most `max_steps` edges are
  // followed. Returns how many were.
  std::size_t match(std::span<const ReadToken> tokens, std::span<const NameSpan> names,
                    std::vector<PhraseHit>& hits) const;

  static constexpr std::size_t max_steps = 100'000;
  std::size_t node_count() const { return nodes_.size(); }
  std::size_t bytes() const;

  // The slow, obvious way, for tests: every expansion tried at every token.
  void match_slowly(std::span<const ReadToken> tokens, std::span<const NameSpan> names,
                    std::vector<PhraseHit>& hits) const;
  void keep_expansions() { keep_expansions_ = true; }

 private:
  struct Edge {
    Symbol symbol;
    std::uint32_t node;
  };
  struct Node {
    std::uint64_t mask{0};  // mask_of() of the edges' symbols: most steps end here
    std::uint32_t first_edge{0}, edge_count{0};
    std::uint32_t first_id{0}, id_count{0};
    std::uint32_t small_gap{0}, large_gap{0}, service{0}, place{0}, number{0};  // 0: none
  };
  struct Walk;
  std::uint32_t child(const Node& node, Symbol symbol) const;
  void insert(const std::vector<Symbol>& sequence, std::uint32_t id);

  Vocabulary& vocabulary_;
  std::size_t number_;
  // While building: edges of each node.
  std::vector<std::map<Symbol, std::uint32_t>> building_{1};
  std::vector<std::vector<std::uint32_t>> building_ids_{1};
  std::vector<Node> nodes_;
  std::vector<Edge> edges_;
  std::vector<std::uint32_t> ids_;
  std::vector<std::uint32_t> root_;  // by symbol: node or 0
  bool keep_expansions_{false};
  std::vector<std::pair<std::vector<Symbol>, std::uint32_t>> expansions_;
};

}  // namespace thap::nlp
