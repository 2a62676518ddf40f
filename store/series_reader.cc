#include "store/series_reader.h"

#include <algorithm>
#include <optional>
#include <string>

#include "store/keys.h"
#include "store/open_hours.h"
#include "store/rows.h"
#include "store/sketch.h"

namespace thap::store {
namespace {

using ingest::Code;
using ingest::fail;
using ingest::Result;

constexpr std::uint32_t longest_author_range = 1440;

std::string key_of(nlp::ServiceId service, Facet facet, std::uint32_t unit) {
  return std::string(view(window_key({service, facet, unit})));
}

}  // namespace

Result<Series> SeriesReader::series(nlp::ServiceId service, Facet facet, MinuteRange range) const {
  if (auto checked = check(range, max_minutes_); !checked) return tl::unexpected(checked.error());
  Series series{range, std::vector<std::uint64_t>(range.end - range.start)};
  const auto start = std::max(range.start, database_.retention().minute_floor());
  if (start >= range.end) return series;
  const auto scan = scan_one_series(database_, Rows::windows, key_of(service, facet, range.end));
  for (scan->seek(view(window_key({service, facet, start}))); scan->valid(); scan->next()) {
    const auto minute = minute_in_window_key(scan->key());
    const auto count = decode_count(scan->value());
    if (!minute || !count || *minute < start || *minute >= range.end) return corrupt();
    series.counts[*minute - range.start] = *count;
  }
  if (auto finished = scan->finish(); !finished) return tl::unexpected(finished.error());
  return series;
}

// Closed hours from their rows, open ones from their minutes, both as of one moment.
Result<Series> SeriesReader::hourly_series(nlp::ServiceId service, Facet facet, MinuteRange range) const {
  if (range.end < range.start) return tl::unexpected(check(range, max_minutes_).error());
  const auto first = range.start / 60;
  const auto end = range.start == range.end ? first : (range.end - 1) / 60 + 1;
  if (end - first > max_minutes_)
    return fail(Code::too_long, "at most " + std::to_string(max_minutes_) + " hours are read at a time");
  Series series{range, std::vector<std::uint64_t>(end - first)};

  const Snapshot snapshot(database_);
  const auto first_open = first_open_hour(snapshot.get());
  if (!first_open) return tl::unexpected(first_open.error());

  const auto start = std::max(first, database_.retention().hour_floor());
  if (const auto closed_end = std::min(end, *first_open); start < closed_end) {
    const auto scan =
        scan_one_series(database_, Rows::hours, key_of(service, facet, closed_end), snapshot.get());
    for (scan->seek(view(window_key({service, facet, start}))); scan->valid(); scan->next()) {
      const auto hour = minute_in_window_key(scan->key());
      const auto count = decode_count(scan->value());
      if (!hour || !count || *hour < start || *hour >= closed_end) return corrupt();
      series.counts[*hour - first] = *count;
    }
    if (auto finished = scan->finish(); !finished) return tl::unexpected(finished.error());
  }
  if (const auto open_start = std::max(start, *first_open); open_start < end) {
    const auto end_minute =
        static_cast<Minute>(std::min<std::uint64_t>(std::uint64_t{end} * 60, ~std::uint32_t{0}));
    const auto scan =
        scan_one_series(database_, Rows::windows, key_of(service, facet, end_minute), snapshot.get());
    for (scan->seek(view(window_key({service, facet, open_start * 60}))); scan->valid(); scan->next()) {
      const auto minute = minute_in_window_key(scan->key());
      const auto count = decode_count(scan->value());
      if (!minute || !count || *minute / 60 < open_start || *minute / 60 >= end) return corrupt();
      auto& sum = series.counts[*minute / 60 - first];
      sum = saturating_add(sum, *count);
    }
    if (auto finished = scan->finish(); !finished) return tl::unexpected(finished.error());
  }
  return series;
}

// Value by value, jumping over the minutes outside the range.
Result<std::vector<std::pair<std::uint32_t, std::uint64_t>>> SeriesReader::breakdown(
    nlp::ServiceId service, FacetKind kind, MinuteRange range) const {
  if (auto checked = check(range, max_minutes_); !checked) return tl::unexpected(checked.error());
  std::vector<std::pair<std::uint32_t, std::uint64_t>> sums;
  const auto start = std::max(range.start, database_.retention().minute_floor());
  if (start >= range.end) return sums;
  const auto kind_prefix = series_prefix(service, {kind, 0});
  const auto scan = scan_all(database_, Rows::windows, after_prefix(view(kind_prefix).substr(0, 5)));
  scan->seek(view(window_key({service, {kind, 0}, start})));
  while (scan->valid()) {
    const auto key = parse_window_key(scan->key());
    if (!key) return corrupt();
    if (key->minute < start) {
      scan->seek(view(window_key({service, key->facet, start})));
    } else if (key->minute >= range.end) {
      if (key->facet.value == ~std::uint32_t{0}) break;
      scan->seek(view(window_key({service, {kind, key->facet.value + 1}, start})));
    } else {
      const auto count = decode_count(scan->value());
      if (!count) return corrupt();
      if (sums.empty() || sums.back().first != key->facet.value) sums.emplace_back(key->facet.value, 0);
      sums.back().second = saturating_add(sums.back().second, *count);
      scan->next();
    }
  }
  if (auto finished = scan->finish(); !finished) return tl::unexpected(finished.error());
  std::stable_sort(sums.begin(), sums.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return sums;
}

Result<std::uint64_t> SeriesReader::distinct_authors(nlp::ServiceId service, Facet facet,
                                                     MinuteRange range) const {
  if (auto checked = check(range, longest_author_range); !checked) return tl::unexpected(checked.error());
  const auto start = std::max(range.start, database_.retention().minute_floor());
  if (start >= range.end) return std::uint64_t{0};
  AuthorSketch sketch;
  const auto scan = scan_one_series(database_, Rows::authors, key_of(service, facet, range.end));
  for (scan->seek(view(window_key({service, facet, start}))); scan->valid(); scan->next())
    if (!sketch.merge(scan->value())) return corrupt();
  if (auto finished = scan->finish(); !finished) return tl::unexpected(finished.error());
  return sketch.estimate();
}

// Series by series until one has a row in the range, then on to the next service.
Result<std::vector<nlp::ServiceId>> SeriesReader::services(MinuteRange range) const {
  if (auto checked = check(range, max_minutes_); !checked) return tl::unexpected(checked.error());
  std::vector<nlp::ServiceId> found;
  const auto start = std::max(range.start, database_.retention().minute_floor());
  if (start >= range.end) return found;
  const auto scan = scan_all(database_, Rows::windows, {});
  scan->seek({});
  while (scan->valid()) {
    const auto key = parse_window_key(scan->key());
    if (!key) return corrupt();
    if (key->minute < start) {
      scan->seek(view(window_key({key->service, key->facet, start})));
      continue;
    }
    std::string next;
    if (key->minute >= range.end) {
      next = after_prefix(view(series_prefix(key->service, key->facet)));
    } else {
      found.push_back(key->service);
      next = after_prefix(view(series_prefix(key->service, key->facet)).substr(0, 4));
    }
    if (next.empty()) break;
    scan->seek(next);
  }
  if (auto finished = scan->finish(); !finished) return tl::unexpected(finished.error());
  return found;
}

Result<void> SeriesReader::check(MinuteRange range, std::uint32_t longest) const {
  if (range.end < range.start) return fail(Code::bad_input, "the range ends before it starts");
  if (range.end - range.start > longest)
    return fail(Code::too_long, "at most " + std::to_string(longest) + " minutes are read at a time");
  return {};
}

tl::unexpected<ingest::Error> SeriesReader::corrupt() const {
  return fail(Code::corrupt, "a stored row does not read back", database_.directory());
}

Result<std::uint32_t> SeriesReader::first_open_hour(const rocksdb::Snapshot* snapshot) const {
  const auto bytes = get_row(database_, Rows::meta, own_meta_key(hours_closed_before), snapshot);
  if (!bytes) return tl::unexpected(bytes.error());
  if (!bytes->has_value()) return 0u;
  const auto hour = decode_u32(**bytes);
  if (!hour) return corrupt();
  return *hour;
}

}  // namespace thap::store
