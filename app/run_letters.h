// Dead letters of topics: to TOPIC.dead, or to a folder. Whoever keeps them returns when they are kept.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/dead_letters.h"
#include "ingest/topic_writer.h"

namespace thap::app {

class LetterKeeper {
 public:
  // Fails with `io`.
  static ingest::Result<LetterKeeper> in_folder(const std::string& folder);
  static LetterKeeper in_topics(std::unique_ptr<ingest::TopicWriter> writer);

  // Waits for as long as the broker is away or the disk is full, until `should_stop`: the batch that has
  // passed the letters must not be written before. `on_wait` is called once, with what is waited for, if it
  // takes longer than a second. Fails with `unavailable`: asked to stop, or the broker refuses.
  using OnWait = std::function<void(std::string_view why)>;
  ingest::Result<void> keep(const std::vector<ingest::DeadLetter>& letters,
                            const std::function<bool()>& should_stop, const OnWait& on_wait);

 private:
  ingest::Result<void> send(const std::vector<ingest::DeadLetter>& letters,
                            const std::function<bool()>& should_stop, const OnWait& on_wait);
  ingest::Result<void> append(const std::vector<ingest::DeadLetter>& letters,
                              const std::function<bool()>& should_stop, const OnWait& on_wait);

  std::optional<ingest::DeadLetterWriter> files_;
  std::unique_ptr<ingest::TopicWriter> writer_;
};

}  // namespace thap::app
