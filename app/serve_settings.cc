#include "app/serve_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "ingest/time_parse.h"

namespace thap::app {

using ingest::Code;
using ingest::fail;
using ingest::Result;
using nlohmann::json;

namespace {

Result<serve::Token> token_from(const json& value, const std::string& place) {
  if (!value.is_object()) return fail(Code::bad_setting, "must be an object", place);
  serve::Token out;
  for (const auto& [key, member] : value.items()) {
    const std::string at = place + "/" + key;
    if (!member.is_string()) return fail(Code::bad_setting, "must be a string", at);
    const auto text = member.get<std::string>();
    if (key == "name") {
      const bool is_plain = std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > 0x20; });
      if (text.empty() || text.size() > 64 || !is_plain)
        return fail(Code::bad_setting, "1 to 64 bytes without spaces", at);
      out.name = text;
    } else if (key == "role") {
      const auto role = serve::role_from(text);
      if (!role) return fail(Code::bad_setting, "read, evidence or admin", at);
      out.role = *role;
    } else if (key == "sha256") {
      const auto hash = serve::sha256_from_hex(text);
      if (!hash) return fail(Code::bad_setting, "64 hexadecimal digits, as `thap token` prints them", at);
      out.hash = *hash;
    } else if (key == "expires") {
      const auto at_ms = ingest::parse_rfc3339(text);
      if (!at_ms) return fail(Code::bad_setting, "a time as 2027-01-01T00:00:00Z", at);
      out.expires_ms = *at_ms;
    } else {
      return fail(Code::bad_setting, "unknown key; a token has name, role, sha256, expires", at);
    }
  }
  for (const char* needed : {"name", "role", "sha256"})
    if (!value.contains(needed)) return fail(Code::bad_setting, fmt::format("lacks \"{}\"", needed), place);
  return out;
}

}  // namespace

Result<void> add_tokens(const json& list, const std::string& place, ServeSettings& settings) {
  if (!list.is_array()) return fail(Code::bad_setting, "must be a list", place);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string at = fmt::format("{}/{}", place, i);
    auto token = token_from(list[i], at);
    if (!token) return tl::unexpected(token.error());
    for (const auto& other : settings.tokens)
      if (other.name == token->name) return fail(Code::bad_setting, "this name has a token already", at);
    settings.tokens.push_back(std::move(*token));
  }
  return {};
}

}  // namespace thap::app
