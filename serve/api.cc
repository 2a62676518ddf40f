#include "serve/api.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ingest/time_parse.h"
#include "nlp/reader.h"
#include "serve/api_ask.h"
#include "serve/explanation_json.h"
#include "serve/incident_json.h"
#include "serve/incident_rows.h"

namespace thap::serve {

using nlohmann::ordered_json;

const std::vector<std::pair<std::string_view, std::string_view>>& embedded_api();  // generated

namespace {
constexpr std::size_t most_text_bytes = 16'384;
}

void Api::use(ApiView view) {
  const std::lock_guard hold(view_mutex_);
  view_ = std::move(view);
}

Route Api::route(std::string method, std::string pattern, Role role, std::vector<std::string> query,
                 Handler handler) {
  auto handle = [this, handler](const HttpRequest& request) {
    Ask ask{request, {}};
    {
      const std::lock_guard hold(view_mutex_);
      ask.view = view_;
    }
    if (!ask.view.store) {
      auto early = problem(503, "Service Unavailable", "the store is being opened", request.path);
      early.headers.emplace_back("Retry-After", "1");
      return early;
    }
    try {
      return (this->*handler)(ask);
    } catch (Refusal& refusal) {
      return std::move(refusal.answer);
    }
  };
  return {std::move(method), std::move(pattern), role, std::move(query), handle, false};
}

std::vector<Route> Api::routes() {
  std::vector<Route> out{
      route("GET", "/api/v1/services", Role::read, {}, &Api::services),
      route("GET", "/api/v1/services/{id}", Role::read, {}, &Api::service),
      route("GET", "/api/v1/incidents", Role::read,
            {"state", "service", "region", "severity", "from", "to", "as_of", "limit", "cursor", "format"},
            &Api::incidents),
      route("GET", "/api/v1/incidents/{id}", Role::read, {"as_of"}, &Api::incident),
      route("GET", "/api/v1/incidents/{id}/timeline", Role::read, {}, &Api::timeline),
      route("GET", "/api/v1/incidents/{id}/pack", Role::read, {}, &Api::pack),
      route("GET", "/api/v1/incidents/{id}/cap", Role::read, {}, &Api::cap),
      route("GET", "/api/v1/incidents/{id}/evidence", Role::read, {"limit"}, &Api::evidence),
      route("GET", "/api/v1/series", Role::read, {"service", "by", "from", "to", "step"}, &Api::series),
      route("POST", "/api/v1/explain", Role::read, {}, &Api::explain),
      route("POST", "/api/v1/incidents/{id}/override", Role::admin, {}, &Api::override_incident),
      route("GET", "/api/v1/mutes", Role::evidence, {}, &Api::mutes),
      route("POST", "/api/v1/mutes", Role::admin, {}, &Api::begin_mute),
      route("DELETE", "/api/v1/mutes/{id}", Role::admin, {}, &Api::end_mute),
      route("GET", "/api/v1/audit", Role::admin, {"limit", "cursor"}, &Api::audit),
      route("GET", "/api/v1/deliveries", Role::admin, {"receiver", "limit"}, &Api::deliveries),
      route("POST", "/api/v1/deliveries/{id}/send-again", Role::admin, {}, &Api::send_again),
      route("GET", "/api/v1/versions", Role::read, {}, &Api::versions),
      route("GET", "/api/v1/clock", Role::read, {}, &Api::clock),
      route("GET", "/api/v1/stream", Role::read, {"service", "region", "state", "last_event_id"},
            &Api::stream),
      route("GET", "/feeds/incidents.atom", Role::read, {"service", "region", "lang"}, &Api::atom),
      route("GET", "/feeds/incidents.json", Role::read, {"service", "region", "lang"}, &Api::json_feed),
      route("GET", "/api/v2/status.json", Role::read, {}, &Api::statuspage_status),
      route("GET", "/api/v2/summary.json", Role::read, {}, &Api::statuspage_summary),
      route("GET", "/api/v2/incidents.json", Role::read, {}, &Api::statuspage_incidents)};
  out.push_back({"GET",
                 "/api/v1/openapi.json",
                 Role::anyone,
                 {},
                 [](const HttpRequest&) {
                   HttpResponse contract;
                   contract.body = embedded_api().front().second;
                   return contract;
                 },
                 false});
  return out;
}

const std::vector<rules::Incident>& Api::all_incidents(const ApiView& view) {
  // Silence ends incidents, too, and no record comes with it: so the time up to which was decided counts.
  const IncidentsKey key{view.store, view.store->newest_clock_ms(),
                         value_of(view.store->get(store::Family::meta, "handed_until_ms"), "").value_or(""),
                         changes_};
  if (incidents_of_ == key) return incidents_;
  auto all = value_of(incidents_in(*view.store), "");
  std::reverse(all.begin(), all.end());
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return std::tie(a.opened_ms, a.id) > std::tie(b.opened_ms, b.id);
  });
  incidents_ = std::move(all);
  by_service_.clear();
  for (const auto& one : incidents_) {
    auto& of = by_service_[one.service];
    const bool is_open = rules::is_open(one.state);
    if (is_open || (!of.open && one.state == rules::State::suspected)) of.open = &one;
    if (!of.last && one.opened_ms != 0) of.last = &one;
  }
  incidents_of_ = key;
  return incidents_;
}

