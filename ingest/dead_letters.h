// Dead letters on disk: what could not be read, kept for the operator to look at and to play again.
// The one place that holds raw payload, so files are private (0600) and old ones are cut.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/post_source.h"
#include "ingest/result.h"
#include "ingest/topic_writer.h"

namespace thap::ingest {

// One line of JSON: source, partition, offset, reason, detail, written_ms, payload; payload_cut, kafka_ms,
// key and headers (pairs) where there are any. What is not UTF-8 is in base64: payload_base64, key_base64,
// and a header as [name, value, "base64"]. Ends with a newline.
std::string to_line(const DeadLetter& letter, std::int64_t written_ms);

struct StoredLetter {
  DeadLetter letter;
  std::int64_t written_ms{0};
};
Result<StoredLetter> letter_from_line(std::string_view line);

// Appends to `<folder>/dead-letters-YYYY-MM-DD.ndjson`, one file a UTC day, made with mode 0600.
// Threads: one. Two processes may append to one folder: each batch is one write.
class DeadLetterWriter {
 public:
  // Makes the folder if it is missing. Fails with `io`.
  static Result<DeadLetterWriter> open(const std::string& folder);
  ~DeadLetterWriter();
  DeadLetterWriter(DeadLetterWriter&& other) noexcept;
  DeadLetterWriter& operator=(DeadLetterWriter&& other) noexcept;

  // All letters of a batch. Fails with `io`; what was written of it stays, and is dropped as a repeat if the
  // batch is written again.
  Result<void> append(const std::vector<DeadLetter>& letters, std::int64_t now_ms);

 private:
  explicit DeadLetterWriter(std::string folder) : folder_(std::move(folder)) {}
  Result<void> use_day(std::int64_t day);

  std::string folder_;
  std::int64_t day_{-1};
  int fd_{-1};
};

// The way into a topic and back: `<source>.dead`, headers source.topic, source.partition, source.offset,
// reason, detail, version and, where there are such, payload.cut, source.timestamp, source.key and
// source.header.NAME. Topic, partition and offset are the key: a crash may send a letter twice, and the same
// key tells.
TopicRecord dead_letter_record(const DeadLetter& letter);
std::string dead_letter_topic(const std::string& topic);
// The time of the record in the dead letter topic becomes `written_ms`. Fails with `bad_input`.
Result<StoredLetter> letter_from_record(const TopicRecord& record);
// The record that became the letter, to be sent to its topic once more: with its key, headers and time, and
// `thap.replay.of` naming the place it had.
TopicRecord replayed_record(const DeadLetter& letter);

struct DeadLetterCounts {
  std::uint64_t repeats{0};     // of (source, partition, offset): left out
  std::uint64_t unreadable{0};  // a torn last line after a crash, a stranger's record: counted, not fatal
};
// Each letter of the folder once, oldest first, until `visit` returns false. Fails with `io`, `not_found`.
Result<DeadLetterCounts> visit_dead_letters(const std::string& folder,
                                            const std::function<bool(StoredLetter&&)>& visit);
// The same of `<topic>.dead`, as far as it goes now, partition beside partition. Fails with `not_found`,
// `unavailable`, `bad_setting`.
Result<DeadLetterCounts> visit_dead_letters(const KafkaConnection& connection, const std::string& topic,
                                            const std::function<bool(StoredLetter&&)>& visit);

// All letters of the folder at once.
struct DeadLetterList {
  std::vector<StoredLetter> letters;
  std::uint64_t repeats{0};
  std::uint64_t unreadable{0};
};
Result<DeadLetterList> read_dead_letters(const std::string& folder);

// Removes the files of days that ended more than `keep_ms` before `now_ms`; says how many.
Result<int> remove_old_dead_letters(const std::string& folder, std::int64_t now_ms, std::int64_t keep_ms);

}  // namespace thap::ingest
