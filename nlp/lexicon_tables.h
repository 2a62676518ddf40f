// The compiled lexicon as the reader uses it. Private to nlp/ and its tests.
#pragma once
#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "nlp/lexicon.h"
#include "nlp/phrase_book.h"

namespace thap::nlp {

// What a phrase says. The first block tells the state of a service, the second changes what the first means.
enum class Group : std::uint8_t {
  // state
  topic,
  symptom,
  outage,
  fails,
  slow,
  crash,
  partial,
  works,
  back,
  not_back,
  mask,
  // cues
  negation_lookalike,
  residual,
  retrospective,
  past_marker,
  planned,
  hypothetical,
  advice,
  wish,
  simile,
  metaphor,
  own_trouble,
  own_ruled_out,
  only_mine,
  others_too,
  question,
  government,
  company_news,
  customer_complaint,
  marketing,
  chronic,
  official,
  news,
  hedge,
  guess,
  blame_before,
  blame_after,
  refuge,
  rival,
  speaker,
  owner,
  deny,
  deactivated,
  meme,
  emoji_anger,
  emoji_recovery,
  emoji_meme,
  now,
  since,
  first_person,
  article_tail,
  imperative_use,
  dateline,
  but,
  article_end,
  conversation,
  attempt,
  consequence,
  overload,
  collective,
  soon,
  // words that decide whether an ambiguous name is one
  context,
};
static_assert(static_cast<int>(Group::context) < 64);  // sets of groups are 64 bits
std::string_view name(Group group);
std::optional<Group> cue_group_named(std::string_view text);
constexpr bool is_state(Group group) { return group <= Group::mask; }

struct Phrase {
  Group group{Group::outage};
  std::string text;                // as written
  std::string place;               // file#/pointer
  Symptom symptom{Symptom::down};  // of topics and symptoms
  Status status{Status::down};
  bool has_negator{false};       // uses a {neg...} class: no other negator cancels it
  bool needs_topic{false};       // "nahi hai", "nei": of a service alone it says nothing
  int near{0};                   // counts only if a service is named within so many tokens; 0: anywhere
  bool reaches_by_topic{false};  // beside a topic it counts further from the name than `near`
  std::uint32_t context{0};
};

struct Condition {
  std::vector<std::uint32_t> near, after, unless;  // context numbers
  int within{5};                                   // 1: the word right beside it
  bool near_symptom{false}, near_service{false};
  enum class Case : std::uint8_t { any, upper, capital } letter_case{Case::any};
};

// One spelling of a service or place, or of a longer name that is neither.
struct Alias {
  enum class Of : std::uint8_t { service, place, nothing } of{Of::service};
  std::uint32_t entry{0};  // index into services or places
  int condition{-1};       // index into conditions; -1: always
  std::string text, place;
  std::size_t letters{0};  // of the folded form: short names need care inside handles
};

struct Example {
  enum class Of : std::uint8_t { service, place, symptom, cue } of{Of::service};
  std::uint32_t entry{0};  // service, place, symptom or Group
  bool yes{true};
  std::string text, place;
};

// Lets tables of strings be asked with a string_view.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
template <class Value>
using TextMap = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

struct Lexicon::Tables {
  Tables() : names(vocabulary, 0), phrases(vocabulary, 1) {}

  std::string version;
  std::vector<Service> services;
  std::vector<Place> places;
  std::unordered_map<std::uint32_t, std::uint32_t> service_by_number, place_by_number;
  std::array<Names, symptom_count> symptom_names, symptom_phrases;

  Vocabulary vocabulary;
  PhraseBook names;    // ids: index into aliases
  PhraseBook phrases;  // ids: index into phrase_list
  std::vector<Alias> aliases;
  std::vector<Phrase> phrase_list;
  std::vector<Condition> conditions;
  TextMap<std::uint32_t> handles;       // folded, lower case, letters and digits only -> service
  TextMap<std::uint32_t> handle_stems;  // unconditional Latin aliases of 4 letters and more
  std::unordered_set<std::string, TextHash, std::equal_to<>> handle_endings;  // care, official, india, ...
  std::vector<Example> examples;
  std::vector<Finding> findings;  // of loading: duplicates and the like

  // Symbols the reader asks for by name; no word reads as one that the lexicon does not define.
  Symbol negator_en{0}, negator_hi{0}, negator_bn{0}, particle{0}, connector{0}, arrival{0};
  Symbol habitual{0};                    // hoy, chole, হয়: verb forms of habit
  Symbol technical{0};                   // app, site, server, down: what is no person and no parcel
  Symbol failure{0};                     // words of error texts: failed, unable, suspended, busy
  Symbol shown{0};                       // what a screen does with a text: shows, likha aata, dekhacche
  Symbol in_progress{0};                 // processing, pending, sending: on a screen a state and no error
  Symbol fibre{0};                       // words for fixed lines inside service names
  Symbol net{0}, stop{0}, authority{0};  // together: the net shut by order
  Symbol mind{0}, machine{0};            // together: a brain has a server
  Symbol asks_why{0};
  Symbol back_then{0};  // that, then: goes on about what was told last
  // Words of times of day and lengths of time: times.json says which.
  using TimeWord = std::uint32_t;  // a class of them, 1 to 63
  struct TimeWords {
    TextMap<std::uint64_t> classes_of;  // folded word -> bit per class
    TimeWord half{0}, quarter_past{0}, quarter_to{0}, one{0}, one_and_half{0}, two_and_half{0};
    TimeWord oclock{0}, oclock_bn{0}, am{0}, pm{0}, the_time{0};
    TimeWord dawn{0}, morning{0}, noon{0}, afternoon{0}, evening{0}, night{0};
    TimeWord two_hours{0};              // "দু'ঘণ্টা", one word
    std::array<TimeWord, 5> numbers{};  // two to six
    TimeWord minute{0}, hour{0}, from{0}, since{0}, about{0};
    TimeWord after{0};        // "दो घंटे बाद", "two hours later"
    TimeWord after_first{0};  // "after two hours"
  } times;
  Symbol function_en{0}, function_hi{0}, function_bn{0};  // words that tell romanised languages apart
  std::uint32_t quoted_phrase{0};  // stands for words of failure inside quotation marks
  std::uint32_t context_count{1};

  std::vector<std::string> class_members(std::string_view name) const;
  std::map<std::string, std::vector<std::string>, std::less<>> classes;
};

}  // namespace thap::nlp
