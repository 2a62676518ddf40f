// The HTTP side of thap run: where it listens, and who is asked for health and metrics.
#pragma once
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "app/run_status.h"
#include "app/settings.h"
#include "serve/api.h"
#include "serve/http_server.h"

namespace thap::app {

// Loopback, so that nobody else reads along; if the port is taken, thap run only says so and goes on.
inline constexpr const char* default_listen = "127.0.0.1:8470";

// Threads: one opens and ends it; the server's threads ask it.
class RunServer {
 public:
  // `listen`: of the command line; empty: of the settings, else `default_listen`; "none": nothing listens.
  // Fails with `usage` or `io` where the place was asked for and cannot be had.
  static ingest::Result<std::unique_ptr<RunServer>> open(const std::string& listen, const Settings& settings,
                                                         RunStatus& status,
                                                         std::vector<serve::Route> further);
  serve::HttpServer* http() { return server_.get(); }  // null: nothing listens
  void stop(std::chrono::milliseconds grace) {
    if (server_) server_->stop(grace);
  }

 private:
  std::atomic<serve::HttpServer*> asked_{nullptr};  // for metrics: set when it listens
  std::unique_ptr<serve::HttpServer> server_;       // last: its threads ask what stands above
};

// Masked texts only where nobody but this machine can ask. `listen`: as above, or empty.
serve::ApiSettings api_settings(const std::string& listen, const Settings& settings);

// Fails with `usage`.
ingest::Result<serve::HttpSettings> http_settings(const std::string& listen, const Settings& settings);

}  // namespace thap::app
