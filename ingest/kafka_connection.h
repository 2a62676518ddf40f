// How to reach Kafka, and whether the topics are there. Nothing of librdkafka is seen outside ingest/.
#pragma once
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "ingest/result.h"

namespace thap::ingest {

struct KafkaConnection {
  std::string brokers;  // host:port, separated by commas
  // Handed to librdkafka as they are: security.protocol, ssl.ca.location, sasl.mechanism, ... What decides
  // where reading goes on is ours and refused.
  std::map<std::string, std::string> settings;
};

// Fails with `bad_setting`, naming the setting, if librdkafka does not know it or it is one of ours.
Result<void> check(const KafkaConnection& connection);

// Partitions of each topic; 0: there is no such topic (none is made). Fails with `unavailable` if no broker
// answers in time. Any thread.
Result<std::map<std::string, int>> topic_partitions(const KafkaConnection& connection,
                                                    const std::vector<std::string>& topics,
                                                    std::chrono::milliseconds deadline);

}  // namespace thap::ingest
