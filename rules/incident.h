// An outage as thap knows it, and every step of its life. What rules/ hands on.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/post.h"
#include "ingest/result.h"
#include "nlp/reading.h"
#include "store/series.h"

namespace thap::rules {

// Stored: never renumber. What people see is never the word "confirmed".
enum class State : std::uint8_t { suspected = 0, confirmed = 1, easing = 2, resolved = 3, retracted = 4 };
enum class Severity : std::uint8_t { minor = 0, major = 1, critical = 2 };
enum class Confidence : std::uint8_t { medium = 0, high = 1 };
std::string_view name(State state);
std::string_view name(Severity severity);
std::string_view name(Confidence confidence);

// "inc_" and 13 base32 letters: a hash of service and onset, so that every run over the same records gives
// the same.
using IncidentId = std::string;
IncidentId incident_id(nlp::ServiceId service, std::int64_t onset_ms);

struct Incident {
  IncidentId id;
  std::uint32_t sequence{0};  // grows with each change
  nlp::ServiceId service{};
  State state{State::suspected};
  Severity severity{Severity::minor};
  Confidence confidence{Confidence::medium};
  std::string region{"IN"};  // ISO 3166-2 of a state, or IN, as of opening; a change is annotated
  IncidentId previous;       // the service's incident before this one, if it ended within a day; else empty

  // Milliseconds UTC; 0: not yet.
  std::int64_t started_ms{0};  // onset: when the first post of the excursion came
  std::int64_t suspected_ms{0};
  std::int64_t opened_ms{0};  // confirmed
  std::int64_t easing_ms{0};
  std::int64_t recovered_ms{0};  // estimated end of the fault
  std::int64_t resolved_ms{0};   // or retracted
  std::int64_t updated_ms{0};

  // Since the onset, but of the last hour at most; as of opened_ms, afterwards as of the last whole minute.
  std::uint64_t observed_posts{0};    // all complaints, each id once
  std::uint64_t observed_authors{0};  // admitted complaints: one an author and hour
  std::uint32_t observed_minutes{0};
  double expected_posts{0};  // in the same minutes, without margin
  double expected_low{0}, expected_high{0};
  double score{0}, threshold{0};  // nats
  double peak_per_minute{0};

  // Admitted complaints since the onset.
  std::array<std::uint32_t, nlp::symptom_count> symptoms{};
  std::array<std::uint32_t, nlp::language_count> languages{};
  std::array<std::uint32_t, ingest::network_count> sources{};  // by ingest::Network
  std::map<nlp::PlaceId, std::uint32_t> places;

  // Minute counts and expected values from 30 minutes before the onset to the end, kept with the incident.
  store::Minute first_minute{0};
  std::vector<std::uint16_t> minute_counts;
  std::vector<float> minute_expected;

  nlp::ServiceId cause{};        // provider named as the cause; 0: none
  std::uint32_t cause_posts{0};  // distinct authors who blame it
  std::string group;             // id shared by incidents with one cause; empty: alone
  bool eased_by_silence{false};  // complaints stopped, nobody said that it works again
  std::string reason;            // one sentence: why it is in this state
  std::string rules_version, lexicon_version, baseline_version;
};

struct Transition {
  IncidentId incident;
  std::uint32_t sequence{0};
  nlp::ServiceId service{};
  State from{State::suspected}, to{State::suspected};
  bool opened{false};     // the first time this incident is seen
  bool relapse{false};    // back from easing, or reopened after its end
  bool annotated{false};  // no change of state: cause, group, severity or region changed
  std::int64_t at_ms{0};
  std::string reason;
  Incident after;  // as it stood then
};

// What a person says of an incident.
enum class Verdict : std::uint8_t {
  confirm,  // a suspicion is a fault
  dismiss,  // a suspicion is none
  retract,  // what people were told of was none
  note,     // to be remembered; changes nothing else
};
std::string_view name(Verdict verdict);  // "retract"
std::string_view word(Verdict verdict);  // "withdrawn", before "by NAME: REASON"
std::optional<Verdict> verdict_from(std::string_view name);

constexpr bool is_open(State state) { return state == State::confirmed || state == State::easing; }

// Rows of Family::incidents. Records are kept up to date, transitions are written once; both begin with a
// version. A transition's `after` comes back without its minute counts, which only the record has.
inline constexpr std::string_view incident_prefix = "i/";
inline constexpr std::string_view transition_prefix = "t/";
std::string incident_key(const IncidentId& id);
std::string transition_key(const IncidentId& id, std::uint32_t sequence);  // in order of sequence
std::string encode(const Incident& incident);
std::string encode(const Transition& transition);
// Fail with `newer_format`, `corrupt`.
ingest::Result<Incident> decode_incident(std::string_view bytes);
ingest::Result<Transition> decode_transition(std::string_view bytes);

}  // namespace thap::rules
