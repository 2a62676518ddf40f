#include "ingest/kafka_connection.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "ingest/kafka_handles.h"

namespace thap::ingest {

namespace {

// What counts a post once rests on these.
constexpr std::array<std::string_view, 13> ours_alone{"auto.offset.reset",
                                                      "bootstrap.servers",
                                                      "check.crcs",
                                                      "enable.auto.commit",
                                                      "enable.auto.offset.store",
                                                      "enable.idempotence",
                                                      "enable.partition.eof",
                                                      "group.id",
                                                      "group.instance.id",
                                                      "isolation.level",
                                                      "log.queue",
                                                      "metadata.broker.list",
                                                      "acks"};

// A producer warns of settings that only a consumer has, and the other way round.
Result<void> set(rd_kafka_conf_t* conf, const std::string& key, const std::string& value) {
  std::array<char, 512> why{};
  if (rd_kafka_conf_set(conf, key.c_str(), value.c_str(), why.data(), why.size()) != RD_KAFKA_CONF_OK)
    return fail(Code::bad_setting, why.data(), key);
  return {};
}

}  // namespace

Result<KafkaConf> make_conf(const KafkaConnection& connection, const KafkaOptions& ours) {
  KafkaConf conf(rd_kafka_conf_new());
  if (connection.brokers.empty()) return fail(Code::bad_setting, "no broker is named", "bootstrap.servers");
  if (auto done = set(conf.get(), "bootstrap.servers", connection.brokers); !done)
    return tl::unexpected(done.error());
  // A broker that comes back is found within two seconds. After a cut that nobody was told of, a connection
  // that is given up is quicker than TCP, which waits twice as long before each further try: librdkafka's own
  // limits of 60 and 30 s would let it.
  KafkaOptions all{{"client.id", "thap"},
                   {"socket.timeout.ms", "10000"},
                   {"socket.connection.setup.timeout.ms", "5000"},
                   {"reconnect.backoff.max.ms", "2000"},
                   {"log.connection.close", "false"},
                   {"log.queue", "true"}};
  all.insert(all.end(), ours.begin(), ours.end());
  for (const auto& [key, value] : all)
    if (auto done = set(conf.get(), key, value); !done) return tl::unexpected(done.error());
  for (const auto& [key, value] : connection.settings) {
    if (std::find(ours_alone.begin(), ours_alone.end(), key) != ours_alone.end())
      return fail(Code::bad_setting, "is set by thap, because what is counted depends on it", key);
    if (auto done = set(conf.get(), key, value); !done) return tl::unexpected(done.error());
  }
  return conf;
}

Result<KafkaHandle> make_handle(rd_kafka_type_t type, KafkaConf conf, const KafkaConnection& connection) {
  std::array<char, 512> why{};
  KafkaHandle handle(rd_kafka_new(type, conf.get(), why.data(), why.size()));
  if (!handle) return fail(Code::bad_setting, why.data(), connection.brokers);
  static_cast<void>(conf.release());  // the handle owns it now
  // Log lines wait in the queue that is polled, so that no other thread calls us.
  rd_kafka_set_log_queue(handle.get(), nullptr);
  return handle;
}

std::string fatal_text(rd_kafka_t* handle) {
  std::array<char, 512> why{};
  return rd_kafka_fatal_error(handle, why.data(), why.size()) == RD_KAFKA_RESP_ERR_NO_ERROR ? "" : why.data();
}

Result<void> check(const KafkaConnection& connection) {
  auto conf = make_conf(connection, {});
  if (!conf) return tl::unexpected(conf.error());
  return {};
}

Result<std::map<std::string, int>> topic_partitions(const KafkaConnection& connection,
                                                    const std::vector<std::string>& topics,
                                                    std::chrono::milliseconds deadline) {
  auto conf = make_conf(connection, {});
  if (!conf) return tl::unexpected(conf.error());
  rd_kafka_conf_set_log_cb(conf->get(), [](const rd_kafka_t*, int, const char*, const char*) {});
  // A certificate or password that is refused looks like a broker that is away, but for these.
  std::string refused;
  rd_kafka_conf_set_opaque(conf->get(), &refused);
  rd_kafka_conf_set_error_cb(conf->get(), [](rd_kafka_t*, int code, const char* text, void* self) {
    if (code == RD_KAFKA_RESP_ERR__SSL || code == RD_KAFKA_RESP_ERR__AUTHENTICATION)
      *static_cast<std::string*>(self) = text;
  });
  auto handle = make_handle(RD_KAFKA_PRODUCER, std::move(*conf), connection);
  if (!handle) return tl::unexpected(handle.error());
  // All topics: asking for one by its name may make it, where the broker makes topics by itself.
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto error =
      rd_kafka_metadata(handle->get(), 1, nullptr, &metadata, static_cast<int>(deadline.count()));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    rd_kafka_poll(handle->get(), 0);
    return fail(Code::unavailable, refused.empty() ? rd_kafka_err2str(error) : refused, connection.brokers);
  }
  const std::unique_ptr<const rd_kafka_metadata_t, FreedBy<rd_kafka_metadata_destroy>> owner(metadata);
  std::map<std::string, int> out;
  for (const auto& topic : topics) {
    out[topic] = 0;
    for (int i = 0; i < metadata->topic_cnt; ++i)
      if (topic == metadata->topics[i].topic) out[topic] = metadata->topics[i].partition_cnt;
  }
  return out;
}

}  // namespace thap::ingest
