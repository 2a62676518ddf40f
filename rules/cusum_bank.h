// Five Poisson CUSUMs side by side, one per assumed size of outage. Scores are log-likelihood ratios in nats.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "rules/rule_set.h"

namespace thap::rules {

// Stored as it is in memory. Of CUSUM j since it last left 0: when that was, counted posts, and posts by
// authors not known as flooders.
struct CusumBank {
  std::array<double, bank_size> score{}, first{};
  std::array<std::uint16_t, bank_size> posts{}, seen{};

  std::size_t winner() const {
    std::size_t best = 0;
    for (std::size_t j = 1; j < bank_size; ++j)
      if (score[j] > score[best]) best = j;
    return best;
  }
  bool at_rest() const {
    return std::all_of(score.begin(), score.end(), [](double s) { return s <= 0; });
  }
  static double tested_rate(const Parameters& p, std::size_t j, double expected) {
    return std::max(p.added_per_second[j], p.relative_rate * expected);
  }

  // `expected` a second over the `seconds` that pass; call only if not at rest.
  void fall(const Parameters& p, double expected, double seconds) {
    for (std::size_t j = 0; j < bank_size; ++j)
      if (score[j] > 0) score[j] = std::max(0.0, score[j] - tested_rate(p, j, expected) * seconds);
  }

  // A counted post (+1), or one taken back (-1).
  void step(const Parameters& p, double now, double expected, int by) {
    const double scale = 1 / expected;
    for (std::size_t j = 0; j < bank_size; ++j) {
      if (by > 0 && score[j] <= 0) {
        first[j] = now;
        posts[j] = seen[j] = 0;
      }
      // Not log1p: the ratio is at least relative_rate, so nothing is lost, and log is twice as fast.
      const double gain = std::log(1 + tested_rate(p, j, expected) * scale);
      score[j] = std::min(p.score_cap, std::max(0.0, score[j] + by * gain));
      posts[j] = clamped(posts[j] + by);
    }
  }

  void see(int by) {
    for (std::size_t j = 0; j < bank_size; ++j)
      seen[j] = score[j] > 0 ? std::max(posts[j], clamped(seen[j] + by)) : std::uint16_t{0};
  }

  void clear() {
    score = {};
    posts = {};
  }

 private:
  static std::uint16_t clamped(int n) { return static_cast<std::uint16_t>(std::clamp(n, 0, 65'535)); }
};

}  // namespace thap::rules
