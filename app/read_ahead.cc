#include "app/read_ahead.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace thap::app {

using ingest::Result;
using std::chrono::milliseconds;

namespace {

// Pausing and resuming partitions throws away what was fetched ahead: not for a batch that is merely large.
constexpr milliseconds hold_after{2'000}, hold_for{100};

}  // namespace

ReadAhead::ReadAhead(ingest::PostSource& source, const ingest::BatchLimits& limits, const nlp::Reader& reader,
                     int threads)
    : source_(source),
      limits_(limits),
      reader_(reader),
      most_ahead_(static_cast<std::size_t>(std::max(1, threads)) + batches_waiting) {
  threads_.emplace_back([this] { take(); });
  for (int n = 0; n < std::max(1, threads); ++n) threads_.emplace_back([this] { read(); });
}

ReadAhead::~ReadAhead() {
  {
    const std::lock_guard lock(mutex_);
    is_finishing_ = is_dropped_ = true;
  }
  room_.notify_all();
  work_.notify_all();
  for (auto& thread : threads_) thread.join();
  tell_written();
}

Result<std::optional<ReadBatch>> ReadAhead::next() {
  std::unique_lock lock(mutex_);
  ready_.wait(lock, [this] { return ahead_.empty() ? is_taken_ : ahead_.front()->is_read; });
  if (ahead_.empty()) {
    if (failed_) return tl::unexpected(*failed_);
    return std::optional<ReadBatch>{};
  }
  std::optional<ReadBatch> out = std::move(ahead_.front()->batch);
  ahead_.pop_front();
  lock.unlock();
  room_.notify_one();
  return out;
}

void ReadAhead::finish() {
  {
    const std::lock_guard lock(mutex_);
    is_finishing_ = true;
  }
  room_.notify_one();
}

void ReadAhead::written(const std::vector<ingest::SourcePosition>& positions) {
  const std::lock_guard lock(mutex_);
  written_.insert(written_.end(), positions.begin(), positions.end());
}

// ---- The thread that lives with the source

void ReadAhead::take() {
  for (bool goes_on = true; goes_on && wait_for_room();) {
    tell_written();
    auto batch = source_.next(limits_);
    goes_on = batch && !batch->end;
    const std::lock_guard lock(mutex_);
    if (batch) {
      ahead_.push_back(std::make_shared<Slot>());
      ahead_.back()->batch.batch = std::move(*batch);
      ahead_.back()->batch.progress = source_.progress();
      work_.notify_one();
    } else {
      failed_ = batch.error();
    }
  }
  {
    const std::lock_guard lock(mutex_);
    is_taken_ = true;
  }
  work_.notify_all();
  ready_.notify_one();
}

// False: nothing more is wanted.
bool ReadAhead::wait_for_room() {
  std::unique_lock lock(mutex_);
  const auto may_go_on = [this] { return is_finishing_ || ahead_.size() < most_ahead_; };
  bool is_held = true;
  if (!room_.wait_for(lock, hold_after, may_go_on))
    while (is_held && !may_go_on()) {
      lock.unlock();
      is_held = source_.hold(hold_for);
      lock.lock();
    }
  room_.wait(lock, may_go_on);
  return !is_finishing_;
}

void ReadAhead::tell_written() {
  std::vector<ingest::SourcePosition> positions;
  {
    const std::lock_guard lock(mutex_);
    positions.swap(written_);
  }
  if (!positions.empty()) source_.written(positions);
}

// ---- The threads that read

void ReadAhead::read() {
  std::unique_lock lock(mutex_);
  for (;;) {
    auto slot = std::find_if(ahead_.begin(), ahead_.end(), [](const auto& one) { return !one->is_begun; });
    if (is_dropped_ || (slot == ahead_.end() && is_taken_)) return;
    if (slot == ahead_.end()) {
      work_.wait(lock);
      continue;
    }
    const std::shared_ptr<Slot> mine = *slot;
    mine->is_begun = true;
    lock.unlock();
    read_posts(mine->batch);
    lock.lock();
    mine->is_read = true;
    if (ahead_.front() == mine) ready_.notify_one();
  }
}

void ReadAhead::read_posts(ReadBatch& batch) const {
  const auto& posts = batch.batch.posts;
  batch.readings.resize(posts.size());
  for (std::size_t i = 0; i < posts.size(); ++i)
    if (!posts[i].text.empty())
      batch.readings[i] = reader_.read(posts[i].text, {posts[i].author_is_official, true});
}

}  // namespace thap::app
