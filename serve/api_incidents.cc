// Incidents: the list, one, its life, its posts.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "serve/api_ask.h"
#include "serve/evidence_pack.h"
#include "serve/incident_json.h"
#include "serve/incident_rows.h"

namespace thap::serve {

using nlohmann::ordered_json;

namespace {

// A place in the list of incidents; what was altered does not read back.
std::string cursor_of(const rules::Incident& incident) {
  const std::string at = fmt::format("{}.{}", incident.opened_ms, incident.id);
  return fmt::format("{}.{}", at, etag_of("cursor " + at).substr(1, 16));
}
std::optional<std::pair<std::int64_t, std::string>> place_of_cursor(const std::string& text) {
  const auto first = text.find('.'), last = text.rfind('.');
  if (first == std::string::npos || last == first) return std::nullopt;
  if (etag_of("cursor " + text.substr(0, last)).substr(1, 16) != text.substr(last + 1)) return std::nullopt;
  std::int64_t at = 0;
  std::from_chars(text.data(), text.data() + first, at);
  return std::pair{at, text.substr(first + 1, last - first - 1)};
}

}  // namespace

std::vector<rules::Incident> Api::known_then(const Ask& ask) {
  const auto at_ms = ask.time("as_of");
  if (!at_ms) return all_incidents(ask.view);
  auto out = value_of(incidents_as_of(*ask.view.store, *at_ms), ask.path());
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    return std::tie(a.opened_ms, a.id) > std::tie(b.opened_ms, b.id);
  });
  return out;
}

// Filters of a list; those that were never more than a suspicion only where they are asked for.
std::vector<rules::Incident> Api::chosen(const Ask& ask) {
  auto states = ask.listed("state");
  for (const auto& state : states)
    if (state != "open" && state != "suspected" && state != "confirmed" && state != "easing" &&
        state != "resolved" && state != "retracted")
      refuse(400, fmt::format("\"{}\" is no state", state), ask.path(), "state");
  if (states.contains("open")) states.insert({"confirmed", "easing"});
  const auto severities = ask.listed("severity");
  for (const auto& severity : severities)
    if (severity != "minor" && severity != "major" && severity != "critical")
      refuse(400, fmt::format("\"{}\" is no severity", severity), ask.path(), "severity");
  std::set<nlp::ServiceId> services;
  for (const auto& id : ask.listed("service")) services.insert(ask.service(id, "service").number);
  const auto regions = ask.listed("region");
  const auto from = ask.time("from"), to = ask.time("to");
  std::vector<rules::Incident> out;
  for (const auto& i : known_then(ask)) {
    if (states.empty() ? i.opened_ms == 0 : !states.contains(std::string(rules::name(i.state)))) continue;
    if (!services.empty() && !services.contains(i.service)) continue;
    if (!regions.empty() && !regions.contains(i.region)) continue;
    if (!severities.empty() && !severities.contains(std::string(rules::name(i.severity)))) continue;
    if (from && i.updated_ms < *from) continue;
    if (to && i.started_ms >= *to) continue;
    out.push_back(i);
  }
  return out;
}

HttpResponse Api::incidents(const Ask& ask) {
  const auto limit = static_cast<std::size_t>(ask.number("limit", 50, 1, 1'000));
  std::optional<std::pair<std::int64_t, std::string>> after;
  if (const auto cursor = ask.request.value("cursor")) {
    after = place_of_cursor(*cursor);
    if (!after) refuse(400, "this cursor is none of ours", ask.path(), "cursor");
  }
  const auto format = ask.text("format");
  if (!format.empty() && format != "annotations") refuse(400, "annotations", ask.path(), "format");
  std::vector<rules::Incident> annotated;
  ordered_json list = ordered_json::array();
  ordered_json next = nullptr;
  const rules::Incident* last = nullptr;
  const auto all = chosen(ask);
  const double age_s = ask.request.value("as_of") ? -1 : data_age_s(ask.view);  // nobody wrote it down
  for (const auto& i : all) {
    if (after && std::tie(i.opened_ms, i.id) >= std::tie(after->first, after->second)) continue;
    if (list.size() + annotated.size() == limit) {
      next = cursor_of(*last);
      break;
    }
    last = &i;
    if (format.empty())
      list.push_back(incident_json(i, *ask.view.lexicon, age_s));
    else
      annotated.push_back(i);
  }
  auto out =
      format.empty()
          ? json_response({{"incidents", list}, {"next_cursor", next}, {"data", data_json(ask.view)}})
          : json_response(annotations(annotated, *ask.view.lexicon, ask.view.store->newest_clock_ms()));
  if (next.is_string()) {
    std::string link = ask.path() + "?cursor=" + next.get<std::string>();
    for (const auto& [name, value] : ask.request.query)
      if (name != "cursor") link += fmt::format("&{}={}", name, percent_encoded(value));
    out.headers.emplace_back("Link", fmt::format("<{}>; rel=\"next\"", link));
  }
  return out;
}

namespace {
const rules::Incident& known(const std::vector<rules::Incident>& all, const std::string& id,
                             const std::string& path) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& i) { return i.id == id; });
  if (found == all.end()) refuse(404, fmt::format("no incident \"{}\"", id), path);
  return *found;
}
}  // namespace

