// Times as sources write them, to milliseconds since 1970 UTC. Pure functions; any thread.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace thap::ingest {

// RFC 3339 (`2026-10-12T13:45:20.417+05:30`): 0 to 9 fraction digits, cut to milliseconds; `T`, `t` or a
// blank; `Z`, `z` or any offset. A leap second counts as the second before it.
std::optional<std::int64_t> parse_rfc3339(std::string_view text);

// `Mon Oct 12 08:15:20 +0000 2026`. The day's name is not checked.
std::optional<std::int64_t> parse_x_v1_time(std::string_view text);

// Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by size: seconds reach the year
// 5138, milliseconds begin in March 1973. Negative numbers are no time of a post.
std::optional<std::int64_t> epoch_ms(std::int64_t value);
std::optional<std::int64_t> epoch_ms(double value);

// Any of the above, numbers also written as text ("1791792920.0").
std::optional<std::int64_t> parse_time(std::string_view text);

}  // namespace thap::ingest
