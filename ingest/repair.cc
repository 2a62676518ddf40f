#include "ingest/repair.h"

#include <cstdint>
#include <cstring>

namespace thap::ingest {

namespace {

// The four hex digits of a \uXXXX escape at `at`, or -1.
int escape_at(const char* json, std::size_t size, std::size_t at) {
  if (at + 6 > size || json[at] != '\\' || json[at + 1] != 'u') return -1;
  int value = 0;
  for (std::size_t i = at + 2; i < at + 6; ++i) {
    const char c = json[i];
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

bool is_high(int unit) { return unit >= 0xd800 && unit <= 0xdbff; }
bool is_low(int unit) { return unit >= 0xdc00 && unit <= 0xdfff; }

}  // namespace

std::size_t mend_lone_surrogates(char* json, std::size_t size) {
  std::size_t mended = 0;
  for (std::size_t i = 0; i + 1 < size;) {
    if (json[i] != '\\') {
      ++i;
      continue;
    }
    const int unit = escape_at(json, size, i);
    if (is_high(unit) && is_low(escape_at(json, size, i + 6))) {
      i += 12;
    } else if (is_high(unit) || is_low(unit)) {
      std::memcpy(json + i, "\\ufffd", 6);
      ++mended;
      i += 6;
    } else {
      i += 2;
    }
  }
  return mended;
}

std::size_t mark_wide_integers(char* json, std::size_t size) {
  constexpr std::string_view largest = "18446744073709551615", smallest = "9223372036854775808";
  std::size_t marked = 0;
  for (std::size_t i = 0; i < size;) {
    if (json[i] == '"') {
      for (++i; i < size && json[i] != '"'; ++i)
        if (json[i] == '\\') ++i;
      ++i;
      continue;
    }
    const bool is_negative = json[i] == '-';
    const std::size_t begin = i + (is_negative ? 1 : 0);
    std::size_t end = begin;
    while (end < size && json[end] >= '0' && json[end] <= '9') ++end;
    if (end == begin) {
      ++i;
      continue;
    }
    const bool is_fraction = end < size && (json[end] == '.' || json[end] == 'e' || json[end] == 'E');
    const std::string_view number(json + begin, end - begin);
    const std::string_view limit = is_negative ? smallest : largest;
    const bool is_wide = number.size() > limit.size() || (number.size() == limit.size() && number > limit);
    if (is_fraction) {
      while (end < size && json[end] != ',' && json[end] != '}' && json[end] != ']') ++end;
    } else if (is_wide && end - i > wide_integer_mark.size()) {
      std::memset(json + i, ' ', end - i);
      std::memcpy(json + i, wide_integer_mark.data(), wide_integer_mark.size());
      json[end - 1] = '"';
      ++marked;
    }
    i = end;
  }
  return marked;
}

}  // namespace thap::ingest
