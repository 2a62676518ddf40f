// Applies what people ask for through the API, on the pipeline's thread: one write for the change, its place
// in the audit log, and what is owed to receivers because of it.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "app/pipeline.h"
#include "app/wall_clock.h"
#include "ingest/result.h"
#include "serve/audit.h"
#include "serve/desk.h"
#include "serve/mutes.h"
#include "store/window_store.h"

namespace thap::app {

// Threads: the pipeline's; desk() and mutes() may be used by any.
class RunDesk {
 public:
  // `now_ms`: the wall clock, by which mutes end; any thread.
  explicit RunDesk(std::function<std::int64_t()> now_ms = wall_clock_ms) : now_ms_(std::move(now_ms)) {}

  serve::Desk& desk() { return desk_; }
  const serve::Mutes& mutes() const { return mutes_; }

  // Takes up mutes and audit log of the store, which has to live until the last work(). Fails with `corrupt`
  // where the log is not as it was written: then nothing may be added to it.
  ingest::Result<void> begin(store::WindowStore& store);
  // Who sends a delivery again and writes `rows` with it; until it is set there are no deliveries.
  using SendAgain = std::function<ingest::Result<void>(const serve::OwedKey&, std::int64_t now_ms,
                                                       std::vector<store::KeyedBytes> rows)>;
  void send_by(SendAgain send_again) { send_again_ = std::move(send_again); }
  // Between two batches.
  void work(Pipeline& pipeline, const PipelineHooks& hooks);

 private:
  ingest::Result<serve::AuditEntry> apply(const serve::Act& act, Pipeline& pipeline,
                                          const PipelineHooks& hooks);
  ingest::Result<std::string> change_mutes(const serve::Act& act, std::vector<store::KeyedBytes>& rows,
                                           std::int64_t now_ms);

  const std::function<std::int64_t()> now_ms_;
  serve::Desk desk_;
  serve::Mutes mutes_;
  SendAgain send_again_;
  store::WindowStore* store_{nullptr};
  serve::AuditEntry last_;
};

}  // namespace thap::app
