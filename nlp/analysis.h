// What is found in one text on the way to a reading: tokens, names, phrases, events. Private to nlp/ and its
// tests.
#pragma once
#include <cstdint>
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
  std::vector<std::uint16_t> bound;  // indices into mentions
};

struct Analysis {
  ScannedText scanned;
  std::string extra;  // folded forms made by splitting tokens
  std::vector<ReadToken> tokens;
  std::vector<Mention> mentions;
  std::vector<PlaceMention> places;
  std::vector<PhraseHit> hits;    // every phrase found
  std::vector<PhraseHit> states;  // the state phrases that won, in order
  std::vector<PhraseHit> cues;    // the cue phrases, in order
  std::vector<Event> events;
  std::uint64_t groups{0};  // bit per cue group present
  bool is_article{false};   // long: cues speak of their sentence only, tail and dateline are dropped

  // scratch
  std::vector<PhraseHit> name_hits;
  std::vector<NameSpan> spans;
  std::vector<std::uint8_t> taken;

  bool has(Group group) const { return (groups >> static_cast<int>(group)) & 1; }
  void clear();
};

// Fills tokens, mentions, places, states and cues; with `only_if_named` nothing but tokens where no service
// may be named.
void find_names_and_phrases(const Lexicon::Tables& tables, std::string_view text, Analysis& analysis,
                            bool only_if_named = false);
// Fills events with what each says and why it may be void.
void find_events(const Lexicon::Tables& tables, std::string_view text, Analysis& analysis);
// Gives every mention its role and list, and binds every event to the mentions it speaks of.
void bind_events(const Lexicon::Tables& tables, Analysis& analysis);
// Binds one event more, made by inference, by where it stands. After bind_events().
void bind_event(const Lexicon::Tables& tables, Analysis& analysis, Event& event);
// From events to the reading.
void conclude(const Lexicon::Tables& tables, std::string_view text, ReadHints hints, Analysis& analysis,
              Reading& reading, Explanation* explanation);
Language identify_language(const Lexicon::Tables& tables, const Analysis& analysis);

}  // namespace thap::nlp
