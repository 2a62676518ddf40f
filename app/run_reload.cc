#include "app/run_reload.h"

#include <chrono>

namespace thap::app {

using ingest::Result;

Result<Knowledge> load_knowledge(const Common& common, const Settings& settings) {
  const auto lexicon = load_lexicon(common, settings);
  if (!lexicon) return tl::unexpected(lexicon.error());
  const auto rules = load_rule_set(common, settings);
  if (!rules) return tl::unexpected(rules.error());
  return Knowledge{*lexicon, *rules};
}

Reloader::~Reloader() {
  if (loading_.valid()) loading_.wait();
}

void Reloader::begin() {
  if (loading_.valid()) {
    is_asked_again_ = true;
    return;
  }
  loading_ = std::async(std::launch::async, [this] { return load_knowledge(common_, settings_); });
}

std::optional<Result<Knowledge>> Reloader::poll() {
  if (!loading_.valid() || loading_.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
    return std::nullopt;
  auto loaded = loading_.get();
  if (!std::exchange(is_asked_again_, false)) return loaded;
  begin();
  return std::nullopt;
}

}  // namespace thap::app
