// What records are wrapped in, alone and nested.
#include <gtest/gtest.h>

#include "ingest/base64.h"
#include "tests/ingest/decode.h"
#include "tests/ingest/golden.h"
#include "tests/ingest/rows.h"

namespace thap::ingest {
namespace {

using Headers = std::vector<Header>;

const std::string post_json =
    R"({"network":"generic","id":"77","event_ms":1791792920000,"text":"Tarang down"})";
const Headers binary{{"ce_specversion", "1.0"},
                     {"ce_id", "c-1"},
                     {"ce_source", "urn:example"},
                     {"ce_type", "in.example.post"}};

std::string json_string(std::string_view json) {
  std::string out = "\"";
  for (const char c : json) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}
std::string connect(std::string_view payload) {
  return R"({"schema":{"type":"struct"},"payload":)" + std::string(payload) + "}";
}
std::string event(std::string_view data) {
  return R"({"specversion":"1.0","id":"c-1","source":"urn:example","type":"in.example.post","data":)" +
         std::string(data) + "}";
}
std::string framed(std::string_view value) { return std::string("\0\0\0\0\x2a", 5) + std::string(value); }
Headers with_type(std::string_view type, Headers headers = {}) {
  headers.push_back({"content-type", type});
  return headers;
}

struct Row {
  const char* name;
  std::string payload;
  Headers headers;
  std::string_view outcome;
  const char* why;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.name; }

class Envelope : public testing::TestWithParam<Row> {};
TEST_P(Envelope, IsTakenOff) {
  Record record = record_of(GetParam().payload);
  record.headers = GetParam().headers;
  const Decoded decoded = decode(record);
  EXPECT_EQ(outcome(decoded), GetParam().outcome) << GetParam().why;
  if (GetParam().outcome == "post") {
    EXPECT_EQ(post_of(decoded).id, "77");
    EXPECT_EQ(post_of(decoded).text, "Tarang down");
  }
}

const Row rows[] = {
    {"bare", post_json, {}, "post", "no envelope"},
    {"structured", event(post_json), with_type("application/cloudevents+json"), "post", "by its header"},
    {"structured_any_case", event(post_json), with_type("Application/CloudEvents+JSON; charset=utf-8"),
     "post", "media types have no case"},
    {"structured_without_header", event(post_json), {}, "post", "by its four attributes"},
    {"structured_with_ce_headers", event(post_json), with_type("application/cloudevents+json", binary),
     "post", "may repeat them"},
    {"structured_avro", event(post_json), with_type("application/cloudevents+avro"), "dead event_format",
     "another event format"},
    {"structured_batch", "[" + event(post_json) + "]", with_type("application/cloudevents-batch+json"),
     "dead event_format", "a batch is no record"},
    {"structured_base64",
     R"({"specversion":"1.0","id":"c","source":"s","type":"t","data_base64":")" + encode_base64(post_json) +
         "\"}",
     {},
     "post",
     "data as base64"},
    {"structured_bad_base64",
     R"({"specversion":"1.0","id":"c","source":"s","type":"t","data_base64":"?"})",
     {},
     "dead bad_envelope",
     "not base64"},
    {"binary", post_json, with_type("application/json", binary), "post", "the value is the data alone"},
    {"framed", framed(post_json), {}, "post", "schema registry and JSON"},
    {"framed_avro", framed("\x02\x10"), {}, "dead schema_framing", "Avro"},
    {"connect", connect(post_json), {}, "post", "Connect's default"},
    {"connect_null", connect("null"), {}, "skip tombstone", "a deleted row"},
    {"connect_null_schema",
     R"({"schema":null,"payload":)" + post_json + "}",
     {},
     "post",
     "schemas switched off halfway"},
    {"twice", json_string(post_json), {}, "post", "a producer encoded twice"},
    {"null", "null", {}, "skip tombstone", "JSON's null"},
    {"connect_in_event", event(connect(post_json)), {}, "post", "nested"},
    {"framed_connect_in_binary", framed(connect(post_json)), binary, "post", "three deep"},
    {"four_deep", event(connect(event(connect(post_json)))), {}, "dead bad_envelope", "more than three"},
    {"string_of_blank", R"("  ")", {}, "dead bad_json", "a string that holds nothing"},
};
INSTANTIATE_TEST_SUITE_P(Rows, Envelope, testing::ValuesIn(rows), row_name);

TEST(Envelope, DeadLetterNamesTheSchema) {
  EXPECT_NE(std::get<DeadLetter>(decode(framed("\x02\x10")).outcome).detail.find("42"), std::string::npos);
}

TEST(Envelope, EventTimeIsAClaim) {
  Record record = record_of(post_json);
  Headers headers = binary;
  headers.push_back({"ce_time", "2026-10-12T08:15:22Z"});
  record.headers = headers;
  EXPECT_EQ(post_of(decode(record)).claimed_ms, test_now + 2'000);
}

TEST(Envelope, EventTypeTellsFlatBluesky) {
  constexpr std::string_view flat =
      R"({"uri":"at://did:plc:a/app.bsky.feed.post/r","did":"did:plc:a","text":"band","facets":"[]"})";
  Record record = record_of(flat);
  Headers headers = binary;
  headers[3].value = "Bluesky.Feed.Post";
  record.headers = headers;
  EXPECT_EQ(post_of(decode(record)).id, "did:plc:a/app.bsky.feed.post/r");
}

TEST(Tombstone, IsADeleteOnlyWhereTheSourceSaysWhoseIdsItsKeysAre) {
  Record record = record_of("");
  record.has_value = false;
  record.key = "2109558523733102597";
  EXPECT_EQ(outcome(decode(record)), "skip tombstone");
  const Post post = post_of(decode(record, with_format(Format::x_v2)));
  EXPECT_EQ(post.op, Operation::remove);
  EXPECT_EQ(post.id, "2109558523733102597");
}

TEST(Base64, ReadsBack) {
  for (std::size_t size = 0; size < 40; ++size) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(i * 37);
    EXPECT_EQ(decode_base64(encode_base64(bytes)), bytes);
  }
  EXPECT_EQ(encode_base64("thap"), "dGhhcA==");
  EXPECT_EQ(decode_base64("dGhhcA"), "thap");
  EXPECT_FALSE(decode_base64("d"));
}

TEST(Format, MayBeFixed) {
  EXPECT_EQ(outcome(decode(golden::reddit_comment, with_format(Format::reddit))), "post");
  EXPECT_EQ(outcome(decode(golden::reddit_comment, with_format(Format::x_v2))), "dead no_text");
  for (int i = 0; i < format_count; ++i)
    EXPECT_EQ(format_named(name(static_cast<Format>(i))), static_cast<Format>(i));
}

}  // namespace
}  // namespace thap::ingest
