#include "app/run_letters.h"

#include <chrono>
#include <map>
#include <thread>

#include "app/wall_clock.h"

namespace thap::app {

using ingest::Code;
using ingest::DeadLetter;
using ingest::fail;
using ingest::Result;

namespace {

constexpr int tries = 3;  // of a letter that the broker refuses
constexpr std::chrono::milliseconds pause{200};
constexpr int pauses_untold = 5;

}  // namespace

Result<LetterKeeper> LetterKeeper::in_folder(const std::string& folder) {
  auto opened = ingest::DeadLetterWriter::open(folder);
  if (!opened) return tl::unexpected(opened.error());
  LetterKeeper keeper;
  keeper.files_.emplace(std::move(*opened));
  return keeper;
}

LetterKeeper LetterKeeper::in_topics(std::unique_ptr<ingest::TopicWriter> writer) {
  LetterKeeper keeper;
  keeper.writer_ = std::move(writer);
  return keeper;
}

Result<void> LetterKeeper::keep(const std::vector<DeadLetter>& letters,
                                const std::function<bool()>& should_stop, const OnWait& on_wait) {
  return writer_ ? send(letters, should_stop, on_wait) : append(letters, should_stop, on_wait);
}

// Lines of a try that failed halfway are repeats, which whoever reads the letters drops.
Result<void> LetterKeeper::append(const std::vector<DeadLetter>& letters,
                                  const std::function<bool()>& should_stop, const OnWait& on_wait) {
  auto kept = files_->append(letters, wall_clock_ms());
  for (int pauses = 1; !kept; ++pauses) {
    if (should_stop()) return fail(Code::unavailable, "stopped before all dead letters were kept");
    std::this_thread::sleep_for(pause);
    if (pauses == pauses_untold) on_wait("dead letters cannot be kept: " + to_string(kept.error()));
    kept = files_->append(letters, wall_clock_ms());
  }
  return kept;
}

Result<void> LetterKeeper::send(const std::vector<DeadLetter>& letters,
                                const std::function<bool()>& should_stop, const OnWait& on_wait) {
  std::vector<const DeadLetter*> open;
  for (const auto& letter : letters) open.push_back(&letter);
  std::optional<ingest::Error> refused;
  int pauses = 0;
  for (int round = 0; round < tries && !open.empty(); ++round) {
    std::map<std::uint64_t, const DeadLetter*> sent;
    for (const DeadLetter* letter : open) {
      auto ticket = writer_->send(ingest::dead_letter_record(*letter));
      while (!ticket && ticket.error().code == Code::unavailable && !should_stop())
        ticket = writer_->send(ingest::dead_letter_record(*letter));
      if (!ticket) return tl::unexpected(ticket.error());
      sent.emplace(*ticket, letter);
    }
    while (!writer_->flush(pause)) {
      if (should_stop()) return fail(Code::unavailable, "stopped before all dead letters were acknowledged");
      if (++pauses == pauses_untold) on_wait("dead letters are not acknowledged: the broker is away");
    }
    open.clear();
    for (const auto& delivery : writer_->take_deliveries())
      if (const auto found = sent.find(delivery.ticket); delivery.failed && found != sent.end()) {
        refused = delivery.failed;
        open.push_back(found->second);
      }
  }
  if (!open.empty()) return tl::unexpected(*refused);
  return {};
}

}  // namespace thap::app
