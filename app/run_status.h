// What thap run knows of itself: filled by the pipeline's thread, read by /-/ready and /metrics at any time.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "app/pipeline.h"
#include "ingest/kafka_source.h"
#include "rules/incident.h"
#include "serve/alerts/desk.h"
#include "serve/http_server.h"
#include "serve/operations.h"
#include "store/window_store.h"

namespace thap::app {

using SteadyClock = std::chrono::steady_clock;

// After so long without a record people are told that nothing comes.
inline constexpr std::chrono::seconds silence_after{60};
// The pipeline passes its loop five times a second even where nothing comes.
inline constexpr std::chrono::seconds stuck_after{30};

struct RunFigures {
  PipelineSummary summary;  // since the start of the process, over reloads
  ingest::KafkaGauges kafka;
  store::StoreFigures store;
  std::int64_t clock_ms{0};               // of the newest record
  std::map<rules::State, int> incidents;  // not ended, by state
  std::size_t owed_events{0};
  std::vector<serve::ReceiverFigures> receivers;
  std::string refused;    // why the broker refuses events; empty: it does not
  std::string waits_for;  // why a batch that was read cannot be finished; empty: it can
  std::string lexicon_version, rules_version;
  bool is_reloaded{true};  // false: the last reload failed, the old lexicon and rules stay
  std::uint64_t reloads{0}, failed_reloads{0};
  std::int64_t reloaded_ms{0};  // wall clock of the last load that succeeded
  bool is_stopping{false};
  SteadyClock::time_point last_record, last_step;
};

// Threads: publish() from one; the rest from any. What is published never changes, so the one lock is held
// for the exchange of a pointer.
class RunStatus {
 public:
  void publish(RunFigures figures) {
    auto next = std::make_shared<const RunFigures>(std::move(figures));
    const std::lock_guard hold(mutex_);
    figures_.swap(next);
  }
  std::shared_ptr<const RunFigures> figures() const {
    const std::lock_guard hold(mutex_);
    return figures_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const RunFigures> figures_;  // null: still opening
};

// `figures`: null while the store is opened. `most_lag`: records behind from which we are not ready.
serve::Readiness readiness_of(const RunFigures* figures, std::int64_t most_lag, SteadyClock::time_point now);
void add_run_metrics(const RunFigures& figures, SteadyClock::time_point now, serve::MetricsText& out);
// Memory, processor time, descriptors, from /proc; what it does not say is left out.
void add_process_metrics(serve::MetricsText& out);

// Keeps count of incidents that have not ended.
class OpenIncidents {
 public:
  void begin(const std::vector<rules::Incident>& incidents);
  void apply(const rules::Transition& transition);
  std::map<rules::State, int> by_state() const;

 private:
  std::map<rules::IncidentId, rules::State> open_;
};

}  // namespace thap::app
