#include "ingest/dead_letters.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace thap::ingest {
namespace {

namespace fs = std::filesystem;
constexpr std::int64_t now = 1'791'792'920'000, day = 86'400'000;  // 2026-10-12

class DeadLetters : public testing::Test {
 protected:
  DeadLetters() {
    std::string pattern = (fs::temp_directory_path() / "thap-letters-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~DeadLetters() override { fs::remove_all(folder_); }
  static DeadLetter letter(std::int64_t offset, std::string payload = "{broken") {
    return {"posts", 2, offset, "bad_json", "not JSON", std::move(payload), false};
  }
  std::string folder_;
};

TEST_F(DeadLetters, ReadBackAsWritten) {
  auto writer = DeadLetterWriter::open(folder_ + "/new/letters").value();
  DeadLetter cut = letter(2, "cut \xe0\xa4");
  cut.payload_cut = true;
  ASSERT_TRUE(writer.append({letter(1, "तरंग \"ठप\"\n"), cut, letter(3, std::string("\0\xff", 2))}, now));
  const DeadLetterList list = read_dead_letters(folder_ + "/new/letters").value();
  ASSERT_EQ(list.letters.size(), 3u);
  EXPECT_EQ(list.letters[0].letter.payload, "तरंग \"ठप\"\n");
  EXPECT_EQ(list.letters[0].letter.partition, 2);
  EXPECT_EQ(list.letters[0].letter.reason, "bad_json");
  EXPECT_EQ(list.letters[0].written_ms, now);
  EXPECT_EQ(list.letters[1].letter.payload, "cut \xe0\xa4") << "not UTF-8: travels as base64";
  EXPECT_TRUE(list.letters[1].letter.payload_cut);
  EXPECT_EQ(list.letters[2].letter.payload, std::string("\0\xff", 2));
}

TEST_F(DeadLetters, LineIsPinned) {
  EXPECT_EQ(
      to_line(letter(7), now),
      R"({"detail":"not JSON","offset":7,"partition":2,"payload":"{broken","reason":"bad_json","source":"posts","written_ms":1791792920000})"
      "\n");
}

TEST_F(DeadLetters, KeyAndHeadersKeepTheirBytes) {
  DeadLetter strange = letter(1);
  strange.key = "key \xff\x01";
  strange.headers = {{"plain", "तरंग"}, {"trace", std::string("\0\x80\xfe", 3)}, {"na\xe0me", "value"}};
  const auto read = letter_from_line(to_line(strange, now)).value();
  EXPECT_EQ(read.letter.key, strange.key);
  EXPECT_EQ(read.letter.headers, strange.headers);
}

TEST_F(DeadLetters, RepeatsAfterARestartAreDropped) {
  for (int run = 0; run < 2; ++run) {
    auto writer = DeadLetterWriter::open(folder_).value();
    ASSERT_TRUE(writer.append({letter(1), letter(2)}, now + run * day));
  }
  const DeadLetterList list = read_dead_letters(folder_).value();
  EXPECT_EQ(list.letters.size(), 2u);
  EXPECT_EQ(list.repeats, 2u);
}

TEST_F(DeadLetters, TornLineCostsOnlyItself) {
  auto writer = DeadLetterWriter::open(folder_).value();
  ASSERT_TRUE(writer.append({letter(1)}, now));
  std::ofstream(folder_ + "/dead-letters-2026-10-12.ndjson", std::ios::app) << R"({"source":"po)";
  ASSERT_TRUE(writer.append({letter(2)}, now));
  const DeadLetterList list = read_dead_letters(folder_).value();
  EXPECT_EQ(list.letters.size(), 2u);
  EXPECT_EQ(list.unreadable, 1u);
}

TEST_F(DeadLetters, FilesArePrivateAndCutByAge) {
  auto writer = DeadLetterWriter::open(folder_).value();
  std::ofstream(folder_ + "/notes.txt") << "not ours";
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(writer.append({letter(i)}, now - i * day));
  struct stat status {};
  ASSERT_EQ(::stat((folder_ + "/dead-letters-2026-10-12.ndjson").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  EXPECT_EQ(remove_old_dead_letters(folder_, now, 7 * day).value(), 2) << "8 and 9 days old";
  EXPECT_EQ(read_dead_letters(folder_).value().letters.size(), 8u);
  EXPECT_TRUE(fs::exists(folder_ + "/notes.txt"));
}

// What the record came with goes both ways, through a line and through a topic.
TEST_F(DeadLetters, KeyHeadersAndTimeTravelAlong) {
  DeadLetter whole = letter(9, std::string("\0\xff{", 3));
  whole.kafka_ms = now - 5;
  whole.key = "k/1";
  whole.headers = {{"ce_id", "7"}, {"content-type", "application/json"}};
  const auto expect_same = [&](const StoredLetter& stored) {
    EXPECT_EQ(stored.letter.payload, whole.payload);
    EXPECT_EQ(stored.letter.kafka_ms, whole.kafka_ms);
    EXPECT_EQ(stored.letter.key, whole.key);
    EXPECT_EQ(stored.letter.headers, whole.headers);
    EXPECT_EQ(stored.letter.offset, 9);
    EXPECT_EQ(stored.letter.partition, 2);
    EXPECT_EQ(stored.written_ms, now);
  };
  expect_same(letter_from_line(to_line(whole, now)).value());
  auto record = dead_letter_record(whole);
  record.timestamp_ms = now;
  expect_same(letter_from_record(record).value());
  whole.payload_cut = true;
  EXPECT_TRUE(letter_from_record(dead_letter_record(whole)).value().letter.payload_cut);

  auto again = replayed_record(whole);
  EXPECT_EQ(again.topic, "posts");
  EXPECT_EQ(again.key, "k/1");
  EXPECT_EQ(again.timestamp_ms, whole.kafka_ms);
  ASSERT_EQ(again.headers.size(), 3u);
  EXPECT_EQ(again.headers.back(), (std::pair<std::string, std::string>("thap.replay.of", "posts/2/9")));
  // Dead once more and replayed once more: the newest place only.
  whole.headers = again.headers;
  whole.offset = 12;
  again = replayed_record(whole);
  EXPECT_EQ(again.headers.size(), 3u);
  EXPECT_EQ(again.headers.back().second, "posts/2/12");
}

TEST_F(DeadLetters, AStrangersRecordIsNone) {
  auto record = dead_letter_record(letter(1));
  record.headers[1].second = "-1";
  EXPECT_FALSE(letter_from_record(record));
  record.headers[1].second = "two";
  EXPECT_FALSE(letter_from_record(record));
  TopicRecord bare;
  bare.topic = "posts.dead";
  bare.value = "{}";
  EXPECT_FALSE(letter_from_record(bare));
}

TEST_F(DeadLetters, MissingFolderIsNamed) {
  EXPECT_EQ(read_dead_letters(folder_ + "/gone").error().code, Code::not_found);
}

}  // namespace
}  // namespace thap::ingest
