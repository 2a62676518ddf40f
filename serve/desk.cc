#include "serve/desk.h"

#include <algorithm>

namespace thap::serve {

using ingest::Code;
using ingest::fail;
using ingest::Result;

std::string wrong_with_words(std::string_view words) {
  constexpr std::size_t most_bytes = 1'000;
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
  if (std::any_of(words.begin(), words.end(), is_control)) return "has control characters";
  return words.empty() || words.size() > most_bytes ? "has 1 to 1000 bytes" : "";
}

Result<AuditEntry> Desk::ask(Act act, std::chrono::milliseconds patience) {
  auto mine = std::make_shared<Waiting>();
  mine->act = std::move(act);
  std::unique_lock hold(mutex_);
  if (waiting_.size() >= most_waiting) return fail(Code::unavailable, "too many changes are waiting");
  waiting_.push_back(mine);
  const auto is_answered = [&] { return mine->answer.has_value(); };
  if (!answered_.wait_for(hold, patience, is_answered)) {
    if (!mine->is_taken) {
      std::erase(waiting_, mine);
      return fail(Code::unavailable, "nobody could make the change in time: nothing was changed");
    }
    // It is being written: what becomes of it has to be told.
    answered_.wait(hold, is_answered);
  }
  return *mine->answer;
}

void Desk::work(const std::function<Result<AuditEntry>(const Act&)>& apply) {
  std::unique_lock hold(mutex_);
  while (!waiting_.empty()) {
    const auto next = waiting_.front();
    waiting_.pop_front();
    next->is_taken = true;
    hold.unlock();
    auto answer = apply(next->act);
    hold.lock();
    next->answer = std::move(answer);
    answered_.notify_all();
  }
}

}  // namespace thap::serve
