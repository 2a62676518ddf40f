// Takes posts from a source and reads them ahead of the thread that counts them. In: PostSource. Out: its
// batches with their readings, in the source's order.
#pragma once
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "ingest/post_source.h"
#include "nlp/reader.h"

namespace thap::app {

struct ReadBatch {
  ingest::SourceBatch batch;
  std::vector<nlp::Reading> readings;  // one a post
  double progress{-1};                 // of the source, after this batch
};

// One thread of its own lives with the source and decodes; `threads` others read, a batch each. What is ahead
// is bounded: no more than `threads` + 2 batches. While the counting thread takes none, the source is held
// (PostSource::hold), so a Kafka consumer stays in its group however long a disk or a broker takes.
//
// Threads: one calls everything. Until the destructor returns nobody else may use the source, but for what it
// allows any thread.
class ReadAhead {
 public:
  ReadAhead(ingest::PostSource& source, const ingest::BatchLimits& limits, const nlp::Reader& reader,
            int threads);
  ~ReadAhead();  // what is ahead is dropped; waits for source.next() to return
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  // Waits for the next batch; nullopt: the source has ended, or finish() was called and all is handed out.
  // Fails as the source did, after the batches before.
  ingest::Result<std::optional<ReadBatch>> next();
  // Takes nothing more from the source. next() still hands out what was taken.
  void finish();
  // For PostSource::written.
  void written(const std::vector<ingest::SourcePosition>& positions);

 private:
  struct Slot {
    ReadBatch batch;
    bool is_begun{false}, is_read{false};
  };
  static constexpr std::size_t batches_waiting = 2;  // beyond those that are being read

  void take();
  bool wait_for_room();
  void tell_written();
  void read();
  void read_posts(ReadBatch& batch) const;

  ingest::PostSource& source_;
  const ingest::BatchLimits limits_;
  const nlp::Reader& reader_;
  const std::size_t most_ahead_;

  std::mutex mutex_;
  std::condition_variable room_, work_, ready_;
  std::deque<std::shared_ptr<Slot>> ahead_;  // in order
  std::optional<ingest::Error> failed_;
  std::vector<ingest::SourcePosition> written_;
  bool is_finishing_{false}, is_dropped_{false}, is_taken_{false};  // is_taken_: nothing more will come

  std::vector<std::thread> threads_;
};

}  // namespace thap::app
