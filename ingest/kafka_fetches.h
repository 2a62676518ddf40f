// When brokers answered our fetches. In: answers, as librdkafka's threads see them. Out: since when there was
// no gap. Internal to ingest/.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>

#include "ingest/kafka_partitions.h"

namespace thap::ingest {

// A broker with nothing to say answers a fetch after half a second (fetch.wait.max.ms); so one that has said
// nothing for longer is away, cut off, or was not asked because our queue is full. One that stays silent for
// a minute is taken to have handed its partitions on.
//
// Threads: any.
class FetchWatch {
 public:
  using Instant = KafkaPartitions::Instant;
  static constexpr std::chrono::seconds gap_after{2}, forgotten_after{60};

  void answered(std::int32_t broker, Instant now);
  KafkaPartitions::Fetches fetches(Instant now) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::int32_t, Instant> last_;  // by broker
  Instant steady_since_{};
};

}  // namespace thap::ingest
