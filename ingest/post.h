// One public post, whatever network and envelope it came in. What ingest/ hands on.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thap::ingest {

// Stored in rows and hashes: never renumber.
enum class Network : std::uint8_t {
  generic = 0,
  x = 1,
  bluesky = 2,
  mastodon = 3,
  reddit = 4,
  telegram = 5,
  youtube = 6,
};
inline constexpr int network_count = 7;
std::string_view name(Network network);
std::optional<Network> network_named(std::string_view text);

enum class PostKind : std::uint8_t { original = 0, repost = 1, quote = 2, reply = 3 };
std::string_view name(PostKind kind);

enum class Operation : std::uint8_t { create = 0, edit = 1, remove = 2, remove_author = 3 };
std::string_view name(Operation op);

// Where a record came from, as the place to go on reading: byte offset of a file, offset of a partition.
struct SourcePosition {
  std::string source;         // file path or topic
  std::int32_t partition{0};  // 0 for files
  std::int64_t next{0};       // the next byte or offset to read
  std::int64_t clock_ms{0};   // largest clock_ms handed out so far, so that a resumed file keeps its clock
  friend bool operator==(const SourcePosition&, const SourcePosition&) = default;
};

// 128 bits over network and id: the identity of a post in the store.
struct PostKey {
  std::uint64_t high{0}, low{0};
  friend auto operator<=>(const PostKey&, const PostKey&) = default;
};
PostKey post_key(Network network, std::string_view id);

enum class PlaceOrigin : std::uint8_t { explicit_tag, text, community, profile };

// As the source states it; what the text says about places is nlp/'s to find.
struct SourcePlace {
  std::string country;  // ISO 3166-1 alpha-2, upper case, or empty
  std::string state;    // ISO 3166-2 as of 2023, or empty
  std::string name;
  PlaceOrigin origin{PlaceOrigin::explicit_tag};
};

// Times are milliseconds since 1970 UTC. `text` is valid UTF-8 without markup or entities and at most
// `max_text_bytes` long. An operation other than create may have no text.
struct Post {
  std::string id;  // unique within the network; the first version's id for edits. May name its author: never
                   // stored, never logged
  Network network{Network::generic};
  PostKey key;              // post_key(network, id)
  std::uint64_t author{0};  // keyed SipHash of network and author id; 0: unknown. Never the id itself
  // Of remove_author: the hashes of the same author in the key's periods before and after that of clock_ms.
  std::vector<std::uint64_t> author_elsewhen;
  std::int64_t event_ms{0};                // what we count by: already clamped
  std::int64_t clock_ms{0};                // Kafka's timestamp; for files the largest event_ms so far
  std::optional<std::int64_t> claimed_ms;  // what the author's client said
  std::optional<std::int64_t> kafka_ms;
  std::string text;
  std::string uri;  // as the source has it, so it may name the author: public_link.h is what may be kept
  PostKind kind{PostKind::original};
  Operation op{Operation::create};
  std::uint64_t conversation{0};  // hash of the thread's first post; 0: none, or begun by an official account
  std::string ref_id;             // the post reposted, quoted or answered
  std::string local_id;           // Mastodon: instance/id, the only name its deletes carry; else empty
  std::vector<std::string> languages_claimed;  // a hint only
  std::vector<std::string> tags;               // from the source's own markup, without '#'
  std::optional<SourcePlace> place;
  bool truncated{false};
  bool bot{false};
  bool sensitive{false};
  bool author_is_official{false};  // on the operator's list of official accounts
  bool late{false};  // older than max_lateness: counted in its minute, not shown to the detector
};

}  // namespace thap::ingest
