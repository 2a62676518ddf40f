#include "ingest/file_source.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "tests/ingest/decode.h"

namespace thap::ingest {
namespace {

namespace fs = std::filesystem;

class FileSourceTest : public testing::Test {
 protected:
  FileSourceTest() {
    std::string pattern = (fs::temp_directory_path() / "thap-ingest-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~FileSourceTest() override { fs::remove_all(folder_); }

  std::string write(const std::string& file, std::string_view text) {
    const std::string path = (folder_ / file).string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  std::string compressed(const std::string& path, const std::string& command) {
    const std::string out = path + ".z";
    EXPECT_EQ(std::system((command + " < '" + path + "' > '" + out + "'").c_str()), 0);
    return out;
  }
  static std::string line(int id, std::int64_t second, std::string_view more = "") {
    return R"({"network":"generic","id":")" + std::to_string(id) + R"(","event_ms":)" +
           std::to_string(test_now + second * 1000) + R"(,"text":"Tarang down","author":"a")" +
           std::string(more) + "}\n";
  }
  static FileSettings settings() { return {std::make_shared<DecoderSettings>(), test_key()}; }

  // Reads everything in batches of `size`; ids in order. Checks what every batch promises.
  static std::vector<std::string> ids(PostSource& source, std::size_t size = 2) {
    std::vector<std::string> found;
    std::int64_t promised = 0, clock = 0;
    for (int i = 0; i < 100'000; ++i) {
      const auto batch = source.next({size, std::chrono::milliseconds(10)});
      if (!batch) {
        ADD_FAILURE() << to_string(batch.error());
        return found;
      }
      std::uint64_t skipped = 0;
      for (const auto& [reason, count] : batch->skipped) skipped += count;
      EXPECT_EQ(batch->posts.size() + batch->dead_letters.size() + skipped, batch->records);
      EXPECT_LE(batch->posts.size(), size);
      for (const Post& post : batch->posts) {
        EXPECT_GE(post.clock_ms, promised) << "a clock below the watermark";
        EXPECT_GE(post.clock_ms, clock) << "the clock went back";
        clock = post.clock_ms;
        found.push_back(post.id);
      }
      EXPECT_EQ(batch->watermark_ms % 1000, 0);
      promised = batch->watermark_ms;
      if (batch->end) return found;
    }
    ADD_FAILURE() << "no end";
    return found;
  }

  fs::path folder_;
};

using Ids = std::vector<std::string>;

TEST_F(FileSourceTest, LastLineNeedsNoNewline) {
  std::string text = line(1, 0) + line(2, 1);
  text.pop_back();
  auto source = open_files({write("a", text)}, settings()).value();
  EXPECT_EQ(ids(*source), (Ids{"1", "2"}));
  EXPECT_EQ(source->progress(), 1.0);
}

TEST_F(FileSourceTest, EmptyFileEnds) {
  auto source = open_files({write("a", "")}, settings()).value();
  EXPECT_EQ(ids(*source), Ids{});
}

TEST_F(FileSourceTest, GzipAndZstdAreToldByTheirBytes) {
  std::string text;
  for (int i = 0; i < 5'000; ++i) text += line(i, i);
  const std::string path = write("a", text);
  for (const char* command : {"gzip -c", "zstd -qc"}) {
    auto source = open_files({compressed(path, command)}, settings()).value();
    EXPECT_EQ(ids(*source, 1'000).size(), 5'000u) << command;
  }
}

TEST_F(FileSourceTest, ConcatenatedGzipMembersAreOneStream) {
  const std::string one = compressed(write("a", line(1, 0)), "gzip -c"),
                    two = compressed(write("b", line(2, 1)), "gzip -c");
  const std::string both = (folder_ / "both").string();
  ASSERT_EQ(std::system(("cat '" + one + "' '" + two + "' > '" + both + "'").c_str()), 0);
  auto source = open_files({both}, settings()).value();
  EXPECT_EQ(ids(*source), (Ids{"1", "2"}));
}

TEST_F(FileSourceTest, CutCompressedFileGivesWhatItHasAndThenFails) {
  std::string text;
  for (int i = 0; i < 5'000; ++i) text += line(i * 7919 % 5'000, i);
  for (const char* command : {"gzip -c", "zstd -qc"}) {
    const std::string path = compressed(write("a", text), command);
    fs::resize_file(path, fs::file_size(path) - 10);
    auto source = open_files({path}, settings()).value();
    std::size_t posts = 0;
    Result<SourceBatch> batch = SourceBatch{};
    while ((batch = source->next({}))) posts += batch->posts.size();
    EXPECT_EQ(batch.error().code, Code::corrupt) << command;
    EXPECT_EQ(batch.error().place, path);
    EXPECT_GT(posts, 1'000u) << command;
  }
}

TEST_F(FileSourceTest, FilesAreMergedByTimeAndTiesByOrder) {
  const std::string a = write("a", line(1, 0) + line(2, 10) + line(3, 20)),
                    b = write("b", line(4, 0) + line(5, 5) + line(6, 30));
  EXPECT_EQ(ids(*open_files({a, b}, settings()).value()), (Ids{"1", "4", "5", "2", "3", "6"}));
  EXPECT_EQ(ids(*open_files({b, a}, settings()).value()), (Ids{"4", "1", "5", "2", "3", "6"}));
}

TEST_F(FileSourceTest, ClockIsLargestEventTimeSoFar) {
  auto source = open_files({write("a", line(1, 10) + line(2, 5) + line(3, -10'000))}, settings()).value();
  const SourceBatch batch = source->next({}).value();
  ASSERT_EQ(batch.posts.size(), 3u);
  EXPECT_EQ(batch.posts[1].clock_ms, test_now + 10'000);
  EXPECT_EQ(batch.posts[1].event_ms, test_now + 5'000);
  EXPECT_FALSE(batch.posts[1].late);
  EXPECT_TRUE(batch.posts[2].late) << "more than two hours behind the clock";
  EXPECT_EQ(batch.watermark_ms, test_now + 10'000);
}

TEST_F(FileSourceTest, KafkaTimeInARecordIsTheClock) {
  auto source =
      open_files({write("a", line(1, 10, R"(,"kafka_ms":)" + std::to_string(test_now + 30'500)))}, settings())
          .value();
  const SourceBatch batch = source->next({}).value();
  EXPECT_EQ(batch.posts.at(0).clock_ms, test_now + 30'500);
  EXPECT_EQ(batch.posts.at(0).event_ms, test_now + 10'000);
  EXPECT_EQ(batch.watermark_ms, test_now + 30'000);
}

TEST_F(FileSourceTest, ResumesAnywhereWithoutLossOrRepeat) {
  std::string first, second;
  for (int i = 0; i < 30; ++i) (i % 3 == 0 ? second : first) += line(i, i);
  first += "broken\n";
  const std::string a = write("a", first), b = compressed(write("b", second), "gzip -c");
  for (std::size_t stop_after = 1; stop_after < 20; ++stop_after) {
    std::vector<SourcePosition> positions;
    std::size_t posts = 0, letters = 0;
    std::int64_t clock = 0;
    bool end = false;
    for (int run = 0; run < 100 && !end; ++run) {  // a new process for each batch
      auto source = open_files({a, b}, settings(), positions).value();
      const SourceBatch batch = source->next({stop_after, std::chrono::milliseconds(0)}).value();
      for (const Post& post : batch.posts) {
        EXPECT_EQ(post.id, std::to_string(posts++));
        EXPECT_GE(post.clock_ms, clock);
        clock = post.clock_ms;
      }
      letters += batch.dead_letters.size();
      positions = batch.positions;
      end = batch.end;
    }
    EXPECT_EQ(posts, 30u) << stop_after;
    EXPECT_EQ(letters, 1u) << stop_after;
    EXPECT_EQ(positions.at(0).clock_ms, test_now + 29'000);
  }
}

TEST_F(FileSourceTest, LongLineIsADeadLetterAndTheNextLineIsRead) {
  const std::string text = line(1, 0) + std::string(5'000'000, 'x') + "\n" + line(2, 1);
  auto source = open_files({write("a", text)}, settings()).value();
  const SourceBatch batch = source->next({}).value();
  ASSERT_EQ(batch.posts.size(), 2u);
  ASSERT_EQ(batch.dead_letters.size(), 1u);
  EXPECT_EQ(batch.dead_letters[0].reason, "too_large");
  EXPECT_EQ(batch.dead_letters[0].offset, static_cast<std::int64_t>(line(1, 0).size()));
  EXPECT_EQ(batch.dead_letters[0].payload.size(), 64u * 1024);
  EXPECT_NE(batch.dead_letters[0].detail.find("5000000"), std::string::npos);
  EXPECT_EQ(batch.bytes, text.size());
}

TEST_F(FileSourceTest, ErrorsNameTheFile) {
  const std::string here = write("a", line(1, 0)), gone = (folder_ / "gone").string();
  const auto missing = open_files({here, gone}, settings());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Code::not_found);
  EXPECT_EQ(missing.error().place, gone);
  EXPECT_EQ(open_files({}, settings()).error().code, Code::usage);
  EXPECT_EQ(open_files({here, here}, settings()).error().code, Code::usage);
  EXPECT_EQ(open_files({"-"}, settings(), {{"-", 0, 5, 0}}).error().code, Code::usage);
  EXPECT_EQ(open_files({here}, settings(), {{here, 0, 5'000, 0}}).error().code, Code::corrupt);
  EXPECT_EQ(open_files({folder_.string()}, settings()).error().code, Code::io) << "a folder";
}

TEST_F(FileSourceTest, StopEndsTheStream) {
  auto source = open_files({write("a", line(1, 0))}, settings()).value();
  source->stop();
  EXPECT_TRUE(source->next({}).value().end);
}

}  // namespace
}  // namespace thap::ingest
