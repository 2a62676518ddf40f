#include "serve/trends.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "ingest/post.h"
#include "serve/incident_json.h"
#include "serve/time_argument.h"

namespace thap::serve {

using ingest::Code;
using ingest::fail;
using ingest::Result;
using nlohmann::ordered_json;

namespace {

constexpr std::int64_t minute_ms = 60'000, day_ms = 1'440 * minute_ms, ist_ms = 19'800'000;

using Counts = std::vector<std::optional<std::uint64_t>>;

// 0 for every step the store can know something of.
Counts empty_counts(const store::WindowStore& store, const Steps& steps) {
  Counts out(steps.count());
  const store::Minute floor = store.retention_floor(), newest = store::minute_of(store.newest_clock_ms());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const store::Minute begin = steps.range.start + static_cast<store::Minute>(i) * steps.minutes;
    if (begin + steps.minutes > floor && begin <= newest) out[i] = 0;
  }
  return out;
}

Result<Counts> counts_of(const store::WindowStore& store, nlp::ServiceId service, store::Facet facet,
                         const Steps& steps) {
  Counts out = empty_counts(store, steps);
  constexpr std::uint32_t page = 7 * 24 * 60;
  for (store::Minute from = steps.range.start; from < steps.range.end; from += page) {
    const auto counts = store.series(service, facet, {from, std::min(from + page, steps.range.end)});
    if (!counts) return tl::unexpected(counts.error());
    for (std::size_t i = 0; i < counts->counts.size(); ++i) {
      auto& step = out[(from - steps.range.start + i) / steps.minutes];
      if (counts->counts[i] > 0) step = step.value_or(0) + counts->counts[i];
    }
  }
  return out;
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

}  // namespace

Result<Slice> parse_slice(const std::string& text) {
  if (text.empty()) return Slice{};
  const auto equals = text.find('=');
  const auto kind = store::facet_kind_named(text.substr(0, equals));
  if (!kind)
    return fail(Code::usage, fmt::format("\"{}\" is no facet: complaints, mentions, recovered, reposts, "
                                         "symptom, language, place, kind or source",
                                         text.substr(0, equals)));
  return Slice{*kind, equals == std::string::npos ? "" : text.substr(equals + 1)};
}

std::string facet_value_name(store::FacetKind kind, std::uint32_t value, const nlp::Lexicon& lexicon) {
  switch (kind) {
    case store::FacetKind::symptom:
      return std::string(nlp::name(static_cast<nlp::Symptom>(value)));
    case store::FacetKind::language:
      return std::string(nlp::name(static_cast<nlp::Language>(value)));
    case store::FacetKind::kind:
      return std::string(nlp::name(static_cast<nlp::Kind>(value)));
    case store::FacetKind::source:
      return std::string(ingest::name(static_cast<ingest::Network>(value)));
    case store::FacetKind::place: {
      const auto* place = lexicon.place(static_cast<nlp::PlaceId>(value));
      return place ? place->id : fmt::format("place-{:08x}", value);
    }
    default:
      return {};
  }
}

Result<Steps> steps_between(const std::string& from, const std::string& to, std::uint32_t minutes,
                            std::int64_t newest_ms) {
  std::int64_t to_ms = (newest_ms / minute_ms + 1) * minute_ms;
  if (!to.empty()) {
    const auto at = parse_time_argument(to, to_ms);
    if (!at) return tl::unexpected(at.error());
    to_ms = *at;
  }
  std::int64_t from_ms = std::max<std::int64_t>(0, to_ms - day_ms);
  if (!from.empty()) {
    const auto at = parse_time_argument(from, to_ms);
    if (!at) return tl::unexpected(at.error());
    from_ms = *at;
  }
  if (from_ms >= to_ms) return fail(Code::usage, "the range ends before it begins");
  constexpr std::int64_t most_ms = std::int64_t{4'294'967'295} * minute_ms;
  if (from_ms < 0 || to_ms > most_ms) return fail(Code::usage, "the range lies beyond all clocks");
  const std::int64_t align_ms = minutes * minute_ms, shift_ms = minutes % 1'440 == 0 ? ist_ms : 0;
  from_ms = std::max<std::int64_t>(0, (from_ms + shift_ms) / align_ms * align_ms - shift_ms);
  const Steps steps{{store::minute_of(from_ms), store::minute_of(to_ms + minute_ms - 1)}, minutes};
  if (steps.count() > most_trend_points)
    return fail(Code::too_long, fmt::format("more than {} points: take a longer step", most_trend_points));
  return steps;
}

std::uint64_t TrendLine::total() const {
  std::uint64_t out = 0;
  for (const auto& count : counts) out += count.value_or(0);
  return out;
}

Result<std::vector<TrendLine>> trend_lines(const store::WindowStore& store, const nlp::Lexicon& lexicon,
                                           const std::string& service, const Slice& slice,
                                           const Steps& steps) {
  const auto* known = lexicon.service(service);
  if (!known) return fail(Code::not_found, fmt::format("no service \"{}\" in the lexicon", service));
  const auto values = store.breakdown(known->number, slice.kind, steps.range);
  if (!values) return tl::unexpected(values.error());
  std::vector<TrendLine> out;
  for (const auto& [value, total] : *values) {
    const std::string name = facet_value_name(slice.kind, value, lexicon);
    if (!slice.value.empty() && name != slice.value) continue;
    auto counts = counts_of(store, known->number, {slice.kind, value}, steps);
    if (!counts) return tl::unexpected(counts.error());
    out.push_back({service, name, std::move(*counts)});
  }
  if (out.empty()) out.push_back({service, slice.value, empty_counts(store, steps)});
  return out;
}

std::string trends_csv(const std::vector<TrendLine>& lines, const Slice& slice, const Steps& steps) {
  std::string out = fmt::format("time,service,{},count\n", store::name(slice.kind));
  for (const auto& line : lines)
    for (std::size_t i = 0; i < line.counts.size(); ++i)
      out += fmt::format("{},{},{},{}\n", utc_time(steps.begins_ms(i)), csv_field(line.service),
                         csv_field(line.value), line.counts[i] ? std::to_string(*line.counts[i]) : "");
  return out;
}

std::string trends_json_lines(const std::vector<TrendLine>& lines, const Slice& slice, const Steps& steps) {
  std::string out;
  for (const auto& line : lines)
    for (std::size_t i = 0; i < line.counts.size(); ++i) {
      const ordered_json point{
          {"t", utc_time(steps.begins_ms(i))},
          {"service", line.service},
          {"facet", store::name(slice.kind)},
          {"value", line.value.empty() ? ordered_json(nullptr) : ordered_json(line.value)},
          {"count", line.counts[i] ? ordered_json(*line.counts[i]) : ordered_json(nullptr)}};
      out += point.dump() + "\n";
    }
  return out;
}

}  // namespace thap::serve
