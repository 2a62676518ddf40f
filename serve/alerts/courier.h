// Carries requests to receivers, many at once, on a thread of its own: a receiver that hangs holds up nobody.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "serve/alerts/notice.h"

namespace thap::serve {

struct Answer {
  std::uint64_t ticket{0};
  int status{0};  // 0: none came, `failure` says why
  std::string failure;
  std::string body;  // its first 4 KiB
  std::optional<std::int64_t> retry_after_s;
  bool is_success() const { return status >= 200 && status < 300; }
};

// Requests go to http and https only, past no proxy, follow no redirect; a name is resolved once and the
// connection goes to the address that was checked (address_guard.h). An answer has `timeout` to come.
// Threads: any.
class Courier {
 public:
  explicit Courier(std::chrono::milliseconds timeout = std::chrono::seconds(20));
  ~Courier();  // gives up what is under way

  std::uint64_t send(OutgoingRequest request);
  std::vector<Answer> take_answers();  // that have come since the last call
  // Waits for what is under way; true if all came.
  bool wait(std::chrono::milliseconds deadline);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace thap::serve
