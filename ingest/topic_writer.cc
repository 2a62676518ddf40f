#include "ingest/topic_writer.h"

#include <algorithm>
#include <array>

#include "ingest/kafka_handles.h"

namespace thap::ingest {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::chrono::seconds wait_for_room{5};

// The opaque of a message is a pointer; a ticket goes through it.
void* to_opaque(std::uint64_t ticket) { return reinterpret_cast<void*>(static_cast<std::uintptr_t>(ticket)); }
std::uint64_t from_opaque(void* opaque) { return reinterpret_cast<std::uintptr_t>(opaque); }

}  // namespace

struct TopicWriter::Impl {
  explicit Impl(KafkaConnection given) : connection(std::move(given)) {}

  static void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
    Impl& impl = *static_cast<Impl*>(self);
    Delivery delivery{from_opaque(message->_private), std::nullopt};
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
      delivery.failed =
          Error{Code::unavailable, rd_kafka_err2str(message->err), rd_kafka_topic_name(message->rkt)};
    else
      impl.is_reached = true;
    --impl.under_way;
    impl.deliveries.push_back(std::move(delivery));
  }
  static void on_error(rd_kafka_t*, int code, const char*, void* self) {
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) static_cast<Impl*>(self)->is_reached = false;
  }
  static void on_log(const rd_kafka_t*, int, const char*, const char*) {}

  Result<void> open();
  Result<void> renew_if_fatal();
  void poll(int wait_ms) { rd_kafka_poll(handle.get(), wait_ms); }
  // What is still under way is reported as failed.
  void give_up() {
    rd_kafka_purge(handle.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_flush(handle.get(), 1'000);
  }

  KafkaConnection connection;
  std::vector<Delivery> deliveries;
  std::uint64_t next_ticket{1};
  std::size_t under_way{0};
  bool is_reached{true};
  KafkaHandle handle;  // destroyed first: it calls into all of the above
};

Result<void> TopicWriter::Impl::open() {
  // No time-out of messages: a fatal sequence error follows it in 2.0.2 (#4438).
  auto conf = make_conf(connection, {{"enable.idempotence", "true"},
                                     {"acks", "all"},
                                     {"message.timeout.ms", "0"},
                                     {"linger.ms", "5"},
                                     {"compression.codec", "lz4"},
                                     {"partitioner", "murmur2_random"},  // as Java's clients do
                                     {"message.max.bytes", "8000000"}});
  if (!conf) return tl::unexpected(conf.error());
  rd_kafka_conf_set_opaque(conf->get(), this);
  rd_kafka_conf_set_dr_msg_cb(conf->get(), on_delivery);
  rd_kafka_conf_set_error_cb(conf->get(), on_error);
  rd_kafka_conf_set_log_cb(conf->get(), on_log);
  auto made = make_handle(RD_KAFKA_PRODUCER, std::move(*conf), connection);
  if (!made) return tl::unexpected(made.error());
  handle = std::move(*made);
  return {};
}

// A producer that lost its place among the broker's sequence numbers stays so: another one goes on.
Result<void> TopicWriter::Impl::renew_if_fatal() {
  if (fatal_text(handle.get()).empty()) return {};
  give_up();
  handle.reset();
  return open();
}

TopicWriter::TopicWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TopicWriter::~TopicWriter() {
  if (impl_ && impl_->under_way > 0) impl_->give_up();
}

Result<std::unique_ptr<TopicWriter>> TopicWriter::open(const KafkaConnection& connection) {
  auto impl = std::make_unique<Impl>(connection);
  if (auto opened = impl->open(); !opened) return tl::unexpected(opened.error());
  return std::unique_ptr<TopicWriter>(new TopicWriter(std::move(impl)));
}

Result<std::uint64_t> TopicWriter::send(const TopicRecord& record) {
  if (auto renewed = impl_->renew_if_fatal(); !renewed) return tl::unexpected(renewed.error());
  const std::uint64_t ticket = impl_->next_ticket++;
  const auto until = Clock::now() + wait_for_room;
  for (;;) {
    rd_kafka_headers_t* headers = rd_kafka_headers_new(record.headers.size());
    for (const auto& [name, value] : record.headers)
      rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                          static_cast<ssize_t>(value.size()));
    const auto error = rd_kafka_producev(
        impl_->handle.get(), RD_KAFKA_V_TOPIC(record.topic.c_str()), RD_KAFKA_V_PARTITION(record.partition),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY(record.key.empty() ? nullptr : record.key.data(), record.key.size()),
        RD_KAFKA_V_VALUE(record.has_value ? const_cast<char*>(record.value.data()) : nullptr,
                         record.has_value ? record.value.size() : 0),
        RD_KAFKA_V_TIMESTAMP(record.timestamp_ms.value_or(0)), RD_KAFKA_V_HEADERS(headers),
        RD_KAFKA_V_OPAQUE(to_opaque(ticket)), RD_KAFKA_V_END);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) break;  // the headers are librdkafka's now
    rd_kafka_headers_destroy(headers);
    if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL)
      return fail(error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE ? Code::bad_input : Code::unavailable,
                  rd_kafka_err2str(error), record.topic);
    if (Clock::now() > until)
      return fail(Code::unavailable, "no room to send: is the broker away?", record.topic);
    impl_->poll(100);
  }
  ++impl_->under_way;
  impl_->poll(0);
  return ticket;
}

std::vector<Delivery> TopicWriter::take_deliveries() {
  impl_->poll(0);
  return std::exchange(impl_->deliveries, {});
}

Result<void> TopicWriter::flush(milliseconds deadline) {
  const auto until = Clock::now() + deadline;
  while (impl_->under_way > 0) {
    if (!fatal_text(impl_->handle.get()).empty()) {
      impl_->give_up();
      break;
    }
    if (Clock::now() >= until)
      return fail(Code::unavailable, std::to_string(impl_->under_way) + " records are not acknowledged yet",
                  impl_->connection.brokers);
    // Flushing sends at once what else waits for company, and serves the reports.
    rd_kafka_flush(impl_->handle.get(),
                   static_cast<int>(std::min<std::int64_t>(
                       200, std::chrono::ceil<milliseconds>(until - Clock::now()).count())));
  }
  return {};
}

std::size_t TopicWriter::under_way() const { return impl_->under_way; }
bool TopicWriter::is_reached() const { return impl_->is_reached; }

}  // namespace thap::ingest
