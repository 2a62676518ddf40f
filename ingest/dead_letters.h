// Dead letters on disk: what could not be read, kept for the operator to look at and to play again.
// The one place that holds raw payload, so files are private (0600) and old ones are cut.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/post_source.h"
#include "ingest/result.h"

namespace thap::ingest {

// One line of JSON: source, partition, offset, reason, detail, written_ms, payload (or payload_base64 where
// it is not UTF-8), payload_cut where true. Ends with a newline.
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

// All letters of the folder, oldest first, repeats of (source, partition, offset) left out. Lines that cannot
// be read (a torn last line after a crash) are counted, not fatal. Fails with `io` or `not_found`.
struct DeadLetterList {
  std::vector<StoredLetter> letters;
  std::uint64_t repeats{0};
  std::uint64_t unreadable{0};
};
Result<DeadLetterList> read_dead_letters(const std::string& folder);

// Removes the files of days that ended more than `keep_ms` before `now_ms`; says how many.
Result<int> remove_old_dead_letters(const std::string& folder, std::int64_t now_ms, std::int64_t keep_ms);

}  // namespace thap::ingest
