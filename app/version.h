#pragma once
#include <string_view>

namespace thap::app {
inline constexpr std::string_view version = "0.1.0";
}
