#include "store/expiry.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "store/keys.h"
#include "store/rows.h"

namespace thap::store {
namespace {

constexpr std::uint32_t minutes_a_day = 1440, hours_a_day = 24, max_evidence_days = 30;

std::uint32_t floor_at(std::int64_t clock_ms, std::int64_t unit_ms, std::int64_t kept) {
  if (clock_ms <= 0) return 0;
  const auto now = std::min<std::int64_t>(clock_ms / unit_ms, ~std::uint32_t{0});
  return static_cast<std::uint32_t>(std::max<std::int64_t>(now - kept, 0));
}

class ExpiryFilter : public rocksdb::CompactionFilter {
 public:
  ExpiryFilter(Expires what, const Retention& retention) : what_(what) {
    if (what == Expires::minutes) floor_ = retention.minute_floor();
    if (what == Expires::hours) floor_ = retention.hour_floor();
    if (what == Expires::evidence || what == Expires::evidence_index) floor_ = retention.evidence_floor();
  }
  const char* Name() const override { return "thap.expiry.1"; }

  Decision FilterV2(int, const rocksdb::Slice& key, ValueType, const rocksdb::Slice& value, std::string*,
                    std::string*) const override {
    const auto minute = unit_of({key.data(), key.size()}, {value.data(), value.size()});
    return minute && *minute < floor_ ? Decision::kRemove : Decision::kKeep;
  }

 private:
  // The minute or hour of a row; nullopt: keep it.
  std::optional<std::uint32_t> unit_of(std::string_view key, std::string_view value) const {
    if (what_ == Expires::minutes || what_ == Expires::hours) return minute_in_window_key(key);
    if (what_ == Expires::evidence) {
      const auto place = parse_evidence_key(key);
      return place ? std::optional(place->minute) : std::nullopt;
    }
    if (const auto place = parse_index_key(key)) return place->minute;
    const auto asked_ms = decode_time(value);
    return asked_ms ? std::optional(minute_of(std::max<std::int64_t>(*asked_ms, 0))) : std::nullopt;
  }

  Expires what_;
  std::uint32_t floor_{0};
};

class ExpiryFilterFactory : public rocksdb::CompactionFilterFactory {
 public:
  ExpiryFilterFactory(Expires what, std::shared_ptr<const Retention> retention)
      : what_(what), retention_(std::move(retention)) {}
  const char* Name() const override { return "thap.expiry.1"; }
  std::unique_ptr<rocksdb::CompactionFilter> CreateCompactionFilter(
      const rocksdb::CompactionFilter::Context&) override {
    return std::make_unique<ExpiryFilter>(what_, *retention_);
  }

 private:
  Expires what_;
  std::shared_ptr<const Retention> retention_;
};

}  // namespace

Retention::Retention(const StoreSettings& settings)
    : minute_days_(settings.minute_days),
      hour_days_(settings.hour_days),
      evidence_days_(std::min(settings.evidence_days, max_evidence_days)),
      seen_hours_(settings.seen_hours) {}

void Retention::advance(std::int64_t newest_clock_ms) {
  if (newest_clock_ms > newest_clock_ms_.load(std::memory_order_relaxed))
    newest_clock_ms_.store(newest_clock_ms, std::memory_order_release);
}

Minute Retention::minute_floor_at(std::int64_t clock_ms) const {
  return floor_at(clock_ms, 60'000, std::int64_t{minute_days_} * minutes_a_day);
}

std::uint32_t Retention::hour_floor() const {
  return floor_at(newest_clock_ms(), 3'600'000, std::int64_t{hour_days_} * hours_a_day);
}

Minute Retention::evidence_floor_at(std::int64_t clock_ms) const {
  return floor_at(clock_ms, 60'000, std::int64_t{evidence_days_} * minutes_a_day);
}

std::uint32_t Retention::seen_floor_at(std::int64_t clock_ms) const {
  return floor_at(clock_ms, 3'600'000, seen_hours_);
}

std::shared_ptr<rocksdb::CompactionFilterFactory> expiry_filter(Expires what,
                                                                std::shared_ptr<const Retention> retention) {
  return std::make_shared<ExpiryFilterFactory>(what, std::move(retention));
}

}  // namespace thap::store
