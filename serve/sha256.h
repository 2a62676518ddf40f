// SHA-256, for what is kept instead of a secret and for what shows that nothing was altered.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace thap::serve {

using Sha256 = std::array<unsigned char, 32>;

Sha256 sha256(std::string_view bytes);
std::string hex(const Sha256& hash);                           // 64 lower-case digits
std::optional<Sha256> sha256_from_hex(std::string_view text);  // nullopt: not 64 hexadecimal digits
bool equal_in_constant_time(const Sha256& a, const Sha256& b);

}  // namespace thap::serve
