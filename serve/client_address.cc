#include "serve/client_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace thap::serve {

namespace {

using Bytes = std::array<unsigned char, 16>;

// 4 or 16 bytes of `out` are set; 0: no address.
std::size_t parse(std::string_view text, Bytes& out) {
  const std::string copy(text);
  if (inet_pton(AF_INET, copy.c_str(), out.data()) == 1) return 4;
  if (inet_pton(AF_INET6, copy.c_str(), out.data()) != 1) return 0;
  constexpr unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (std::memcmp(out.data(), mapped, sizeof mapped) != 0) return 16;
  std::memmove(out.data(), out.data() + 12, 4);
  return 4;
}

}  // namespace

std::string address_for_limits(std::string_view address) {
  Bytes bytes{};
  char text[INET6_ADDRSTRLEN];
  switch (parse(address, bytes)) {
    case 4:
      return inet_ntop(AF_INET, bytes.data(), text, sizeof text);
    case 16:
      std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
      return std::string(inet_ntop(AF_INET6, bytes.data(), text, sizeof text)) + "/64";
    default:
      return std::string(address);
  }
}

bool is_loopback(std::string_view address) {
  Bytes bytes{};
  const std::size_t size = parse(address, bytes);
  if (size == 4) return bytes[0] == 127;
  return size == 16 && bytes[15] == 1 &&
         std::all_of(bytes.begin(), bytes.end() - 1, [](unsigned char c) { return c == 0; });
}

bool is_address(std::string_view text) {
  Bytes bytes{};
  return parse(text, bytes) != 0;
}

std::string client_address(std::string_view peer, std::string_view forwarded_for,
                           const std::vector<std::string>& proxies) {
  const auto is_proxy = [&](std::string_view one) {
    return std::find(proxies.begin(), proxies.end(), one) != proxies.end();
  };
  std::string_view client = peer;
  while (is_proxy(client) && !forwarded_for.empty()) {
    const auto comma = forwarded_for.rfind(',');
    std::string_view last = comma == std::string_view::npos ? forwarded_for : forwarded_for.substr(comma + 1);
    forwarded_for = comma == std::string_view::npos ? std::string_view{} : forwarded_for.substr(0, comma);
    while (last.starts_with(' ')) last.remove_prefix(1);
    while (last.ends_with(' ')) last.remove_suffix(1);
    if (!is_address(last)) break;  // what a proxy cannot have written
    client = last;
  }
  return std::string(client);
}

}  // namespace thap::serve
