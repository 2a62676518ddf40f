// Incidents as lines on a terminal.
#pragma once
#include <string>

#include "nlp/lexicon.h"
#include "rules/incident.h"

namespace thap::app {

std::string service_label(nlp::ServiceId service, const nlp::Lexicon& lexicon);
// "12:09 IST  whatsapp   problem reported   9 posts by 9 accounts ..."
std::string transition_line(const rules::Transition& transition, const nlp::Lexicon& lexicon);
// A few lines: state, times, symptoms, cause.
std::string incident_summary(const rules::Incident& incident, const nlp::Lexicon& lexicon);
// Counts against what was expected, a column a few minutes, over at most `width` columns.
std::string sparkline(const rules::Incident& incident, std::size_t width);
// As on the page: Watching, Problem reported, Easing, Ended, Withdrawn.
std::string_view state_words(rules::State state);

}  // namespace thap::app
