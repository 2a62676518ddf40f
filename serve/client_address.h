// Whom a connection belongs to, for limits: an address, or the network that one person has of IPv6.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace thap::serve {

// "192.0.2.7" stays; IPv6 becomes its /64 ("2001:db8:0:1::/64"), an IPv4 address written as IPv6 the IPv4
// one. What is no address stays as it is.
std::string address_for_limits(std::string_view address);
bool is_loopback(std::string_view address);
bool is_address(std::string_view text);

// Who asks: the peer, or behind one of `proxies` the last address in X-Forwarded-For that is none of them.
std::string client_address(std::string_view peer, std::string_view forwarded_for,
                           const std::vector<std::string>& proxies);

}  // namespace thap::serve
