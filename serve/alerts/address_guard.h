// Where a message may be sent: nobody who writes settings, and nobody who answers DNS, makes us ask a machine
// behind the firewall.
#pragma once
#include <optional>
#include <string>
#include <string_view>

struct sockaddr;

namespace thap::serve {

// What is wrong with a receiver's address as written; nullopt: nothing. http, and hosts that are private
// addresses, only with `is_own_network`. Never shows the address: it may be a secret.
std::optional<std::string> wrong_with_url(const std::string& url, bool is_own_network);

// Whether a resolved address is one of the public internet: not private, loopback, link-local, shared
// (CGNAT), multicast, documentation, reserved; nor one of these within IPv6 (mapped, translated, 6to4,
// Teredo).
bool is_public(const sockaddr& address);
// The same for an address as text; false for what is none.
bool is_public(std::string_view address);

}  // namespace thap::serve