const rules::Engine& Api::engine(const ApiView& view) {
  const MinuteKey key{view.store, view.lexicon, view.store->newest_clock_ms() / 60'000};
  if (engine_ && engine_of_ == key) return *engine_;
  auto made = std::make_unique<rules::Engine>(view.rules, rules::service_facts(*view.lexicon),
                                              view.lexicon->version(), rules::place_regions(*view.lexicon));
  for (const auto family : {store::Family::detectors, store::Family::incidents}) {
    ingest::Result<void> loaded;
    auto scanned = view.store->scan(family, "", [&](std::string_view row, std::string_view value) {
      loaded = made->load(family, row, value);
      return loaded.has_value();
    });
    if (!scanned) refuse(500, to_string(scanned.error()), "");
    if (!loaded) refuse(500, to_string(loaded.error()), "");
  }
  engine_ = std::move(made);
  engine_of_ = key;
  return *engine_;
}

double Api::data_age_s(const ApiView& view) const {
  const auto newest = view.store->newest_clock_ms();
  return newest == 0 ? -1 : std::max(0.0, static_cast<double>(settings_.now_ms() - newest) / 1'000);
}

ordered_json Api::data_json(const ApiView& view) const {
  const auto newest = view.store->newest_clock_ms();
  return {{"newest_at", newest == 0 ? ordered_json(nullptr) : ordered_json(utc_time(newest))},
          {"age_s", newest == 0 ? ordered_json(nullptr) : ordered_json(std::round(data_age_s(view)))}};
}

HttpResponse Api::explain(const Ask& ask) {
  std::string text = ask.request.body;
  nlp::ReadHints hints;
  if (ask.request.header("content-type").starts_with("application/json")) {
    const auto body = nlohmann::json::parse(text, nullptr, false);
    if (!body.is_object() || !body.contains("text") || !body["text"].is_string())
      refuse(400, "send {\"text\": \"...\"} or text/plain", ask.path());
    text = body["text"].get<std::string>();
    if (body.contains("written_at")) {
      if (body["written_at"].is_string())
        hints.posted_at_ms = ingest::parse_rfc3339(body["written_at"].get<std::string>());
      if (!hints.posted_at_ms) refuse(400, "written_at must be an RFC 3339 time", ask.path());
    }
  }
  if (text.empty()) refuse(400, "there is no text", ask.path());
  if (text.size() > most_text_bytes)
    refuse(413, fmt::format("at most {} bytes", most_text_bytes), ask.path());
  if (!is_utf8(text)) refuse(400, "the text is not UTF-8", ask.path());
  const nlp::Reader reader(ask.view.lexicon);
  auto out = json_response(explanation_json(reader.explain(text, hints), text, *ask.view.lexicon));
  out.headers.emplace_back("Cache-Control", "no-store");
  return out;
}

HttpResponse Api::versions(const Ask& ask) {
  return json_response({{"thap", settings_.program_version},
                        {"lexicon", ask.view.lexicon->version()},
                        {"rules", ask.view.rules->version},
                        {"services", ask.view.lexicon->services().size()}});
}

HttpResponse Api::clock(const Ask& ask) {
  auto out = json_response({{"now", utc_time(settings_.now_ms())},
                            {"replay", settings_.replay ? settings_.replay() : ordered_json(nullptr)},
                            {"data", data_json(ask.view)}});
  out.headers.emplace_back("Cache-Control", "no-store");
  return out;
}

}  // namespace thap::serve
