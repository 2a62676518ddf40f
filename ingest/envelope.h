// What a record is wrapped in: CloudEvents, schema-registry framing, Kafka Connect, JSON in a JSON string.
// Internal to ingest/.
#pragma once
#include <string>
#include <string_view>

#include "ingest/decoder.h"
#include "ingest/draft.h"
#include "ingest/json.h"

namespace thap::ingest {

struct Opened {
  enum class Is : std::uint8_t { object, tombstone, skip, dead };
  Is is{Is::object};
  json::Object object;      // lives until `parser` parses again
  std::string_view reason;  // of skip or dead
  std::string detail;
  std::string cloud_event_type;
  std::optional<std::int64_t> cloud_event_ms;  // `ce_time`: a claim
  bool mended_surrogates{false};
};

// Takes at most three envelopes off. A record without any value is a tombstone.
Opened open_envelopes(const Record& record, int max_depth, json::Parser& parser);

}  // namespace thap::ingest
