// Integers as bytes: big-endian and fixed width, so that byte order is number order. The reader never trusts
// a length and never reads past the end.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace thap::store {

template <class T>
constexpr void put_at(char* to, T value) {
  static_assert(std::is_unsigned_v<T>);
  for (std::size_t i = 0; i < sizeof(T); ++i)
    to[i] = static_cast<char>(static_cast<unsigned char>(value >> (8 * (sizeof(T) - 1 - i))));
}

template <class T>
void put(std::string& out, T value) {
  char bytes[sizeof(T)];
  put_at(bytes, value);
  out.append(bytes, sizeof(T));
}

// The sign bit is turned, so that negative numbers come first.
inline void put_signed(std::string& out, std::int64_t value) {
  put(out, static_cast<std::uint64_t>(value) ^ (std::uint64_t{1} << 63));
}

// Once a read would pass the end every further read gives 0 and ok() is false.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : left_(bytes) {}

  template <class T>
  T take() {
    static_assert(std::is_unsigned_v<T>);
    const auto bytes = take_bytes(sizeof(T));
    if (bytes.size() < sizeof(T)) return 0;
    T value = 0;
    for (const char c : bytes) value = static_cast<T>((value << 8) | static_cast<unsigned char>(c));
    return value;
  }
  std::int64_t take_signed() {
    return static_cast<std::int64_t>(take<std::uint64_t>() ^ (std::uint64_t{1} << 63));
  }
  std::string_view take_bytes(std::size_t size) {
    if (!ok_ || left_.size() < size) {
      ok_ = false;
      return {};
    }
    const auto bytes = left_.substr(0, size);
    left_.remove_prefix(size);
    return bytes;
  }

  std::size_t left() const { return ok_ ? left_.size() : 0; }
  bool ok() const { return ok_; }
  bool complete() const { return ok_ && left_.empty(); }  // all was read and nothing missed

 private:
  std::string_view left_;
  bool ok_{true};
};

template <std::size_t size>
std::string_view view(const std::array<char, size>& bytes) {
  return {bytes.data(), size};
}

}  // namespace thap::store
