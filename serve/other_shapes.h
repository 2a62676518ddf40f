// Incidents in the shapes that other people's programs already read: annotations of Grafana, status pages of
// Statuspage's API v2. Words are those of alerts, in English.
#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "nlp/lexicon.h"
#include "rules/incident.h"

namespace thap::serve {

// [{"time", "timeEnd", "title", "text", "tags"}], times in ms; of an open incident timeEnd is `now_ms`.
nlohmann::ordered_json annotations(const std::vector<rules::Incident>& incidents, const nlp::Lexicon& lexicon,
                                   std::int64_t now_ms);

struct StatusPage {
  std::string host{"localhost"};  // where we are reached; the page's id
  std::int64_t updated_ms{0};     // newest record counted
};
struct IncidentLife {
  rules::Incident incident;
  std::vector<rules::Transition> steps;
};

// {"page", "status"}: indicator none, minor, major or critical, the worst of the open ones among `open`.
nlohmann::ordered_json statuspage_status(const StatusPage& page, const std::vector<rules::Incident>& open);
// {"page", "incidents"}, newest first as given.
nlohmann::ordered_json statuspage_incidents(const StatusPage& page, const std::vector<IncidentLife>& lives,
                                            const nlp::Lexicon& lexicon);
// {"page", "status", "components", "incidents", "scheduled_maintenances"}: components are the services of
// `open` and no others, since of the rest we know only that nobody complains.
nlohmann::ordered_json statuspage_summary(const StatusPage& page, const std::vector<IncidentLife>& open,
                                          const nlp::Lexicon& lexicon);

}  // namespace thap::serve
