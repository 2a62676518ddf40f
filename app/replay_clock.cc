#include "app/replay_clock.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace thap::app {

std::int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

ReplayClock::ReplayClock(std::int64_t begin_ms, double speed, SteadyMs steady)
    : steady_(std::move(steady)), base_ms_(begin_ms), speed_(std::clamp(speed, slowest, fastest)) {}

std::int64_t ReplayClock::now_locked() const {
  if (!runs()) return base_ms_;
  return base_ms_ + std::llround(static_cast<double>(steady_() - base_steady_ms_) * speed_);
}

void ReplayClock::rebase() {
  base_ms_ = now_locked();
  base_steady_ms_ = steady_();
}

std::int64_t ReplayClock::now_ms() const {
  const std::lock_guard hold(mutex_);
  return now_locked();
}

std::int64_t ReplayClock::wait_ms(std::int64_t at_ms) const {
  const std::lock_guard hold(mutex_);
  const std::int64_t left = at_ms - now_locked();
  if (left <= 0) return 0;
  return runs() ? static_cast<std::int64_t>(std::ceil(static_cast<double>(left) / speed_)) : -1;
}

void ReplayClock::start() {
  const std::lock_guard hold(mutex_);
  if (is_started_) return;
  base_steady_ms_ = steady_();
  is_started_ = true;
}

void ReplayClock::begin_at(std::int64_t at_ms) {
  const std::lock_guard hold(mutex_);
  if (!is_started_) base_ms_ = at_ms;
}

void ReplayClock::set_speed(double speed) {
  const std::lock_guard hold(mutex_);
  rebase();
  speed_ = std::clamp(speed, slowest, fastest);
}

void ReplayClock::set_paused(bool is_paused) {
  const std::lock_guard hold(mutex_);
  rebase();
  is_paused_ = is_paused;
}

void ReplayClock::end_at(std::int64_t at_ms) {
  const std::lock_guard hold(mutex_);
  base_ms_ = at_ms;
  has_ended_ = true;
}

ReplayClock::State ReplayClock::state() const {
  const std::lock_guard hold(mutex_);
  return {now_locked(), speed_, is_paused_, has_ended_};
}

}  // namespace thap::app
