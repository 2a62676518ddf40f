// Counts by minute, as rules/, app/ and serve/ read them.
#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "nlp/reading.h"

namespace thap::store {

using Minute = std::uint32_t;  // UTC minutes since 1970
constexpr Minute minute_of(std::int64_t ms) { return static_cast<Minute>(ms / 60'000); }

// What is counted of a service. Stored in keys: never renumber.
// complaints, mentions, recovered and reposts have one series each (value 0); the others one per value and
// count complaints only (down or degraded, no reposts).
enum class FacetKind : std::uint8_t {
  complaints = 1,
  mentions = 2,
  recovered = 3,
  reposts = 4,
  symptom = 5,   // value: nlp::Symptom
  language = 6,  // value: nlp::Language
  place = 7,     // value: nlp::PlaceId
  kind = 8,      // value: nlp::Kind
  source = 9,    // value: ingest::Network
};

std::string_view name(FacetKind kind);
std::optional<FacetKind> facet_kind_named(std::string_view text);

struct Facet {
  FacetKind kind{FacetKind::complaints};
  std::uint32_t value{0};
  friend auto operator<=>(const Facet&, const Facet&) = default;
};

struct MinuteRange {
  Minute start{0}, end{0};  // start included, end not; empty if equal
};

// counts[i] is minute start + i, so counts.size() is end - start. A minute without posts is 0, not missing.
struct Series {
  MinuteRange range;
  std::vector<std::uint64_t> counts;
};

}  // namespace thap::store
