// What thap run does about a store that cannot be written: it stays up, reads on nothing, and tries until the
// disk takes what it writes.
#pragma once
#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "app/run_status.h"
#include "ingest/result.h"
#include "store/window_store.h"

namespace thap::app {

// Whether a file can be written, synced and removed in `directory`, and as much is free as opening the store
// may write. Fails with `io`.
ingest::Result<void> check_disk(const std::string& directory);

// Threads: the pipeline's.
class StoreRescue {
 public:
  struct Hooks {
    std::function<bool()> should_stop;
    std::function<void()> meanwhile;  // called all the time; has to wait a little
    std::function<void(std::string_view)> say;
  };

  StoreRescue(store::WindowStore& store, std::string directory, Hooks hooks)
      : store_(store), directory_(std::move(directory)), hooks_(std::move(hooks)) {}

  // Returns once the store has been opened anew and is whole: true; or when asked to stop: false. One line at
  // the begin, one for every new reason, one at the end.
  bool wait();

 private:
  ingest::Result<void> try_once();

  store::WindowStore& store_;
  std::string directory_;
  Hooks hooks_;
  // Doubled by a store that breaks again at once; well under the half minute in which thap is to go on.
  std::chrono::seconds pause_{1};
  SteadyClock::time_point rescued_at_{};
};

}  // namespace thap::app
