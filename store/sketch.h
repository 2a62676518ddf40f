// How many distinct authors: an exact list to 32 fingerprints, then HyperLogLog. One register count
// everywhere, so that minutes merge into hours and days without loss.
//
//   sketch = 1 u8 | fingerprint u32...     at most 32, ascending, each once
//          | 2 u8 | register u6...         2^12 registers packed into 3,072 bytes
//
// Merging is associative, commutative and idempotent: the result is the sketch of all fingerprints ever
// added.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thap::store {

class AuthorSketch {
 public:
  static constexpr std::size_t max_exact = 32;
  static constexpr int register_bits = 12;
  static constexpr std::size_t register_count = std::size_t{1} << register_bits;
  static constexpr std::size_t packed_size = register_count * 6 / 8;

  void add(std::uint32_t fingerprint);
  // Adds all that an encoded sketch holds. False, and unchanged or partly merged, if the bytes are not a
  // sketch.
  [[nodiscard]] bool merge(std::string_view encoded);

  std::uint64_t estimate() const;       // exact to 32, then within about 2 % (one standard error 1.6 %)
  void encode(std::string& out) const;  // replaces `out`

 private:
  void add_to_registers(std::uint32_t fingerprint);
  void leave_exact();

  std::array<std::uint32_t, max_exact> exact_{};  // ascending; not used once there are registers
  std::size_t exact_size_{0};
  std::vector<std::uint8_t> registers_;  // empty while exact
};

// The sketch of `fingerprints`, which may repeat.
void encode_sketch(std::span<const std::uint32_t> fingerprints, std::string& out);

}  // namespace thap::store
