// Who may ask for what: tokens of 256 random bits, kept only as SHA-256, each with a name and a role.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "serve/http.h"
#include "serve/sha256.h"

namespace thap::serve {

std::string_view name(Role role);
std::optional<Role> role_from(std::string_view name);  // read, evidence, admin

struct Token {
  std::string name;  // whom it was given to; stands in the audit log
  Role role{Role::read};
  Sha256 hash{};
  std::int64_t expires_ms{0};  // 0: never
};

// Threads: immutable.
class TokenTable {
 public:
  // `anonymous`: what who brings no token may ask for.
  explicit TokenTable(std::vector<Token> tokens = {}, Role anonymous = Role::read)
      : tokens_(std::move(tokens)), anonymous_(anonymous) {}

  // nullptr: none of these, or expired. Takes the same time for every secret of one length.
  const Token* find(std::string_view secret, std::int64_t now_ms) const;
  Role anonymous() const { return anonymous_; }
  std::size_t size() const { return tokens_.size(); }

 private:
  std::vector<Token> tokens_;
  Role anonymous_;
};

// "thap_" and 43 letters, digits, - and _. Throws std::runtime_error where the system has no random bytes.
std::string new_token();

}  // namespace thap::serve
