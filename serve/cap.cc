#include "serve/cap.h"

#include <fmt/format.h>

#include "serve/incident_json.h"
#include "serve/incident_words.h"
#include "serve/words.h"
#include "serve/xml.h"

namespace thap::serve {

namespace {

struct Message {
  const rules::Transition* step;
  EventType type;
};

std::string identifier(const rules::Transition& step) {
  return fmt::format("{}-{}", step.after.id, step.sequence);
}

std::string_view message_type(EventType type) {
  switch (type) {
    case EventType::opened:
      return "Alert";
    case EventType::retracted:
      return "Cancel";
    default:
      return "Update";
  }
}

std::string_view severity(rules::Severity severity) {
  switch (severity) {
    case rules::Severity::critical:
      return "Severe";
    case rules::Severity::major:
      return "Moderate";
    default:
      return "Minor";
  }
}

std::string element(std::string_view name, std::string_view text) {
  return fmt::format("<{0}>{1}</{0}>", name, xml_text(text));
}

std::string area(const rules::Incident& incident, const nlp::Lexicon& lexicon, Tongue tongue) {
  const bool is_country = incident.region.find('-') == std::string::npos;
  return "<area>" + element("areaDesc", region_name(incident.region, lexicon, tongue)) + "<geocode>" +
         element("valueName", is_country ? "ISO3166-1" : "ISO3166-2") + element("value", incident.region) +
         "</geocode></area>";
}

std::string info(const Message& message, const nlp::Lexicon& lexicon, Tongue tongue,
                 const CapSettings& settings) {
  const rules::Incident& incident = message.step->after;
  const auto text = incident_text(*message.step, message.type, lexicon, tongue);
  std::string description;
  for (const auto& line : text.lines) description += line + "\n";
  const bool is_over = message.type == EventType::resolved || message.type == EventType::retracted;
  std::string out =
      "<info>\n" + element("language", fmt::format("{}-IN", name(tongue))) + element("category", "Infra") +
      element("event", sentence(tongue, "cap_event")) +
      (message.type == EventType::resolved ? element("responseType", "AllClear") : "") +
      element("urgency", is_over ? "Past" : "Unknown") + element("severity", severity(incident.severity)) +
      element("certainty", incident.confidence == rules::Confidence::high ? "Likely" : "Possible") +
      element("onset", ist_rfc3339(incident.started_ms)) + "\n" + element("headline", text.title) + "\n" +
      element("description", description + text.caveat) + "\n";
  if (!settings.site.empty())
    out += element("web", fmt::format("{}/#/incident/{}", settings.site, incident.id)) + "\n";
  return out + area(incident, lexicon, tongue) + "\n</info>\n";
}

}  // namespace

std::string wrong_with_cap_sender(const std::string& sender) {
  return sender.find_first_of(" \t\r\n,<&") == std::string::npos ? "" : "no spaces, commas, < or &";
}

std::optional<std::string> cap_message(const std::vector<rules::Transition>& steps,
                                       const nlp::Lexicon& lexicon, const CapSettings& settings) {
  std::vector<Message> told;
  for (const auto& step : steps)
    if (const auto type = event_type(step)) told.push_back({&step, *type});
  if (told.empty()) return std::nullopt;
  const Message last = told.back();
  told.pop_back();
  std::string references;
  for (const auto& earlier : told)
    references += fmt::format("{}{},{},{}", references.empty() ? "" : " ", settings.sender,
                              identifier(*earlier.step), ist_rfc3339(earlier.step->at_ms));
  std::string out =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\">\n" +
      element("identifier", identifier(*last.step)) + element("sender", settings.sender) +
      element("sent", ist_rfc3339(last.step->at_ms)) +
      element("status", settings.is_actual ? "Actual" : "Test") +
      element("msgType", message_type(last.type)) + element("scope", "Restricted") +
      element("restriction", settings.restriction) + "\n";
  if (last.type == EventType::retracted) out += element("note", last.step->reason) + "\n";
  if (!references.empty()) out += element("references", references) + "\n";
  for (const Tongue tongue : all_tongues) out += info(last, lexicon, tongue, settings);
  return out + "</alert>\n";
}

}  // namespace thap::serve
