// librdkafka's handles, each with one owner from its first line. Internal to ingest/.
#pragma once
#include <librdkafka/rdkafka.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ingest/kafka_connection.h"

namespace thap::ingest {

template <auto Destroy>
struct FreedBy {
  void operator()(auto* handle) const noexcept { Destroy(handle); }
};
// Closing is done before, under a deadline: KafkaSource::close().
inline void destroy_handle(rd_kafka_t* handle) {
  rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}
using KafkaHandle = std::unique_ptr<rd_kafka_t, FreedBy<destroy_handle>>;
using KafkaConf = std::unique_ptr<rd_kafka_conf_t, FreedBy<rd_kafka_conf_destroy>>;
using KafkaMessage = std::unique_ptr<rd_kafka_message_t, FreedBy<rd_kafka_message_destroy>>;
using KafkaQueue = std::unique_ptr<rd_kafka_queue_t, FreedBy<rd_kafka_queue_destroy>>;
using KafkaError = std::unique_ptr<rd_kafka_error_t, FreedBy<rd_kafka_error_destroy>>;
using PartitionList =
    std::unique_ptr<rd_kafka_topic_partition_list_t, FreedBy<rd_kafka_topic_partition_list_destroy>>;

using KafkaOptions = std::vector<std::pair<std::string, std::string>>;

// `ours` first, then the connection's own settings over them, except for those that are ours alone.
Result<KafkaConf> make_conf(const KafkaConnection& connection, const KafkaOptions& ours);

// Takes the conf over. Fails with `bad_setting`.
Result<KafkaHandle> make_handle(rd_kafka_type_t type, KafkaConf conf, const KafkaConnection& connection);

// The text of a fatal error, or an empty string.
std::string fatal_text(rd_kafka_t* handle);

}  // namespace thap::ingest
