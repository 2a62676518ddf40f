// What is usual for one service: complaints by time of day, the level of the last two hours, and how much
// they swing. Times are detector seconds: seconds since Monday 1969-12-29 00:00 IST, so that days and weeks
// begin where India's do.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "rules/rule_set.h"

namespace thap::rules {

inline constexpr std::int64_t epoch_offset_ms = (19'800 + 3 * 86'400) * std::int64_t{1000};
constexpr double detector_seconds(std::int64_t unix_ms) {
  return static_cast<double>(unix_ms + epoch_offset_ms) / 1000.0;
}
inline std::int64_t unix_ms(double detector_seconds) {
  return static_cast<std::int64_t>(std::llround(detector_seconds * 1000.0)) - epoch_offset_ms;
}

inline constexpr double slot_s = 900;

struct Cell {
  std::size_t day;   // 0 weekday, 1 weekend
  std::size_t slot;  // of 15 minutes
};
Cell cell_of(double t);

// Stored as it is in memory. Threads: none of its own.
struct Baseline {
  std::array<std::array<float, slots_a_day>, 2> counts{};       // decayed
  std::array<std::array<std::uint8_t, slots_a_day>, 2> days{};  // learned, up to 255
  double level_counts{0}, level_expected{0};
  double mean_counts{0}, mean_slots{0};
  std::array<float, 3> phi_num{}, phi_den{};  // windows of 5, 15, 60 minutes

  enum Window : std::size_t { five = 0, quarter = 1, hour = 2 };

  void start(const Parameters& p);
  // Complaints a second, before the level; never below the floor.
  double rate(const Parameters& p, const Shape& shape, double t) const;
  double level(const Parameters& p) const {
    return std::min(std::max((level_counts + p.level_prior) / (level_expected + p.level_prior), p.level_low),
                    p.level_high);
  }
  // Variance of a count of mean mu is mu + phi mu^2.
  double phi(const Parameters& p, Window w) const {
    return std::min(
        std::max((phi_num[w] + p.phi_weight * p.phi_prior) / (phi_den[w] + p.phi_weight), p.phi_low),
        p.phi_high);
  }
  double largest_phi(const Parameters& p) const {
    return std::max({p.phi_floor, phi(p, five), phi(p, quarter), phi(p, hour)});
  }
  // Complaints a 15-minute slot, over all hours.
  double mean_slot() const { return mean_counts / mean_slots; }

  // A count above this is cut to it before anything is learned, so that an outage moves the baseline little.
  static double ceiling(double mu, double phi) { return mu + 3.0 * std::sqrt(mu + phi * mu * mu) + 3.0; }

  void learn_level(const Parameters& p, double count, double mu5);
  void learn_phi(const Parameters& p, Window w, double count, double mu, double seconds);
  void learn_slot(const Parameters& p, const Shape& shape, double t, double count, double mu);
};

}  // namespace thap::rules
