// Commands that live with Kafka: run, and what demos and tests need beside it.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "app/cli.h"

namespace thap::app {

// How to reach Kafka. THAP_KAFKA_PASSWORD, where set, is the password of SASL.
struct KafkaOptions {
  std::string brokers{"127.0.0.1:9092"};
  std::vector<std::string> settings;  // NAME=VALUE, handed to librdkafka
};

struct RunOptions {
  KafkaOptions kafka;
  std::vector<std::string> topics;
  std::string group{"thap"};
  std::string instance{"thap"};
  std::string from{"earliest"};
  std::string incidents{"thap.incidents"};  // "none": not sent
  std::string dead_letters;                 // folder; empty: TOPIC.dead
  std::string deployment{"thap"};           // in ce_source
  std::int64_t queue_mb{64};
  std::int64_t idle_ms{1'000};
  int threads{1};
};
int run(const Common& common, const Settings& settings, const RunOptions& options);

struct ProduceOptions {
  KafkaOptions kafka;
  std::string file, topic, time_pointer;
  double speed{0};
};
int produce(const Common& common, const Settings& settings, const ProduceOptions& options);

}  // namespace thap::app
