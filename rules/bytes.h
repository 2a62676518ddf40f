// Reading and writing of stored rows: little-endian, fixed width, strings with a 32-bit length before them.
// Keys are big-endian, so that they sort by service. Used inside rules/ only.
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace thap::rules {

class ByteWriter {
 public:
  template <class T>
  void put(T value) {
    static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T>);
    static_assert(std::endian::native == std::endian::little);
    char raw[sizeof(T)];
    std::memcpy(raw, &value, sizeof(T));
    out_.append(raw, sizeof(T));
  }
  void text(std::string_view value) {
    put(static_cast<std::uint32_t>(value.size()));
    out_.append(value);
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

// After a read past the end `good()` is false for good and everything reads as 0.
class ByteReader {
 public:
  explicit ByteReader(std::string_view in) : in_(in) {}
  template <class T>
  T get() {
    T value{};
    if (in_.size() < sizeof(T)) {
      good_ = false;
      in_ = {};
      return value;
    }
    if constexpr (std::is_same_v<T, bool>) {
      value = in_[0] != 0;
    } else {
      std::memcpy(&value, in_.data(), sizeof(T));
    }
    in_.remove_prefix(sizeof(T));
    return value;
  }
  template <class T>
  void get_into(T& value) {
    value = get<T>();
  }
  std::string text() {
    const auto size = get<std::uint32_t>();
    if (in_.size() < size) {
      good_ = false;
      in_ = {};
      return {};
    }
    std::string value(in_.substr(0, size));
    in_.remove_prefix(size);
    return value;
  }
  // A count of items of at least `width` bytes each; false answers do not allocate.
  std::uint32_t count(std::size_t width) {
    const auto n = get<std::uint32_t>();
    if (n > in_.size() / width) good_ = false;
    return good_ ? n : 0;
  }
  bool good() const { return good_; }
  bool at_end() const { return good_ && in_.empty(); }

 private:
  std::string_view in_;
  bool good_{true};
};

template <class T>
void put_key(std::string& key, T value) {
  for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8)
    key.push_back(static_cast<char>((static_cast<std::uint64_t>(value) >> shift) & 0xff));
}

// Reads a big-endian number off the front of `key`; false when it is too short.
template <class T>
bool take_key(std::string_view& key, T& value) {
  if (key.size() < sizeof(T)) return false;
  std::uint64_t x = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) x = (x << 8) | static_cast<unsigned char>(key[i]);
  value = static_cast<T>(x);
  key.remove_prefix(sizeof(T));
  return true;
}

}  // namespace thap::rules
