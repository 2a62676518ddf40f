// Where posts come from: a file today, a Kafka consumer behind the same interface.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ingest/post.h"
#include "ingest/result.h"

namespace thap::ingest {

// A record that can never be read. The one place that holds raw payload.
struct DeadLetter {
  std::string source;
  std::int32_t partition{0};
  std::int64_t offset{0};  // where the record begins
  std::string reason;      // from a short list, also a metric label: bad_json, bad_utf8, too_large, ...
  std::string detail;      // a sentence for people
  std::string payload;     // cut at 64 KiB
  bool payload_cut{false};
  // What else the record came with in Kafka, so that it can be sent once more as it was.
  std::optional<std::int64_t> kafka_ms{};
  std::string key{};
  std::vector<std::pair<std::string, std::string>> headers{};
};

// Everything read between two positions. Each record became exactly one of: a post (or operation), a skip, a
// dead letter; so posts + skipped + dead_letters = records.
struct SourceBatch {
  std::vector<Post> posts;  // in the order read; operations (delete, edit) among them
  std::vector<DeadLetter> dead_letters;
  std::map<std::string, std::uint64_t> skipped;   // reason -> records
  std::map<std::string, std::uint64_t> repaired;  // reason -> records that became posts after a repair
  std::uint64_t records{0};
  std::uint64_t bytes{0};
  std::vector<SourcePosition> positions;  // after this batch: written together with what it counted
  // No record with a smaller clock_ms will follow. The detector is handed whole seconds below it.
  std::int64_t watermark_ms{0};
  bool end{false};  // nothing more will come
};

struct BatchLimits {
  std::size_t max_posts{2'000};
  std::chrono::milliseconds max_wait{200};  // for sources that wait for records
};

// Threads: one thread at a time calls everything; `stop` may be called from any.
class PostSource {
 public:
  virtual ~PostSource() = default;

  // The next posts, at most limits.max_posts; empty and not `end` if none came within max_wait.
  virtual Result<SourceBatch> next(const BatchLimits& limits) = 0;

  // Positions of a batch, and of all before it, that are in the store now. Batches may have been read ahead.
  virtual void written(const std::vector<SourcePosition>&) {}

  // Nobody can take a batch for now: does for as long what keeps the source alive. False: nothing has to be
  // done, and it returns at once.
  virtual bool hold(std::chrono::milliseconds) { return false; }

  // How far reading has come: 0 to 1, or negative where the end is unknown.
  virtual double progress() const { return -1; }

  virtual void stop() {}
};

}  // namespace thap::ingest
