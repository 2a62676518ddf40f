// What one write makes durable: all of it or nothing.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/tally.h"

namespace thap::store {

// Families whose rows other folders serialise. The store keeps the bytes and knows nothing of their meaning.
enum class Family : std::uint8_t {
  detectors,  // rules/: detector state, admission entries, engine state
  incidents,  // rules/ and serve/: records, transitions, what is owed to receivers
  meta,       // app/: fingerprints, format versions
};

struct KeyedBytes {
  Family family{Family::detectors};
  std::string key;
  std::optional<std::string> value;  // nullopt: delete
  friend bool operator==(const KeyedBytes&, const KeyedBytes&) = default;
};

struct Batch {
  Tally tally;                              // rows and mentions in it are kept as pending
  std::vector<DetectorRow> handed_rows;     // pending rows that this batch hands over, and so deletes
  std::vector<MentionRow> handed_mentions;  // likewise
  std::vector<KeyedBytes> bytes;            // state that follows from handing them over
  bool has_transition{false};               // then the write is synced before it returns
};

}  // namespace thap::store
