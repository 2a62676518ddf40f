// The clock of a replay: it shows the posts' time, runs at a chosen speed and can be stopped.
#pragma once
#include <cstdint>
#include <functional>
#include <mutex>

namespace thap::app {

// Milliseconds that only grow and have nothing to do with the posts' time.
using SteadyMs = std::function<std::int64_t()>;
std::int64_t steady_ms();

// Stands at `begin_ms` until start(). Threads: any.
class ReplayClock {
 public:
  static constexpr double slowest = 0.1, fastest = 100'000;

  // `speed`: how much faster than the posts were written, between the bounds above.
  ReplayClock(std::int64_t begin_ms, double speed, SteadyMs steady = steady_ms);

  std::int64_t now_ms() const;
  // How long until it shows `at_ms`, in steady milliseconds; negative: not unless somebody lets it run.
  std::int64_t wait_ms(std::int64_t at_ms) const;

  void start();                       // the second time does nothing
  void begin_at(std::int64_t at_ms);  // before start()
  void set_speed(double speed);
  void set_paused(bool is_paused);
  void end_at(std::int64_t at_ms);  // for good

  struct State {
    std::int64_t now_ms{0};
    double speed{1};
    bool is_paused{false}, has_ended{false};
  };
  State state() const;

 private:
  std::int64_t now_locked() const;
  bool runs() const { return is_started_ && !is_paused_ && !has_ended_; }
  void rebase();

  const SteadyMs steady_;
  mutable std::mutex mutex_;
  std::int64_t base_ms_, base_steady_ms_{0};  // it showed this then
  double speed_;
  bool is_started_{false}, is_paused_{false}, has_ended_{false};
};

}  // namespace thap::app
