#include "serve/alerts/alertmanager.h"

#include <algorithm>

#include "serve/incident_json.h"

namespace thap::serve {

using nlohmann::ordered_json;

namespace {

OutgoingRequest request_of(const Receiver& receiver, std::size_t member, const ordered_json& alerts) {
  OutgoingRequest out;
  const std::string& base = receiver.urls[member];
  out.url = base + (base.ends_with('/') ? "" : "/") + "api/v2/alerts";
  out.headers = {"content-type: application/json", "user-agent: thap"};
  out.body = alerts.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  out.is_own_network = receiver.is_own_network;
  return out;
}

}  // namespace

OutgoingRequest test_alert(const Receiver& receiver, std::size_t member, std::int64_t now_ms) {
  return request_of(
      receiver, member,
      ordered_json::array(
          {{{"labels", {{"alertname", "ThapTest"}, {"receiver", receiver.name}}},
            {"annotations",
             {{"summary", sentence(receiver.tongues.front(), "test", {{"receiver", receiver.name}})}}},
            {"startsAt", utc_time(now_ms)},
            {"endsAt", utc_time(now_ms + 60'000)}}}));
}

void AlertmanagerFeed::take_up(const rules::Incident& incident, const nlp::Lexicon& lexicon,
                               std::int64_t now_ms) {
  if (incident.opened_ms == 0 || unwanted_because(*receiver_, incident, lexicon)) return;
  put(incident, incident.reason, lexicon, now_ms);
}

void AlertmanagerFeed::apply(const rules::Transition& transition, const nlp::Lexicon& lexicon,
                             std::int64_t now_ms) {
  const rules::Incident& incident = transition.after;
  if (incident.opened_ms == 0) return;
  const bool is_known = std::any_of(alerts_.begin(), alerts_.end(), [&](const auto& one) {
    return one.second.incident == incident.id && one.second.ended_ms == 0;
  });
  if (!is_known && (!rules::is_open(incident.state) || unwanted_because(*receiver_, incident, lexicon)))
    return;
  put(incident, transition.reason, lexicon, now_ms);
  for (auto& member : members_) member.next_ms = std::min(member.next_ms, now_ms);
}

void AlertmanagerFeed::put(const rules::Incident& incident, const std::string& reason,
                           const nlp::Lexicon& lexicon, std::int64_t now_ms) {
  const Labels labels{service_key(lexicon, incident.service), incident.region,
                      std::string(rules::name(incident.severity))};
  // Another severity is another alert to them: the one before ends in the same batch.
  for (auto& [other, alert] : alerts_)
    if (alert.incident == incident.id && other != labels && alert.ended_ms == 0) {
      alert.ended_ms = now_ms;
      alert.annotations["reason"] = "goes on with severity " + std::get<2>(labels);
    }
  rules::Transition step;
  step.after = incident;
  step.reason = reason;
  step.to = incident.state;
  const auto type = event_type(step).value_or(EventType::updated);
  auto& alert = alerts_[labels];
  alert.incident = incident.id;
  alert.started_ms = incident.started_ms;
  alert.ended_ms = rules::is_open(incident.state) ? 0 : now_ms;
  alert.annotations = {{"incident_id", incident.id}};
  std::string summary, description;
  for (const auto tongue : receiver_->tongues) {
    const auto text = incident_text(step, type, lexicon, tongue);
    summary += (summary.empty() ? "" : "\n") + text.title;
    std::string all;
    for (const auto& line : text.lines) all += line + " ";
    description += (description.empty() ? "" : "\n") + all + text.caveat;
  }
  alert.annotations["summary"] = summary;
  alert.annotations["description"] = description;
  alert.annotations["reason"] = reason;
  if (!incident.group.empty()) alert.annotations["group"] = incident.group;
}

ordered_json AlertmanagerFeed::json(const Labels& labels, const Alert& alert, std::int64_t now_ms) const {
  const auto& [service, region, severity] = labels;
  const auto ends_ms = alert.ended_ms != 0 ? alert.ended_ms : now_ms + ends_ahead.count();
  ordered_json out{
      {"labels",
       {{"alertname", "ServiceOutage"}, {"service", service}, {"region", region}, {"severity", severity}}},
      {"annotations", alert.annotations},
      {"startsAt", utc_time(std::min(alert.started_ms, ends_ms - 1'000))},
      {"endsAt", utc_time(ends_ms)}};
  if (!site_.empty()) out["generatorURL"] = incident_page(site_, alert.incident);
  return out;
}

std::vector<AlertmanagerFeed::Sending> AlertmanagerFeed::due(std::int64_t now_ms) {
  std::erase_if(alerts_, [&](const auto& one) {
    return one.second.ended_ms != 0 && now_ms - one.second.ended_ms > repeat_ended.count();
  });
  std::vector<Sending> out;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    Member& member = members_[i];
    if (member.in_flight != 0) continue;
    ordered_json batch = ordered_json::array();
    if (!member.alone.empty()) {
      batch.push_back(std::move(member.alone.back()));
      member.alone.pop_back();
    } else if (now_ms >= member.next_ms && !alerts_.empty()) {
      for (const auto& [labels, alert] : alerts_) batch.push_back(json(labels, alert, now_ms));
      member.next_ms = now_ms + send_every.count();
    }
    if (batch.empty()) continue;
    member.in_flight = batch.size();
    out.push_back({i, request_of(*receiver_, i, batch)});
  }
  return out;
}

void AlertmanagerFeed::answered(std::size_t member_number, const Answer& answer, std::int64_t now_ms) {
  Member& member = members_.at(member_number);
  const bool was_batch = std::exchange(member.in_flight, 0) > 1;
  if (answer.is_success()) return;
  if (answer.status == 400 && was_batch) {
    member.alone.clear();
    for (const auto& [labels, alert] : alerts_) member.alone.push_back(json(labels, alert, now_ms));
    return;
  }
  // A bad alert stays bad: the next round is soon enough for it.
  if (answer.status == 0 || answer.status == 429 || answer.status >= 500)
    member.next_ms = std::min(member.next_ms, now_ms + retry_after.count());
}

}  // namespace thap::serve
