// The HTTP side of thap run: where it listens, and who is asked for health and metrics.
#pragma once
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "app/cli.h"
#include "app/run_status.h"
#include "app/settings.h"
#include "serve/api.h"
#include "serve/gate.h"
#include "serve/http_server.h"

namespace thap::app {

// Loopback, so that nobody else reads along; if the port is taken, thap run only says so and goes on.
inline constexpr const char* default_listen = "127.0.0.1:8470";

// `listen`: of the command line; empty: of the settings, else `default_listen`. `desk`: who makes changes
// that people ask for; null: nobody does.
serve::ApiSettings api_settings(const std::string& listen, const Settings& settings,
                                serve::Desk* desk = nullptr);

// Tokens, what who has none may do, and how often. Without tokens, where only this machine can ask, everybody
// may see masked texts.
std::shared_ptr<serve::Gate> gate_for(const serve::HttpSettings& http, const Settings& settings);
// Tokens of the settings file as it is now; says what became of it. What cannot be read leaves the old ones.
void reload_tokens(const Common& common, const serve::HttpSettings& http, serve::Gate& gate);
// Fails with `usage` where others could listen to what travels and nobody has said that this is meant.
ingest::Result<void> check_exposure(const serve::HttpSettings& http, const Settings& settings);

// Fails with `usage`.
ingest::Result<serve::HttpSettings> http_settings(const std::string& listen, const Settings& settings);

// Threads: one opens and ends it; the server's threads ask it.
class RunServer {
 public:
  // `listen`: as above; "none": nothing listens.
  // Fails with `usage` or `io` where the place was asked for and cannot be had.
  static ingest::Result<std::unique_ptr<RunServer>> open(const std::string& listen, const Settings& settings,
                                                         RunStatus& status,
                                                         std::vector<serve::Route> further);
  serve::HttpServer* http() { return server_.get(); }  // null: nothing listens
  void reload(const Common& common) {                  // what SIGHUP asks for
    if (gate_) reload_tokens(common, http_settings_, *gate_);
  }
  void stop(std::chrono::milliseconds grace) {
    if (server_) server_->stop(grace);
  }

 private:
  std::atomic<serve::HttpServer*> asked_{nullptr};  // for metrics: set when it listens
  serve::HttpSettings http_settings_;
  std::shared_ptr<serve::Gate> gate_;          // null: nothing listens
  std::unique_ptr<serve::HttpServer> server_;  // last: its threads ask what stands above
};

}  // namespace thap::app
