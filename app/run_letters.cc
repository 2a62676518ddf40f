#include "app/run_letters.h"

#include <chrono>
#include <map>
#include "app/wall_clock.h"

namespace thap::app {

using ingest::Code;
using ingest::DeadLetter;
using ingest::fail;
using ingest::Result;

namespace {

constexpr int tries = 3;  // of a letter that the broker refuses

}  // namespace

LetterKeeper LetterKeeper::in_folder(std::string folder) {
  LetterKeeper keeper;
  keeper.folder_ = std::move(folder);
  return keeper;
}

LetterKeeper LetterKeeper::in_topics(std::unique_ptr<ingest::TopicWriter> writer) {
  LetterKeeper keeper;
  keeper.writer_ = std::move(writer);
  return keeper;
}

Result<void> LetterKeeper::keep(const std::vector<DeadLetter>& letters,
                                const std::function<bool()>& should_stop,
                                const std::function<void()>& on_wait) {
  if (writer_) return send(letters, should_stop, on_wait);
  if (!files_) {
    auto opened = ingest::DeadLetterWriter::open(folder_);
    if (!opened) return tl::unexpected(opened.error());
    files_.emplace(std::move(*opened));
  }
  return files_->append(letters, wall_clock_ms());
}

Result<void> LetterKeeper::send(const std::vector<DeadLetter>& letters,
                                const std::function<bool()>& should_stop,
                                const std::function<void()>& on_wait) {
  std::vector<const DeadLetter*> open;
  for (const auto& letter : letters) open.push_back(&letter);
  std::optional<ingest::Error> refused;
  const auto begin = std::chrono::steady_clock::now();
  bool has_waited = false;
  for (int round = 0; round < tries && !open.empty(); ++round) {
    std::map<std::uint64_t, const DeadLetter*> sent;
    for (const DeadLetter* letter : open) {
      auto ticket = writer_->send(ingest::dead_letter_record(*letter));
      while (!ticket && ticket.error().code == Code::unavailable && !should_stop())
        ticket = writer_->send(ingest::dead_letter_record(*letter));
      if (!ticket) return tl::unexpected(ticket.error());
      sent.emplace(*ticket, letter);
    }
    while (!writer_->flush(std::chrono::milliseconds(200))) {
      if (should_stop()) return fail(Code::unavailable, "stopped before all dead letters were acknowledged");
      if (!has_waited && std::chrono::steady_clock::now() - begin > std::chrono::seconds(1)) {
        has_waited = true;
        on_wait();
      }
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
