#include "store/sketch.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "store/bytes.h"

namespace thap::store {
namespace {

constexpr char exact_form = 1, register_form = 2;
constexpr int rank_bits = 64 - AuthorSketch::register_bits;
constexpr int max_rank = rank_bits + 1;

// The finaliser of SplitMix64: fingerprints are 32 bits, registers and ranks want 64 that are well mixed.
constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// Ertl's estimator (arXiv:1702.01284, algorithm 6): no bias tables, one formula for all sizes.
double sigma(double x) {
  if (x == 1.0) return HUGE_VAL;
  double y = 1, z = x, before;
  do {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  } while (z != before);
  return z;
}

double tau(double x) {
  if (x == 0.0 || x == 1.0) return 0;
  double y = 1, z = 1 - x, before;
  do {
    x = std::sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  } while (z != before);
  return z / 3;
}

}  // namespace

void AuthorSketch::add(std::uint32_t fingerprint) {
  if (!registers_.empty()) return add_to_registers(fingerprint);
  const auto end = exact_.begin() + static_cast<std::ptrdiff_t>(exact_size_);
  const auto at = std::lower_bound(exact_.begin(), end, fingerprint);
  if (at != end && *at == fingerprint) return;
  if (exact_size_ == max_exact) {
    leave_exact();
    return add_to_registers(fingerprint);
  }
  std::move_backward(at, end, end + 1);
  *at = fingerprint;
  ++exact_size_;
}

bool AuthorSketch::merge(std::string_view encoded) {
  if (encoded.empty()) return false;
  const char form = encoded.front();
  encoded.remove_prefix(1);
  if (form == exact_form) {
    if (encoded.size() % 4 != 0 || encoded.size() / 4 > max_exact) return false;
    for (ByteReader in(encoded); in.left() > 0;) add(in.take<std::uint32_t>());
    return true;
  }
  if (form != register_form || encoded.size() != packed_size) return false;
  if (registers_.empty()) leave_exact();
  for (std::size_t group = 0; group < register_count / 4; ++group) {
    const auto byte = [&](std::size_t i) {
      return static_cast<std::uint32_t>(static_cast<unsigned char>(encoded[group * 3 + i]));
    };
    const std::uint32_t bits = byte(0) << 16 | byte(1) << 8 | byte(2);
    for (std::size_t i = 0; i < 4; ++i) {
      const auto rank = static_cast<std::uint8_t>((bits >> (18 - 6 * i)) & 63);
      if (rank > max_rank) return false;
      auto& held = registers_[group * 4 + i];
      held = std::max(held, rank);
    }
  }
  return true;
}

std::uint64_t AuthorSketch::estimate() const {
  if (registers_.empty()) return exact_size_;
  std::array<std::uint32_t, max_rank + 1> having{};  // registers by rank
  for (const auto rank : registers_) ++having[rank];
  constexpr double m = register_count;
  double z = m * tau(1 - having[max_rank] / m);
  for (int rank = rank_bits; rank >= 1; --rank) z = 0.5 * (z + having[static_cast<std::size_t>(rank)]);
  z += m * sigma(having[0] / m);
  constexpr double ln_2 = 0.693147180559945309417;
  return static_cast<std::uint64_t>(std::llround(m * m / (2 * ln_2 * z)));
}

void AuthorSketch::encode(std::string& out) const {
  out.clear();
  if (registers_.empty()) {
    out.push_back(exact_form);
    for (std::size_t i = 0; i < exact_size_; ++i) put(out, exact_[i]);
    return;
  }
  out.reserve(1 + packed_size);
  out.push_back(register_form);
  for (std::size_t group = 0; group < register_count / 4; ++group) {
    const auto* rank = &registers_[group * 4];
    const std::uint32_t bits = std::uint32_t{rank[0]} << 18 | std::uint32_t{rank[1]} << 12 |
                               std::uint32_t{rank[2]} << 6 | std::uint32_t{rank[3]};
    out.push_back(static_cast<char>(bits >> 16 & 255));
    out.push_back(static_cast<char>(bits >> 8 & 255));
    out.push_back(static_cast<char>(bits & 255));
  }
}

void AuthorSketch::add_to_registers(std::uint32_t fingerprint) {
  const std::uint64_t hash = mix(fingerprint);
  auto& held = registers_[hash >> rank_bits];
  const std::uint64_t rest = hash << register_bits;
  const int rank = rest == 0 ? max_rank : std::countl_zero(rest) + 1;
  held = std::max(held, static_cast<std::uint8_t>(rank));
}

void AuthorSketch::leave_exact() {
  registers_.assign(register_count, 0);
  for (std::size_t i = 0; i < exact_size_; ++i) add_to_registers(exact_[i]);
  exact_size_ = 0;
}

void encode_sketch(std::span<const std::uint32_t> fingerprints, std::string& out) {
  AuthorSketch sketch;
  for (const auto fingerprint : fingerprints) sketch.add(fingerprint);
  sketch.encode(out);
}

}  // namespace thap::store
