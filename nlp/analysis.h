// What is found in one text on the way to a reading: tokens, names, phrases, events. Private to nlp/ and its
// tests.
#pragma once
#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "nlp/lexicon_tables.h"
#include "nlp/reader.h"

namespace thap::nlp {

// Why a service that is named is not what the trouble words speak of.
enum class Role : std::uint8_t { subject, cause, guess, refuge, speaker, owner, verb };
std::string_view name(Role role);

struct Mention {
  std::uint16_t first{0}, last{0};  // tokens, half-open
  std::uint32_t alias{0};           // index into tables.aliases; handle_alias: by its handle
  std::uint32_t service{0};         // index into tables.services
  std::uint16_t list{0};            // mentions in one enumeration share it
  Role role{Role::subject};
  bool in_tag{false}, in_handle{false};
};
inline constexpr std::uint32_t handle_alias = 0xFFFFFFFF;

struct PlaceMention {
  std::uint16_t first{0}, last{0};
  std::uint32_t alias{0};
  std::uint32_t place{0};
};

// A phrase that tells a state: something fails, works or is back.
struct Event {
  enum class Says : std::uint8_t { fails, works, back } says{Says::fails};
  std::uint16_t first{0}, last{0};
  std::uint16_t from{
      0};  // where what fails begins, if it stands before: "login ... nahi ho raha"; or `first`
  std::uint32_t phrase{0};
  Status status{Status::down};
  SymptomSet symptoms;
  bool is_generic{false};  // adds `down` where nothing else says what fails
  bool is_weak{false};     // "nahi ho raha" without anything that does not happen
  bool in_tag{false};
  bool in_question{false};
  bool negated{false};
  bool is_void{false};
  Group voided_by{Group::context};
  std::uint16_t bond{0};  // index into bonds: the mentions it speaks of
};

// Some mentions that events speak of together: half-open in bound_mentions. Events share one, so that many
// events about a long list cost no more than both.
struct Bond {
  std::uint32_t first{0}, last{0};
};

// Hits in order of their first token, of which those around a name are asked for.
// A phrase by which conditions of names are decided; what near() walks over, so it is small.
struct Witness {
  std::uint16_t first{0}, last{0};
  std::uint32_t context{0};
};

template <class Hit>
struct HitsInOrder {
  std::vector<Hit> hits;
  int longest{0};  // tokens
  void add(const Hit& hit) {
    hits.push_back(hit);
    longest = std::max(longest, hit.last - hit.first);
  }
  void clear() {
    hits.clear();
    longest = 0;
  }
};

struct Analysis {
  ScannedText scanned;
  std::string extra;                  // folded forms made by splitting tokens
  std::vector<std::uint64_t> hashes;  // of the scanned tokens' words
  std::vector<ReadToken> tokens;
  std::vector<Mention> mentions;
  std::vector<PlaceMention> places;
  std::vector<PhraseHit> hits;                // every phrase found
  std::vector<PhraseHit> states;              // the state phrases that won, in order
  std::vector<PhraseHit> cues;                // the cue phrases, in order
  std::vector<Event> events;                  // in order of their first token; one inferred is the last
  std::vector<Bond> bonds;                    // the first is empty: of nothing
  std::vector<std::uint16_t> bound_mentions;  // indices into mentions
  std::uint64_t groups{0};                    // bit per cue group present
  // Bit per group of states and cues in each clause and sentence; filled by find_events().
  std::vector<std::uint64_t> clause_groups, sentence_groups;
  bool is_article{false};  // long: cues speak of their sentence only, tail and dateline are dropped

  // scratch
  std::vector<std::uint16_t> glue_first, tag_last;  // of tag_around()
  std::vector<std::uint16_t> by_service;            // of conclude()
  std::vector<std::uint32_t> bond_begin;            // likewise: where the events of each bond begin ...
  std::vector<std::uint16_t> events_by_bond;        // ... in here
  HitsInOrder<PhraseHit> plain_names;               // of services, without a condition
  HitsInOrder<Witness> witnesses;
  HitsInOrder<PhraseHit> failures;  // conditions of names may ask for them, too
  std::vector<PhraseHit> name_hits;
  std::vector<std::pair<std::uint64_t, PhraseHit>> ranked_names;  // while they are put in order
  std::vector<NameSpan> spans;
  std::vector<std::uint8_t> taken;

  // Names, phrases and events looked at for the sake of another one: what makes a long post dear, and what
  // the tests hold to be linear in its length.
  std::uint64_t looks{0};

  static constexpr std::uint64_t bit(Group group) { return std::uint64_t{1} << static_cast<int>(group); }
  bool has(Group group) const { return groups & bit(group); }
  std::span<const std::uint16_t> bound(const Event& event) const {
    const Bond& bond = bonds[event.bond];
    return std::span(bound_mentions).subspan(bond.first, bond.last - bond.first);
  }
  void clear();
};

// What an article's word that something is back comes to: degraded while it "slowly comes back".
inline Status status_when_back(const Lexicon::Tables& tables, const Event& event) {
  return tables.phrase_list[event.phrase].status == Status::degraded ? Status::degraded : Status::recovered;
}

struct TokenRange {
  std::size_t first{0}, last{0};  // half-open
  friend bool operator==(const TokenRange&, const TokenRange&) = default;
};
// The parts of the tag in which the tokens from `first` to `last` stand.
TokenRange tag_around(Analysis& analysis, std::size_t first, std::size_t last);

// Fills tokens, mentions, places, states and cues; with `only_if_named` nothing but tokens where no service
// may be named.
void find_names_and_phrases(const Lexicon::Tables& tables, std::string_view text, Analysis& analysis,
                            bool only_if_named = false);
// After it has found everything: whether the text is an article; then what stands in its furniture is
// dropped.
void recognise_article(const Lexicon::Tables& tables, std::string_view text, Analysis& analysis);
// Fills events with what each says and why it may be void.
void find_events(const Lexicon::Tables& tables, std::string_view text, Analysis& analysis);
// Gives every mention its role and list, and binds every event to the mentions it speaks of.
void bind_events(const Lexicon::Tables& tables, Analysis& analysis);
// Binds one event more, made by inference, by where it stands. After bind_events().
void bind_event(const Lexicon::Tables& tables, Analysis& analysis, Event& event);
// From events to the reading.
void conclude(const Lexicon::Tables& tables, std::string_view text, ReadHints hints, Analysis& analysis,
              Reading& reading, Explanation* explanation);
// Fills what an explanation says beyond the reading: events in order, onset, cause.
// Linear in the length of the text.
void tell(const Lexicon::Tables& tables, Analysis& analysis, ReadHints hints, Explanation& out);
Language identify_language(const Lexicon::Tables& tables, const Analysis& analysis);

}  // namespace thap::nlp
