// Plays the calls that scripts/golden-calls.py writes to our detector.
#pragma once
#include <charconv>
#include <cmath>
#include <functional>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/detector.h"

namespace thap::rules::test {

struct NamedChange {
  std::string service;
  PhaseChange change;
};

class Numbers {
 public:
  explicit Numbers(std::string_view line) : rest_(line) {}
  template <class T>
  T next() {
    while (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
    T value{};
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc{}) good_ = false;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }
  bool good() const { return good_; }

 private:
  std::string_view rest_;
  bool good_{true};
};

// Every change of state, in the order of the calls. `after` is called after each call with the detector, so
// that a test can replace it by a restored one.
template <class After>
std::optional<std::vector<NamedChange>> play(
    std::istream& calls, const Parameters& p, const Shape* own_shape, After after,
    const std::function<void()>& next_service = [] {}) {
  std::vector<NamedChange> changes;
  std::vector<PhaseChange> out;
  Shape shape{};
  std::string line, service;
  std::optional<Detector> detector;
  std::optional<Admission> admission;
  while (std::getline(calls, line)) {
    if (line.size() < 2) return std::nullopt;
    Numbers numbers(std::string_view(line).substr(2));
    if (line[0] == 'G') {
      for (auto& day : shape.slot)
        for (auto& slot : day) slot = numbers.next<double>();
      if (own_shape) shape = *own_shape;
    } else if (line[0] == 'D') {
      service = line.substr(2);
      detector.emplace(p, shape, 0.0);
      admission.emplace();
      next_service();
      continue;
    } else if (!detector) {
      return std::nullopt;
    } else if (line[0] == 'M') {
      const auto minute = numbers.next<std::int64_t>();
      const bool feed_ok = numbers.next<int>() != 0;
      const auto count = numbers.next<std::uint32_t>();
      detector->advance(static_cast<double>(minute + 1) * 60.0 - 1e-6, feed_ok, out);
      detector->mention(static_cast<double>(minute) * 60.0, count);
    } else if (line[0] == 'P') {
      const auto now = numbers.next<double>();
      Arrival arrival;
      arrival.event = numbers.next<double>();
      arrival.post = numbers.next<std::uint64_t>();
      arrival.author = numbers.next<std::uint64_t>();
      arrival.text = numbers.next<std::uint64_t>();
      arrival.conversation = numbers.next<std::uint64_t>();
      arrival.repost = numbers.next<int>() != 0;
      // The generator's texts are random numbers: long, and no two alike unless equal.
      arrival.simhash = arrival.text * 0x9e3779b97f4a7c15ull;
      arrival.words = 8;
      detector->post(now, arrival, *admission, out);
    }
    if (!numbers.good()) return std::nullopt;
    if (detector) after(*detector, *admission);
    for (auto& change : out) changes.push_back({service, change});
    out.clear();
  }
  return changes;
}

}  // namespace thap::rules::test
