#include "ingest/kafka_source.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <future>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "ingest/decoder.h"
#include "ingest/kafka_fetches.h"
#include "ingest/kafka_handles.h"
#include "ingest/kafka_partitions.h"
#include "ingest/time_parse.h"

namespace thap::ingest {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::chrono::seconds commit_every{5};
constexpr int lookup_timeout_ms = 10'000;
constexpr std::int16_t fetch_request = 1;             // its number in Kafka's protocol
constexpr std::uint64_t max_batch_bytes = 64u << 20;  // of payload: a batch of the largest records

std::string place_of(const std::string& topic, std::int32_t partition) {
  return topic + "/" + std::to_string(partition);
}

int remaining_ms(Clock::time_point until, Clock::time_point now) {
  if (until <= now) return 0;
  return static_cast<int>(std::chrono::ceil<milliseconds>(until - now).count());
}

KafkaOptions options_of(const KafkaSettings& settings) {
  const std::size_t kbytes = std::clamp<std::size_t>(settings.queue_bytes / 1024, 1'024, 2'000'000);
  return {{"group.id", settings.group},
          {"group.instance.id", settings.instance},
          {"enable.auto.commit", "false"},
          {"enable.auto.offset.store", "false"},
          {"auto.offset.reset", "error"},  // we decide what an unknown offset means
          {"isolation.level", "read_committed"},
          {"enable.partition.eof", "true"},
          {"partition.assignment.strategy", "cooperative-sticky"},
          {"session.timeout.ms", "45000"},
          {"max.poll.interval.ms", "300000"},
          {"statistics.interval.ms", "5000"},
          {"check.crcs", "true"},
          {"fetch.max.bytes", "8388608"},
          {"receive.message.max.bytes", "16777216"},
          {"queued.min.messages", std::to_string(std::clamp<std::size_t>(kbytes, 100'000, 1'000'000))},
          {"queued.max.messages.kbytes", std::to_string(kbytes)}};
}

}  // namespace

Result<KafkaStart> kafka_start_from(std::string_view text) {
  if (text.empty()) return KafkaStart{};
  if (text == "earliest") return KafkaStart{KafkaStart::From::earliest, 0};
  if (text == "latest") return KafkaStart{KafkaStart::From::latest, 0};
  if (const auto ms = parse_rfc3339(text)) return KafkaStart{KafkaStart::From::time, *ms};
  return fail(Code::usage, "is neither earliest, latest nor a time such as 2026-10-25T08:00:00Z",
              std::string(text));
}

struct KafkaSource::Impl {
  Impl(const KafkaSettings& given, const std::vector<SourcePosition>& stored)
      : settings(given),
        partitions(given.topics, given.idle_after, stored),
        decoder(given.decoder, given.author_key) {}

  // ---- librdkafka calls these inside a poll, on our thread. Nothing may be thrown through it.
  template <class Work>
  static void guarded(void* self, Work work) noexcept {
    Impl& impl = *static_cast<Impl*>(self);
    try {
      work(impl);
    } catch (const std::exception& thrown) {
      impl.fail_for_good(Code::closed, thrown.what());
    }
  }
  static void on_rebalance(rd_kafka_t*, rd_kafka_resp_err_t why, rd_kafka_topic_partition_list_t* list,
                           void* self) {
    guarded(self, [&](Impl& impl) { impl.rebalance(why, list); });
  }
  static void on_error(rd_kafka_t*, int code, const char* text, void* self) {
    guarded(self, [&](Impl& impl) { impl.report(static_cast<rd_kafka_resp_err_t>(code), text); });
  }
  static int on_statistics(rd_kafka_t*, char* json, std::size_t size, void* self) {
    guarded(self, [&](Impl& impl) { impl.read_statistics({json, size}); });
    return 0;  // librdkafka frees the text
  }
  static void on_commit(rd_kafka_t*, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t*,
                        void* self) {
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR && error != RD_KAFKA_RESP_ERR__NO_OFFSET)
      ++static_cast<Impl*>(self)->gauges.failed_commits;
  }
  static void on_log(const rd_kafka_t*, int, const char*, const char*) {}  // what matters comes as an error
  // Called by librdkafka's threads, before what the answer holds is handed out.
  static rd_kafka_resp_err_t on_answer(rd_kafka_t*, int, const char*, std::int32_t broker,
                                       std::int16_t request, std::int16_t, std::int32_t, std::size_t,
                                       std::int64_t, rd_kafka_resp_err_t error, void* self) {
    if (request == fetch_request && error == RD_KAFKA_RESP_ERR_NO_ERROR)
      static_cast<Impl*>(self)->fetch_watch.answered(broker, Clock::now());
    return RD_KAFKA_RESP_ERR_NO_ERROR;
  }
  static rd_kafka_resp_err_t on_new(rd_kafka_t* handle, const rd_kafka_conf_t*, void* self, char*,
                                    std::size_t) {
    return rd_kafka_interceptor_add_on_response_received(handle, "thap", on_answer, self);
  }

  Result<void> open();
  Result<void> open_once_more();
  Result<void> join_anew();
  Result<void> rewind(const std::vector<SourcePosition>& stored);
  Result<SourceBatch> next(const BatchLimits& limits);
  bool hold(milliseconds wait);
  void pause_all();
  void resume(const std::vector<KafkaPartitions::Index>& which);
  Result<void> close(milliseconds deadline);

  void rebalance(rd_kafka_resp_err_t why, rd_kafka_topic_partition_list_t* list);
  void assign(rd_kafka_topic_partition_list_t* list);
  void revoke(rd_kafka_topic_partition_list_t* list);
  Result<void> find_starts(rd_kafka_topic_partition_list_t& list);
  Result<void> find_first_starts(rd_kafka_topic_partition_list_t& unknown);
  void take(const rd_kafka_message_t& message, SourceBatch& batch);
  void take_record(const rd_kafka_message_t& message, SourceBatch& batch);
  void restart_lost(const std::string& topic, std::int32_t partition);
  void restart_at(const std::string& topic, std::int32_t partition, std::int64_t offset);
  void tell_kafka(bool wait);
  void report(rd_kafka_resp_err_t error, std::string_view text);
  void reading_again(std::string_view how);
  void read_statistics(std::string_view json);
  void show_gauges() {
    const std::lock_guard lock(shown_mutex);
    shown = gauges;
  }
  void fail_for_good(Code code, std::string text, std::string place = {}) {
    if (!failed) failed = Error{code, std::move(text), std::move(place)};
  }
  bool is_cooperative() const {
    const char* protocol = rd_kafka_rebalance_protocol(handle.get());
    return protocol != nullptr && std::string_view(protocol) == "COOPERATIVE";
  }
  KafkaPartitions::Index index_of(const rd_kafka_message_t& message);

  KafkaSettings settings;
  KafkaPartitions partitions;
  Decoder decoder;
  KafkaGauges gauges;
  std::optional<Error> failed;
  bool is_fenced{false};  // `failed` says that our instance name is another's
  std::optional<Clock::time_point> opened_anew_at;
  const Clock::time_point started_at = Clock::now();
  std::set<rd_kafka_resp_err_t> reported;  // since records came last
  std::optional<Clock::time_point> reported_at;
  std::uint64_t taken{0};           // records so far
  std::uint64_t fetched_before{0};  // as many lay here when the fault came: they do not prove that it is over
  bool may_commit{false};           // not between a revoke and the next assign (#4059, until 2.10.0)
  bool was_assigned{false};
  bool is_abandoned{false};  // librdkafka's threads may still call into this object: it stays for good
  Clock::time_point committed_at{Clock::now()};
  std::set<KafkaPartitions::Index> paused;  // by us: resuming any other jumps back (#4686, until 2.4.0)
  FetchWatch fetch_watch;
  mutable std::mutex shown_mutex;
  KafkaGauges shown;  // `gauges` for other threads
  std::vector<Header> headers;
  // Of the message before: its partition is mostly that of the next.
  const rd_kafka_topic_t* last_topic{nullptr};
  std::int32_t last_partition{-1};
  KafkaPartitions::Index last_index{0};
  std::atomic<bool> is_stopped{false};
  static_assert(std::atomic<bool>::is_always_lock_free);  // a signal handler may stop us
  KafkaHandle handle;                  // destroyed before all of the above: it calls into it
  std::deque<KafkaMessage> kept_back;  // came in hold(); destroyed before the handle
};

Result<void> KafkaSource::Impl::open() {
  auto conf = make_conf(settings.connection, options_of(settings));
  if (!conf) return tl::unexpected(conf.error());
  rd_kafka_conf_set_opaque(conf->get(), this);
  rd_kafka_conf_set_rebalance_cb(conf->get(), on_rebalance);
  rd_kafka_conf_set_error_cb(conf->get(), on_error);
  rd_kafka_conf_set_stats_cb(conf->get(), on_statistics);
  rd_kafka_conf_set_offset_commit_cb(conf->get(), on_commit);
  rd_kafka_conf_set_log_cb(conf->get(), on_log);
  rd_kafka_conf_interceptor_add_on_new(conf->get(), "thap", on_new, this);
  auto made = make_handle(RD_KAFKA_CONSUMER, std::move(*conf), settings.connection);
  if (!made) return tl::unexpected(made.error());
  handle = std::move(*made);
  rd_kafka_poll_set_consumer(handle.get());

  const PartitionList wanted(rd_kafka_topic_partition_list_new(static_cast<int>(settings.topics.size())));
  for (const auto& topic : settings.topics)
    rd_kafka_topic_partition_list_add(wanted.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  if (const auto error = rd_kafka_subscribe(handle.get(), wanted.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return fail(Code::bad_setting, rd_kafka_err2str(error), settings.topics.front());
  return {};
}

// Without leaving the group and without callbacks; the new handle takes the name over.
Result<void> KafkaSource::Impl::open_once_more() {
  kept_back.clear();
  paused.clear();
  if (handle) rd_kafka_destroy_flags(handle.release(), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  last_topic = nullptr;
  may_commit = false;
  partitions.revoked_all();
  return open();
}

// A member whose broker went away while it joined can be told that its own second try is another member, and
// a request that was cut off can be answered after it has joined anew and reads again; so can one of a
// process that was killed and whose place we have taken. So a fence within a minute of a fault or of our
// start is taken for that, once: where somebody else does have our name, it comes again.
Result<void> KafkaSource::Impl::join_anew() {
  is_fenced = false;
  failed.reset();
  opened_anew_at = Clock::now();
  settings.on_notice("the group has taken us for another member: joining anew");
  return open_once_more();
}

Result<void> KafkaSource::Impl::rewind(const std::vector<SourcePosition>& stored) {
  if (failed) return tl::unexpected(*failed);
  auto opened = open_once_more();
  partitions = KafkaPartitions(settings.topics, settings.idle_after, stored);
  return opened;
}

// Until next(), nothing is fetched; what librdkafka wants of us meanwhile it gets.
bool KafkaSource::Impl::hold(milliseconds wait) {
  if (failed || !handle) return false;
  pause_all();
  const auto until = Clock::now() + wait;
  for (auto now = Clock::now(); now < until && !is_stopped && !failed; now = Clock::now())
    if (KafkaMessage message{rd_kafka_consumer_poll(handle.get(), remaining_ms(until, now))})
      kept_back.push_back(std::move(message));
  show_gauges();
  return true;
}

void KafkaSource::Impl::pause_all() {
  const PartitionList wanted(rd_kafka_topic_partition_list_new(1));
  for (const auto at : partitions.assigned_ones())
    if (paused.insert(at).second) {
      const auto& position = partitions.position(at);
      rd_kafka_topic_partition_list_add(wanted.get(), position.source.c_str(), position.partition);
    }
  if (wanted->cnt > 0) rd_kafka_pause_partitions(handle.get(), wanted.get());
}

void KafkaSource::Impl::resume(const std::vector<KafkaPartitions::Index>& which) {
  const PartitionList wanted(rd_kafka_topic_partition_list_new(1));
  for (const auto at : which)
    if (paused.erase(at) > 0) {
      const auto& position = partitions.position(at);
      rd_kafka_topic_partition_list_add(wanted.get(), position.source.c_str(), position.partition);
    }
  if (wanted->cnt > 0) rd_kafka_resume_partitions(handle.get(), wanted.get());
}

Result<SourceBatch> KafkaSource::Impl::next(const BatchLimits& limits) {
  SourceBatch batch;
  if (!paused.empty()) resume({paused.begin(), paused.end()});
  batch.posts.reserve(std::min<std::size_t>(limits.max_posts, 10'000));
  const std::size_t max_records = limits.max_posts * 4;
  auto now = Clock::now();
  if (may_commit && now - committed_at >= commit_every) {
    committed_at = now;
    tell_kafka(false);
  }
  // A partition that becomes idle lets the watermark move: that is news, too.
  auto until = now + limits.max_wait;
  if (const auto idle = partitions.idle_at(fetch_watch.fetches(now), now)) until = std::min(until, *idle);
  while (!failed && !is_stopped && batch.posts.size() < limits.max_posts && batch.records < max_records &&
         batch.bytes < max_batch_bytes) {
    KafkaMessage message;
    if (kept_back.empty()) {
      message.reset(rd_kafka_consumer_poll(handle.get(), remaining_ms(until, now)));
    } else {
      message = std::move(kept_back.front());
      kept_back.pop_front();
    }
    if (message) take(*message, batch);
    now = Clock::now();
    if (now >= until) break;
  }
  // What was read before the fault is handed out; the fault comes with the next call.
  if (failed && batch.records == 0) {
    const auto is_recent = [&](const std::optional<Clock::time_point>& at) {
      return at && now - *at < std::chrono::minutes(1);
    };
    const bool may_be_old = is_recent(reported_at) || is_recent(started_at);
    if (!is_fenced || !may_be_old || is_recent(opened_anew_at)) return tl::unexpected(*failed);
    if (auto opened = join_anew(); !opened) return tl::unexpected(opened.error());
  }
  if (batch.records > 0 && taken > fetched_before) reading_again("records are coming again");
  gauges.partitions = partitions.assigned_count();
  batch.positions = partitions.take_moved();
  batch.watermark_ms = partitions.watermark_ms(fetch_watch.fetches(now));
  show_gauges();
  return batch;
}

KafkaPartitions::Index KafkaSource::Impl::index_of(const rd_kafka_message_t& message) {
  if (message.rkt != last_topic || message.partition != last_partition) {
    last_topic = message.rkt;
    last_partition = message.partition;
    last_index = partitions.index(rd_kafka_topic_name(message.rkt), message.partition);
  }
  return last_index;
}

void KafkaSource::Impl::take(const rd_kafka_message_t& message, SourceBatch& batch) {
  switch (message.err) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return take_record(message, batch);
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      return partitions.reached_end(index_of(message), message.offset, Clock::now());
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      return restart_lost(rd_kafka_topic_name(message.rkt), message.partition);
    default:
      report(message.err, rd_kafka_message_errstr(&message));
  }
}

void KafkaSource::Impl::take_record(const rd_kafka_message_t& message, SourceBatch& batch) {
  rd_kafka_timestamp_type_t type{};
  std::optional<std::int64_t> time_ms = rd_kafka_message_timestamp(&message, &type);
  if (type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || *time_ms < 0 || *time_ms > last_time_ms) time_ms.reset();
  ++taken;
  const auto at = index_of(message);
  const auto clock_ms = partitions.take(at, message.offset, time_ms);
  if (!clock_ms) return void(++gauges.reread);

  headers.clear();
  rd_kafka_headers_t* list = nullptr;  // belongs to the message
  if (rd_kafka_message_headers(&message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0;
         rd_kafka_header_get_all(list, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
      headers.push_back({name, {static_cast<const char*>(value), value == nullptr ? 0 : size}});
  }
  Record record;
  record.source = partitions.position(at).source;
  record.partition = message.partition;
  record.offset = message.offset;
  record.has_value = message.payload != nullptr;
  if (record.has_value) record.payload = {static_cast<const char*>(message.payload), message.len};
  if (message.key != nullptr) record.key = {static_cast<const char*>(message.key), message.key_len};
  record.headers = headers;
  record.kafka_ms = time_ms;
  record.clock_ms = *clock_ms;
  Decoded decoded = decoder.decode(record);
  if (Post* post = std::get_if<Post>(&decoded.outcome); post != nullptr && post->clock_ms != *clock_ms)
    decoder.set_clock(*post, *clock_ms);
  batch.bytes += message.len;
  add(std::move(decoded), batch);
}

// ---- Who reads what

void KafkaSource::Impl::rebalance(rd_kafka_resp_err_t why, rd_kafka_topic_partition_list_t* list) {
  last_topic = nullptr;
  if (why == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) return assign(list);
  if (why == RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS) return revoke(list);
  rd_kafka_assign(handle.get(), nullptr);
  report(why, "the group could not share out its partitions");
}

void KafkaSource::Impl::assign(rd_kafka_topic_partition_list_t* list) {
  if (auto found = find_starts(*list); !found)
    return fail_for_good(found.error().code, found.error().text, found.error().place);
  if (is_cooperative()) {
    const KafkaError refused(rd_kafka_incremental_assign(handle.get(), list));
    if (refused) return fail_for_good(Code::closed, rd_kafka_error_string(refused.get()));
  } else if (const auto error = rd_kafka_assign(handle.get(), list); error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return fail_for_good(Code::closed, rd_kafka_err2str(error));
  }
  may_commit = true;
  committed_at = Clock::now();
  if (list->cnt == 0) return;  // part of a rebalance in several rounds
  for (int i = 0; i < list->cnt; ++i)
    partitions.assigned(partitions.index(list->elems[i].topic, list->elems[i].partition));
  ++gauges.assignments;
  gauges.partitions = partitions.assigned_count();
  if (was_assigned)
    settings.on_notice("given " + std::to_string(list->cnt) + " partitions, reading " +
                       std::to_string(gauges.partitions));
  was_assigned = true;
}

// What was handed out of these partitions stays handed out: the batch it is in is written with its positions.
void KafkaSource::Impl::revoke(rd_kafka_topic_partition_list_t* list) {
  const bool is_lost = rd_kafka_assignment_lost(handle.get()) != 0;
  if (may_commit && !is_lost) tell_kafka(false);
  may_commit = false;
  std::vector<KafkaPartitions::Index> gone;
  for (int i = 0; i < list->cnt; ++i)
    gone.push_back(partitions.index(list->elems[i].topic, list->elems[i].partition));
  resume(gone);  // librdkafka remembers a pause beyond the assignment
  for (const auto at : gone) partitions.revoked(at);
  gauges.partitions = partitions.assigned_count();
  if (is_cooperative())
    const KafkaError ignored(rd_kafka_incremental_unassign(handle.get(), list));
  else
    rd_kafka_assign(handle.get(), nullptr);
  if (list->cnt > 0 && !is_stopped)
    settings.on_notice(std::to_string(list->cnt) + (is_lost ? " partitions lost" : " partitions taken away") +
                       ": nothing is decided until they are back");
}

// Fills in where every partition begins.
Result<void> KafkaSource::Impl::find_starts(rd_kafka_topic_partition_list_t& list) {
  const PartitionList unknown(rd_kafka_topic_partition_list_new(list.cnt));
  for (int i = 0; i < list.cnt; ++i) {
    auto& one = list.elems[i];
    const auto at = partitions.index(one.topic, one.partition);
    if (partitions.is_known(at))
      one.offset = partitions.position(at).next;
    else
      rd_kafka_topic_partition_list_add(unknown.get(), one.topic, one.partition);
  }
  if (unknown->cnt == 0) return {};
  if (auto found = find_first_starts(*unknown); !found) return found;
  for (int i = 0; i < unknown->cnt; ++i) {
    const auto& one = unknown->elems[i];
    rd_kafka_topic_partition_list_find(&list, one.topic, one.partition)->offset = one.offset;
    if (one.offset >= 0) partitions.starts_at(partitions.index(one.topic, one.partition), one.offset);
  }
  return {};
}

// Blocks for a few round trips, once in the life of a store: heartbeats go on meanwhile.
Result<void> KafkaSource::Impl::find_first_starts(rd_kafka_topic_partition_list_t& unknown) {
  const auto failure = [&](rd_kafka_resp_err_t error) {
    return fail(Code::closed, std::string("cannot ask where to begin: ") + rd_kafka_err2str(error),
                unknown.elems[0].topic);
  };
  if (settings.start.from == KafkaStart::From::group)
    if (const auto error = rd_kafka_committed(handle.get(), &unknown, lookup_timeout_ms);
        error != RD_KAFKA_RESP_ERR_NO_ERROR)
      return failure(error);
  int known_to_group = 0;
  for (int i = 0; i < unknown.cnt; ++i) known_to_group += unknown.elems[i].offset >= 0;
  if (known_to_group > 0)
    settings.on_notice("the store has no position of " + std::to_string(known_to_group) +
                       " partitions: going on where the group \"" + settings.group +
                       "\" stood; --from says otherwise");
  const PartitionList times(rd_kafka_topic_partition_list_new(unknown.cnt));
  for (int i = 0; i < unknown.cnt; ++i) {
    auto& one = unknown.elems[i];
    if (one.offset >= 0) continue;
    std::int64_t low = 0, high = 0;
    if (const auto error = rd_kafka_query_watermark_offsets(handle.get(), one.topic, one.partition, &low,
                                                            &high, lookup_timeout_ms);
        error != RD_KAFKA_RESP_ERR_NO_ERROR)
      return failure(error);
    const bool at_the_end =
        settings.start.from == KafkaStart::From::latest || settings.start.from == KafkaStart::From::time;
    one.offset = at_the_end ? high : low;
    if (settings.start.from == KafkaStart::From::time)
      rd_kafka_topic_partition_list_add(times.get(), one.topic, one.partition)->offset =
          settings.start.time_ms;
  }
  if (times->cnt == 0) return {};
  if (const auto error = rd_kafka_offsets_for_times(handle.get(), times.get(), lookup_timeout_ms);
      error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return failure(error);
  for (int i = 0; i < times->cnt; ++i) {
    const auto& one = times->elems[i];  // -1: no record so late, the end is right
    if (one.offset >= 0)
      rd_kafka_topic_partition_list_find(&unknown, one.topic, one.partition)->offset = one.offset;
  }
  return {};
}

// The broker does not have the offset we asked for.
void KafkaSource::Impl::restart_lost(const std::string& topic, std::int32_t partition) {
  const auto at = partitions.index(topic, partition);
  const std::int64_t next = partitions.position(at).next;
  std::int64_t low = 0, high = 0;
  const auto error = rd_kafka_query_watermark_offsets(handle.get(), topic.c_str(), partition, &low, &high,
                                                      lookup_timeout_ms);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return report(error, "cannot ask for the first record of " + place_of(topic, partition));
  if (next > high)
    return fail_for_good(Code::corrupt,
                         "ends at " + std::to_string(high) + " but " + std::to_string(next) +
                             " was read before: the topic was made anew; start with another store",
                         place_of(topic, partition));
  if (next < low) {
    gauges.lost_records += static_cast<std::uint64_t>(low - next);
    settings.on_notice(place_of(topic, partition) + ": " + std::to_string(low - next) +
                       " records were deleted before they were read; going on at " + std::to_string(low));
    partitions.starts_at(at, low);
  }
  restart_at(topic, partition, std::max(next, low));
}

// Through assign, not seek: seeking has faults in 2.0.2 (#4230).
void KafkaSource::Impl::restart_at(const std::string& topic, std::int32_t partition, std::int64_t offset) {
  if (is_cooperative()) {
    const PartitionList one(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(one.get(), topic.c_str(), partition)->offset = offset;
    const KafkaError first(rd_kafka_incremental_unassign(handle.get(), one.get()));
    const KafkaError second(rd_kafka_incremental_assign(handle.get(), one.get()));
    if (second) fail_for_good(Code::closed, rd_kafka_error_string(second.get()), place_of(topic, partition));
    return;
  }
  rd_kafka_topic_partition_list_t* held = nullptr;
  if (rd_kafka_assignment(handle.get(), &held) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const PartitionList all(held);
  for (int i = 0; i < all->cnt; ++i) {
    const auto at = partitions.index(all->elems[i].topic, all->elems[i].partition);
    all->elems[i].offset = partitions.position(at).next;
  }
  rd_kafka_assign(handle.get(), all.get());
}

void KafkaSource::Impl::tell_kafka(bool wait) {
  const auto untold = partitions.take_untold();
  if (untold.empty()) return;
  const PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(untold.size())));
  for (const auto& position : untold)
    rd_kafka_topic_partition_list_add(list.get(), position.source.c_str(), position.partition)->offset =
        position.next;
  const auto error = rd_kafka_commit(handle.get(), list.get(), wait ? 0 : 1);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) ++gauges.failed_commits;
}

// ---- How it goes

void KafkaSource::Impl::report(rd_kafka_resp_err_t error, std::string_view text) {
  if (error == RD_KAFKA_RESP_ERR__FATAL || error == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID) {
    const std::string why = fatal_text(handle.get());
    is_fenced = error == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID || why.find("FENCED") != std::string::npos ||
                why.find("fenced") != std::string::npos;
    return fail_for_good(Code::closed, is_fenced ? "another thap has joined the group \"" + settings.group +
                                                       "\" as \"" + settings.instance + "\""
                                       : why.empty() ? std::string(text)
                                                     : why);
  }
  gauges.is_waiting = true;
  reported_at = Clock::now();
  const KafkaQueue queue(rd_kafka_queue_get_consumer(handle.get()));
  fetched_before = taken + rd_kafka_queue_length(queue.get());
  // One broker that goes is told by the others; a name that does not resolve comes again with every try.
  if (error == RD_KAFKA_RESP_ERR__TRANSPORT || !reported.insert(error).second) return;
  if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
    settings.on_notice("no broker answers at " + settings.connection.brokers +
                       ": waiting; nothing opens, eases or ends meanwhile");
  else
    settings.on_notice(std::string(text) + ": waiting");
}

void KafkaSource::Impl::reading_again(std::string_view how) {
  gauges.is_waiting = false;
  if (reported.empty()) return;
  reported.clear();
  settings.on_notice(how);
}

void KafkaSource::Impl::read_statistics(std::string_view text) {
  using nlohmann::json;
  const json root = json::parse(text, nullptr, false);
  const json nothing = json::object();
  const auto object = [&](const json& in, const std::string& key) -> const json& {
    const auto found = in.find(key);
    return found != in.end() && found->is_object() ? *found : nothing;
  };
  const auto number = [](const json& in, const std::string& key) -> std::int64_t {
    const auto found = in.find(key);
    return found != in.end() && found->is_number_integer() ? found->get<std::int64_t>() : -1;
  };
  if (!root.is_object()) return;
  std::int64_t lag = 0, queued = 0, queued_bytes = 0;
  for (const auto& [topic, figures] : object(root, "topics").items())
    for (const auto& [name, one] : object(figures, "partitions").items()) {
      const auto partition = number(one, "partition"), end = number(one, "ls_offset");
      if (partition < 0) continue;  // librdkafka's own, for records without a partition
      queued += std::max<std::int64_t>(0, number(one, "fetchq_cnt"));
      queued_bytes += std::max<std::int64_t>(0, number(one, "fetchq_size"));
      const auto at = partitions.find(topic, static_cast<std::int32_t>(partition));
      if (end >= 0 && at && partitions.is_known(*at))
        lag += std::max<std::int64_t>(0, end - partitions.position(*at).next);
    }
  std::int64_t up = 0, rtt = -1;
  for (const auto& [name, broker] : object(root, "brokers").items()) {
    up += number(broker, "nodeid") >= 0 && broker.contains("state") && broker["state"] == "UP";
    rtt = std::max(rtt, number(object(broker, "rtt"), "p99"));
  }
  // Where no records come, nothing else tells that the broker is back.
  if (up > 0 && gauges.brokers_up == 0 && reported_at &&
      Clock::now() - *reported_at > std::chrono::seconds(1))
    reading_again("a broker answers again");
  gauges.lag = lag;
  gauges.queued = queued;
  gauges.queued_bytes = queued_bytes;
  gauges.brokers_up = up;
  gauges.rtt_p99_us = rtt;
  gauges.rebalances = number(object(root, "cgrp"), "rebalance_cnt");
}

Result<void> KafkaSource::Impl::close(milliseconds deadline) {
  if (!handle) return {};
  is_stopped = true;
  const auto until = Clock::now() + deadline;
  kept_back.clear();
  const auto late = [&] {
    static_cast<void>(handle.release());
    is_abandoned = true;
    return fail(Code::unavailable, "librdkafka does not let go", settings.connection.brokers);
  };
  // Closing before the first assignment can crash (#4381, until 2.3.0).
  if (was_assigned) {
    if (may_commit) tell_kafka(false);
    const KafkaQueue queue(rd_kafka_queue_new(handle.get()));
    const KafkaError refused(rd_kafka_consumer_close_queue(handle.get(), queue.get()));
    while (!refused && rd_kafka_consumer_closed(handle.get()) == 0 && Clock::now() < until)
      // Not rd_kafka_queue_poll_callback(): a record or fault that still lies there would end the process.
      const KafkaMessage rest(rd_kafka_consume_queue(queue.get(), 20));
    if (!refused && rd_kafka_consumer_closed(handle.get()) == 0) return late();
  }
  std::promise<void> done;
  auto is_done = done.get_future();
  std::thread([owned = std::move(handle), told = std::move(done)]() mutable {
    owned.reset();
    told.set_value();
  }).detach();
  if (is_done.wait_until(std::max(until, Clock::now() + milliseconds(100))) == std::future_status::ready)
    return {};
  is_abandoned = true;
  return fail(Code::unavailable, "librdkafka does not let go", settings.connection.brokers);
}

KafkaSource::KafkaSource(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
KafkaSource::~KafkaSource() {
  if (!impl_) return;
  if (impl_->handle) static_cast<void>(impl_->close(std::chrono::seconds(2)));
  if (impl_->is_abandoned) static_cast<void>(impl_.release());
}

Result<std::unique_ptr<KafkaSource>> KafkaSource::open(const KafkaSettings& settings,
                                                       const std::vector<SourcePosition>& stored) {
  if (settings.topics.empty()) return fail(Code::bad_setting, "no topic is named", "topic");
  auto impl = std::make_unique<Impl>(settings, stored);
  if (auto opened = impl->open(); !opened) return tl::unexpected(opened.error());
  return std::unique_ptr<KafkaSource>(new KafkaSource(std::move(impl)));
}

Result<SourceBatch> KafkaSource::next(const BatchLimits& limits) { return impl_->next(limits); }
void KafkaSource::stop() { impl_->is_stopped = true; }
bool KafkaSource::hold(milliseconds wait) { return impl_->hold(wait); }
void KafkaSource::written(const std::vector<SourcePosition>& positions) {
  impl_->partitions.is_written(positions);
}
Result<void> KafkaSource::rewind(const std::vector<SourcePosition>& stored) { return impl_->rewind(stored); }
KafkaGauges KafkaSource::gauges() const {
  const std::lock_guard lock(impl_->shown_mutex);
  return impl_->shown;
}
Result<void> KafkaSource::close(milliseconds deadline) { return impl_->close(deadline); }

}  // namespace thap::ingest
