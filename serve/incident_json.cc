#include "serve/incident_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <numeric>

#include "ingest/post.h"

namespace thap::serve {

using nlohmann::ordered_json;

namespace {

constexpr std::int64_t ist_offset_ms = 19'800'000;

struct Civil {
  int year;
  unsigned month, day, hour, minute, second;
};
Civil civil(std::int64_t ms) {
  using namespace std::chrono;
  const sys_time<milliseconds> at{milliseconds{ms}};
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss time{floor<seconds>(at - day)};
  return {static_cast<int>(date.year()),
          static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()),
          static_cast<unsigned>(time.hours().count()),
          static_cast<unsigned>(time.minutes().count()),
          static_cast<unsigned>(time.seconds().count())};
}

ordered_json time_or_null(std::int64_t ms) {
  return ms == 0 ? ordered_json(nullptr) : ordered_json(utc_time(ms));
}

double rounded(double value) { return std::round(value * 100) / 100; }

ordered_json shares(std::span<const std::uint32_t> counts, auto name_of) {
  const double total = std::accumulate(counts.begin(), counts.end(), 0.0);
  ordered_json out = ordered_json::object();
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts[i] > 0) out[std::string(name_of(i))] = rounded(counts[i] / total);
  return out;
}

}  // namespace

std::string utc_time(std::int64_t ms) {
  if (ms == 0) return {};
  const Civil c = civil(ms);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", c.year, c.month, c.day, c.hour, c.minute,
                     c.second);
}
std::string ist_clock(std::int64_t ms) {
  const Civil c = civil(ms + ist_offset_ms);
  return fmt::format("{:02}:{:02}", c.hour, c.minute);
}
std::string ist_date_time(std::int64_t ms) {
  const Civil c = civil(ms + ist_offset_ms);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}", c.year, c.month, c.day, c.hour, c.minute);
}

std::string ist_rfc3339(std::int64_t ms) {
  const Civil c = civil(ms + ist_offset_ms);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}+05:30", c.year, c.month, c.day, c.hour, c.minute,
                     c.second);
}

ordered_json incident_json(const rules::Incident& incident, const nlp::Lexicon& lexicon, double data_age_s) {
  const double total = std::accumulate(incident.languages.begin(), incident.languages.end(), 0.0);
  std::vector<std::pair<std::uint32_t, std::size_t>> symptoms;
  for (std::size_t i = 0; i < incident.symptoms.size(); ++i)
    if (incident.symptoms[i] > 0) symptoms.emplace_back(incident.symptoms[i], i);
  std::sort(symptoms.begin(), symptoms.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  ordered_json symptom_list = ordered_json::array();
  for (const auto& [count, i] : symptoms)
    symptom_list.push_back(
        {{"id", nlp::name(static_cast<nlp::Symptom>(i))}, {"share", rounded(count / std::max(total, 1.0))}});
  std::vector<std::pair<std::uint32_t, std::string>> places;
  for (const auto& [id, count] : incident.places)
    if (const auto* place = lexicon.place(id)) places.emplace_back(count, place->id);
  std::sort(places.begin(), places.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  ordered_json place_list = ordered_json::array();
  for (const auto& [count, id] : places) place_list.push_back({{"id", id}, {"posts", count}});

  const Headline words = headline(incident, lexicon);
  const bool has_cause = static_cast<std::uint32_t>(incident.cause) != 0;
  ordered_json out;
  out["id"] = incident.id;
  out["sequence"] = incident.sequence;
  out["service"] = service_key(lexicon, incident.service);
  out["region"] = incident.region;
  out["state"] = rules::name(incident.state);
  out["severity"] = rules::name(incident.severity);
  out["confidence"] = rules::name(incident.confidence);
  out["started_at"] = time_or_null(incident.started_ms);
  out["opened_at"] = time_or_null(incident.opened_ms);
  out["easing_at"] = time_or_null(incident.easing_ms);
  out["recovered_at"] = time_or_null(incident.recovered_ms);
  out["resolved_at"] = time_or_null(incident.resolved_ms);
  out["updated_at"] = time_or_null(incident.updated_ms);
  out["observed"] = {{"posts", incident.observed_posts},
                     {"authors", incident.observed_authors},
                     {"minutes", incident.observed_minutes}};
  out["expected"] = {{"value", rounded(incident.expected_posts)},
                     {"lo", rounded(incident.expected_low)},
                     {"hi", rounded(incident.expected_high)}};
  out["symptoms"] = symptom_list;
  out["places"] = place_list;
  out["languages"] =
      shares(incident.languages, [](std::size_t i) { return nlp::name(static_cast<nlp::Language>(i)); });
  out["sources"] =
      shares(incident.sources, [](std::size_t i) { return ingest::name(static_cast<ingest::Network>(i)); });
  out["role"] = "origin";
  out["bystander_of"] = nullptr;
  out["cause"] = has_cause ? ordered_json{{"provider", service_key(lexicon, incident.cause)},
                                          {"posts", incident.cause_posts}}
                           : ordered_json(nullptr);
  out["group"] = incident.group.empty() ? ordered_json(nullptr) : ordered_json(incident.group);
  out["data_age_s"] = data_age_s < 0 ? ordered_json(nullptr) : ordered_json(rounded(data_age_s));
  out["versions"] = {{"rules", incident.rules_version},
                     {"lexicon", incident.lexicon_version},
                     {"baseline", incident.baseline_version}};
  out["headline"] = {{"en", words.en}, {"hi", words.hi}, {"bn", words.bn}};
  out["links"] = {{"self", "/api/v1/incidents/" + incident.id},
                  {"evidence", "/api/v1/incidents/" + incident.id + "/evidence"}};
  return out;
}

}  // namespace thap::serve
