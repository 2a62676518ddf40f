#include "ingest/kafka_fetches.h"

#include <algorithm>

namespace thap::ingest {

void FetchWatch::answered(std::int32_t broker, Instant now) {
  const std::lock_guard lock(mutex_);
  const auto [at, is_new] = last_.try_emplace(broker, now);
  if (is_new || now - at->second > gap_after) steady_since_ = now;
  at->second = now;
}

KafkaPartitions::Fetches FetchWatch::fetches(Instant now) const {
  const std::lock_guard lock(mutex_);
  KafkaPartitions::Fetches out{steady_since_, Instant::max(), true};
  for (const auto& [broker, last] : last_)
    if (now - last <= forgotten_after) out.last = std::min(out.last, last);
  out.are_answered = out.last != Instant::max() && now - out.last <= gap_after;
  return out;
}

}  // namespace thap::ingest
