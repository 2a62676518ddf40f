// thap trends: complaints over time, of one service or several on one scale, whole or by symptom, language,
// place, kind or source.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iostream>

#include "app/cli.h"
#include "app/time_argument.h"
#include "ingest/post.h"
#include "serve/incident_json.h"
#include "store/window_store.h"

namespace thap::app {
namespace {

using ingest::Code;
using ingest::fail;
using ingest::Result;
using nlohmann::ordered_json;

constexpr std::int64_t minute_ms = 60'000;
constexpr std::uint32_t most_points = 5'000;

struct Line {
  std::string service, value;  // value: of the facet, empty for the whole
  std::vector<std::uint64_t> counts;
};

std::uint64_t sum(const std::vector<std::uint64_t>& counts) {
  std::uint64_t total = 0;
  for (auto c : counts) total += c;
  return total;
}

// "place" alone gives one line a value that occurs; "place=IN-Mumbai" that one.
struct Slice {
  store::FacetKind kind{store::FacetKind::complaints};
  std::string value;
};

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

std::string value_name(store::FacetKind kind, std::uint32_t value, const nlp::Lexicon& lexicon) {
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

class Reader {
 public:
  Reader(const store::WindowStore& store, const nlp::Lexicon& lexicon, store::MinuteRange range,
         std::uint32_t step)
      : store_(store), lexicon_(lexicon), range_(range), step_(step) {}

  Result<std::vector<Line>> lines(const std::string& service, const Slice& slice) const {
    const auto* known = lexicon_.service(service);
    if (!known) return fail(Code::not_found, fmt::format("no service \"{}\" in the lexicon", service));
    auto values = store_.breakdown(known->number, slice.kind, range_);
    if (!values) return tl::unexpected(values.error());
    std::vector<Line> out;
    for (const auto& [value, total] : *values) {
      const std::string name = value_name(slice.kind, value, lexicon_);
      if (!slice.value.empty() && name != slice.value) continue;
      auto counts = steps(known->number, {slice.kind, value});
      if (!counts) return tl::unexpected(counts.error());
      out.push_back({service, name, std::move(*counts)});
    }
    // A series without posts is a line of zeros, not a missing one.
    if (out.empty())
      out.push_back({service, slice.value,
                     std::vector<std::uint64_t>((range_.end - range_.start + step_ - 1) / step_)});
    return out;
  }

 private:
  Result<std::vector<std::uint64_t>> steps(nlp::ServiceId service, store::Facet facet) const {
    std::vector<std::uint64_t> out((range_.end - range_.start + step_ - 1) / step_);
    constexpr std::uint32_t page = 7 * 24 * 60;
    for (store::Minute from = range_.start; from < range_.end; from += page) {
      auto counts = store_.series(service, facet, {from, std::min(from + page, range_.end)});
      if (!counts) return tl::unexpected(counts.error());
      for (std::size_t i = 0; i < counts->counts.size(); ++i)
        out[(from - range_.start + i) / step_] += counts->counts[i];
    }
    return out;
  }

  const store::WindowStore& store_;
  const nlp::Lexicon& lexicon_;
  store::MinuteRange range_;
  std::uint32_t step_;
};

// All lines on one scale, so that a bystander looks small.
void print_chart(const std::vector<Line>& lines, store::MinuteRange range, std::uint32_t step) {
  static constexpr std::array<std::string_view, 9> bars = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  constexpr std::size_t width = 72;
  std::uint64_t top = 1;
  std::size_t label = 8;
  std::vector<std::vector<std::uint64_t>> drawn;
  std::size_t each = 1;
  for (const Line& line : lines) {
    each = std::max<std::size_t>(1, (line.counts.size() + width - 1) / width);
    std::vector<std::uint64_t> columns_of((line.counts.size() + each - 1) / each);
    for (std::size_t i = 0; i < line.counts.size(); ++i) columns_of[i / each] += line.counts[i];
    for (auto c : columns_of) top = std::max(top, c);
    label = std::max(label, columns(line.service) + columns(line.value) + 1);
    drawn.push_back(std::move(columns_of));
  }
  for (std::size_t k = 0; k < lines.size(); ++k) {
    std::string row;
    for (auto c : drawn[k]) row += bars[(c * 8 + top - 1) / top];
    std::cout << padded(lines[k].service + (lines[k].value.empty() ? "" : " " + lines[k].value), label)
              << "  " << row << "  " << sum(lines[k].counts) << '\n';
  }
  std::cout << fmt::format(
      "{}  {} to {} IST, a column {} min, full height {} posts\n", std::string(label, ' '),
      serve::ist_date_time(static_cast<std::int64_t>(range.start) * minute_ms),
      serve::ist_date_time(static_cast<std::int64_t>(range.end) * minute_ms), step * each, top);
}

}  // namespace

int trends(const Common& common, const Settings& settings, const TrendsOptions& options) {
  auto lexicon = load_lexicon(common, settings);
  if (!lexicon) return report(lexicon.error());
  auto slice = parse_slice(options.by);
  if (!slice) return report(slice.error());
  store::StoreSettings store_settings;
  store_settings.directory = common.data;
  store_settings.read_only = true;
  auto store = store::WindowStore::open(store_settings);
  if (!store) return report(store.error());

  std::int64_t to_ms = ((*store)->newest_clock_ms() / minute_ms + 1) * minute_ms,
               from_ms = to_ms - 24 * 60 * minute_ms;
  if (!options.to.empty()) {
    auto to = parse_time_argument(options.to, to_ms);
    if (!to) return report(to.error());
    to_ms = *to;
    from_ms = to_ms - 24 * 60 * minute_ms;
  }
  if (!options.from.empty()) {
    auto from = parse_time_argument(options.from, to_ms);
    if (!from) return report(from.error());
    from_ms = *from;
  }
  if (from_ms >= to_ms) return report({Code::usage, "the range ends before it begins", ""});
  const auto step = static_cast<std::uint32_t>(options.step_minutes);
  // Steps are aligned to UTC minutes, days to Indian days.
  constexpr std::int64_t ist_ms = 19'800'000;
  const std::int64_t align_ms = step * minute_ms, shift_ms = step % 1'440 == 0 ? ist_ms : 0;
  from_ms = (from_ms + shift_ms) / align_ms * align_ms - shift_ms;
  const store::MinuteRange range{store::minute_of(from_ms), store::minute_of(to_ms + minute_ms - 1)};
  if ((range.end - range.start) / step > most_points)
    return report(
        {Code::too_long, fmt::format("more than {} points: take a longer --step", most_points), ""});

  Reader reader(**store, **lexicon, range, step);
  std::vector<Line> lines;
  for (const auto& service : options.services) {
    auto found = reader.lines(service, *slice);
    if (!found) return report(found.error());
    lines.insert(lines.end(), found->begin(), found->end());
  }

  if (options.csv) std::cout << "time,service," << store::name(slice->kind) << ",count\n";
  if (options.csv || common.json) {
    for (const Line& line : lines)
      for (std::size_t i = 0; i < line.counts.size(); ++i) {
        const std::string time = serve::utc_time(
            (static_cast<std::int64_t>(range.start) + static_cast<std::int64_t>(i) * step) * minute_ms);
        if (options.csv)
          std::cout << fmt::format("{},{},{},{}\n", time, line.service, line.value, line.counts[i]);
        else
          std::cout << ordered_json{{"t", time},
                                    {"service", line.service},
                                    {"facet", store::name(slice->kind)},
                                    {"value",
                                     line.value.empty() ? ordered_json(nullptr) : ordered_json(line.value)},
                                    {"count", line.counts[i]}}
                           .dump()
                    << '\n';
      }
    return ExitCode::ok;
  }
  print_chart(lines, range, step);
  std::cout << fmt::format("data up to {} IST\n", serve::ist_date_time((*store)->newest_clock_ms()));
  return ExitCode::ok;
}

}  // namespace thap::app
