// Small questions about bytes from outside. Pure; any thread.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace thap::ingest {

bool is_utf8(std::string_view bytes);
// Decimal digits, perhaps with a minus before them, and nothing else.
std::optional<std::int64_t> whole_number(std::string_view text);

}  // namespace thap::ingest
