// A file of posts into a topic, each record under the time of its post: what demos, tests and comparisons of
// a topic with a file need. Kafka's own tools cannot set a record's time.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "ingest/kafka_connection.h"
#include "ingest/result.h"
#include "ingest/source_format.h"

namespace thap::ingest {

struct ProduceSettings {
  KafkaConnection connection;
  std::string topic;
  // Times faster than the posts were written; 0: as fast as it goes.
  double speed{0};
  // JSON pointer of a field with the time; empty: `kafka_ms` where a post carries it, else its own time. A
  // record without one takes that of the record before.
  std::string time_pointer;
  // Lines are whole records: {"ms", "key", "value" or "base64", "headers": {}, "partition"}, all optional; a
  // value of null is a tombstone. So that a test can post what no line can be: any bytes, headers, no value.
  bool are_records{false};
  std::shared_ptr<const DecoderSettings> decoder = std::make_shared<DecoderSettings>();
  std::function<bool()> should_stop = [] { return false; };
};

struct ProduceSummary {
  std::uint64_t records{0};
  std::int64_t first_ms{0}, last_ms{0};
};

// One record a line, whatever is in it (unless `are_records`); the post's id is the key, so that what happens
// to a post later follows it into its partition. Returns when all are acknowledged or `should_stop` says so.
// Fails with `io`, `not_found`, `bad_setting`, `bad_input` (a line that is no record), `unavailable` (no
// topic, no broker).
Result<ProduceSummary> produce_file(const std::string& path, const ProduceSettings& settings);

}  // namespace thap::ingest
