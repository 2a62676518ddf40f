#include "store/open_hours.h"

#include <algorithm>

#include "store/database.h"
#include "store/keys.h"
#include "store/rows.h"

namespace thap::store {

std::size_t OpenHours::SeriesHash::operator()(const SeriesKey& key) const {
  const auto service = static_cast<std::uint64_t>(key.service);
  const auto facet = static_cast<std::uint64_t>(key.facet.kind) << 32 | key.facet.value;
  return static_cast<std::size_t>((service * 0x9e3779b97f4a7c15u ^ facet) * 0xbf58476d1ce4e5b9u >> 16);
}

ingest::Result<void> OpenHours::load(const Database& database, std::uint32_t first_open) {
  first_open_ = first_open;
  sums_.clear();
  // Series by series, jumping over the minutes that are closed.
  const auto scan = scan_all(database, Rows::windows, {});
  const Minute start = first_open * 60;
  scan->seek({});
  while (scan->valid()) {
    const auto key = parse_window_key(scan->key());
    if (key && key->minute < start) {
      scan->seek(view(window_key({key->service, key->facet, start})));
      continue;
    }
    const auto count = decode_count(scan->value());
    if (!key || !count)
      return ingest::fail(ingest::Code::corrupt, "a window row does not read back", database.directory());
    add(*key, *count);
    scan->next();
  }
  return scan->finish();
}

bool OpenHours::add(const WindowKey& window, std::uint64_t count) {
  const auto hour = window.minute / 60;
  if (hour < first_open_) return false;
  auto& sum = sums_[hour][SeriesKey{window.service, window.facet}];
  sum = saturating_add(sum, count);
  return true;
}

std::vector<HourSum> OpenHours::close_before(std::uint32_t first_open) {
  std::vector<HourSum> closed;
  if (first_open <= first_open_) return closed;
  first_open_ = first_open;
  while (!sums_.empty() && sums_.begin()->first < first_open) {
    const auto begin = static_cast<std::ptrdiff_t>(closed.size());
    const auto& [hour, series] = *sums_.begin();
    for (const auto& [key, sum] : series) closed.emplace_back(WindowKey{key.service, key.facet, hour}, sum);
    std::sort(closed.begin() + begin, closed.end());
    sums_.erase(sums_.begin());
  }
  return closed;
}

}  // namespace thap::store
