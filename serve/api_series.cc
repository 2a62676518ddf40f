// Counts over time, of several services on one scale.
#include <fmt/format.h>

#include <cmath>

#include "serve/api_ask.h"
#include "serve/incident_json.h"
#include "serve/trends.h"

namespace thap::serve {

using nlohmann::ordered_json;

HttpResponse Api::series(const Ask& ask) {
  const auto services = ask.listed("service");
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
  // Counts are kept by the minute: until the next one begins, the newest bucket is the same question.
  // A replay's minutes are not those of who keeps the answer.
  const std::int64_t left_ms = settings_.replay ? 0 : 60'000 - settings_.now_ms() % 60'000;
  out.headers.emplace_back("Cache-Control", fmt::format("private, max-age={}", left_ms / 1'000));
  return out;
}

}  // namespace thap::serve
