// Standard Webhooks 1.0.0: who sent a message, and that nobody changed it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thap::serve {

// The bytes behind "whsec_" and base64; nullopt: not 24 to 64 of them.
std::optional<std::string> signing_key(std::string_view secret);

// The header webhook-signature: "v1," and the base64 HMAC-SHA256 of `id.timestamp.body` for each secret,
// separated by spaces. Secrets must have a signing_key().
std::string webhook_signature(const std::vector<std::string>& secrets, std::string_view id,
                              std::int64_t timestamp_s, std::string_view body);

}  // namespace thap::serve
