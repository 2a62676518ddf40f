// The one place that reads the clock on the wall: time is passed in everywhere else.
#pragma once
#include <chrono>
#include <cstdint>

namespace thap::app {

// Milliseconds since 1970. Any thread.
inline std::int64_t wall_clock_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace thap::app
