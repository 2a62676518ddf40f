#include "serve/other_shapes.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "serve/incident_json.h"
#include "serve/incident_words.h"

namespace thap::serve {

using nlohmann::ordered_json;

namespace {

ordered_json time_or_null(std::int64_t ms) {
  return ms == 0 ? ordered_json(nullptr) : ordered_json(utc_time(ms));
}

std::string_view status_of(rules::State state) {
  switch (state) {
    case rules::State::easing:
      return "monitoring";
    case rules::State::resolved:
    case rules::State::retracted:
      return "resolved";
    default:
      return "investigating";
  }
}

std::string_view component_status(rules::Severity severity) {
  switch (severity) {
    case rules::Severity::critical:
      return "major_outage";
    case rules::Severity::major:
      return "partial_outage";
    default:
      return "degraded_performance";
  }
}

ordered_json page_json(const StatusPage& page) {
  return {{"id", page.host},
          {"name", "thap"},
          {"url", "https://" + page.host},
          {"time_zone", "Asia/Kolkata"},
          {"updated_at", utc_time(page.updated_ms)}};
}

ordered_json status_json(const std::vector<rules::Incident>& open) {
  if (open.empty()) return {{"indicator", "none"}, {"description", "No problem reported"}};
  const auto worst = std::max_element(open.begin(), open.end(),
                                      [](const auto& a, const auto& b) { return a.severity < b.severity; });
  return {
      {"indicator", rules::name(worst->severity)},
      {"description", open.size() == 1 ? "Posts report a problem with 1 service"
                                       : fmt::format("Posts report problems with {} services", open.size())}};
}

ordered_json component_json(const StatusPage& page, const rules::Incident& incident,
                            const nlp::Lexicon& lexicon) {
  return {{"id", service_key(lexicon, incident.service)},
          {"name", service_name(lexicon, incident.service, Tongue::en)},
          {"status", component_status(incident.severity)},
          {"created_at", utc_time(incident.started_ms)},
          {"updated_at", utc_time(incident.updated_ms)},
          {"position", 1},
          {"description", nullptr},
          {"showcase", false},
          {"start_date", nullptr},
          {"group_id", nullptr},
          {"page_id", page.host},
          {"group", false},
          {"only_show_if_degraded", true}};
}

ordered_json incident_shape(const StatusPage& page, const IncidentLife& life, const nlp::Lexicon& lexicon) {
  const rules::Incident& i = life.incident;
  ordered_json updates = ordered_json::array();
  for (auto step = life.steps.rbegin(); step != life.steps.rend(); ++step) {
    if (!event_type(*step)) continue;
    updates.push_back({{"id", fmt::format("{}.{}", i.id, step->sequence)},
                       {"status", status_of(step->to)},
                       {"body", step_text(*step, lexicon).en},
                       {"incident_id", i.id},
                       {"created_at", utc_time(step->at_ms)},
                       {"updated_at", utc_time(step->at_ms)},
                       {"display_at", utc_time(step->at_ms)},
                       {"affected_components", nullptr}});
  }
  return {{"id", i.id},
          {"name", headline(i, lexicon).en},
          {"status", status_of(i.state)},
          {"created_at", utc_time(i.opened_ms)},
          {"updated_at", utc_time(i.updated_ms)},
          {"monitoring_at", time_or_null(i.easing_ms)},
          {"resolved_at", time_or_null(i.resolved_ms)},
          {"impact", rules::name(i.severity)},
          {"shortlink", fmt::format("https://{}/#/incident/{}", page.host, i.id)},
          {"started_at", utc_time(i.started_ms)},
          {"page_id", page.host},
          {"incident_updates", updates},
          {"components", ordered_json::array({component_json(page, i, lexicon)})}};
}

}  // namespace

ordered_json annotations(const std::vector<rules::Incident>& incidents, const nlp::Lexicon& lexicon,
                         std::int64_t now_ms) {
  ordered_json out = ordered_json::array();
  for (const auto& i : incidents)
    out.push_back(
        {{"time", i.started_ms},
         {"timeEnd", i.resolved_ms ? i.resolved_ms : std::max(now_ms, i.started_ms)},
         {"title", service_name(lexicon, i.service, Tongue::en)},
         {"text", headline(i, lexicon).en},
         {"tags",
          {service_key(lexicon, i.service), i.region, rules::name(i.severity), rules::name(i.state)}}});
  return out;
}

ordered_json statuspage_status(const StatusPage& page, const std::vector<rules::Incident>& open) {
  return {{"page", page_json(page)}, {"status", status_json(open)}};
}

ordered_json statuspage_incidents(const StatusPage& page, const std::vector<IncidentLife>& lives,
                                  const nlp::Lexicon& lexicon) {
  ordered_json list = ordered_json::array();
  for (const auto& life : lives) list.push_back(incident_shape(page, life, lexicon));
  return {{"page", page_json(page)}, {"incidents", list}};
}

ordered_json statuspage_summary(const StatusPage& page, const std::vector<IncidentLife>& open,
                                const nlp::Lexicon& lexicon) {
  std::vector<rules::Incident> incidents;
  ordered_json components = ordered_json::array(), list = ordered_json::array();
  std::set<nlp::ServiceId> shown;
  for (const auto& life : open) {
    incidents.push_back(life.incident);
    list.push_back(incident_shape(page, life, lexicon));
    if (!shown.insert(life.incident.service).second) continue;
    components.push_back(component_json(page, life.incident, lexicon));
    components.back()["position"] = components.size();
  }
  return {{"page", page_json(page)},
          {"status", status_json(incidents)},
          {"components", components},
          {"incidents", list},
          {"scheduled_maintenances", ordered_json::array()}};
}

}  // namespace thap::serve
