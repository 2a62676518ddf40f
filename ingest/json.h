// simdjson behind functions that never throw: a field that is absent or of the wrong type reads as nothing.
// Internal to ingest/. Views live until the parser's next parse.
#pragma once
#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thap::ingest::json {

using Element = simdjson::dom::element;
using Object = simdjson::dom::object;
using Array = simdjson::dom::array;

enum class Fault : std::uint8_t { none, empty, bad_json, bad_utf8, too_deep };

// The DOM rather than on-demand: the whole record is checked, fields are read in any order and any number of
// times (twelve shapes share helpers), and keys written with escapes are found. Costs 0.1 us more a record.
class Parser {
 public:
  // Copies the bytes: simdjson wants padding behind them. Mends what repair.h names.
  // `text` may be a view into this parser's own last document.
  Fault parse(std::string_view text, int max_depth);
  Element root() const { return root_; }
  bool has_mended_surrogates() const { return mended_surrogates_; }
  const char* what() const { return what_; }  // simdjson's words for the last fault

 private:
  simdjson::dom::parser parser_;
  std::vector<char> buffer_;
  Element root_;
  const char* what_{""};
  bool mended_surrogates_{false};
};

// An id as text, whatever it was outside: a view of a string, or an integer's digits.
class Id {
 public:
  Id() = default;
  explicit Id(std::string_view text) : text_(text) {}
  explicit Id(std::int64_t value);
  explicit Id(std::uint64_t value);
  std::string_view view() const { return size_ > 0 ? std::string_view(digits_, size_) : text_; }
  bool empty() const { return view().empty(); }
  bool is_out_of_range() const { return is_out_of_range_; }
  static Id out_of_range();

 private:
  std::string_view text_;
  char digits_[22];
  std::uint8_t size_{0};
  bool is_out_of_range_{false};
};

// Of equal keys the first.
inline std::optional<Element> find(const Object& object, std::string_view key) {
  Element value;
  if (object.at_key(key).get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}
inline bool has(const Object& object, std::string_view key) { return find(object, key).has_value(); }

template <class T>
std::optional<T> as(const Element& element) {
  T value;
  if (element.get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}
template <class T>
std::optional<T> in(const Object& object, std::string_view key) {
  const auto found = find(object, key);
  return found ? as<T>(*found) : std::nullopt;
}
inline std::optional<Object> as_object(const Element& element) { return as<Object>(element); }
inline std::optional<Array> as_array(const Element& element) { return as<Array>(element); }
inline std::optional<std::string_view> as_text(const Element& element) {
  return as<std::string_view>(element);
}
inline std::optional<Object> object_in(const Object& object, std::string_view key) {
  return in<Object>(object, key);
}
inline std::optional<Array> array_in(const Object& object, std::string_view key) {
  return in<Array>(object, key);
}
inline std::optional<std::string_view> text_in(const Object& object, std::string_view key) {
  return in<std::string_view>(object, key);
}
inline std::string_view text_or_empty(const Object& object, std::string_view key) {
  return text_in(object, key).value_or(std::string_view{});
}
inline std::optional<bool> flag_in(const Object& object, std::string_view key) {
  return in<bool>(object, key);
}
inline bool is_true(const Object& object, std::string_view key) {
  return flag_in(object, key).value_or(false);
}

Id as_id(const Element& element);
Id id_in(const Object& object, std::string_view key);
std::optional<std::int64_t> as_time(const Element& element);
std::optional<std::int64_t> time_in(const Object& object, std::string_view key);

}  // namespace thap::ingest::json
