#include "serve/alerts/address_guard.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>

namespace thap::serve {

namespace {

struct Range {
  std::uint32_t first;
  int bits;
};
constexpr std::uint32_t v4(std::uint32_t a, std::uint32_t b, std::uint32_t c = 0, std::uint32_t d = 0) {
  return a << 24 | b << 16 | c << 8 | d;
}
// The IANA IPv4 special-purpose address registry, as far as it is not globally reachable; and multicast.
constexpr std::array<Range, 16> special_v4{{{v4(0, 0), 8},
                                            {v4(10, 0), 8},
                                            {v4(100, 64), 10},
                                            {v4(127, 0), 8},
                                            {v4(169, 254), 16},
                                            {v4(172, 16), 12},
                                            {v4(192, 0, 0), 24},
                                            {v4(192, 0, 2), 24},
                                            {v4(192, 31, 196), 24},
                                            {v4(192, 52, 193), 24},
                                            {v4(192, 88, 99), 24},
                                            {v4(192, 168), 16},
                                            {v4(198, 18), 15},
                                            {v4(198, 51, 100), 24},
                                            {v4(203, 0, 113), 24},
                                            {v4(224, 0), 3}}};  // multicast, reserved, broadcast

bool is_public_v4(std::uint32_t address) {
  return std::none_of(special_v4.begin(), special_v4.end(),
                      [&](const Range& range) { return (address ^ range.first) >> (32 - range.bits) == 0; });
}

std::uint32_t v4_at(const unsigned char* bytes) { return v4(bytes[0], bytes[1], bytes[2], bytes[3]); }

// Only 2000::/3 is given out; within it some ranges are special, and some carry an IPv4 address.
bool is_public_v6(const unsigned char* b) {
  const auto begins = [&](std::initializer_list<int> bytes) {
    return std::equal(bytes.begin(), bytes.end(), b, [](int x, unsigned char y) { return x == y; });
  };
  if (begins({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff})) return is_public_v4(v4_at(b + 12));     // mapped
  if (begins({0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0})) return is_public_v4(v4_at(b + 12));  // NAT64
  if (b[0] >> 5 != 1) return false;
  if (begins({0x20, 0x02})) return is_public_v4(v4_at(b + 2));  // 6to4
  if (begins({0x20, 0x01}) && b[2] < 2) return false;           // 2001::/23: Teredo, ORCHID, ...
  if (begins({0x20, 0x01, 0x0d, 0xb8})) return false;           // documentation
  if (begins({0x3f, 0xff}) && b[2] >> 4 == 0) return false;     // documentation
  return true;
}

}  // namespace

bool is_public(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in four{};
    std::memcpy(&four, &address, sizeof four);
    return is_public_v4(ntohl(four.sin_addr.s_addr));
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 six{};
    std::memcpy(&six, &address, sizeof six);
    return is_public_v6(six.sin6_addr.s6_addr);
  }
  return false;
}

bool is_public(std::string_view text) {
  const std::string address(text);
  in_addr four{};
  if (inet_pton(AF_INET, address.c_str(), &four) == 1) return is_public_v4(ntohl(four.s_addr));
  in6_addr six{};
  return inet_pton(AF_INET6, address.c_str(), &six) == 1 && is_public_v6(six.s6_addr);
}

std::optional<std::string> wrong_with_url(const std::string& url, bool is_own_network) {
  if (std::any_of(url.begin(), url.end(), [](unsigned char c) { return c <= ' ' || c == 0x7f; }))
    return "has a space or a control character";
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed(curl_url(), curl_url_cleanup);
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK)
    return "is no address like https://host/path";
  const auto part = [&](CURLUPart which) -> std::optional<std::string> {
    char* text = nullptr;
    if (curl_url_get(parsed.get(), which, &text, 0) != CURLUE_OK) return std::nullopt;
    std::string out(text);
    curl_free(text);
    return out;
  };
  const auto scheme = part(CURLUPART_SCHEME).value_or("");
  if (scheme != "https" && scheme != "http") return "is neither https nor http";
  if (part(CURLUPART_USER) || part(CURLUPART_PASSWORD)) return "has a user part: use a secret or a token";
  if (part(CURLUPART_FRAGMENT)) return "has a fragment, which is never sent";
  if (is_own_network) return std::nullopt;
  if (scheme == "http") return "is plain http: only with \"own_network\": true";
  auto host = part(CURLUPART_HOST).value_or("");
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  host = host.substr(0, host.find('%'));
  in_addr four{};
  in6_addr six{};
  const bool is_address =
      inet_pton(AF_INET, host.c_str(), &four) == 1 || inet_pton(AF_INET6, host.c_str(), &six) == 1;
  if (is_address && !is_public(host))
    return "is an address of a private network: only with \"own_network\": true";
  return std::nullopt;
}

}  // namespace thap::serve
