// The bytes of every key. Integers are big-endian and fixed width (bytes.h), so that byte order is number
// order.
//
//   windows, authors   service u32 | facet kind u8 | facet value u32 | minute u32
//   hours              service u32 | facet kind u8 | facet value u32 | hour u32
//   seen               hour u32 | batch u64                        batch: RocksDB's sequence number before
//   the batch offsets            source bytes | 0x00 | partition u32 pending            'm' | clock_s i64 |
//   service u32             a MentionRow; its count is the value
//                      'r' | clock_ms i64 | network u8 | post      a DetectorRow
//   evidence           service u32 | minute u32 | post
//   evidence_index     'a' | author u64 | post | service u32 | minute u32   an evidence row of this author
//                      'p' | post | service u32 | minute u32                an evidence row of this post
//                      't' | post                                           this post is never to be shown
//                      'u' | author u64                                     likewise all earlier posts of
//                      this author
//   meta               0x00 | name                                 the store's own; other keys are other
//   folders' detectors, incidents                                           keys of other folders
//
//   post = high u64 | low u64. A signed integer has its sign bit turned.
//
// A change here is a new format version (database.h).
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/bytes.h"
#include "store/tally.h"

namespace thap::store {

inline constexpr std::size_t series_prefix_size = 9;  // service, facet: all of a window key but its minute
inline constexpr std::size_t window_key_size = 13;
inline constexpr std::size_t seen_key_size = 12;

using SeriesPrefix = std::array<char, series_prefix_size>;
using WindowKeyBytes =
    std::array<char, window_key_size>;  // windows and authors; in hours with an hour as minute
using SeenKeyBytes = std::array<char, seen_key_size>;

SeriesPrefix series_prefix(nlp::ServiceId service, Facet facet);
WindowKeyBytes window_key(const WindowKey& key);
std::optional<WindowKey> parse_window_key(std::string_view bytes);
std::optional<std::uint32_t> minute_in_window_key(std::string_view bytes);

SeenKeyBytes seen_key(std::uint32_t hour, std::uint64_t batch);
std::optional<std::uint32_t> hour_in_seen_key(std::string_view bytes);

std::string offset_key(std::string_view source, std::int32_t partition);
std::optional<std::pair<std::string, std::int32_t>> parse_offset_key(std::string_view bytes);

inline constexpr char mention_kind = 'm';
inline constexpr char row_kind = 'r';
std::string mention_key(std::int64_t clock_s, nlp::ServiceId service);
std::optional<std::pair<std::int64_t, nlp::ServiceId>> parse_mention_key(std::string_view bytes);
struct RowKey {
  std::int64_t clock_ms{0};
  ingest::Network network{ingest::Network::generic};
  ingest::PostKey post;
};
std::string row_key(std::int64_t clock_ms, ingest::Network network, const ingest::PostKey& post);
std::optional<RowKey> parse_row_key(std::string_view bytes);

// Where an evidence row lies.
struct EvidencePlace {
  nlp::ServiceId service{};
  Minute minute{0};
  ingest::PostKey post;
  friend auto operator<=>(const EvidencePlace&, const EvidencePlace&) = default;
};
std::string evidence_prefix(nlp::ServiceId service, Minute minute);
std::string evidence_key(const EvidencePlace& place);
std::optional<EvidencePlace> parse_evidence_key(std::string_view bytes);

inline constexpr char index_by_author = 'a';
inline constexpr char index_by_post = 'p';
inline constexpr char tombstone_of_post = 't';
inline constexpr char tombstone_of_author = 'u';
std::string author_index_prefix(std::uint64_t author);
std::string author_index_key(std::uint64_t author, const EvidencePlace& place);
std::string post_index_prefix(const ingest::PostKey& post);
std::string post_index_key(const EvidencePlace& place);
std::string post_tombstone_key(const ingest::PostKey& post);
std::string author_tombstone_key(std::uint64_t author);
// The evidence row an index row ('a' or 'p') points at.
std::optional<EvidencePlace> parse_index_key(std::string_view bytes);

// The store's own rows in meta.
inline constexpr char own_meta = '\0';
std::string own_meta_key(std::string_view name);

// The first key after all that start with `prefix`; empty if there is none.
std::string after_prefix(std::string_view prefix);

}  // namespace thap::store
