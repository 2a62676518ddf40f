#include "serve/mutes.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace thap::serve {

using ingest::Code;
using ingest::fail;
using ingest::Result;
using nlohmann::ordered_json;

namespace {

Result<Mute> decode(std::string_view key, std::string_view bytes) {
  const auto row = ordered_json::parse(bytes, nullptr, false);
  if (!row.is_object() || !row.contains("v"))
    return fail(Code::corrupt, "a mute does not read back", std::string(key));
  if (row["v"] != 1) return fail(Code::newer_format, "a mute of a newer thap", std::string(key));
  try {
    return Mute{row.at("id"),      row.at("service"),  row.at("class"), row.at("region"),
                row.at("from_ms"), row.at("until_ms"), row.at("by"),    row.at("why")};
  } catch (const nlohmann::json::exception&) {
    return fail(Code::corrupt, "a mute does not read back", std::string(key));
  }
}

}  // namespace

bool covers(const Mute& mute, const rules::Incident& incident, const nlp::Lexicon& lexicon) {
  const auto* service = lexicon.service(incident.service);
  if (!mute.service.empty() && (!service || service->id != mute.service)) return false;
  if (!mute.klass.empty() && (!service || service->klass != mute.klass)) return false;
  return mute.region.empty() || incident.region == mute.region;
}

store::KeyedBytes mute_row(const Mute& m) {
  return {store::Family::incidents, std::string(mute_prefix) + m.id,
          ordered_json{{"v", 1},
                       {"id", m.id},
                       {"service", m.service},
                       {"class", m.klass},
                       {"region", m.region},
                       {"from_ms", m.from_ms},
                       {"until_ms", m.until_ms},
                       {"by", m.by},
                       {"why", m.why}}
              .dump()};
}

store::KeyedBytes no_mute_row(const std::string& id) {
  return {store::Family::incidents, std::string(mute_prefix) + id, std::nullopt};
}

Result<std::vector<Mute>> mutes_in(const store::WindowStore& store, std::int64_t now_ms) {
  std::vector<Mute> out;
  Result<void> fault;
  auto scanned =
      store.scan(store::Family::incidents, mute_prefix, [&](std::string_view key, std::string_view value) {
        auto mute = decode(key, value);
        if (!mute)
          fault = tl::unexpected(mute.error());
        else if (now_ms < mute->until_ms)
          out.push_back(std::move(*mute));
        return fault.has_value();
      });
  if (!scanned) return tl::unexpected(scanned.error());
  if (!fault) return tl::unexpected(fault.error());
  return out;
}

void Mutes::use(std::vector<Mute> mutes) {
  const std::lock_guard hold(mutex_);
  mutes_ = std::move(mutes);
}

std::optional<Mute> Mutes::muted(const rules::Incident& incident, const nlp::Lexicon& lexicon,
                                 std::int64_t now_ms) const {
  const std::lock_guard hold(mutex_);
  for (const auto& mute : mutes_)
    if (mute.from_ms <= now_ms && now_ms < mute.until_ms && covers(mute, incident, lexicon)) return mute;
  return std::nullopt;
}

}  // namespace thap::serve
