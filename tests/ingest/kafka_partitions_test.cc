// Where reading goes on and how far the watermark has come, whatever the broker sends.
#include "ingest/kafka_partitions.h"

#include <gtest/gtest.h>

#include "ingest/dead_letters.h"
#include "ingest/kafka_connection.h"
#include "ingest/kafka_fetches.h"
#include "ingest/kafka_source.h"
#include "ingest/topic_writer.h"

namespace thap::ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const std::vector<std::string> topics{"posts"};
using Fetches = KafkaPartitions::Fetches;
const KafkaPartitions::Instant start{};

// Answered all the time up to `now`.
Fetches steady(KafkaPartitions::Instant now) { return {start, now, true}; }

TEST(KafkaPartitions, DropsWhatWasReadBeforeAndAcceptsGaps) {
  KafkaPartitions partitions(topics, seconds(1), {{"posts", 0, 10, 5'000}});
  const auto at = partitions.index("posts", 0);
  EXPECT_FALSE(partitions.take(at, 9, 4'000)) << "a stored position is the next one to read";
  EXPECT_TRUE(partitions.take(at, 10, 6'000));
  EXPECT_FALSE(partitions.take(at, 10, 6'000)) << "fetched again from a stale position (#4636)";
  EXPECT_TRUE(partitions.take(at, 14, 7'000)) << "transaction markers and compaction leave gaps";
  EXPECT_EQ(partitions.position(at).next, 15);
}

TEST(KafkaPartitions, AClockNeverGoesBack) {
  KafkaPartitions partitions(topics, seconds(1), {{"posts", 0, 10, 5'000}});
  const auto at = partitions.index("posts", 0);
  EXPECT_EQ(partitions.take(at, 10, 4'000), 5'000) << "also not over a restart";
  EXPECT_EQ(partitions.take(at, 11, 9'000), 9'000);
  EXPECT_EQ(partitions.take(at, 12, std::nullopt), 9'000) << "a record without a time takes the partition's";
}

TEST(KafkaPartitions, TheSlowestPartitionHoldsTheWatermark) {
  KafkaPartitions partitions(topics, seconds(1), {});
  const auto a = partitions.index("posts", 0), b = partitions.index("posts", 1);
  partitions.assigned(a);
  partitions.assigned(b);
  partitions.take(a, 0, 9'000);
  EXPECT_EQ(partitions.watermark_ms(steady(start)), 0) << "nobody knows yet what the other one holds";
  partitions.take(b, 0, 4'000);
  EXPECT_EQ(partitions.watermark_ms(steady(start)), 4'000);
}

TEST(KafkaPartitions, OneAtItsEndHoldsItForAWhile) {
  KafkaPartitions partitions(topics, seconds(1), {});
  const auto a = partitions.index("posts", 0), b = partitions.index("posts", 1);
  partitions.assigned(a);
  partitions.assigned(b);
  partitions.take(a, 0, 9'000);
  partitions.take(b, 0, 4'000);
  partitions.reached_end(b, 1, start);
  EXPECT_EQ(partitions.watermark_ms(steady(start + milliseconds(999))), 4'000);
  EXPECT_EQ(partitions.idle_at(steady(start + milliseconds(500)), start + milliseconds(500)),
            start + seconds(1));
  EXPECT_EQ(partitions.watermark_ms(steady(start + seconds(1))), 9'000);
  EXPECT_EQ(partitions.idle_at(steady(start + seconds(1)), start + seconds(1)), std::nullopt);
  partitions.take(b, 1, 5'000);
  EXPECT_EQ(partitions.watermark_ms(steady(start + seconds(2))), 5'000) << "it is read again";
}

// Wall time alone says nothing: what was written meanwhile has not been fetched.
TEST(KafkaPartitions, NoneIsIdleWhileNoBrokerAnswers) {
  KafkaPartitions partitions(topics, seconds(1), {});
  const auto a = partitions.index("posts", 0), b = partitions.index("posts", 1);
  partitions.assigned(a);
  partitions.assigned(b);
  partitions.take(a, 0, 9'000);
  partitions.take(b, 0, 4'000);
  partitions.reached_end(b, 1, start);
  EXPECT_EQ(partitions.watermark_ms({start, start + seconds(30), false}), 4'000);
  EXPECT_EQ(partitions.watermark_ms({start, start + milliseconds(999), true}), 4'000) << "asked no later";
  const Fetches after_a_gap{start + seconds(30), start + milliseconds(30'999), true};
  EXPECT_EQ(partitions.watermark_ms(after_a_gap), 4'000);
  EXPECT_EQ(partitions.idle_at(after_a_gap, start + seconds(30)), start + seconds(31));
  EXPECT_EQ(partitions.watermark_ms({start + seconds(30), start + seconds(31), true}), 9'000);
}

TEST(FetchWatch, SeesGaps) {
  FetchWatch watch;
  EXPECT_FALSE(watch.fetches(start).are_answered) << "nothing was asked yet";
  const auto at = [](int tenths) { return start + seconds(100) + milliseconds(100) * tenths; };
  watch.answered(1, at(0));
  watch.answered(1, at(5));
  EXPECT_TRUE(watch.fetches(at(10)).are_answered);
  EXPECT_EQ(watch.fetches(at(10)).last, at(5));
  EXPECT_EQ(watch.fetches(at(10)).steady_since, at(0));
  EXPECT_FALSE(watch.fetches(at(40)).are_answered);
  watch.answered(1, at(40));
  EXPECT_EQ(watch.fetches(at(41)).steady_since, at(40));
}

TEST(FetchWatch, OneSilentBrokerIsEnough) {
  FetchWatch watch;
  const auto at = [](int number) { return start + seconds(100 + number); };
  for (int s = 0; s < 120; ++s) {
    if (s < 10) watch.answered(1, at(s));
    watch.answered(2, at(s));
    const bool is_forgotten = s > 9 + FetchWatch::forgotten_after.count();
    EXPECT_EQ(watch.fetches(at(s)).are_answered, s <= 11 || is_forgotten) << s;
  }
}

TEST(KafkaPartitions, AllAtTheirEndsGiveTheLargestClock) {
  KafkaPartitions partitions(topics, seconds(1), {});
  const auto a = partitions.index("posts", 0), b = partitions.index("posts", 1);
  partitions.assigned(a);
  partitions.assigned(b);
  partitions.take(a, 0, 9'000);
  partitions.reached_end(a, 1, start);
  partitions.reached_end(b, 0, start);
  EXPECT_EQ(partitions.watermark_ms(steady(start)), 0)
      << "an empty partition may be about to get its first record";
  EXPECT_EQ(partitions.watermark_ms(steady(start + seconds(1))), 9'000);
}

TEST(KafkaPartitions, OneTakenAwayHoldsItAsItStood) {
  KafkaPartitions partitions(topics, seconds(1), {{"posts", 0, 10, 5'000}, {"posts", 1, 20, 6'000}});
  EXPECT_EQ(partitions.watermark_ms(steady(start)), 5'000) << "nothing is assigned yet";
  const auto a = partitions.index("posts", 0), b = partitions.index("posts", 1);
  partitions.assigned(a);
  partitions.assigned(b);
  partitions.reached_end(a, 10, start);
  partitions.revoked(a);
  partitions.take(b, 20, 30'000);
  EXPECT_EQ(partitions.watermark_ms(steady(start + seconds(60))), 5'000);
  partitions.assigned(a);
  EXPECT_EQ(partitions.watermark_ms(steady(start + seconds(60))), 5'000) << "it may have grown meanwhile";
  partitions.take(a, 10, 29'000);
  EXPECT_EQ(partitions.watermark_ms(steady(start + seconds(60))), 29'000);
}

TEST(KafkaPartitions, TellsWhatMovedOnce) {
  KafkaPartitions partitions(topics, seconds(1), {{"posts", 0, 10, 5'000}, {"other", 0, 7, 1}});
  EXPECT_TRUE(partitions.take_moved().empty());
  const auto at = partitions.index("posts", 0);
  partitions.take(at, 10, 6'000);
  EXPECT_EQ(partitions.take_moved(), (std::vector<SourcePosition>{{"posts", 0, 11, 6'000}}));
  EXPECT_TRUE(partitions.take_moved().empty());
  partitions.reached_end(at, 13, start);
  EXPECT_EQ(partitions.take_moved(), (std::vector<SourcePosition>{{"posts", 0, 13, 6'000}}))
      << "markers only";
}

TEST(KafkaPartitions, KafkaIsToldOnlyWhatIsWritten) {
  KafkaPartitions partitions(topics, seconds(1), {{"posts", 0, 10, 5'000}});
  const auto at = partitions.index("posts", 0);
  partitions.assigned(at);
  EXPECT_EQ(partitions.take_untold().size(), 1u) << "after a restart what the store holds";
  partitions.take(at, 10, 6'000);
  partitions.take_moved();
  partitions.take(at, 11, 6'000);  // of the next batch
  EXPECT_TRUE(partitions.take_untold().empty());
  partitions.is_written({{"posts", 0, 11, 6'000}});
  ASSERT_EQ(partitions.take_untold(), (std::vector<SourcePosition>{{"posts", 0, 11, 6'000}}));
  EXPECT_TRUE(partitions.take_untold().empty());
}

struct Row {
  const char* name;
  std::string key, value;
  bool taken;
  const char* why;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.name; }

class ConnectionSettings : public testing::TestWithParam<Row> {};

TEST_P(ConnectionSettings, AreLibrdkafkasButForOurs) {
  const KafkaConnection connection{"127.0.0.1:9", {{GetParam().key, GetParam().value}}};
  const auto checked = check(connection);
  EXPECT_EQ(checked.has_value(), GetParam().taken) << GetParam().why;
  if (!checked) {
    EXPECT_EQ(checked.error().place, GetParam().key);
  }
}

const Row rows[] = {
    {"tls", "security.protocol", "ssl", true, "handed on"},
    {"assignor", "partition.assignment.strategy", "range", true, "the way out of an endless loop (#4783)"},
    {"typo", "securty.protocol", "ssl", false, "librdkafka does not know it"},
    {"bad_value", "session.timeout.ms", "soon", false, "not a number"},
    {"commits", "enable.auto.commit", "true", false, "positions are the store's"},
    {"reset", "auto.offset.reset", "latest", false, "would skip posts without a word"},
};
INSTANTIATE_TEST_SUITE_P(Rows, ConnectionSettings, testing::ValuesIn(rows),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(KafkaStart, IsAWordOrATime) {
  EXPECT_EQ(kafka_start_from("")->from, KafkaStart::From::group);
  EXPECT_EQ(kafka_start_from("earliest")->from, KafkaStart::From::earliest);
  EXPECT_EQ(kafka_start_from("latest")->from, KafkaStart::From::latest);
  const auto time = kafka_start_from("2026-10-25T08:00:00Z");
  ASSERT_TRUE(time);
  EXPECT_EQ(time->from, KafkaStart::From::time);
  EXPECT_EQ(time->time_ms, 1'792'915'200'000);
  EXPECT_EQ(kafka_start_from("yesterday").error().code, Code::usage);
}

TEST(KafkaSource, WithoutABrokerWaitsAndEnds) {
  std::vector<std::string> notices;
  KafkaSettings settings;
  settings.connection.brokers = "127.0.0.1:9";
  settings.topics = topics;
  settings.on_notice = [&](std::string_view text) { notices.emplace_back(text); };
  auto source = KafkaSource::open(settings, {});
  ASSERT_TRUE(source);
  for (int i = 0; i < 10; ++i) {
    const auto batch = (*source)->next({10, milliseconds(200)});
    ASSERT_TRUE(batch);
    EXPECT_FALSE(batch->end);
    EXPECT_EQ(batch->records, 0u);
  }
  EXPECT_EQ(notices.size(), 1u) << "said once, not with every try";
  EXPECT_TRUE((*source)->gauges().is_waiting);
  EXPECT_TRUE((*source)->close(seconds(2)));
}

TEST(TopicWriter, WithoutABrokerKeepsTheRecordUnderWay) {
  auto writer = TopicWriter::open({"127.0.0.1:9", {}});
  ASSERT_TRUE(writer);
  TopicRecord record;
  record.topic = "out";
  record.key = "k";
  record.value = "v";
  record.headers = {{"a", "b"}};
  ASSERT_TRUE((*writer)->send(record));
  const auto flushed = (*writer)->flush(milliseconds(100));
  ASSERT_FALSE(flushed);
  EXPECT_EQ(flushed.error().code, Code::unavailable);
  EXPECT_EQ((*writer)->under_way(), 1u);
  EXPECT_TRUE((*writer)->take_deliveries().empty());
}

TEST(DeadLetterRecord, CarriesWhereItCameFrom) {
  const auto record = dead_letter_record({"posts", 3, 77, "bad_json", "no object", "{", true, {}, {}, {}});
  EXPECT_EQ(record.topic, "posts.dead");
  EXPECT_EQ(record.key, "posts/3/77");
  EXPECT_EQ(record.value, "{");
  const std::vector<std::pair<std::string, std::string>> headers{
      {"source.topic", "posts"}, {"source.partition", "3"}, {"source.offset", "77"}, {"reason", "bad_json"},
      {"detail", "no object"},   {"version", "1"},          {"payload.cut", "true"}};
  EXPECT_EQ(record.headers, headers);
}

}  // namespace
}  // namespace thap::ingest
