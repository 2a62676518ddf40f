// The catalogue: services with their state, their last day and why they stand where they stand.
#include <algorithm>
#include <map>

#include "serve/api_ask.h"
#include "serve/incident_json.h"
#include "serve/trends.h"

namespace thap::serve {

using nlohmann::ordered_json;

namespace {

constexpr std::uint32_t sparkline_minutes = 30, sparkline_points = 48;

std::int64_t day_begins(std::int64_t newest_ms) {
  constexpr std::int64_t step_ms = sparkline_minutes * std::int64_t{60'000};
  return std::max<std::int64_t>(0, (newest_ms / step_ms + 1 - sparkline_points) * step_ms);
}

ordered_json name_json(const nlp::Names& names) {
  return {{"en", names.en},
          {"hi", names.hi.empty() ? names.en : names.hi},
          {"bn", names.bn.empty() ? names.en : names.bn}};
}

ordered_json headline_json(const rules::Incident& incident, const nlp::Lexicon& lexicon) {
  const Headline words = headline(incident, lexicon);
  return {{"en", words.en}, {"hi", words.hi}, {"bn", words.bn}};
}

using Counts = std::vector<std::pair<std::uint32_t, std::uint64_t>>;

ordered_json places_json(const Counts& counts, const nlp::Lexicon& lexicon) {
  ordered_json out = ordered_json::array();
  for (const auto& [value, count] : counts)
    if (const auto* place = lexicon.place(static_cast<nlp::PlaceId>(value)))
      out.push_back({{"id", place->id},
                     {"posts", count},
                     {"name", name_json(place->names)},
                     {"kind", place->kind},
                     {"region", place->iso}});
  return out;
}

// Every state and territory of India, with what was said of it and of the places in it. A territory that is
// one city (Delhi) has no entry of its own kind: the first place with its code stands for it.
ordered_json regions_json(const Counts& counts, const nlp::Lexicon& lexicon) {
  std::map<std::string, std::uint64_t> posts;
  std::map<std::string, const nlp::Place*> regions;
  for (const auto& place : lexicon.places()) {
    if (!place.iso.starts_with("IN-")) continue;
    auto& stands = regions[place.iso];
    if (!stands || (place.kind == "state" && stands->kind != "state")) stands = &place;
  }
  for (const auto& [value, count] : counts)
    if (const auto* place = lexicon.place(static_cast<nlp::PlaceId>(value))) posts[place->iso] += count;
  ordered_json out = ordered_json::array();
  for (const auto& [iso, place] : regions)
    out.push_back(
        {{"id", iso}, {"place", place->id}, {"name", name_json(place->names)}, {"posts", posts[iso]}});
  return out;
}

}  // namespace

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
  const nlp::Service* cause = open ? view.lexicon->service(open->cause) : nullptr;
  return {{"id", service.id},
          {"name", name_json(service.names)},
          {"class", service.klass},
          {"owner", service.owner.empty() ? ordered_json(nullptr) : ordered_json(service.owner)},
          {"state", open ? std::string(rules::name(open->state)) : "quiet"},
          {"severity", open ? ordered_json(rules::name(open->severity)) : ordered_json(nullptr)},
          {"since", open ? ordered_json(utc_time(open->started_ms)) : ordered_json(nullptr)},
          {"incident", open && open->opened_ms != 0 ? ordered_json(open->id) : ordered_json(nullptr)},
          {"group", open && !open->group.empty() ? ordered_json(open->group) : ordered_json(nullptr)},
          {"cause", cause ? ordered_json(cause->id) : ordered_json(nullptr)},
          {"headline", open && open->opened_ms != 0 ? headline_json(*open, *view.lexicon) : ordered_json()},
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
        std::pair{"sources", store::FacetKind::source}}) {
    ordered_json list = ordered_json::array();
    for (const auto& [value, count] : value_of(ask.view.store->breakdown(one.number, kind, day), ask.path()))
      list.push_back({{"id", facet_value_name(kind, value, *ask.view.lexicon)}, {"posts", count}});
    out[key] = list;
  }
  const auto places =
      value_of(ask.view.store->breakdown(one.number, store::FacetKind::place, day), ask.path());
  out["places"] = places_json(places, *ask.view.lexicon);
  out["regions"] = regions_json(places, *ask.view.lexicon);
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

}  // namespace thap::serve
