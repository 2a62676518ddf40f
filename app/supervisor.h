// Tells whoever started us how we are: the notify protocol of systemd, one datagram a word, no library.
#pragma once
#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "app/local_socket.h"
#include "app/run_status.h"

namespace thap::app {

// Where nobody listens every call does nothing. A supervisor that does not take a datagram within a fifth of
// a second misses it: the next step tells again that we are ready and alive. Threads: one.
class Supervisor {
 public:
  // From NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, as sd_notify(3) and sd_watchdog_enabled(3) read them.
  // A socket that cannot be reached is said once on standard error, and is none.
  static Supervisor from_environment();

  // `address`: a path, or "@name" for an abstract socket; empty: nobody listens. `watchdog`: silence after
  // which we are taken for stuck; zero: none.
  explicit Supervisor(std::string_view address, std::chrono::microseconds watchdog = {});

  // Start-up has ended: told once.
  void ready();
  // The pipeline has moved. `status` is asked for a line every ten seconds, and once we are ready.
  void step(SteadyClock::time_point now, const std::function<std::string()>& status = {});
  void status(std::string_view line);
  // Around the loading of lexicon and rules, whether or not it succeeds; before ready() it is part of the
  // start.
  void reloading();
  void reloaded();
  void stopping();

 private:
  bool send(std::string_view text);  // false: not taken

  Descriptor socket_;
  std::chrono::microseconds watchdog_{};
  bool is_ready_{false}, is_reloading_{false};
  SteadyClock::time_point pinged_{}, status_told_{};
};

// "4 partitions, 120 records behind, 2 incidents", or why we are not ready.
std::string status_line(const RunFigures& figures, const serve::Readiness& readiness);

}  // namespace thap::app
