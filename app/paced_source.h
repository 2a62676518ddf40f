// Posts of a file as if they came now: each is handed out when a replay's clock shows its time.
#pragma once
#include <memory>
#include <optional>

#include "app/replay_clock.h"
#include "ingest/post_source.h"

namespace thap::app {

// Posts from before the time at which the clock stands go through at once; the first later one starts it. A
// clock that stands at 0 begins with the first post. While nobody posts, the watermark follows the clock, so
// that silence is noticed when it happens. Errors come after everything that was read before them.
// Threads: as PostSource.
class PacedSource : public ingest::PostSource {
 public:
  PacedSource(std::unique_ptr<ingest::PostSource> source, ReplayClock& clock)
      : source_(std::move(source)), clock_(clock) {}

  ingest::Result<ingest::SourceBatch> next(const ingest::BatchLimits& limits) override;
  double progress() const override { return source_->progress(); }
  void stop() override { source_->stop(); }

 private:
  void read_ahead();
  void wait_for_next(const ingest::BatchLimits& limits) const;

  const std::unique_ptr<ingest::PostSource> source_;
  ReplayClock& clock_;
  std::optional<ingest::Result<ingest::SourceBatch>> ahead_;  // one record, or why there is none
  std::int64_t ahead_ms_{0};                                  // when it is due
  std::int64_t watermark_ms_{0};
};

}  // namespace thap::app
