#include "app/paced_source.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace thap::app {

using ingest::Result;
using ingest::SourceBatch;

namespace {

// Often enough that a stop or a change of speed is felt at once.
constexpr std::int64_t longest_sleep_ms = 20;

void append(SourceBatch& to, SourceBatch&& more) {
  std::move(more.posts.begin(), more.posts.end(), std::back_inserter(to.posts));
  std::move(more.dead_letters.begin(), more.dead_letters.end(), std::back_inserter(to.dead_letters));
  for (const auto& [reason, count] : more.skipped) to.skipped[reason] += count;
  for (const auto& [reason, count] : more.repaired) to.repaired[reason] += count;
  to.records += more.records;
  to.bytes += more.bytes;
  for (auto& position : more.positions) {
    const auto same = std::find_if(to.positions.begin(), to.positions.end(), [&](const auto& known) {
      return known.source == position.source && known.partition == position.partition;
    });
    if (same == to.positions.end())
      to.positions.push_back(std::move(position));
    else
      *same = std::move(position);
  }
  to.watermark_ms = more.watermark_ms;
  to.end = more.end;
}

}  // namespace

void PacedSource::read_ahead() {
  ahead_ = source_->next({1, std::chrono::milliseconds(0)});
  if (!*ahead_ || (*ahead_)->posts.empty()) return;  // due with what came before it
  ahead_ms_ = (*ahead_)->posts.front().clock_ms;
  const std::int64_t now = clock_.now_ms();
  if (now == 0) clock_.begin_at(ahead_ms_);
  if (ahead_ms_ >= now) clock_.start();
}

void PacedSource::wait_for_next(const ingest::BatchLimits& limits) const {
  const auto end = steady_ms() + limits.max_wait.count();
  for (std::int64_t left = 0; (left = end - steady_ms()) > 0;) {
    const std::int64_t wait = clock_.wait_ms(ahead_ms_);
    if (wait == 0) return;
    const std::int64_t sleep = std::min(left, wait < 0 ? longest_sleep_ms : std::min(wait, longest_sleep_ms));
    std::this_thread::sleep_for(std::chrono::milliseconds(sleep));
  }
}

Result<SourceBatch> PacedSource::next(const ingest::BatchLimits& limits) {
  SourceBatch out;
  out.watermark_ms = watermark_ms_;
  while (!out.end && out.posts.size() < limits.max_posts) {
    if (!ahead_) read_ahead();
    if (!*ahead_) {
      if (out.records > 0) break;
      return *std::exchange(ahead_, std::nullopt);
    }
    if (clock_.wait_ms(ahead_ms_) != 0) {
      if (out.records > 0) break;
      wait_for_next(limits);
      if (clock_.wait_ms(ahead_ms_) != 0) break;
    }
    append(out, std::move(**ahead_));
    ahead_.reset();
  }
  if (out.end) {
    clock_.end_at(std::max(ahead_ms_, clock_.now_ms()));
  } else if (ahead_) {
    // The next record is known and not due: until then there is silence.
    out.watermark_ms = std::max(watermark_ms_, std::min(clock_.now_ms(), ahead_ms_));
  }
  watermark_ms_ = std::max(watermark_ms_, out.watermark_ms);
  return out;
}

}  // namespace thap::app
