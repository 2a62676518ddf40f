#include "serve/incident_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "serve/incident_json.h"

namespace thap::serve {

namespace {

const std::string& in(Tongue tongue, const nlp::Names& names) {
  const std::string& text = tongue == Tongue::hi ? names.hi : tongue == Tongue::bn ? names.bn : names.en;
  return text.empty() ? names.en : text;
}

// "none" is what the catalogs' select knows as no place.
std::string in_place(const rules::Incident& incident, const nlp::Lexicon& lexicon, Tongue tongue) {
  const nlp::Place* place = incident.region == "IN" ? nullptr : region_place(incident.region, lexicon);
  return place && !in(tongue, place->in_names).empty() ? in(tongue, place->in_names) : "none";
}

std::string counts(const rules::Incident& incident, Tongue tongue) {
  constexpr double least_said = 0.95;  // below it "about 0" or "about 1" would say too much
  const std::string expected = incident.expected_posts < least_said
                                   ? "few"
                                   : grouped(tongue, std::llround(std::min(incident.expected_posts, 1e15)));
  return sentence(tongue, "counts",
                  {{"posts", static_cast<std::int64_t>(incident.observed_posts)},
                   {"minutes", std::int64_t{incident.observed_minutes}},
                   {"expected", expected}});
}

std::string opening(std::string_view key, const rules::Incident& incident, const nlp::Lexicon& lexicon,
                    Tongue tongue, const std::string& reason = {}) {
  return sentence(
      tongue, key,
      {{"service", service_name(lexicon, incident.service, tongue)},
       {"symptom", in(tongue, lexicon.symptom_phrases(leading_symptom(incident)))},
       {"place", in_place(incident, lexicon, tongue)},
       {"time", ist_clock(incident.started_ms)},
       {"end", ist_clock(incident.recovered_ms != 0 ? incident.recovered_ms : incident.resolved_ms)},
       {"reason", reason}});
}

std::string_view title_key(const rules::Transition& transition, EventType type) {
  switch (type) {
    case EventType::opened:
      return "open";
    case EventType::updated:
      return transition.relapse ? "again" : "still";
    case EventType::easing:
      return transition.after.eased_by_silence ? "easing_by_silence" : "easing";
    case EventType::resolved:
      return "resolved";
    case EventType::retracted:
      return "retracted";
  }
  return "open";
}

}  // namespace

std::string service_name(const nlp::Lexicon& lexicon, nlp::ServiceId id, Tongue tongue) {
  const nlp::Service* service = lexicon.service(id);
  return service ? in(tongue, service->names) : service_key(lexicon, id);
}
std::string service_key(const nlp::Lexicon& lexicon, nlp::ServiceId id) {
  const nlp::Service* service = lexicon.service(id);
  return service ? service->id : fmt::format("service-{:08x}", static_cast<std::uint32_t>(id));
}

const nlp::Place* region_place(const std::string& region, const nlp::Lexicon& lexicon) {
  for (const auto& place : lexicon.places())
    if (place.iso == region && (place.kind == "state" || place.kind == "country")) return &place;
  return nullptr;
}

std::string region_name(const std::string& region, const nlp::Lexicon& lexicon, Tongue tongue) {
  const nlp::Place* place = region_place(region, lexicon);
  return place ? in(tongue, place->names) : region;
}

nlp::Symptom leading_symptom(const rules::Incident& incident) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < incident.symptoms.size(); ++i)
    if (incident.symptoms[i] > (best == 0 ? incident.symptoms[0] / 3 : incident.symptoms[best])) best = i;
  return static_cast<nlp::Symptom>(best);
}

Headline headline(const rules::Incident& incident, const nlp::Lexicon& lexicon) {
  const auto text = [&](Tongue tongue) {
    return opening("open", incident, lexicon, tongue) + " " + counts(incident, tongue);
  };
  return {text(Tongue::en), text(Tongue::hi), text(Tongue::bn)};
}

std::string_view name(EventType type) {
  static constexpr std::string_view names[] = {"opened", "updated", "easing", "resolved", "retracted"};
  return names[static_cast<std::size_t>(type)];
}

std::optional<EventType> event_type(const rules::Transition& transition) {
  if (transition.after.opened_ms == 0) return std::nullopt;
  if (transition.annotated) return EventType::updated;
  if (transition.to == rules::State::easing) return EventType::easing;
  if (transition.to == rules::State::resolved) return EventType::resolved;
  if (transition.to == rules::State::retracted) return EventType::retracted;
  if (transition.to == rules::State::confirmed && !transition.relapse) return EventType::opened;
  return EventType::updated;
}

namespace {

std::string severity_sentence(const rules::Incident& incident, Tongue tongue) {
  return sentence(tongue, "severity", {{"level", std::string(rules::name(incident.severity))}});
}

std::optional<std::string> cause_sentence(const rules::Incident& incident, const nlp::Lexicon& lexicon,
                                          Tongue tongue) {
  if (static_cast<std::uint32_t>(incident.cause) == 0 || incident.cause_posts == 0) return std::nullopt;
  return sentence(tongue, "cause",
                  {{"posts", std::int64_t{incident.cause_posts}},
                   {"provider", service_name(lexicon, incident.cause, tongue)}});
}

}  // namespace

IncidentText incident_text(const rules::Transition& transition, EventType type, const nlp::Lexicon& lexicon,
                           Tongue tongue) {
  const rules::Incident& incident = transition.after;
  IncidentText out;
  out.title = opening(title_key(transition, type), incident, lexicon, tongue, transition.reason);
  out.caveat = sentence(tongue, "caveat");
  if (type == EventType::retracted) return out;
  out.lines.push_back(counts(incident, tongue));
  out.lines.push_back(sentence(tongue, "authors",
                               {{"authors", static_cast<std::int64_t>(incident.observed_authors)},
                                {"level", std::string(rules::name(incident.confidence))}}));
  out.lines.push_back(severity_sentence(incident, tongue));
  if (auto cause = cause_sentence(incident, lexicon, tongue)) out.lines.push_back(std::move(*cause));
  return out;
}

Headline step_text(const rules::Transition& transition, const nlp::Lexicon& lexicon) {
  const auto type = event_type(transition);
  if (!type) return headline(transition.after, lexicon);
  const auto text = [&](Tongue tongue) {
    const rules::Incident& incident = transition.after;
    std::string out = opening(title_key(transition, *type), incident, lexicon, tongue, transition.reason);
    if (*type == EventType::retracted) return out;
    out += " " + counts(incident, tongue) + " " + severity_sentence(incident, tongue);
    if (const auto cause = cause_sentence(incident, lexicon, tongue)) out += " " + *cause;
    return out;
  };
  return {text(Tongue::en), text(Tongue::hi), text(Tongue::bn)};
}

}  // namespace thap::serve
