// A test row's `name` as its test's name.
#pragma once
#include <string>

namespace thap::ingest {
inline constexpr auto row_name = [](const auto& row) { return std::string(row.param.name); };
}  // namespace thap::ingest
