#include "serve/audit.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "serve/sha256.h"

namespace thap::serve {

using nlohmann::ordered_json;

namespace {

std::string key_of(std::uint64_t number) { return fmt::format("{}{:010}", audit_prefix, number); }

std::string hash_of(const AuditEntry& e) {
  return hex(sha256(ordered_json{e.number, e.at_ms, e.who, e.act, e.target, e.reason, e.previous}.dump()));
}

std::string encode(const AuditEntry& e) {
  return ordered_json{{"v", 1},        {"number", e.number}, {"at_ms", e.at_ms},   {"who", e.who},
                      {"act", e.act},  {"target", e.target}, {"reason", e.reason}, {"previous", e.previous},
                      {"hash", e.hash}}
      .dump();
}

std::optional<AuditEntry> decode(std::string_view bytes) {
  const auto row = ordered_json::parse(bytes, nullptr, false);
  if (!row.is_object()) return std::nullopt;
  try {
    AuditEntry out;
    out.number = row.at("number").get<std::uint64_t>();
    out.at_ms = row.at("at_ms").get<std::int64_t>();
    for (const auto& [name, member] : {std::pair{"who", &out.who}, std::pair{"act", &out.act},
                                       std::pair{"target", &out.target}, std::pair{"reason", &out.reason},
                                       std::pair{"previous", &out.previous}, std::pair{"hash", &out.hash}})
      *member = row.at(name).get<std::string>();
    return out;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

}  // namespace

store::KeyedBytes audit_row(const AuditEntry& last, AuditEntry& entry) {
  entry.number = last.number + 1;
  entry.previous = last.hash;
  entry.hash = hash_of(entry);
  return {store::Family::incidents, key_of(entry.number), encode(entry)};
}

ingest::Result<AuditTrail> audit_trail(const store::WindowStore& store) {
  AuditTrail out;
  AuditEntry last;
  auto scanned =
      store.scan(store::Family::incidents, audit_prefix, [&](std::string_view key, std::string_view value) {
        auto entry = decode(value);
        // Not one byte may differ, also none that means the same in JSON.
        const bool fits = entry && entry->number == last.number + 1 && key == key_of(entry->number) &&
                          entry->previous == last.hash && entry->hash == hash_of(*entry) &&
                          value == encode(*entry);
        if (!fits) {
          out.broken_at = last.number + 1;
          return false;
        }
        last = *entry;
        out.entries.push_back(std::move(*entry));
        return true;
      });
  if (!scanned) return tl::unexpected(scanned.error());
  return out;
}

}  // namespace thap::serve
