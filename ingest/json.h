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
  // Copies the bytes: simdjson wants padding behind them. Mends what section "repair.h" names.
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

std::optional<Element> find(const Object& object, std::string_view key);  // of equal keys the first
bool has(const Object& object, std::string_view key);
std::optional<Object> as_object(const Element& element);
std::optional<Array> as_array(const Element& element);
std::optional<Object> object_in(const Object& object, std::string_view key);
std::optional<Array> array_in(const Object& object, std::string_view key);
std::optional<std::string_view> as_text(const Element& element);
std::optional<std::string_view> text_in(const Object& object, std::string_view key);
std::string_view text_or_empty(const Object& object, std::string_view key);
bool is_true(const Object& object, std::string_view key);
std::optional<bool> flag_in(const Object& object, std::string_view key);
Id as_id(const Element& element);
Id id_in(const Object& object, std::string_view key);
std::optional<std::int64_t> as_time(const Element& element);
std::optional<std::int64_t> time_in(const Object& object, std::string_view key);

}  // namespace thap::ingest::json
