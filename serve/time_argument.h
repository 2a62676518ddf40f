// Times as people write them: an RFC 3339 time, a day ("2022-10-25", 00:00 in India), or so long before
// another time
// ("90m", "6h", "7d").
#pragma once
#include <cstdint>
#include <string_view>

#include "ingest/result.h"

namespace thap::serve {

// Milliseconds UTC. Fails with `usage`.
ingest::Result<std::int64_t> parse_time_argument(std::string_view text, std::int64_t before_ms);

}  // namespace thap::serve
