// Which minute a post counts in: its source's stamp held against Kafka's. A pure function; any thread.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace thap::ingest {

// Who made the stamp. What an author's client says is believed only near Kafka's time.
enum class SetBy : std::uint8_t { platform, author };

enum class TimeCase : std::uint8_t {
  as_given,  // within [K - max_lateness, K + 2 min], or no K and a platform's stamp
  clamped,   // K is used: no stamp, one ahead of K, or one too early that an author set
  late,      // too early and set by the platform: counted where it belongs, never scored
  unknown,   // neither K nor a stamp that may be believed: no time at all
};
std::string_view name(TimeCase time_case);

struct EventTime {
  std::int64_t event_ms{0};
  TimeCase time_case{TimeCase::unknown};
};

inline constexpr std::int64_t max_ahead_ms = 120'000;
// Stamps outside 1970 to 2106 are no times of posts: minutes are stored in 32 bits.
inline constexpr std::int64_t last_time_ms = 4'294'967'295'000;

EventTime event_time(std::optional<std::int64_t> stamp_ms, SetBy set_by, std::optional<std::int64_t> kafka_ms,
                     std::int64_t max_lateness_ms);

}  // namespace thap::ingest
