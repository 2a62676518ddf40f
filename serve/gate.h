// The door before the handlers: who asks, whether they may, and whether not too often.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "serve/http.h"
#include "serve/rate_table.h"
#include "serve/tokens.h"

namespace thap::serve {

struct GateSettings {
  double requests_per_second{20}, requests_burst{100};  // a token, or an address without one
  double failed_logins_per_minute{5};                   // an address
  std::size_t most_clients{65'536};                     // remembered at once
  std::vector<std::string> proxies;                     // whose X-Forwarded-For is believed
  std::function<std::int64_t()> now_ms;                 // any thread
};

// For metrics. Since the start.
struct GateFigures {
  std::uint64_t unknown_tokens{0}, forbidden{0}, too_many_requests{0}, too_many_logins{0};
  std::uint64_t clients{0};  // remembered now
};

// Threads: admit() from one; the rest from any. Requests without a token that come straight from this machine
// are not counted: a proxy that nobody declared would make one client of all.
class Gate {
 public:
  Gate(GateSettings settings, std::shared_ptr<const TokenTable> tokens)
      : settings_(std::move(settings)),
        tokens_(std::move(tokens)),
        requests_(settings_.requests_per_second, settings_.requests_burst, settings_.most_clients),
        failures_(settings_.failed_logins_per_minute / 60, settings_.failed_logins_per_minute,
                  settings_.most_clients) {}

  // From the next request on.
  void use(std::shared_ptr<const TokenTable> tokens);

  struct Decision {
    std::optional<HttpResponse> refusal;                       // 401, 403, 429
    std::vector<std::pair<std::string, std::string>> headers;  // RateLimit, for the answer as well
  };
  // Sets request.caller. `needed`: the role of its route, anyone where there is none.
  Decision admit(Role needed, HttpRequest& request);

  GateFigures figures() const;

 private:
  std::shared_ptr<const TokenTable> tokens() const;
  HttpResponse refuse_token(const std::string& address, const HttpRequest& request, std::int64_t now_ms);
  void count(std::uint64_t GateFigures::*what);

  const GateSettings settings_;
  mutable std::mutex mutex_;  // over tokens_ and figures_
  std::shared_ptr<const TokenTable> tokens_;
  GateFigures figures_;
  RateTable requests_, failures_;
};

}  // namespace thap::serve
