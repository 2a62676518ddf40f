// Sums of the hours that are not in the `hours` family yet. An hour is closed, its sums written, in the batch
// in which the clock has passed its end by an hour; what comes later still is added to its row directly. In:
// counts by minute, as they are written. Out: sums by hour, once. One thread. What is open is also in the
// windows, so it is rebuilt from them when the store opens.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ingest/result.h"
#include "store/tally.h"

namespace thap::store {

class Database;

using HourSum = std::pair<WindowKey, std::uint64_t>;  // WindowKey::minute is the hour

class OpenHours {
 public:
  // The first hour still open at this clock.
  static std::uint32_t first_open_at(std::int64_t clock_ms) {
    const auto hour = clock_ms / 3'600'000;
    return hour > 0 ? static_cast<std::uint32_t>(hour - 1) : 0;
  }

  // Reads what is open from the windows.
  ingest::Result<void> load(const Database& database, std::uint32_t first_open);

  std::uint32_t first_open() const { return first_open_; }
  // An open hour is added up here; of a closed one false comes back and the caller writes it.
  bool add(const WindowKey& window, std::uint64_t count);
  // Closes the hours before `first_open`: their sums, in key order within the hour.
  std::vector<HourSum> close_before(std::uint32_t first_open);

 private:
  struct SeriesKey {
    nlp::ServiceId service;
    Facet facet;
    friend bool operator==(const SeriesKey&, const SeriesKey&) = default;
  };
  struct SeriesHash {
    std::size_t operator()(const SeriesKey& key) const;
  };

  std::uint32_t first_open_{0};
  std::map<std::uint32_t, std::unordered_map<SeriesKey, std::uint64_t, SeriesHash>> sums_;
};

// The row of the store's own in meta that says which hours are closed.
inline constexpr const char* hours_closed_before = "hours_closed_before";

}  // namespace thap::store
