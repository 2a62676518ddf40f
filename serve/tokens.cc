#include "serve/tokens.h"

#include <openssl/rand.h>

#include <stdexcept>

namespace thap::serve {

std::string_view name(Role role) {
  switch (role) {
    case Role::anyone:
      return "anyone";
    case Role::read:
      return "read";
    case Role::evidence:
      return "evidence";
    case Role::admin:
      return "admin";
  }
  return "";
}

std::optional<Role> role_from(std::string_view text) {
  for (const Role role : {Role::read, Role::evidence, Role::admin})
    if (text == name(role)) return role;
  return std::nullopt;
}

const Token* TokenTable::find(std::string_view secret, std::int64_t now_ms) const {
  const Sha256 hash = sha256(secret);
  const Token* found = nullptr;
  for (const auto& token : tokens_)  // all of them, so that the time tells nothing of where it stands
    if (equal_in_constant_time(hash, token.hash)) found = &token;
  return found && (found->expires_ms == 0 || now_ms < found->expires_ms) ? found : nullptr;
}

std::string new_token() {
  unsigned char bytes[33] = {};  // the last one only fills the last group of three
  if (RAND_bytes(bytes, 32) != 1) throw std::runtime_error("no random bytes");
  constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out = "thap_";
  for (std::size_t i = 0; i < sizeof bytes; i += 3) {
    const unsigned group = bytes[i] << 16 | bytes[i + 1] << 8 | bytes[i + 2];
    for (int shift = 18; shift >= 0; shift -= 6) out += letters[group >> shift & 63];
  }
  out.pop_back();  // of the filling
  return out;
}

}  // namespace thap::serve
