// Reads posts: which service fails, with what symptoms, who speaks. Pure; the lexicon is its only knowledge.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nlp/lexicon.h"
#include "nlp/reading.h"

namespace thap::nlp {

struct ReadHints {
  bool author_is_official{false};  // on the operator's list: the service's own word, never a complaint
  // A post that names no service reads as an empty Reading, several times faster: all that counting needs.
  bool only_if_named{false};
  // When it was written, Unix milliseconds: times of day in an explanation become moments.
  std::optional<std::int64_t> posted_at_ms{};
};

// One thing found in a text and what was made of it.
struct Span {
  std::size_t begin{0}, end{0};  // bytes of the original text, half-open
  EntryRef entry;
  std::string note;  // "down", "cancelled by \"nahi\"", "refuge: no subject", ...; may be empty
};

// A time that a text tells. At least one of the optional fields is set.
struct When {
  std::optional<int> minute_of_day;   // by the clocks of its readers: 960 is four in the afternoon
  std::optional<int> minutes_before;  // "since 20 minutes": before it was written
  std::optional<std::int64_t> at_ms;  // Unix milliseconds, if it is known when it was written
  bool approximate{false};            // "about", "after", "minutes later"
};

// What an article tells of one service; `degraded` also while it slowly comes back.
struct ToldEvent {
  ServiceId service{};
  Status status{Status::down};
  std::optional<When> when;
  std::size_t begin{0}, end{0};  // bytes of the original text, half-open
};

// A reading with everything that led to it.
struct Explanation {
  Reading reading;
  std::string folded;                // the text as matched, tokens separated by spaces
  std::vector<Span> spans;           // in order
  std::vector<std::string> reasons;  // one sentence per service, then kind and language
  std::vector<ToldEvent> events;     // of an article, in order; what is only said again is left out
  std::optional<When> onset;         // when it is said to have begun to fail
  std::optional<int> lasted_min;     // "back after two hours", as an article says it, right or wrong
  std::string_view cause;            // "overload", or empty; a provider that is blamed stands in the reading
};

// Threads: immutable; read() and explain() from any thread (each keeps its own scratch).
class Reader {
 public:
  explicit Reader(Lexicon::Pointer lexicon) : lexicon_(std::move(lexicon)) {}

  // `text` is valid UTF-8; linear in its length. Never fails: what says nothing reads as nothing.
  Reading read(std::string_view text, ReadHints hints = {}) const;
  Explanation explain(std::string_view text, ReadHints hints = {}) const;

  // Whether a handle is a service's official account, as the lexicon lists them.
  bool is_service_handle(std::string_view handle) const;

  const Lexicon& lexicon() const { return *lexicon_; }
  const Lexicon::Pointer& lexicon_pointer() const { return lexicon_; }

 private:
  Lexicon::Pointer lexicon_;
};

}  // namespace thap::nlp
