// One message to one receiver, before it takes the form that the receiver reads.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "nlp/lexicon.h"
#include "rules/incident.h"
#include "serve/alerts/receiver.h"
#include "serve/incident_words.h"

namespace thap::serve {

struct Notice {
  std::string type;  // "incident.opened", ...; "test"
  std::int64_t at_ms{0};
  nlohmann::ordered_json data;                 // the incident as the API shows it
  std::vector<IncidentText> texts;             // one a language of the receiver, the leading one first
  std::vector<std::string> links, link_words;  // page of the incident, its evidence; and what to call them
  std::string thread;                          // the incident that heads the conversation: the pager's key
  std::string message_id;  // of the first message, on their side, where it can be edited; empty: none
  bool is_end{false};      // nothing is owed after it, unless the incident opens again
  rules::Severity severity{rules::Severity::minor};
  std::string service, region, symptom;
  std::int64_t started_ms{0};
};

// The incident's place on the page that is reached at `site`.
std::string incident_page(const std::string& site, const rules::IncidentId& id);

// `site`: where the page is reached, "https://thap.example"; empty: a notice without links.
Notice notice_of(const rules::Transition& transition, EventType type, const Receiver& receiver,
                 const nlp::Lexicon& lexicon, const std::string& site);
// Says that nothing is failing, in a shape like that of a real one.
Notice test_notice(const Receiver& receiver, std::int64_t now_ms);

struct OutgoingRequest {
  std::string method{"POST"}, url;
  std::vector<std::string> headers;  // "name: value"
  std::string body;
  bool is_own_network{false};
};

// In the form of the receiver. `delivery`: the same on every retry; `now_s`: of this attempt. Not for
// alertmanager, file and output.
OutgoingRequest outgoing(const Receiver& receiver, const Notice& notice, const std::string& delivery,
                         std::int64_t now_s);
// One JSON object, for files and standard output.
std::string json_line(const Notice& notice, const std::string& delivery);
// What the other side calls the message, so that it can be edited later; empty: it cannot.
std::string message_id_in(const Receiver& receiver, const std::string& answer);

// Cut on the border of a character as people see them, an ellipsis included, to at most `most_units` UTF-16
// units, which no receiver counts less of.
std::string shortened(const std::string& text, std::size_t most_units);

}  // namespace thap::serve
