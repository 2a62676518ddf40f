// Records out to Kafka topics, each acknowledged: dead letters, incidents, demo posts.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ingest/kafka_connection.h"
#include "ingest/post_source.h"
#include "ingest/result.h"

namespace thap::ingest {

struct TopicRecord {
  std::string topic;
  std::string key;  // empty: none
  std::string value;
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<std::int64_t> timestamp_ms{};  // nullopt: now
  bool has_value{true};                        // false: Kafka's null, a tombstone
  std::int32_t partition{-1};                  // -1: by the key, without one any
};

// What became of a record. One that failed is not in the topic; it may be sent again.
struct Delivery {
  std::uint64_t ticket{0};
  std::optional<Error> failed;
};

// Idempotent: a record that librdkafka sends twice is in the topic once, records of one partition in the
// order of send(). While the broker is away records wait here without limit of time; a process that ends
// before their delivery has lost them, so whoever needs them keeps them until then.
//
// Threads: one thread calls everything.
class TopicWriter {
 public:
  // Nothing waits for the broker. Fails with `bad_setting`.
  static Result<std::unique_ptr<TopicWriter>> open(const KafkaConnection& connection);
  ~TopicWriter();  // drops what is not delivered

  // Queues a record; the ticket comes back in a Delivery. Waits up to five seconds for room. Fails with
  // `unavailable` (no room) or `bad_input` (Kafka will never take it: too large).
  Result<std::uint64_t> send(const TopicRecord& record);

  // Reports since the last call, in the order they came.
  std::vector<Delivery> take_deliveries();

  // Waits until nothing is under way. Fails with `unavailable` if the deadline passes: what is under way
  // stays so. What failed is in the deliveries.
  Result<void> flush(std::chrono::milliseconds deadline);

  std::size_t under_way() const;
  bool is_reached() const;  // a broker answers, as far as we know

 private:
  struct Impl;  // keeps librdkafka out of this header
  explicit TopicWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace thap::ingest
