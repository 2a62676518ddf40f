// What a topic or file holds and what the decoder may do with it: settings only, no code that reads records.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ingest/event_time.h"
#include "ingest/post.h"
#include "ingest/result.h"

namespace thap::ingest {

enum class Format : std::uint8_t {
  automatic,  // "auto": the shape tells which
  canonical,
  x_v2,
  x_v1,
  x_connect,
  jetstream,
  at_kafka,
  bsky_flat,
  mastodon,
  reddit,
  telegram,
  youtube,
  generic,
};
inline constexpr int format_count = 13;
std::string_view name(Format format);  // as in settings: "auto", "x-v2", ...
std::optional<Format> format_named(std::string_view text);

// The network whose posts a format holds; nullopt for auto, canonical and generic.
std::optional<Network> network_of(Format format);

enum class Markup : std::uint8_t { plain, entities, html, markdown };
std::string_view name(Markup markup);
std::optional<Markup> markup_named(std::string_view text);

// Any JSON by JSON pointers (RFC 6901). Of a list the first pointer that is present counts.
struct GenericMapping {
  // Fields that may be mapped; names are those of the canonical form.
  enum Field : std::uint8_t {
    id,
    text,
    author,
    event_ms,
    claimed_ms,
    language,
    op,
    kind,
    ref_id,
    root_id,
    uri,
    state
  };
  static constexpr std::array<std::string_view, 12> field_names{
      "id", "text", "author", "event_ms", "claimed_ms", "language",
      "op", "kind", "ref_id", "root_id",  "uri",        "state"};
  std::array<std::vector<std::string>, field_names.size()> pointers;
  std::map<std::string, Operation, std::less<>> operations;  // the source's word -> ours
  Network network{Network::generic};
  SetBy time_set_by{SetBy::author};
  Markup markup{Markup::plain};
};

// Fails with `bad_setting` if a pointer is none (RFC 6901: begins with '/') or no text is mapped.
Result<void> check(const GenericMapping& mapping);

// The settings of one topic or file.
struct SourceFormat {
  Format format{Format::automatic};
  std::string instance;    // Mastodon: the server it streams from; its deletes carry local ids only
  bool is_deletes{false};  // x-connect: this is the topic of deletes
  GenericMapping mapping;  // used by Format::generic
};

struct DecoderSettings {
  std::size_t max_record_bytes{256 * 1024};
  std::size_t max_text_bytes{16 * 1024};
  int max_depth{32};
  std::int64_t max_lateness_ms{2 * 3'600'000};
  SourceFormat any_source;                                   // for sources not named below
  std::map<std::string, SourceFormat, std::less<>> sources;  // by topic or file path
  // Accounts through which a service speaks: by author id (X, Reddit, YouTube), did, acct or chat id.
  std::set<std::pair<Network, std::string>> official_accounts;
  std::map<std::string, std::string, std::less<>> subreddit_states;  // lower case -> ISO 3166-2
};

// ISO 3166-2 as of 2023; the older codes of India are brought up to date, anything else is kept.
std::string_view current_state_code(std::string_view code);

}  // namespace thap::ingest
