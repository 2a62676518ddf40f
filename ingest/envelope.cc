#include "ingest/envelope.h"

#include <algorithm>
#include <array>
#include <utility>

#include "ingest/base64.h"
#include "ingest/time_parse.h"

namespace thap::ingest {

namespace {

using namespace json;

constexpr int max_envelopes = 3;

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return (x >= 'A' && x <= 'Z' ? x + 32 : x) == y; });
}

std::string_view header(const Record& record, std::string_view lower_case_name) {
  for (const Header& candidate : record.headers)
    if (equals_ignoring_case(candidate.name, lower_case_name)) return candidate.value;
  return {};
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

Opened dead(std::string_view reason, std::string detail) {
  Opened opened;
  opened.is = Opened::Is::dead;
  opened.reason = reason;
  opened.detail = std::move(detail);
  return opened;
}

Opened fault(Fault fault, const char* what) {
  switch (fault) {
    case Fault::bad_utf8:
      return dead("bad_utf8", "the record is not valid UTF-8");
    case Fault::too_deep:
      return dead("too_deep", "arrays or objects are nested deeper than the limit");
    case Fault::none:
    case Fault::empty:
    case Fault::bad_json:
      break;
  }
  return dead("bad_json", what);
}

// 0x00, four bytes of schema id, then the value.
std::string schema_id(std::string_view bytes) {
  std::uint32_t id = 0;
  for (std::size_t i = 1; i < 5; ++i) id = id << 8 | static_cast<unsigned char>(bytes[i]);
  return std::to_string(id);
}

// One record on its way out of its envelopes.
class Opening {
 public:
  Opening(int max_depth, Parser& parser) : max_depth_(max_depth), parser_(parser) {}

  Opened run(const Record& record) {
    if (!record.has_value) return tombstone();
    if (is_blank(record.payload)) {
      opened_.is = Opened::Is::skip;
      opened_.reason = "keep_alive";
      return std::move(opened_);
    }
    std::string_view bytes = record.payload;
    bool is_structured = false;
    if (!record.headers.empty()) {
      const std::string_view type = header(record, "content-type");
      constexpr std::string_view prefix = "application/cloudevents";
      if (equals_ignoring_case(type.substr(0, prefix.size()), prefix)) {
        if (!equals_ignoring_case(type.substr(prefix.size(), 5), "+json"))
          return dead("event_format",
                      "CloudEvents in the format \"" + std::string(type.substr(0, 80)) + "\"");
        is_structured = true;
      } else if (!header(record, "ce_specversion").empty() && !header(record, "ce_id").empty() &&
                 !header(record, "ce_source").empty() && !header(record, "ce_type").empty()) {
        opened_.cloud_event_type = header(record, "ce_type");
        opened_.cloud_event_ms = parse_time(header(record, "ce_time"));
        ++taken_off_;
      }
    }
    if (bytes.front() == '\0') {
      if (bytes.size() < 6) return dead("schema_framing", "a zero byte without schema id and value");
      const std::string_view value = bytes.substr(5);
      if (value.front() != '{' && value.front() != '"' && value.front() != '[')
        return dead("schema_framing", "not JSON but a value under schema id " + schema_id(bytes));
      bytes = value;
      ++taken_off_;
    }
    if (!parse(bytes)) return std::move(opened_);
    return unwrap(is_structured);
  }

 private:
  Opened tombstone() {
    opened_.is = Opened::Is::tombstone;
    return std::move(opened_);
  }

  bool parse(std::string_view text) {
    const Fault found = parser_.parse(text, max_depth_);
    if (found != Fault::none) opened_ = fault(found, parser_.what());
    opened_.mended_surrogates = opened_.mended_surrogates || parser_.has_mended_surrogates();
    return found == Fault::none;
  }

  Opened unwrap(bool is_structured) {
    for (Element element = parser_.root();; ++taken_off_) {
      if (element.is_string()) {
        if (taken_off_ >= max_envelopes) return dead("bad_envelope", "more than three envelopes");
        if (!parse(element.get_string().value_unsafe())) return std::move(opened_);
        element = parser_.root();
        continue;
      }
      if (element.is_null()) return tombstone();
      const auto object = as_object(element);
      if (!object) return dead("no_object", "an array or a bare value, not an object");
      const auto inner = content(*object, is_structured);
      is_structured = false;
      if (!inner) {
        opened_.object = *object;
        return std::move(opened_);
      }
      if (taken_off_ >= max_envelopes) return dead("bad_envelope", "more than three envelopes");
      element = *inner;
      if (is_base64_) {
        is_base64_ = false;
        const auto bytes = decode_base64(as_text(element).value_or(""));
        if (!bytes) return dead("bad_envelope", "data_base64 is not base64");
        if (!parse(*bytes)) return std::move(opened_);
        element = parser_.root();
      }
    }
  }

  // What `object` wraps, if it is an envelope.
  std::optional<Element> content(const Object& object, bool is_structured) {
    const bool is_event = has(object, "specversion") && text_in(object, "id") && text_in(object, "source") &&
                          text_in(object, "type");
    if (is_event || is_structured) {
      auto data = find(object, "data");
      if (!data) {
        data = find(object, "data_base64");
        is_base64_ = data.has_value();
      }
      if (data) {
        opened_.cloud_event_type = text_or_empty(object, "type");
        opened_.cloud_event_ms = time_in(object, "time");
      }
      return data;
    }
    // Connect. `payload` alone proves nothing: Mastodon and Jetstream have one too.
    if (const auto schema = find(object, "schema"); schema && (schema->is_object() || schema->is_null()))
      return find(object, "payload");
    return std::nullopt;
  }

  int max_depth_;
  Parser& parser_;
  Opened opened_;
  int taken_off_{0};
  bool is_base64_{false};
};

}  // namespace

Opened open_envelopes(const Record& record, int max_depth, Parser& parser) {
  return Opening(max_depth, parser).run(record);
}

}  // namespace thap::ingest
