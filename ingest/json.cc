#include "ingest/json.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "ingest/repair.h"
#include "ingest/time_parse.h"

namespace thap::ingest::json {

Fault Parser::parse(std::string_view text, int max_depth) {
  mended_surrogates_ = false;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  // The parser itself counts the depth, without recursion; its own limit is the first depth that it refuses.
  const auto limit = static_cast<std::size_t>(max_depth) + 1;
  if (parser_.max_depth() != limit || parser_.capacity() < text.size())
    if (parser_.allocate(std::max<std::size_t>(text.size(), 16 * 1024), limit) != simdjson::SUCCESS) {
      what_ = "no memory to parse";
      return Fault::bad_json;
    }
  if (const std::size_t need = text.size() + simdjson::SIMDJSON_PADDING; buffer_.size() < need)
    buffer_.resize(need + need / 2);
  std::memcpy(buffer_.data(), text.data(), text.size());
  std::memset(buffer_.data() + text.size(), 0, simdjson::SIMDJSON_PADDING);

  simdjson::error_code code = parser_.parse(buffer_.data(), text.size(), false).get(root_);
  // At most one repair of each kind: what a repair uncovers may be the other fault.
  for (int repairs = 0; repairs < 2 && code != simdjson::SUCCESS; ++repairs) {
    std::size_t changed = 0;
    if (code == simdjson::STRING_ERROR) {
      changed = mend_lone_surrogates(buffer_.data(), text.size());
      mended_surrogates_ = mended_surrogates_ || changed > 0;
    } else if (code == simdjson::NUMBER_ERROR) {
      changed = mark_wide_integers(buffer_.data(), text.size());
    }
    if (changed == 0) break;
    code = parser_.parse(buffer_.data(), text.size(), false).get(root_);
  }
  what_ = simdjson::error_message(code);
  switch (code) {
    case simdjson::SUCCESS:
      return Fault::none;
    case simdjson::EMPTY:
      return Fault::empty;
    case simdjson::UTF8_ERROR:
      return Fault::bad_utf8;
    case simdjson::DEPTH_ERROR:
      return Fault::too_deep;
    default:
      return Fault::bad_json;
  }
}

Id::Id(std::int64_t value)
    : size_(static_cast<std::uint8_t>(std::to_chars(digits_, digits_ + 22, value).ptr - digits_)) {}
Id::Id(std::uint64_t value)
    : size_(static_cast<std::uint8_t>(std::to_chars(digits_, digits_ + 22, value).ptr - digits_)) {}

Id Id::out_of_range() {
  Id id;
  id.is_out_of_range_ = true;
  return id;
}

Id as_id(const Element& element) {
  switch (element.type()) {
    case simdjson::dom::element_type::STRING: {
      const std::string_view text = element.get_string().value_unsafe();
      if (text.starts_with(wide_integer_mark.substr(1))) return Id::out_of_range();
      return Id(text);
    }
    case simdjson::dom::element_type::INT64:
      return Id(element.get_int64().value_unsafe());
    case simdjson::dom::element_type::UINT64:
      return Id(element.get_uint64().value_unsafe());
    default:
      return {};
  }
}

Id id_in(const Object& object, std::string_view key) {
  const auto found = find(object, key);
  return found ? as_id(*found) : Id{};
}

std::optional<std::int64_t> as_time(const Element& element) {
  switch (element.type()) {
    case simdjson::dom::element_type::STRING:
      return parse_time(element.get_string().value_unsafe());
    case simdjson::dom::element_type::INT64:
      return epoch_ms(element.get_int64().value_unsafe());
    case simdjson::dom::element_type::DOUBLE:
      return epoch_ms(element.get_double().value_unsafe());
    default:
      return std::nullopt;
  }
}

std::optional<std::int64_t> time_in(const Object& object, std::string_view key) {
  const auto found = find(object, key);
  return found ? as_time(*found) : std::nullopt;
}

}  // namespace thap::ingest::json
