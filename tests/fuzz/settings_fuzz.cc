// Any bytes as a settings file: settings within their bounds, or an error that says where.
#include <cstdlib>
#include <string>

#include "app/settings.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto settings = thap::app::parse_settings({reinterpret_cast<const char*>(data), size}, "fuzzed.json");
  if (!settings) {
    require(settings.error().code == thap::ingest::Code::bad_setting);
    require(!settings.error().text.empty() && settings.error().place.starts_with("fuzzed.json"));
    return 0;
  }
  require(settings->ingest.max_text_bytes >= 280 && settings->ingest.max_text_bytes <= 1 << 20);
  require(settings->ingest.max_batch_posts >= 1 && settings->ingest.max_batch_posts <= 100'000);
  require(settings->store.minute_days >= 1 && settings->store.minute_days <= 400);
  require(settings->store.evidence_days >= 0 && settings->store.evidence_days <= 30);
  require(settings->store.seen_hours >= 1 && settings->store.seen_hours <= 168);
  return 0;
}
