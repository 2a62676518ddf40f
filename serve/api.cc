#include "serve/api.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <sstream>

#include "nlp/reader.h"
#include "serve/explanation_json.h"
#include "serve/feeds.h"
#include "serve/incident_json.h"
#include "serve/incident_rows.h"
#include "serve/time_argument.h"
#include "serve/trends.h"

namespace thap::serve {

using ingest::Code;
using ingest::Error;
using nlohmann::ordered_json;

const std::vector<std::pair<std::string_view, std::string_view>>& embedded_api();  // generated

namespace {

constexpr std::uint32_t sparkline_minutes = 30, sparkline_points = 48;
constexpr std::size_t most_text_bytes = 16'384, feed_entries = 50;

// Handlers leave by it: what is wrong with the request, or with what was asked.
struct Refusal {
  HttpResponse answer;
};

[[noreturn]] void refuse(int status, std::string detail, const std::string& path,
                         const std::string& parameter = {}) {
  ordered_json errors = ordered_json::array();
  if (!parameter.empty()) errors.push_back({{"parameter", parameter}, {"detail", detail}});
  throw Refusal{
      problem(status, std::string(status_title(status)), std::move(detail), path, std::move(errors))};
}

template <class T>
T value_of(ingest::Result<T> result, const std::string& path, const std::string& parameter = {}) {
  if (result) return std::move(*result);
  const Error& error = result.error();
  const int status = error.code == Code::usage || error.code == Code::too_long ? 400
                     : error.code == Code::not_found                           ? 404
                                                                               : 500;
  refuse(status, to_string(error), path, status == 400 ? parameter : "");
}

std::int64_t day_begins(std::int64_t newest_ms) {
  constexpr std::int64_t step_ms = sparkline_minutes * std::int64_t{60'000};
  return std::max<std::int64_t>(0, (newest_ms / step_ms + 1 - sparkline_points) * step_ms);
}

ordered_json name_json(const nlp::Names& names) {
  return {{"en", names.en},
          {"hi", names.hi.empty() ? names.en : names.hi},
          {"bn", names.bn.empty() ? names.en : names.bn}};
}

std::set<std::string> listed(const std::optional<std::string>& text) {
  std::set<std::string> out;
  if (!text) return out;
  std::istringstream words(*text);
  for (std::string word; std::getline(words, word, ',');)
    if (!word.empty()) out.insert(word);
  return out;
}

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

struct Api::Ask {
  const HttpRequest& request;
  ApiView view;

  const std::string& path() const { return request.path; }
  std::string text(std::string_view name) const { return request.value(name).value_or(""); }
  std::int64_t number(std::string_view name, std::int64_t otherwise, std::int64_t low,
                      std::int64_t high) const {
    const auto given = request.value(name);
    if (!given) return otherwise;
    std::int64_t out = 0;
    const auto [end, error] = std::from_chars(given->data(), given->data() + given->size(), out);
    if (error != std::errc{} || end != given->data() + given->size() || out < low || out > high)
      refuse(400, fmt::format("\"{}\" is no whole number from {} to {}", *given, low, high), path(),
             std::string(name));
    return out;
  }
  std::optional<std::int64_t> time(std::string_view name) const {
    const auto given = request.value(name);
    if (!given) return std::nullopt;
    return value_of(parse_time_argument(*given, view.store->newest_clock_ms()), path(), std::string(name));
  }
  const nlp::Service& service(const std::string& id, const std::string& parameter = {}) const {
    const auto* found = view.lexicon->service(id);
    if (!found)
      refuse(parameter.empty() ? 404 : 400, fmt::format("no service \"{}\"", id), path(), parameter);
    return *found;
  }
};

void Api::use(ApiView view) {
  const std::lock_guard hold(view_mutex_);
  view_ = std::move(view);
}

Route Api::route(std::string method, std::string pattern, std::vector<std::string> query, Handler handler) {
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
  return {std::move(method), std::move(pattern), std::move(query), handle, false};
}

std::vector<Route> Api::routes() {
  std::vector<Route> out{
      route("GET", "/api/v1/services", {}, &Api::services),
      route("GET", "/api/v1/services/{id}", {}, &Api::service),
      route("GET", "/api/v1/incidents",
            {"state", "service", "region", "severity", "from", "to", "limit", "cursor"}, &Api::incidents),
      route("GET", "/api/v1/incidents/{id}", {}, &Api::incident),
      route("GET", "/api/v1/incidents/{id}/timeline", {}, &Api::timeline),
      route("GET", "/api/v1/incidents/{id}/evidence", {"limit"}, &Api::evidence),
      route("GET", "/api/v1/series", {"service", "by", "from", "to", "step"}, &Api::series),
      route("POST", "/api/v1/explain", {}, &Api::explain),
      route("GET", "/api/v1/versions", {}, &Api::versions),
      route("GET", "/api/v1/stream", {"service", "region", "state", "last_event_id"}, &Api::stream),
      route("GET", "/feeds/incidents.atom", {"service", "region", "lang"}, &Api::atom),
      route("GET", "/feeds/incidents.json", {"service", "region", "lang"}, &Api::json_feed)};
  out.push_back({"GET",
                 "/api/v1/openapi.json",
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
  const std::pair key{view.store, view.store->newest_clock_ms()};
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

ordered_json Api::service_json(const Ask& ask, const nlp::Service& service) {
  const ApiView& view = ask.view;
  const MinuteKey key{view.store, view.lexicon, view.store->newest_clock_ms() / 60'000};
  if (!(sparklines_of_ == key)) {
    sparklines_.clear();
    const auto begin = store::minute_of(day_begins(view.store->newest_clock_ms()));
    const store::MinuteRange day{begin, begin + sparkline_minutes * sparkline_points};
    for (const auto id : value_of(view.store->services(day), ask.path())) {
      const auto counts = value_of(view.store->series(id, {}, day), ask.path()).counts;
      auto& line = sparklines_[id];
      line.resize(sparkline_points);
      for (std::size_t i = 0; i < counts.size(); ++i) line[i / sparkline_minutes] += counts[i];
    }
    sparklines_of_ = key;
  }
  const auto found = sparklines_.find(service.number);
  const std::vector<std::uint64_t> line =
      found == sparklines_.end() ? std::vector<std::uint64_t>(sparkline_points) : found->second;
  std::uint64_t total = 0;
  for (const auto count : line) total += count;
  static_cast<void>(all_incidents(view));  // so that by_service_ is of this view
  const auto indexed = by_service_.find(service.number);
  const OfService of = indexed == by_service_.end() ? OfService{} : indexed->second;
  const rules::Incident *open = of.open, *last = of.last;
  return {{"id", service.id},
          {"name", name_json(service.names)},
          {"class", service.klass},
          {"owner", service.owner.empty() ? ordered_json(nullptr) : ordered_json(service.owner)},
          {"state", open ? std::string(rules::name(open->state)) : "quiet"},
          {"severity", open ? ordered_json(rules::name(open->severity)) : ordered_json(nullptr)},
          {"since", open ? ordered_json(utc_time(open->started_ms)) : ordered_json(nullptr)},
          {"incident", open && open->opened_ms != 0 ? ordered_json(open->id) : ordered_json(nullptr)},
          {"last_incident", last ? ordered_json(last->id) : ordered_json(nullptr)},
          {"complaints_24h", total},
          {"sparkline", line}};
}

HttpResponse Api::services(const Ask& ask) {
  static const std::map<std::string, int> order{
      {"confirmed", 0}, {"easing", 1}, {"suspected", 2}, {"quiet", 3}};
  std::vector<ordered_json> all;
  for (const auto& one : ask.view.lexicon->services()) all.push_back(service_json(ask, one));
  std::stable_sort(all.begin(), all.end(), [](const ordered_json& a, const ordered_json& b) {
    const int x = order.at(a["state"]), y = order.at(b["state"]);
    if (x != y) return x < y;
    return a["complaints_24h"].get<std::uint64_t>() > b["complaints_24h"].get<std::uint64_t>();
  });
  return json_response({{"services", all},
                        {"sparkline_from", utc_time(day_begins(ask.view.store->newest_clock_ms()))},
                        {"sparkline_step_minutes", sparkline_minutes},
                        {"data", data_json(ask.view)}});
}

HttpResponse Api::service(const Ask& ask) {
  const auto& one = ask.service(ask.request.parts.at(0));
  ordered_json out = service_json(ask, one);
  const auto begin = store::minute_of(day_begins(ask.view.store->newest_clock_ms()));
  const store::MinuteRange day{begin, begin + sparkline_minutes * sparkline_points};
  for (const auto& [key, kind] :
       {std::pair{"symptoms", store::FacetKind::symptom}, std::pair{"languages", store::FacetKind::language},
        std::pair{"places", store::FacetKind::place}, std::pair{"sources", store::FacetKind::source}}) {
    ordered_json list = ordered_json::array();
    for (const auto& [value, count] : value_of(ask.view.store->breakdown(one.number, kind, day), ask.path()))
      list.push_back({{"id", facet_value_name(kind, value, *ask.view.lexicon)}, {"posts", count}});
    out[key] = list;
  }
  out["why"] = nullptr;
  if (const auto standing = engine(ask.view).standing(one.number))
    out["why"] = {{"phase", standing->phase},
                  {"score", standing->score},
                  {"threshold", standing->threshold},
                  {"expected_per_minute", standing->expected_per_minute},
                  {"usual_per_minute", standing->usual_per_minute},
                  {"feed_ok", standing->feed_ok}};
  ordered_json recent = ordered_json::array();
  for (const auto& i : all_incidents(ask.view))
    if (i.service == one.number && i.opened_ms != 0 && recent.size() < 10)
      recent.push_back(incident_json(i, *ask.view.lexicon, data_age_s(ask.view)));
  out["incidents"] = recent;
  out["data"] = data_json(ask.view);
  return json_response(out);
}

// Filters of a list; those that were never more than a suspicion only where they are asked for.
std::vector<rules::Incident> Api::chosen(const Ask& ask) {
  auto states = listed(ask.request.value("state"));
  for (const auto& state : states)
    if (state != "open" && state != "suspected" && state != "confirmed" && state != "easing" &&
        state != "resolved" && state != "retracted")
      refuse(400, fmt::format("\"{}\" is no state", state), ask.path(), "state");
  if (states.contains("open")) states.insert({"confirmed", "easing"});
  const auto severities = listed(ask.request.value("severity"));
  for (const auto& severity : severities)
    if (severity != "minor" && severity != "major" && severity != "critical")
      refuse(400, fmt::format("\"{}\" is no severity", severity), ask.path(), "severity");
  std::set<nlp::ServiceId> services;
  for (const auto& id : listed(ask.request.value("service")))
    services.insert(ask.service(id, "service").number);
  const auto regions = listed(ask.request.value("region"));
  const auto from = ask.time("from"), to = ask.time("to");
  std::vector<rules::Incident> out;
  for (const auto& i : all_incidents(ask.view)) {
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
  ordered_json list = ordered_json::array();
  ordered_json next = nullptr;
  const rules::Incident* last = nullptr;
  const auto all = chosen(ask);
  for (const auto& i : all) {
    if (after && std::tie(i.opened_ms, i.id) >= std::tie(after->first, after->second)) continue;
    if (list.size() == limit) {
      next = cursor_of(*last);
      break;
    }
    last = &i;
    list.push_back(incident_json(i, *ask.view.lexicon, data_age_s(ask.view)));
  }
  auto out = json_response({{"incidents", list}, {"next_cursor", next}, {"data", data_json(ask.view)}});
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
  const auto& i = known(all_incidents(ask.view), ask.request.parts.at(0), ask.path());
  auto out = incident_json(i, *ask.view.lexicon, data_age_s(ask.view));
  out["previous"] = i.previous.empty() ? ordered_json(nullptr) : ordered_json(i.previous);
  out["why"] = {{"reason", i.reason},
                {"score", i.score},
                {"threshold", i.threshold},
                {"peak_per_minute", i.peak_per_minute},
                {"eased_by_silence", i.eased_by_silence}};
  out["minutes"] = {{"from", utc_time(static_cast<std::int64_t>(i.first_minute) * 60'000)},
                    {"observed", i.minute_counts},
                    {"expected", i.minute_expected}};
  return json_response(out);
}

HttpResponse Api::timeline(const Ask& ask) {
  const auto& i = known(all_incidents(ask.view), ask.request.parts.at(0), ask.path());
  ordered_json list = ordered_json::array();
  for (const auto& t : value_of(transitions_of(*ask.view.store, i.id), ask.path()))
    list.push_back({{"sequence", t.sequence},
                    {"at", utc_time(t.at_ms)},
                    {"from", rules::name(t.from)},
                    {"to", rules::name(t.to)},
                    {"relapse", t.relapse},
                    {"annotated", t.annotated},
                    {"reason", t.reason}});
  return json_response({{"incident", i.id}, {"transitions", list}});
}

HttpResponse Api::evidence(const Ask& ask) {
  const auto& i = known(all_incidents(ask.view), ask.request.parts.at(0), ask.path());
  const auto limit = static_cast<std::size_t>(ask.number("limit", 20, 1, 20));
  const auto from = store::minute_of(i.started_ms);
  const auto to = store::minute_of(i.resolved_ms ? i.resolved_ms : i.updated_ms) + 1;
  ordered_json list = ordered_json::array();
  for (const auto& e :
       value_of(ask.view.store->evidence(i.service, {from, std::min(to, from + 1'440)}, limit), ask.path())) {
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
                    {"text", settings_.shows_evidence ? ordered_json(e.text) : ordered_json(nullptr)},
                    {"sensitive", e.sensitive},
                    {"edited", e.edited}});
  }
  auto out = json_response({{"incident", i.id}, {"evidence", list}});
  out.headers.emplace_back("Cache-Control", "no-store");  // a post deleted upstream has to be gone
  return out;
}

HttpResponse Api::series(const Ask& ask) {
  const auto services = listed(ask.request.value("service"));
  if (services.empty() || services.size() > 20)
    refuse(400, "name one to twenty services, separated by commas", ask.path(), "service");
  const Slice slice = value_of(parse_slice(ask.text("by")), ask.path(), "by");
  const auto minutes = static_cast<std::uint32_t>(ask.number("step", 5, 1, 43'200));
  const Steps steps =
      value_of(steps_between(ask.text("from"), ask.text("to"), minutes, ask.view.store->newest_clock_ms()),
               ask.path(), "from");
  if (steps.range.end - steps.range.start > 31 * 1'440 + minutes)
    refuse(400, "more than 31 days: ask for a shorter range", ask.path(), "from");
  std::vector<TrendLine> lines;
  for (const auto& id : services) {
    ask.service(id, "service");
    for (auto& line : value_of(trend_lines(*ask.view.store, *ask.view.lexicon, id, slice, steps), ask.path()))
      lines.push_back(std::move(line));
    if (lines.size() > 200)
      refuse(400, "more than 200 lines: name one value as place=IN-Mumbai", ask.path(), "by");
  }
  const auto type =
      best_type(ask.request.header("accept"), {"application/json", "text/csv", "application/x-ndjson"});
  if (type.empty()) refuse(406, "application/json, text/csv or application/x-ndjson", ask.path());
  HttpResponse out;
  if (type == "application/json") {
    const bool has_usual = slice.kind == store::FacetKind::complaints;
    ordered_json list = ordered_json::array();
    for (const auto& line : lines) {
      const auto id = ask.view.lexicon->service(line.service)->number;
      ordered_json points = ordered_json::array();
      for (std::size_t i = 0; i < line.counts.size(); ++i) {
        const std::int64_t begin = steps.begins_ms(i),
                           end = std::min(steps.begins_ms(i + 1), std::int64_t{60'000} * steps.range.end);
        ordered_json point{
            {"t", utc_time(begin)},
            {"observed", line.counts[i] ? ordered_json(*line.counts[i]) : ordered_json(nullptr)},
            {"expected", nullptr},
            {"lo", nullptr},
            {"hi", nullptr}};
        if (has_usual)
          if (const auto usual = engine(ask.view).usual(id, begin, end)) {
            point["expected"] = std::round(usual->posts * 100) / 100;
            point["lo"] = std::round(usual->low * 100) / 100;
            point["hi"] = std::round(usual->high * 100) / 100;
          }
        points.push_back(std::move(point));
      }
      list.push_back({{"service", line.service},
                      {"facet", store::name(slice.kind)},
                      {"value", line.value.empty() ? ordered_json(nullptr) : ordered_json(line.value)},
                      {"points", points}});
    }
    out = json_response({{"from", utc_time(steps.begins_ms(0))},
                         {"to", utc_time(static_cast<std::int64_t>(steps.range.end) * 60'000)},
                         {"step_minutes", minutes},
                         {"lines", list},
                         {"data", data_json(ask.view)}});
  } else {
    out.type = std::string(type) + "; charset=utf-8";
    out.body = type == "text/csv" ? trends_csv(lines, slice, steps) : trends_json_lines(lines, slice, steps);
  }
  out.headers.emplace_back("Vary", "Accept");
  return out;
}

HttpResponse Api::explain(const Ask& ask) {
  std::string text = ask.request.body;
  if (ask.request.header("content-type").starts_with("application/json")) {
    const auto body = nlohmann::json::parse(text, nullptr, false);
    if (!body.is_object() || !body.contains("text") || !body["text"].is_string())
      refuse(400, "send {\"text\": \"...\"} or text/plain", ask.path());
    text = body["text"].get<std::string>();
  }
  if (text.size() > most_text_bytes)
    refuse(413, fmt::format("at most {} bytes", most_text_bytes), ask.path());
  if (!is_utf8(text)) refuse(400, "the text is not UTF-8", ask.path());
  const nlp::Reader reader(ask.view.lexicon);
  auto out = json_response(explanation_json(reader.explain(text), text, *ask.view.lexicon));
  out.headers.emplace_back("Cache-Control", "no-store");
  return out;
}

HttpResponse Api::versions(const Ask& ask) {
  return json_response({{"thap", settings_.program_version},
                        {"lexicon", ask.view.lexicon->version()},
                        {"rules", ask.view.rules->version},
                        {"services", ask.view.lexicon->services().size()}});
}

HttpResponse Api::stream(const Ask& ask) {
  EventLog::Filter filter{ask.text("service"), ask.text("region"), ask.text("state")};
  if (!filter.service.empty()) ask.service(filter.service, "service");
  std::string last(ask.request.header("last-event-id"));
  if (last.empty()) last = ask.text("last_event_id");
  HttpResponse out;
  out.stream = log_.start(last, std::move(filter));
  return out;
}

namespace {
FeedSettings feed_of(const std::string& host, const HttpRequest& request) {
  FeedSettings out;
  out.host = host;
  out.self = request.target;
  out.language = request.value("lang").value_or("en");
  if (out.language != "en" && out.language != "hi" && out.language != "bn")
    refuse(400, "en, hi or bn", request.path, "lang");
  return out;
}
}  // namespace

HttpResponse Api::atom(const Ask& ask) {
  const auto feed = feed_of(settings_.host, ask.request);
  auto all = chosen(ask);
  if (all.size() > feed_entries) all.resize(feed_entries);
  HttpResponse out;
  out.type = "application/atom+xml; charset=utf-8";
  out.body = atom_feed(all, *ask.view.lexicon, feed);
  return out;
}

HttpResponse Api::json_feed(const Ask& ask) {
  const auto feed = feed_of(settings_.host, ask.request);
  auto all = chosen(ask);
  if (all.size() > feed_entries) all.resize(feed_entries);
  HttpResponse out = json_response(serve::json_feed(all, *ask.view.lexicon, feed));
  out.type = "application/feed+json; charset=utf-8";
  return out;
}

}  // namespace thap::serve
