// Posts from Kafka topics. In: topics and the positions of the store. Out: PostSource.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/author_key.h"
#include "ingest/kafka_connection.h"
#include "ingest/post_source.h"
#include "ingest/result.h"
#include "ingest/source_format.h"

namespace thap::ingest {

// Where a partition begins that the store has no position of. The group's own offsets count only where nobody
// says where to begin.
struct KafkaStart {
  enum class From : std::uint8_t { group, earliest, latest, time };
  From from{From::group};   // where the group stood; at the earliest record where it has not been
  std::int64_t time_ms{0};  // From::time: the first record at or after it
};

struct KafkaSettings {
  KafkaConnection connection;
  std::vector<std::string> topics;
  std::string group{"thap"};
  std::string instance{"thap"};  // static membership: a restart within 45 s moves no partition
  KafkaStart start;
  // Bytes fetched ahead. A queue of less than a second of data starves the consumer: librdkafka looks again
  // only after a second. 64 MB suits a live stream; catching up is faster with 1 GB.
  std::size_t queue_bytes{std::size_t{64} << 20};
  // A partition that has stood at its end for so long, while brokers answered, no longer holds back
  // decisions.
  std::chrono::milliseconds idle_after{1'000};
  std::shared_ptr<const DecoderSettings> decoder = std::make_shared<DecoderSettings>();
  AuthorKey author_key{AuthorKey::Bytes{}};
  // A sentence for people: broker away, broker back, partitions taken, records missing. Once per change, not
  // once per try. Called on the thread that calls next(), hold() or rewind().
  std::function<void(std::string_view)> on_notice = [](std::string_view) {};
};

// For metrics. Everything since the start; -1: not known yet.
struct KafkaGauges {
  std::uint64_t partitions{0};      // assigned now
  std::uint64_t assignments{0};     // how often we were given some
  std::uint64_t reread{0};          // records fetched again and dropped
  std::uint64_t lost_records{0};    // deleted by the broker before we read them
  std::uint64_t failed_commits{0};  // for lag tools only: a warning
  std::int64_t lag{-1};             // records in the topics that we have not read
  std::int64_t queued{-1};          // records fetched ahead
  std::int64_t queued_bytes{-1};
  std::int64_t rebalances{-1};
  std::int64_t brokers_up{-1};
  std::int64_t rtt_p99_us{-1};  // of the slowest broker
  bool is_waiting{true};        // for a broker, a topic or an assignment
};

// One consumer that owns the positions: they come from the store, which writes them with what it counted;
// what Kafka is told is for lag tools only. A partition starts at its stored position, else at the group's,
// else at `start`. Two such consumers with a store each must not share a group: each would hold a part of
// every count.
//
// The clock of a post is the largest record time of its partition so far; the watermark is that of
// kafka_partitions.h. While nobody calls next(), librdkafka's queue fills and it stops fetching; its own
// thread keeps the membership alive for at most five minutes (max.poll.interval.ms), hold() for as long as it
// is called. A partition taken away and given back goes on where it stood.
//
// next() never sets `end`. It fails, for good, with `closed` (another member has taken our instance name, and
// it was not ourselves before a broker's fault; or a fault librdkafka cannot mend) or `corrupt` (a topic ends
// before our position: made anew). A broker that is away is no failure: empty batches and one notice.
//
// Threads: one thread at a time calls everything; stop() may be called from any, also from a signal handler,
// gauges() from any.
class KafkaSource final : public PostSource {
 public:
  // Joins the group; nothing waits for the broker. Fails with `bad_setting`.
  static Result<std::unique_ptr<KafkaSource>> open(const KafkaSettings& settings,
                                                   const std::vector<SourcePosition>& stored);
  ~KafkaSource() override;  // close() with two seconds, where nobody has called it

  Result<SourceBatch> next(const BatchLimits& limits) override;
  void written(const std::vector<SourcePosition>& positions) override;
  // Pauses all partitions until next() and answers librdkafka meanwhile; what it still hands out is kept.
  bool hold(std::chrono::milliseconds wait) override;
  void stop() override;  // next() and hold() return at once, with what they have

  // Forgets what was handed out and goes on at `stored`, as opening anew would. Fails with `bad_setting`, or
  // as next() did.
  Result<void> rewind(const std::vector<SourcePosition>& stored);

  KafkaGauges gauges() const;  // as of the last next() or hold()

  // Tells Kafka the written positions and leaves. Fails with `unavailable` if librdkafka has not let go by
  // the deadline: then its threads still run, and the process should end by _exit.
  Result<void> close(std::chrono::milliseconds deadline);

 private:
  struct Impl;  // keeps librdkafka out of this header
  explicit KafkaSource(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// "earliest", "latest" or an RFC 3339 time; empty: where the group stood. Fails with `usage`.
Result<KafkaStart> kafka_start_from(std::string_view text);

}  // namespace thap::ingest