HttpResponse Api::incident(const Ask& ask) {
  const auto all = known_then(ask);
  const auto& i = known(all, ask.request.parts.at(0), ask.path());
  auto out = incident_json(i, *ask.view.lexicon, ask.request.value("as_of") ? -1 : data_age_s(ask.view));
  out["previous"] = i.previous.empty() ? ordered_json(nullptr) : ordered_json(i.previous);
  out["why"] = why_json(i);
  out["minutes"] = minutes_json(i);
  return json_response(out);
}

HttpResponse Api::timeline(const Ask& ask) {
  const auto& i = known(all_incidents(ask.view), ask.request.parts.at(0), ask.path());
  ordered_json list = ordered_json::array();
  for (const auto& t : value_of(transitions_of(*ask.view.store, i.id), ask.path()))
    list.push_back(step_json(t, *ask.view.lexicon));
  return json_response({{"incident", i.id}, {"transitions", list}});
}

HttpResponse Api::evidence(const Ask& ask) {
  const auto& i = known(all_incidents(ask.view), ask.request.parts.at(0), ask.path());
  const auto limit = static_cast<std::size_t>(ask.number("limit", 20, 1, 20));
  const bool shows_text = ask.request.caller.role >= Role::evidence;
  ordered_json list = ordered_json::array();
  for (const auto& e :
       value_of(ask.view.store->evidence(i.service, evidence_minutes(i), limit), ask.path())) {
    ordered_json symptoms = ordered_json::array();
    for (int s = 0; s < nlp::symptom_count; ++s)
      if (e.symptoms.has(static_cast<nlp::Symptom>(s)))
        symptoms.push_back(nlp::name(static_cast<nlp::Symptom>(s)));
    list.push_back({{"at", utc_time(e.event_ms)},
                    {"network", ingest::name(e.network)},
                    {"language", nlp::name(e.language)},
                    {"kind", nlp::name(e.kind)},
                    {"status", nlp::name(e.status)},
                    {"symptoms", symptoms},
                    {"text", shows_text ? ordered_json(e.text) : ordered_json(nullptr)},
                    {"sensitive", e.sensitive},
                    {"edited", e.edited}});
  }
  auto out = json_response({{"incident", i.id}, {"evidence", list}});
  out.headers.emplace_back("Cache-Control", "no-store");  // a post deleted upstream has to be gone
  return out;
}

HttpResponse Api::pack(const Ask& ask) {
  const auto& i = known(all_incidents(ask.view), ask.request.parts.at(0), ask.path());
  const store::WindowStore& store = *ask.view.store;
  auto out = json_response(
      evidence_pack(i, value_of(transitions_of(store, i.id), ask.path()),
                    value_of(store.evidence(i.service, evidence_minutes(i), most_pack_posts), ask.path()),
                    *ask.view.lexicon));
  out.headers.emplace_back("Cache-Control", "no-store");
  return out;
}

HttpResponse Api::cap(const Ask& ask) {
  if (settings_.cap.sender.empty())
    refuse(404, "CAP is off: serve.cap_sender in the settings says who answers for it", ask.path());
  const auto& i = known(all_incidents(ask.view), ask.request.parts.at(0), ask.path());
  const auto steps = value_of(transitions_of(*ask.view.store, i.id), ask.path());
  auto message = cap_message(steps, *ask.view.lexicon, settings_.cap);
  if (!message) refuse(404, "only a suspicion, which nobody is told of", ask.path());
  HttpResponse out;
  out.type = "application/cap+xml; charset=utf-8";
  out.body = std::move(*message);
  return out;
}

}  // namespace thap::serve
