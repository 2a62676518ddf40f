#include "ingest/topic_reader.h"

#include <chrono>
#include <set>

#include "ingest/kafka_handles.h"

namespace thap::ingest {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds patience{10'000};

TopicRecord record_of(const rd_kafka_message_t& message, const std::string& topic) {
  TopicRecord record;
  record.topic = topic;
  if (message.key != nullptr) record.key.assign(static_cast<const char*>(message.key), message.key_len);
  if (message.payload != nullptr) record.value.assign(static_cast<const char*>(message.payload), message.len);
  rd_kafka_timestamp_type_t type{};
  const auto ms = rd_kafka_message_timestamp(&message, &type);
  if (type != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE) record.timestamp_ms = ms;
  rd_kafka_headers_t* headers = nullptr;  // belongs to the message
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return record;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    record.headers.emplace_back(
        name, value == nullptr ? std::string() : std::string(static_cast<const char*>(value), size));
  return record;
}

}  // namespace

Result<std::uint64_t> read_topic(const KafkaConnection& connection, const std::string& topic,
                                 const std::function<bool(const TopicRecord&)>& visit) {
  const auto known = topic_partitions(connection, {topic}, patience);
  if (!known) return tl::unexpected(known.error());
  const int partitions = known->at(topic);
  if (partitions == 0) return fail(Code::not_found, "there is no such topic", topic);

  // librdkafka wants the name of a group even from one who joins none.
  auto conf = make_conf(connection, {{"group.id", "thap-reader"},
                                     {"enable.auto.commit", "false"},
                                     {"enable.auto.offset.store", "false"},
                                     {"auto.offset.reset", "earliest"},
                                     {"isolation.level", "read_committed"},
                                     {"enable.partition.eof", "true"},
                                     {"check.crcs", "true"}});
  if (!conf) return tl::unexpected(conf.error());
  rd_kafka_conf_set_log_cb(conf->get(), [](const rd_kafka_t*, int, const char*, const char*) {});
  auto handle = make_handle(RD_KAFKA_CONSUMER, std::move(*conf), connection);
  if (!handle) return tl::unexpected(handle.error());
  rd_kafka_poll_set_consumer(handle->get());
  const PartitionList all(rd_kafka_topic_partition_list_new(partitions));
  for (int partition = 0; partition < partitions; ++partition)
    rd_kafka_topic_partition_list_add(all.get(), topic.c_str(), partition)->offset =
        RD_KAFKA_OFFSET_BEGINNING;
  if (const auto error = rd_kafka_assign(handle->get(), all.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return fail(Code::unavailable, rd_kafka_err2str(error), topic);

  std::uint64_t records = 0;
  std::set<std::int32_t> at_end;  // what is written after we came there is not read
  auto last_news = Clock::now();
  bool goes_on = true;
  while (goes_on && static_cast<int>(at_end.size()) < partitions) {
    const KafkaMessage message(rd_kafka_consumer_poll(handle->get(), 200));
    if (!message ||
        (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF)) {
      if (Clock::now() - last_news <= patience) continue;
      return fail(Code::unavailable, message ? rd_kafka_message_errstr(message.get()) : "nothing comes",
                  topic);
    }
    last_news = Clock::now();
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      at_end.insert(message->partition);
    } else if (!at_end.contains(message->partition)) {
      ++records;
      goes_on = visit(record_of(*message, topic));
    }
  }
  rd_kafka_assign(handle->get(), nullptr);
  return records;
}

}  // namespace thap::ingest
