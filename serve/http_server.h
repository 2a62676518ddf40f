// A small HTTP/1.1 server for the API, the page, the metrics and the event stream. In: routes. Out: answers,
// and events to whoever listens. The one place that knows Boost.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ingest/result.h"
#include "serve/gate.h"
#include "serve/http.h"

namespace thap::serve {

struct HttpSettings {
  std::string host{"127.0.0.1"};  // an address, not a name
  std::uint16_t port{0};          // 0: any free one
  // Names under which we may be asked, beside the address itself and localhost: a page elsewhere must not
  // reach us by a name of its own (DNS rebinding).
  std::vector<std::string> public_hosts;
  std::size_t header_bytes{8'192}, body_bytes{1'048'576};
  std::chrono::milliseconds header_time{10'000}, body_time{10'000}, idle_time{30'000};
  std::size_t connections{12'000};
  // Or of a /64 of IPv6. Loopback and declared proxies apart: many stand behind them.
  std::size_t connections_an_address{64};
  std::vector<std::string> proxies;
  std::size_t streams{10'000};
  std::size_t events_a_stream{256};  // queued; who falls further behind is told so and closed
  std::chrono::milliseconds heartbeat{15'000};
  std::size_t waiting_requests{256};  // for the thread that reads the store; beyond it 503
};

// For metrics. Everything since the start.
struct HttpFigures {
  std::uint64_t connections{0}, streams{0};  // now
  std::uint64_t refused{0};                  // connections over a limit
  std::uint64_t timed_out{0};
  std::uint64_t streams_dropped{0};                              // fell behind
  std::uint64_t events{0};                                       // published
  std::map<std::pair<std::string, int>, std::uint64_t> answers;  // route pattern ("" where none), status
};

// "HOST:PORT", "[::1]:PORT" or "PORT". Fails with `usage`.
ingest::Result<std::pair<std::string, std::uint16_t>> parse_listen(std::string_view text);

// Threads: one runs sockets, one runs handlers; neither ever holds up a caller of publish(). All functions
// from any thread.
class HttpServer {
 public:
  // Listens on return. `gate`: asked before every handler; without one everybody may ask everything, as
  // Role::admin. Fails with `usage` (no address) or `io` (taken, not ours).
  static ingest::Result<std::unique_ptr<HttpServer>> open(const HttpSettings& settings,
                                                          std::vector<Route> routes,
                                                          std::shared_ptr<Gate> gate = nullptr);
  ~HttpServer();  // stop()

  std::uint16_t port() const;
  std::string address() const;  // "http://127.0.0.1:8470"

  // To every stream that wants it and has not had it in its `first`. The last 1,024 are kept for those that
  // connect meanwhile.
  void publish(StreamEvent event);
  HttpFigures figures() const;

  // Says bye to streams, lets answers under way go out for at most `grace`.
  void stop(std::chrono::milliseconds grace = std::chrono::milliseconds(300));

  struct Impl;

 private:
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace thap::serve
