#include "ingest/event_time.h"

namespace thap::ingest {

std::string_view name(TimeCase time_case) {
  switch (time_case) {
    case TimeCase::as_given:
      return "as_given";
    case TimeCase::clamped:
      return "time_clamped";
    case TimeCase::late:
      return "late";
    case TimeCase::unknown:
      return "no_time";
  }
  return "unknown";
}

EventTime event_time(std::optional<std::int64_t> stamp_ms, SetBy set_by, std::optional<std::int64_t> kafka_ms,
                     std::int64_t max_lateness_ms) {
  if (stamp_ms && (*stamp_ms < 0 || *stamp_ms > last_time_ms)) stamp_ms.reset();
  if (kafka_ms && (*kafka_ms < 0 || *kafka_ms > last_time_ms)) kafka_ms.reset();
  if (!kafka_ms) {
    if (!stamp_ms || set_by == SetBy::author) return {0, TimeCase::unknown};
    return {*stamp_ms, TimeCase::as_given};
  }
  if (!stamp_ms || *stamp_ms > *kafka_ms + max_ahead_ms) return {*kafka_ms, TimeCase::clamped};
  if (*stamp_ms >= *kafka_ms - max_lateness_ms) return {*stamp_ms, TimeCase::as_given};
  if (set_by == SetBy::author) return {*kafka_ms, TimeCase::clamped};
  return {*stamp_ms, TimeCase::late};
}

}  // namespace thap::ingest
