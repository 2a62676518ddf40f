// An incident in sentences. "Posts report", never "is down": the counts show no more than that.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nlp/lexicon.h"
#include "rules/incident.h"
#include "serve/words.h"

namespace thap::serve {

struct Headline {
  std::string en, hi, bn;
};

// What was counted, since when, against what is usual.
Headline headline(const rules::Incident& incident, const nlp::Lexicon& lexicon);

// What a transition is to those who are told of it.
enum class EventType : std::uint8_t { opened, updated, easing, resolved, retracted };
std::string_view name(EventType type);  // "opened"
// nullopt: a suspicion that nobody was ever told of.
std::optional<EventType> event_type(const rules::Transition& transition);

struct IncidentText {
  std::string title;               // one sentence: service, place, symptom, since when
  std::vector<std::string> lines;  // counts, accounts and confidence, severity, cause
  std::string caveat;              // always shown, whatever is cut
};
IncidentText incident_text(const rules::Transition& transition, EventType type, const nlp::Lexicon& lexicon,
                           Tongue tongue);

// How it stood after a step, for a list of all steps: of one that people are told of what they are told,
// without caveat and accounts; of a suspicion the headline.
Headline step_text(const rules::Transition& transition, const nlp::Lexicon& lexicon);

// As the lexicon has it, in that language; an id for one that it no longer knows.
std::string service_name(const nlp::Lexicon& lexicon, nlp::ServiceId id, Tongue tongue);
std::string service_key(const nlp::Lexicon& lexicon, nlp::ServiceId id);
// The state or country of an ISO code, in the lexicon's memory; null for one that it does not know.
const nlp::Place* region_place(const std::string& region, const nlp::Lexicon& lexicon);
// "Maharashtra", of IN-MH; "India", of IN; the code for one that the lexicon does not know.
std::string region_name(const std::string& region, const nlp::Lexicon& lexicon, Tongue tongue);
// The symptom most posts state; the generic one only if nothing more telling has a third of its posts.
nlp::Symptom leading_symptom(const rules::Incident& incident);

}  // namespace thap::serve
