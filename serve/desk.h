// What people ask to have changed, on its way from the API to the one thread that may write.
#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "ingest/result.h"
#include "rules/incident.h"
#include "serve/alerts/ledger.h"
#include "serve/audit.h"
#include "serve/mutes.h"

namespace thap::serve {

// What is wrong with words that a person gives for the log: they have 1 to 1,000 bytes and no control
// characters. Empty: nothing.
std::string wrong_with_words(std::string_view words);

struct Act {
  enum class Kind { judge, mute, unmute, send_again } kind{Kind::judge};
  std::string who, reason;
  rules::IncidentId incident;                    // judge
  rules::Verdict verdict{rules::Verdict::note};  // judge
  Mute mute;                                     // mute: without id; unmute: its id
  OwedKey delivery;                              // send_again
};

// Threads: ask() from any, work() from the writer's.
class Desk {
 public:
  static constexpr std::size_t most_waiting = 16;

  // Waits until the act is durable. Fails with what apply said; with `unavailable` when nobody took it within
  // `patience`, and then nobody will.
  ingest::Result<AuditEntry> ask(Act act, std::chrono::milliseconds patience);

  // Applies what waits, in order. `apply` returns once the act is durable or refused.
  void work(const std::function<ingest::Result<AuditEntry>(const Act&)>& apply);

 private:
  struct Waiting {
    Act act;
    bool is_taken{false};
    std::optional<ingest::Result<AuditEntry>> answer;
  };
  std::mutex mutex_;
  std::condition_variable answered_;
  std::deque<std::shared_ptr<Waiting>> waiting_;
};

}  // namespace thap::serve
