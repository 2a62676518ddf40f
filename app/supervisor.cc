#include "app/supervisor.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "app/run_teller.h"

namespace thap::app {

namespace {

using std::chrono::microseconds;

constexpr timeval longest_send{0, 200'000};
constexpr std::chrono::seconds status_every{10};
// A step may take a while: a ping comes long before the supervisor gives us up.
constexpr int pings_a_watchdog = 4;

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

microseconds watchdog_of_environment() {
  const auto limit = whole_number(environment("WATCHDOG_USEC"));
  if (!limit || *limit <= 0) return {};
  // The variable may be meant for the process that started us.
  const auto meant_for = environment("WATCHDOG_PID");
  if (!meant_for.empty() && whole_number(meant_for) != getpid()) return {};
  return microseconds(*limit);
}

Descriptor connected(std::string_view address) {
  sockaddr_un place{};
  place.sun_family = AF_UNIX;
  if (address.size() < 2 || address.size() >= sizeof place.sun_path ||
      (address[0] != '/' && address[0] != '@')) {
    say(fmt::format("NOTIFY_SOCKET is no path and no abstract socket: {}", address));
    return Descriptor();
  }
  std::memcpy(place.sun_path, address.data(), address.size());
  const bool is_abstract = address[0] == '@';
  if (is_abstract) place.sun_path[0] = '\0';
  // An abstract name is what the length says, without a zero at its end.
  const auto length =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size() + (is_abstract ? 0 : 1));
  Descriptor out(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!out || ::connect(out.get(), reinterpret_cast<const sockaddr*>(&place), length) != 0 ||
      ::setsockopt(out.get(), SOL_SOCKET, SO_SNDTIMEO, &longest_send, sizeof longest_send) != 0) {
    say(fmt::format("NOTIFY_SOCKET {}: {}", address, std::strerror(errno)));
    return Descriptor();
  }
  return out;
}

}  // namespace

Supervisor Supervisor::from_environment() {
  return Supervisor(environment("NOTIFY_SOCKET"), watchdog_of_environment());
}

Supervisor::Supervisor(std::string_view address, microseconds watchdog) : watchdog_(watchdog) {
  if (!address.empty()) socket_ = connected(address);
}

void Supervisor::ready() {
  if (is_ready_) return;
  is_ready_ = send("READY=1");
  status_told_ = {};  // what it was is not true any more
}

void Supervisor::step(SteadyClock::time_point now, const std::function<std::string()>& line) {
  if (!socket_) return;
  if (watchdog_.count() > 0 && now - pinged_ >= watchdog_ / pings_a_watchdog && send("WATCHDOG=1"))
    pinged_ = now;
  if (line && now - status_told_ >= status_every) {
    status_told_ = now;
    status(line());
  }
}

void Supervisor::status(std::string_view line) {
  std::string text = "STATUS=" + std::string(line);
  // A line break would begin another assignment.
  for (char& c : text)
    if (c == '\n') c = ' ';
  send(text);
}

void Supervisor::reloading() {
  if (!is_ready_) return;
  const auto since_boot =
      std::chrono::duration_cast<microseconds>(SteadyClock::now().time_since_epoch()).count();
  if (send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", since_boot))) is_reloading_ = true;
}

void Supervisor::reloaded() {
  if (!std::exchange(is_reloading_, false)) return;
  is_ready_ = false;  // until it is taken
  ready();
}

void Supervisor::stopping() { send("STOPPING=1"); }

bool Supervisor::send(std::string_view text) {
  if (!socket_) return true;
  return ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

std::string status_line(const RunFigures& figures, const serve::Readiness& readiness) {
  if (!readiness.reasons.empty()) return fmt::format("not ready: {}", fmt::join(readiness.reasons, "; "));
  int incidents = 0;
  for (const auto& [state, count] : figures.incidents)
    if (rules::is_open(state)) incidents += count;
  std::string out = fmt::format("{} partitions, {} records behind, {} incidents", figures.kafka.partitions,
                                figures.kafka.lag < 0 ? "?" : std::to_string(figures.kafka.lag), incidents);
  for (const auto& notice : readiness.notices) out += "; " + notice;
  return out;
}

}  // namespace thap::app
