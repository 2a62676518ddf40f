#include "rules/feed_watch.h"

#include <algorithm>
#include <cmath>

#include "rules/bytes.h"

namespace thap::rules {

namespace {
std::size_t hour_of(std::int64_t second) { return static_cast<std::size_t>(second / 3600 % 24); }
constexpr double week_s = 7 * 86'400;
}  // namespace

void FeedWatch::record(std::int64_t second) {
  if (second <= last_) return;
  if (last_ >= 0) {
    const bool stalled = second > last_ + limit_;
    if (stalled) ended_.push_back({last_ + limit_, second});
    auto& hour = hours_[hour_of(last_)];
    // A stall teaches nothing, except where a feed may just be sparse.
    if (!stalled || !is_learned(hour)) {
      if (const auto day = last_ / 86'400; hour.day != day) {
        hour.seconds *= 0.9;
        hour.with_records *= 0.9;
        hour.day = day;
      }
      hour.seconds += static_cast<double>(std::min<std::int64_t>(second - last_, 3600));
      // Seconds with a record, not records: what arrives in one bunch says nothing of gaps.
      hour.with_records += 1;
    }
  }
  last_ = second;
  limit_ = limit_at(second);
}

std::int64_t FeedWatch::limit_at(std::int64_t second) const {
  const auto& now = hours_[hour_of(second)];
  const auto& next = hours_[hour_of(second + 3600)];
  // The next hour may be quieter, and the gap may reach into it.
  if (!is_learned(now) || !is_learned(next)) return unlearned_s;
  const double rate = std::min(now.with_records / now.seconds, next.with_records / next.seconds);
  // In a week there are rate * week gaps, of which exp(-rate * g) are longer than g.
  const double gap = std::log(std::max(rate * week_s, 1.0)) / rate;
  return std::clamp(static_cast<std::int64_t>(std::ceil(gap)), shortest_s, std::int64_t{86'400});
}

void FeedWatch::put(ByteWriter& out) const {
  for (const auto& hour : hours_) {
    out.put(hour.seconds);
    out.put(hour.with_records);
    out.put(hour.day);
  }
  out.put(last_);
  out.put(limit_);
  out.put(static_cast<std::uint32_t>(ended_.size()));
  for (const auto& stall : ended_) {
    out.put(stall.from);
    out.put(stall.to);
  }
}

void FeedWatch::get(ByteReader& in) {
  for (auto& hour : hours_) {
    in.get_into(hour.seconds);
    in.get_into(hour.with_records);
    in.get_into(hour.day);
  }
  in.get_into(last_);
  in.get_into(limit_);
  ended_.resize(in.count(16));
  for (auto& stall : ended_) {
    in.get_into(stall.from);
    in.get_into(stall.to);
  }
}

}  // namespace thap::rules
