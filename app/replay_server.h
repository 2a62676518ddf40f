// What `thap replay --serve` shows: page and API over a store that a replay is filling, and the replay's
// clock.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "app/cli.h"
#include "app/replay_clock.h"
#include "rules/incident.h"
#include "serve/api.h"
#include "serve/http_server.h"
#include "store/window_store.h"

namespace thap::app {

// Threads: one opens it and calls it; the server's threads ask it. Ends before store and clock do.
class ReplayServer {
 public:
  // `listen`: HOST:PORT, empty as for thap run. Fails with `usage` or `io`.
  static ingest::Result<std::unique_ptr<ReplayServer>> open(const std::string& listen,
                                                            const Settings& settings, ReplayClock& clock);
  ~ReplayServer() { stop(); }

  // What is answered from. Fails with `corrupt`, `newer_format`.
  ingest::Result<void> show(const store::WindowStore& store, nlp::Lexicon::Pointer lexicon,
                            std::shared_ptr<const rules::RuleSet> rules);
  void tell(const rules::Transition& transition);  // durable by now
  std::string address() const { return server_->address(); }
  void stop() {
    if (server_) server_->stop();
  }

 private:
  explicit ReplayServer(serve::ApiSettings settings) : api_(std::move(settings)) {}

  serve::Api api_;
  nlp::Lexicon::Pointer lexicon_;
  std::unique_ptr<serve::HttpServer> server_;  // last: its threads ask the others
};

// POST /api/v1/replay: {"speed": 60, "paused": true}, either alone. Only as JSON, which no page of another
// host may send unasked.
serve::Route replay_route(ReplayClock& clock);

}  // namespace thap::app
