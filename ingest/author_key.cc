#include "ingest/author_key.h"

#include <sodium.h>

#include <cstring>
#include <string>

namespace thap::ingest {

namespace {

constexpr std::int64_t ist_offset_ms = 19'800'000;
constexpr std::int64_t period_ms = 30LL * 24 * 3600 * 1000;

static_assert(crypto_shorthash_KEYBYTES == std::tuple_size_v<AuthorKey::Bytes>);

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::int64_t author_period(std::int64_t clock_ms) {
  const std::int64_t local = clock_ms + ist_offset_ms;
  return local >= 0 ? local / period_ms : -((period_ms - 1 - local) / period_ms);
}

Result<AuthorKey> AuthorKey::from_hex(std::string_view hex) {
  const auto blank = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
  while (!hex.empty() && blank(hex.front())) hex.remove_prefix(1);
  while (!hex.empty() && blank(hex.back())) hex.remove_suffix(1);
  Bytes bytes{};
  if (hex.size() != 2 * bytes.size())
    return fail(Code::bad_setting, "the author key has " + std::to_string(hex.size()) +
                                       " characters, not 32 hexadecimal digits");
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);
    if (high < 0 || low < 0) return fail(Code::bad_setting, "the author key is not hexadecimal");
    bytes[i] = static_cast<unsigned char>(high * 16 + low);
  }
  return AuthorKey(bytes);
}

// SipHash gives 8 bytes and needs 16: the period's key is SipHash(master, n, 0) then SipHash(master, n, 1),
// n as 8 bytes little-endian.
void AuthorKey::use_period(std::int64_t period) {
  std::array<unsigned char, 9> input{};
  for (int i = 0; i < 8; ++i)
    input[static_cast<std::size_t>(i)] =
        static_cast<unsigned char>(static_cast<std::uint64_t>(period) >> (8 * i));
  crypto_shorthash(period_key_.data(), input.data(), input.size(), master_.data());
  input[8] = 1;
  crypto_shorthash(period_key_.data() + 8, input.data(), input.size(), master_.data());
  period_ = period;
}

std::uint64_t AuthorKey::hash(Network network, std::string_view author_id, std::int64_t clock_ms) {
  if (const std::int64_t period = author_period(clock_ms); period != period_) use_period(period);
  // network byte, then the id; longer ids than any network has are cut by hashing the rest first
  std::array<unsigned char, 128> input;
  const auto* id = reinterpret_cast<const unsigned char*>(author_id.data());
  std::size_t size = author_id.size();
  input[0] = static_cast<unsigned char>(network);
  if (size + 1 <= input.size()) {
    std::memcpy(input.data() + 1, id, size);
  } else {
    crypto_shorthash(input.data() + 1, id, size, period_key_.data());
    const std::size_t kept = input.size() - 9;
    std::memcpy(input.data() + 9, id, kept);
    size = 8 + kept;
  }
  std::array<unsigned char, 8> out;
  crypto_shorthash(out.data(), input.data(), size + 1, period_key_.data());
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < out.size(); ++i) value |= static_cast<std::uint64_t>(out[i]) << (8 * i);
  return value == 0 ? 1 : value;
}

std::vector<std::uint64_t> AuthorKey::hashes_elsewhen(Network network, std::string_view author_id,
                                                      std::int64_t clock_ms) {
  return {hash(network, author_id, clock_ms - period_ms), hash(network, author_id, clock_ms + period_ms)};
}

}  // namespace thap::ingest
