// thap trends: complaints over time, of one service or several on one scale, whole or by symptom, language,
// place, kind or source.
#include "serve/trends.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iostream>

#include "app/cli.h"
#include "serve/incident_json.h"

namespace thap::app {
namespace {

// All lines on one scale, so that a bystander looks small.
void print_chart(const std::vector<serve::TrendLine>& lines, const serve::Steps& steps) {
  static constexpr std::array<std::string_view, 9> bars = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  constexpr std::size_t width = 72;
  std::uint64_t top = 1;
  std::size_t label = 8;
  std::vector<std::vector<std::uint64_t>> drawn;
  std::size_t each = 1;
  for (const serve::TrendLine& line : lines) {
    each = std::max<std::size_t>(1, (line.counts.size() + width - 1) / width);
    std::vector<std::uint64_t> columns_of((line.counts.size() + each - 1) / each);
    for (std::size_t i = 0; i < line.counts.size(); ++i) columns_of[i / each] += line.counts[i].value_or(0);
    for (auto c : columns_of) top = std::max(top, c);
    label = std::max(label, columns(line.service) + columns(line.value) + 1);
    drawn.push_back(std::move(columns_of));
  }
  for (std::size_t k = 0; k < lines.size(); ++k) {
    std::string row;
    for (auto c : drawn[k]) row += bars[(c * 8 + top - 1) / top];
    std::cout << padded(lines[k].service + (lines[k].value.empty() ? "" : " " + lines[k].value), label)
              << "  " << row << "  " << lines[k].total() << '\n';
  }
  std::cout << fmt::format("{}  {} to {} IST, a column {} min, full height {} posts\n",
                           std::string(label, ' '), serve::ist_date_time(steps.begins_ms(0)),
                           serve::ist_date_time(static_cast<std::int64_t>(steps.range.end) * 60'000),
                           steps.minutes * each, top);
}

}  // namespace

int trends(const Common& common, const Settings& settings, const TrendsOptions& options) {
  auto lexicon = load_lexicon(common, settings);
  if (!lexicon) return report(lexicon.error());
  const auto slice = serve::parse_slice(options.by);
  if (!slice) return report(slice.error());
  store::StoreSettings store_settings;
  store_settings.directory = common.data;
  store_settings.read_only = true;
  auto store = store::WindowStore::open(store_settings);
  if (!store) return report(store.error());
  const auto steps =
      serve::steps_between(options.from, options.to, static_cast<std::uint32_t>(options.step_minutes),
                           (*store)->newest_clock_ms());
  if (!steps) return report(steps.error());

  std::vector<serve::TrendLine> lines;
  for (const auto& service : options.services) {
    auto found = serve::trend_lines(**store, **lexicon, service, *slice, *steps);
    if (!found) return report(found.error());
    lines.insert(lines.end(), found->begin(), found->end());
  }
  if (options.csv) {
    std::cout << serve::trends_csv(lines, *slice, *steps);
  } else if (common.json) {
    std::cout << serve::trends_json_lines(lines, *slice, *steps);
  } else {
    print_chart(lines, *steps);
    std::cout << fmt::format("data up to {} IST\n", serve::ist_date_time((*store)->newest_clock_ms()));
  }
  return ExitCode::ok;
}

}  // namespace thap::app
