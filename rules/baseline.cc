#include "rules/baseline.h"

namespace thap::rules {

namespace {
constexpr double day_s = 86'400;
}

Cell cell_of(double t) {
  const double day = std::floor(t / day_s);
  return {static_cast<std::int64_t>(day) % 7 >= 5 ? std::size_t{1} : std::size_t{0},
          static_cast<std::size_t>((t - day * day_s) / slot_s)};
}

void Baseline::start(const Parameters& p) {
  mean_counts = p.prior_rate * slot_s * 8;
  mean_slots = 8;
}

double Baseline::rate(const Parameters& p, const Shape& shape, double t) const {
  const auto [day, slot] = cell_of(t);
  // Gamma prior worth a few counts at the service's own mean and its class's day shape.
  const double usual = std::max(mean_slot(), p.floor_rate * slot_s) * shape.slot[day][slot];
  const double forget = day == 1 ? p.forget_weekend : p.forget_weekday;
  const double learned = days[day][slot];
  const double n = learned == 0 ? 0 : (1 - std::pow(forget, learned)) / (1 - forget);
  const double mu = (static_cast<double>(counts[day][slot]) + p.prior_counts) /
                    (n + p.prior_counts / std::max(usual, 1e-9));
  return std::max(mu / slot_s, p.floor_rate);
}

void Baseline::learn_level(const Parameters& p, double count, double mu5) {
  const double keep = std::exp(-300.0 / p.level_s);
  const double most = ceiling(mu5 * level(p), phi(p, five));
  level_counts = level_counts * keep + std::min(count, most);
  level_expected = level_expected * keep + mu5;
}

void Baseline::learn_phi(const Parameters& p, Window w, double count, double mu, double seconds) {
  const double keep = std::exp(-seconds / (p.learn_days * day_s));
  const double c = std::min(count, ceiling(mu, phi(p, w)));
  phi_num[w] = static_cast<float>(static_cast<double>(phi_num[w]) * keep + (c - mu) * (c - mu) -
                                  p.linear_dispersion * mu);
  phi_den[w] = static_cast<float>(static_cast<double>(phi_den[w]) * keep + mu * mu);
}

void Baseline::learn_slot(const Parameters& p, const Shape& shape, double t, double count, double mu) {
  const auto [day, slot] = cell_of(t);
  const double c = std::min(count, ceiling(mu, phi(p, quarter)));
  const double forget = day == 1 ? p.forget_weekend : p.forget_weekday;
  counts[day][slot] = static_cast<float>(static_cast<double>(counts[day][slot]) * forget + c);
  if (days[day][slot] < 255) ++days[day][slot];
  const double keep = std::exp(-slot_s / (p.learn_days * day_s));
  mean_counts = mean_counts * keep + c / std::max(shape.slot[day][slot], 0.05);
  mean_slots = mean_slots * keep + 1.0;
}

}  // namespace thap::rules
