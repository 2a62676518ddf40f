#include "serve/rate_table.h"

#include <algorithm>
#include <cmath>

namespace thap::serve {

double RateTable::filled(const Bucket& bucket, std::int64_t now_ms) const {
  const double seconds = static_cast<double>(std::max<std::int64_t>(0, now_ms - bucket.at_ms)) / 1'000;
  return std::min(burst_, bucket.tokens + seconds * per_second_);
}

RateTable::Verdict RateTable::verdict(double tokens, bool is_granted) const {
  return {is_granted, std::floor(tokens), tokens >= 1 ? 0 : (1 - tokens) / per_second_};
}

RateTable::Bucket& RateTable::bucket_of(const std::string& name, std::int64_t now_ms) {
  if (const auto found = by_name_.find(name); found != by_name_.end()) {
    buckets_.splice(buckets_.end(), buckets_, found->second);
    return *found->second;
  }
  // A full bucket says nothing that a new one would not: the oldest goes once it is.
  while (!buckets_.empty() && filled(buckets_.front(), now_ms) >= burst_) {
    by_name_.erase(buckets_.front().name);
    buckets_.pop_front();
  }
  if (buckets_.size() >= most_names_) {
    if (shared_.at_ms == 0) shared_ = {"", burst_, now_ms};
    return shared_;
  }
  buckets_.push_back({name, burst_, now_ms});
  by_name_.emplace(name, std::prev(buckets_.end()));
  return buckets_.back();
}

RateTable::Verdict RateTable::take(const std::string& name, std::int64_t now_ms) {
  Bucket& bucket = bucket_of(name, now_ms);
  bucket.tokens = filled(bucket, now_ms);
  bucket.at_ms = now_ms;
  const bool is_granted = bucket.tokens >= 1;
  if (is_granted) bucket.tokens -= 1;
  return verdict(bucket.tokens, is_granted);
}

}  // namespace thap::serve
