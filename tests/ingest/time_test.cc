#include <gtest/gtest.h>

#include <cmath>

#include "ingest/event_time.h"
#include "ingest/time_parse.h"
#include "tests/ingest/rows.h"

namespace thap::ingest {
namespace {

constexpr std::int64_t instant = 1'791'792'920'000;  // 2026-10-12T08:15:20Z

struct TimeRow {
  const char* name;
  std::string_view text;
  std::optional<std::int64_t> ms;
  const char* why;
};
std::ostream& operator<<(std::ostream& out, const TimeRow& row) { return out << row.name; }

class ParseTime : public testing::TestWithParam<TimeRow> {};
TEST_P(ParseTime, ReadsAnyWriting) {
  EXPECT_EQ(parse_time(GetParam().text), GetParam().ms) << GetParam().why;
}

const TimeRow time_rows[] = {
    {"utc", "2026-10-12T08:15:20Z", instant, "the plain form"},
    {"india", "2026-10-12T13:45:20+05:30", instant, "an offset is subtracted"},
    {"west", "2026-10-12T00:15:20-08:00", instant, "so is a western one"},
    {"short_offset", "2026-10-12T13:45:20+0530", instant,
     "Reddit copies and Python write it without a colon"},
    {"blank", "2026-10-12 08:15:20Z", instant, "RFC 3339 allows a blank"},
    {"one_digit", "2026-10-12T08:15:20.4Z", instant + 400, "a fraction, not a count of ms"},
    {"nine_digits", "2026-10-12T08:15:20.417999999Z", instant + 417, "cut, not rounded"},
    {"ten_digits", "2026-10-12T08:15:20.4179999999Z", std::nullopt, "more than nine digits"},
    {"no_offset", "2026-10-12T08:15:20", std::nullopt, "local time of nowhere"},
    {"leap_second", "2016-12-31T23:59:60Z", 1'483'228'799'000, "the second before"},
    {"no_such_day", "2026-02-30T08:15:20Z", std::nullopt, "February"},
    {"rest", "2026-10-12T08:15:20Zx", std::nullopt, "trailing text"},
    {"seconds", "1791792920", instant, "ten digits are seconds"},
    {"seconds_float", "1791792920.0", instant, "Reddit's float as text"},
    {"milliseconds", "1791792920000", instant, "thirteen digits"},
    {"microseconds", "1791792920000000", instant, "sixteen digits"},
    {"x_v1", "Mon Oct 12 08:15:20 +0000 2026", instant, "v1.1's form"},
    {"x_v1_bad_month", "Mon Okt 12 08:15:20 +0000 2026", std::nullopt, "not English"},
    {"negative", "-5", std::nullopt, "no post is that old"},
    {"twenty_digits", "17917929200000000000", std::nullopt, "beyond 64 bits"},
    {"nan", "NaN", std::nullopt, "not a time"},
    {"empty", "", std::nullopt, "nothing"},
};
INSTANTIATE_TEST_SUITE_P(Rows, ParseTime, testing::ValuesIn(time_rows), row_name);

TEST(EpochMs, TellsUnitsApartBySize) {
  EXPECT_EQ(epoch_ms(std::int64_t{1'791'792'920}), instant);
  EXPECT_EQ(epoch_ms(std::int64_t{1'791'792'920'000'000}), instant);
  EXPECT_EQ(epoch_ms(1'791'792'920.417), instant + 417);
  EXPECT_EQ(epoch_ms(1'791'792'920'000.0), instant);
  EXPECT_EQ(epoch_ms(std::nan("")), std::nullopt);
  EXPECT_EQ(epoch_ms(1e300), std::nullopt);
}

constexpr std::int64_t minute = 60'000, hour = 60 * minute, day = 24 * hour;

struct EventRow {
  const char* name;
  std::optional<std::int64_t> stamp;
  SetBy set_by;
  std::optional<std::int64_t> kafka;
  std::int64_t event;
  TimeCase time_case;
  const char* why;
};
std::ostream& operator<<(std::ostream& out, const EventRow& row) { return out << row.name; }

class EventTimeRule : public testing::TestWithParam<EventRow> {};
TEST_P(EventTimeRule, ChoosesTheMinute) {
  const EventRow& row = GetParam();
  const EventTime got = event_time(row.stamp, row.set_by, row.kafka, 2 * hour);
  EXPECT_EQ(got.event_ms, row.event) << row.why;
  EXPECT_EQ(got.time_case, row.time_case) << row.why;
}

constexpr std::int64_t K = instant;
const EventRow event_rows[] = {
    {"near", K - minute, SetBy::platform, K, K - minute, TimeCase::as_given, "inside the window"},
    {"edge_early", K - 2 * hour, SetBy::platform, K, K - 2 * hour, TimeCase::as_given,
     "the edge belongs to it"},
    {"edge_ahead", K + 2 * minute, SetBy::platform, K, K + 2 * minute, TimeCase::as_given,
     "so does this one"},
    {"ahead", K + 10 * minute, SetBy::platform, K, K, TimeCase::clamped, "no window later than K + 2 min"},
    {"late_platform", K - 3 * day, SetBy::platform, K, K - 3 * day, TimeCase::late,
     "a backfill stays where it belongs"},
    {"late_author", K - 3 * day, SetBy::author, K, K, TimeCase::clamped, "an author's clock is not believed"},
    {"no_stamp", std::nullopt, SetBy::platform, K, K, TimeCase::clamped, "K is all we have"},
    {"no_kafka", K, SetBy::platform, std::nullopt, K, TimeCase::as_given, "a file"},
    {"no_kafka_author", K, SetBy::author, std::nullopt, 0, TimeCase::unknown, "nothing to hold it against"},
    {"nothing", std::nullopt, SetBy::platform, std::nullopt, 0, TimeCase::unknown, "no time at all"},
    {"negative", -5, SetBy::platform, std::nullopt, 0, TimeCase::unknown, "before 1970"},
    {"far_future", last_time_ms + 1, SetBy::platform, std::nullopt, 0, TimeCase::unknown, "after 2106"},
    {"bad_kafka", K, SetBy::platform, -1, K, TimeCase::as_given, "-1 is Kafka's way to say none"},
};
INSTANTIATE_TEST_SUITE_P(Rows, EventTimeRule, testing::ValuesIn(event_rows), row_name);

}  // namespace
}  // namespace thap::ingest
