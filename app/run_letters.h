// Dead letters of topics: to TOPIC.dead, or to a folder. Whoever keeps them returns when they are kept.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ingest/dead_letters.h"
#include "ingest/topic_writer.h"

namespace thap::app {

class LetterKeeper {
 public:
  static LetterKeeper in_folder(std::string folder);
  static LetterKeeper in_topics(std::unique_ptr<ingest::TopicWriter> writer);

  // Waits for as long as the broker is away, until `should_stop`: the batch that has passed the letters must
  // not be written before. `on_wait` is called once if it takes longer than a second. Fails with
  // `unavailable` (asked to stop, or the broker refuses) or `io`.
  ingest::Result<void> keep(const std::vector<ingest::DeadLetter>& letters,
                            const std::function<bool()>& should_stop, const std::function<void()>& on_wait);

 private:
  ingest::Result<void> send(const std::vector<ingest::DeadLetter>& letters,
                            const std::function<bool()>& should_stop, const std::function<void()>& on_wait);

  std::string folder_;
  std::optional<ingest::DeadLetterWriter> files_;
  std::unique_ptr<ingest::TopicWriter> writer_;
};

}  // namespace thap::app
