// What lies in a Kafka topic now, from beginning to end, without a group: for looking at dead letters.
#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "ingest/kafka_connection.h"
#include "ingest/result.h"
#include "ingest/topic_writer.h"

namespace thap::ingest {

// Every record that the topic holds when it is asked, each partition in its order; a null value reads as "".
// `visit` returns false to stop. Says how many records were read. Fails with `not_found` (no such topic),
// `unavailable` (no broker, or nothing comes for ten seconds), `bad_setting`. Blocks. Any thread.
Result<std::uint64_t> read_topic(const KafkaConnection& connection, const std::string& topic,
                                 const std::function<bool(const TopicRecord&)>& visit);

}  // namespace thap::ingest
