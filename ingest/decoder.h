// Bytes of one record to a post, an operation, a skip or a dead letter: exactly one of them, whatever the
// bytes. In: a record of a topic or line of a file. Out: Decoded. Reads no clock and opens no file.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "ingest/author_key.h"
#include "ingest/post.h"
#include "ingest/post_source.h"
#include "ingest/source_format.h"

namespace thap::ingest {

struct Header {
  std::string_view name, value;
};

// Views must live until decode() returns.
struct Record {
  std::string_view source;
  std::int32_t partition{0};
  std::int64_t offset{0};
  std::string_view payload;
  std::size_t bytes_not_kept{0};  // of a record too large to hold: what follows `payload`
  bool has_value{true};           // false: Kafka's null, a tombstone
  std::string_view key;
  std::span<const Header> headers;
  std::optional<std::int64_t> kafka_ms;
  std::int64_t clock_ms{0};  // largest clock handed out so far; 0: none
};

// Not an error and not a post: keep-alives, other collections, private chats. `reason` is a literal.
struct Skip {
  std::string_view reason;
};

// What had to be mended before a record became a post. Bits of Decoded::repairs.
enum Repair : std::uint8_t {
  lone_surrogate = 1,  // half of a UTF-16 pair became U+FFFD
  nul_removed = 2,
  text_cut = 4,      // longer than max_text_bytes
  time_clamped = 8,  // Kafka's time is used instead of the stamp
  undedupable = 16,  // no id is mapped: the place in the topic is the id, a repeat counts twice
};
std::string_view name(Repair repair);

struct Decoded {
  std::variant<Post, Skip, DeadLetter> outcome;
  std::uint8_t repairs{0};
};

// Counts the record and moves its outcome into the batch.
void add(Decoded&& decoded, SourceBatch& batch);

// Threads: one Decoder a thread. It keeps buffers of the size of the largest record, nothing else, so the
// same record always decodes to the same result.
class Decoder {
 public:
  Decoder(std::shared_ptr<const DecoderSettings> settings, AuthorKey key);
  ~Decoder();
  Decoder(Decoder&&) noexcept;
  Decoder& operator=(Decoder&&) noexcept;

  Decoded decode(const Record& record);

  // For sources that learn the clock only after decoding (files merged in time order): gives the post its
  // clock, its author hash, and marks it late. Only for the post that decode() returned last.
  void set_clock(Post& post, std::int64_t clock_ms);

  // Sentences about settings that do not fit what is read, e.g. a mapped pointer without a match in 1,000
  // records. Each is given once.
  std::vector<std::string> take_warnings();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace thap::ingest
