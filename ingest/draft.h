// What a shape reads from a record, before the steps that are the same for all: time, text, identity, hashes.
// Internal to ingest/.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/decoder.h"
#include "ingest/event_time.h"
#include "ingest/json.h"
#include "ingest/post.h"
#include "ingest/source_format.h"

namespace thap::ingest {

// What a shape says about a record: `post` (or operation), or why it is none. Reasons are literals.
struct Verdict {
  enum class Is : std::uint8_t { post, skip, dead };
  Is is{Is::post};
  std::string_view reason;
  std::string detail;

  static Verdict good() { return {}; }
  static Verdict skip(std::string_view reason) { return {Is::skip, reason, {}}; }
  static Verdict dead(std::string_view reason, std::string detail) {
    return {Is::dead, reason, std::move(detail)};
  }
};

// A shape fills `post`'s network, id, uri, kind, op, ref_id, claimed_ms, kafka_ms, place, languages, tags and
// flags; the rest of the post follows from the other fields.
struct Draft {
  explicit Draft(Post& filled) : post(filled) {}
  Post& post;
  json::Id author;
  std::optional<std::string_view> text;  // with markup, as in the record; nullopt: none
  Markup markup{Markup::plain};
  std::optional<std::int64_t> stamp_ms;
  SetBy set_by{SetBy::platform};
  std::string_view root_id;      // the thread's first post
  json::Id root_author;          // if known: an official account's thread is no conversation
  bool is_undedupable{false};    // its id is only the place it was read from
  std::string_view author_name;  // a second name under which an official account may be listed
};

// How often each pointer of a generic mapping has matched: the only thing a decoder remembers of its records.
struct MappingUse {
  std::uint64_t records{0};
  std::array<std::vector<bool>, GenericMapping::field_names.size()> is_matched;
};

// What shapes may use beside the record.
struct Context {
  const DecoderSettings& settings;
  const SourceFormat& format;
  json::Parser& inner;   // for JSON inside strings
  std::string& scratch;  // for text put together; lives as long as the draft
  std::string_view cloud_event_type;
  const Record& record;
  MappingUse* mapping_use;  // of Format::generic, else nullptr
};

}  // namespace thap::ingest
