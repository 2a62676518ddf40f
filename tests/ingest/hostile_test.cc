// Records that are broken, hostile or merely odd: each ends as exactly one outcome.
#include <gtest/gtest.h>

#include "tests/ingest/decode.h"
#include "tests/ingest/rows.h"

namespace thap::ingest {
namespace {

struct Row {
  const char* name;
  std::string payload;
  std::string_view outcome;
  const char* why;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.name; }

class Hostile : public testing::TestWithParam<Row> {};
TEST_P(Hostile, EndsAsOneOutcome) {
  EXPECT_EQ(outcome(decode(GetParam().payload)), GetParam().outcome) << GetParam().why;
}

std::string canonical(std::string_view fields) {
  return R"({"network":"generic","event_ms":1791792920000,)" + std::string(fields) + "}";
}

const Row rows[] = {
    {"blank", " \r\n", "skip keep_alive", "platforms keep connections open with blank lines"},
    {"array", "[1]", "dead no_object", "not an object"},
    {"number", "5", "dead no_object", "a bare scalar"},
    {"not_json", "Tarang down", "dead bad_json", "plain text"},
    {"cut", R"({"data":{"id":"21","te)", "dead bad_json", "cut by a producer"},
    {"unknown", R"({"hello":"world"})", "dead unknown_shape", "never a silent skip"},
    {"no_id", R"({"data":{"id":null,"text":"a"}})", "dead no_id", "an id is required"},
    {"no_text", R"({"data":{"id":"2109558523733102597","text":5}})", "dead no_text",
     "a text of the wrong type is absent"},
    {"bad_utf8", "{\"data\":{\"id\":\"21\",\"text\":\"\xff\"}}", "dead bad_utf8", "invalid byte"},
    {"cut_utf8", "{\"data\":{\"id\":\"21\",\"text\":\"\xe0\xa4\"}}", "dead bad_utf8",
     "a character cut in the middle"},
    {"overlong_utf8", "{\"data\":{\"id\":\"21\",\"text\":\"\xc0\xaf\"}}", "dead bad_utf8", "overlong slash"},
    {"bom", "\xef\xbb\xbf" + canonical(R"("id":"1","text":"a")"), "post", "editors write it"},
    {"nan", canonical(R"("id":"1","text":NaN)"), "dead bad_json", "not JSON"},
    {"nan_unread", canonical(R"("id":"1","text":"a","score":NaN)"), "dead bad_json",
     "the whole record is checked"},
    {"two_documents", canonical(R"("id":"1","text":"a")") + canonical(R"("id":"2","text":"b")"),
     "dead bad_json", "pinned: one record, one document"},
    {"deep", std::string(100'000, '[') + std::string(100'000, ']'), "dead too_deep", "refused at the 33rd"},
    {"deep_33", canonical(R"("id":"1","text":"a","x":)" + std::string(32, '[') + "1" + std::string(32, ']')),
     "dead too_deep", "33 with the object around"},
    {"deep_32", canonical(R"("id":"1","text":"a","x":)" + std::string(31, '[') + "1" + std::string(31, ']')),
     "post", "the limit itself is allowed"},
    {"brackets_in_text", canonical(R"("id":"1","text":")" + std::string(200, '[') + "\""), "post",
     "brackets in a string nest nothing"},
    {"large", canonical(R"("id":"1","text":")" + std::string(256 * 1024, 'a') + "\""), "dead too_large",
     "refused before parsing"},
    {"wide_id", canonical(R"("id":99999999999999999999,"text":"a")"), "dead id_range",
     "a parser would make it a rounded double"},
    {"wide_id_hundred", canonical("\"id\":" + std::string(100, '9') + ",\"text\":\"a\""), "dead id_range",
     "however long"},
    {"wide_unread", canonical(R"("id":"1","text":"a","other":99999999999999999999)"), "post",
     "a field nobody reads costs nothing"},
    {"wide_x_id", R"({"data":{"id":99999999999999999999,"text":"a"}})", "dead id_range", "also in X"},
    {"largest_id", canonical(R"("id":18446744073709551615,"text":"a")"), "post", "still 64 bits"},
    {"bool_id", canonical(R"("id":true,"text":"a")"), "dead no_id", "wrong type"},
    {"float_id", canonical(R"("id":1.5,"text":"a")"), "dead no_id", "wrong type"},
    {"object_text", canonical(R"("id":"1","text":{})"), "dead no_text", "wrong type"},
    {"unknown_network", R"({"network":"orkut","id":"1","text":"a"})", "dead unknown_network",
     "named for the operator"},
    {"unknown_operation", canonical(R"("id":"1","op":"bookmark")"), "skip unknown_operation", "not ours"},
    {"x_errors", R"({"errors":[{"title":"operational-disconnect"}]})", "skip notice", "inline error of X"},
    {"zero_byte", std::string(1, '\0'), "dead schema_framing", "framing without a schema id"},
    {"raw_control", "{\"data\":{\"id\":\"21\",\"text\":\"a\x01\"}}", "dead bad_json",
     "unescaped control character"},
};
INSTANTIATE_TEST_SUITE_P(Rows, Hostile, testing::ValuesIn(rows), row_name);

TEST(Repair, LoneSurrogatesBecomeReplacementCharacters) {
  for (const char* half : {"\\ud83d", "\\udc00", "\\uD83D", "\\ud83d\\ud83d", "\\ud83dx"}) {
    const Decoded decoded = decode(canonical("\"id\":\"1\",\"text\":\"net " + std::string(half) + "\""));
    EXPECT_EQ(post_of(decoded).text.substr(0, 7), "net \uFFFD") << half;
    EXPECT_EQ(decoded.repairs, lone_surrogate) << half;
  }
}

TEST(Repair, WholePairsAndEscapedBackslashesStay) {
  const Decoded decoded = decode(canonical(R"("id":"1","text":"\ud83d\ude00 \\ud83d \ud83d")"));
  EXPECT_EQ(post_of(decoded).text, "😀 \\ud83d \uFFFD");
}

TEST(Repair, BothFaultsInOneRecord) {
  EXPECT_EQ(post_of(canonical(R"("id":"1","text":"\ud83d","n":99999999999999999999)")).text, "\uFFFD");
}

TEST(Repair, NulIsRemoved) {
  const Decoded decoded = decode(canonical(R"("id":"1","text":"ne\u0000t")"));
  EXPECT_EQ(post_of(decoded).text, "net");
  EXPECT_EQ(decoded.repairs, nul_removed);
}

TEST(Repair, LongTextIsCutBetweenGraphemes) {
  DecoderSettings settings;
  settings.max_text_bytes = 20;
  const Decoded decoded = decode(canonical("\"id\":\"1\",\"text\":\"सर्वर की बात\""), settings);
  const Post post = post_of(decoded);
  EXPECT_TRUE(post.truncated);
  EXPECT_EQ(decoded.repairs, text_cut);
  EXPECT_EQ(post.text, "सर्वर ") << "ki would end at byte 22, and its vowel sign is not left behind";
}

TEST(Pinned, OfEqualKeysTheFirstWins) {
  EXPECT_EQ(post_of(canonical(R"("id":"1","id":"2","text":"a","text":"b")")).text, "a");
  EXPECT_EQ(post_of(canonical(R"("id":"1","id":"2","text":"a")")).id, "1");
  EXPECT_EQ(post_of(R"({"data":{"id":"2109558523733102597","id":"2","text":"a","text":"b"}})").text, "a");
}

TEST(Pinned, KeysWithEscapesAreFound) {
  EXPECT_EQ(post_of(canonical("\"id\":\"1\",\"te\\u0078t\":\"a\"")).text, "a");
}

TEST(Pinned, NumericIdsAreExact) {
  EXPECT_EQ(post_of(canonical(R"("id":9007199254740993,"text":"a")")).id, "9007199254740993") << "above 2^53";
  EXPECT_EQ(post_of(canonical(R"("id":-1009000000041,"text":"a")")).id, "-1009000000041") << "beyond 32 bits";
}

TEST(DeadLetter, KeepsPlaceAndBeginning) {
  Record record = record_of("nope");
  record.partition = 3;
  record.offset = 17;
  const DeadLetter letter = std::get<DeadLetter>(decode(record).outcome);
  EXPECT_EQ(letter.source, "test");
  EXPECT_EQ(letter.partition, 3);
  EXPECT_EQ(letter.offset, 17);
  EXPECT_EQ(letter.payload, "nope");
  EXPECT_FALSE(letter.payload_cut);
  const std::string large(300'000, 'a');
  const DeadLetter cut = std::get<DeadLetter>(decode(large).outcome);
  EXPECT_EQ(cut.payload.size(), 64u * 1024);
  EXPECT_TRUE(cut.payload_cut);
}

TEST(Sum, EveryRecordIsCountedOnce) {
  SourceBatch batch;
  Decoder decoder(std::make_shared<DecoderSettings>(), test_key());
  for (const Row& row : rows) add(decoder.decode(record_of(row.payload)), batch);
  std::uint64_t skipped = 0;
  for (const auto& [reason, count] : batch.skipped) skipped += count;
  EXPECT_EQ(batch.records, std::size(rows));
  EXPECT_EQ(batch.posts.size() + batch.dead_letters.size() + skipped, batch.records);
}

TEST(Decoder, IsTheSameAfterAnyRecord) {
  Decoder decoder(std::make_shared<DecoderSettings>(), test_key());
  for (const Row& before : rows) {
    decoder.decode(record_of(before.payload));
    for (const Row& row : rows)
      ASSERT_EQ(outcome(decoder.decode(record_of(row.payload))), row.outcome)
          << row.name << " after " << before.name;
  }
}

}  // namespace
}  // namespace thap::ingest
