// Base64 as RFC 4648 section 4 writes it, for bytes that have to travel in JSON.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace thap::ingest {

std::string encode_base64(std::string_view bytes);
std::optional<std::string> decode_base64(std::string_view text);  // padding may be missing

}  // namespace thap::ingest
