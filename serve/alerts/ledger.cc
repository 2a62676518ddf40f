#include "serve/alerts/ledger.h"

#include <fmt/format.h>

#include <charconv>
#include <deque>
#include <nlohmann/json.hpp>
#include <optional>

#include "serve/incident_json.h"

namespace thap::serve {

using ingest::Code;
using ingest::fail;
using ingest::Result;
using nlohmann::json;

namespace {

constexpr std::string_view owed_prefix = "q/", known_prefix = "k/", attempt_prefix = "l/";
constexpr int format = 1;
constexpr auto family = store::Family::incidents;

std::vector<std::string> parts_of(std::string_view key) {
  std::vector<std::string> out(1);
  for (const char c : key) {
    if (c == '/')
      out.emplace_back();
    else
      out.back() += c;
  }
  return out;
}
template <class Number>
bool read_number(const std::string& text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

Result<json> row_json(std::string_view key, std::string_view value) {
  auto row = json::parse(value, nullptr, false);
  if (!row.is_object() || !row.contains("v") || !row["v"].is_number_integer())
    return fail(Code::corrupt, "a row about receivers does not read back", std::string(key));
  if (row["v"].get<int>() != format)
    return fail(Code::newer_format, "a row about receivers was written by a newer thap", std::string(key));
  return row;
}
EventType type_in(const json& row) {
  return static_cast<EventType>(std::min(row.value("type", 0U), static_cast<unsigned>(EventType::retracted)));
}

// `parts`: of the key; the row's JSON has the right version. False: the key does not read back.
bool take_owed(const std::vector<std::string>& parts, const json& row, Ledger& out) {
  OwedKey key;
  if (parts.size() != 4 || !read_number(parts[3], key.sequence)) return false;
  key.receiver = parts[1];
  key.incident = parts[2];
  Owed owed;
  owed.type = type_in(row);
  owed.severity = static_cast<rules::Severity>(std::min(row.value("severity", 0U), 2U));
  owed.is_relapse = row.value("relapse", false);
  owed.is_live = row.value("live", true);
  owed.at_ms = row.value("at_ms", std::int64_t{0});
  owed.due_ms = row.value("due_ms", std::int64_t{0});
  owed.attempts = row.value("attempts", 0U);
  out.owed.emplace(std::move(key), owed);
  return true;
}
bool take_known(const std::vector<std::string>& parts, const json& row, Ledger& out) {
  if (parts.size() != 3) return false;
  out.known[{parts[1], parts[2]}] = {row.value("thread", parts[2]), row.value("message_id", ""),
                                     row.value("at_ms", std::int64_t{0}), row.value("ended", false)};
  return true;
}
std::optional<Attempt> attempt_in(const std::vector<std::string>& parts, const json& row) {
  Attempt out;
  if (parts.size() != 5 || !read_number(parts[2], out.at_ms) || !read_number(parts[4], out.key.sequence))
    return std::nullopt;
  out.key.receiver = parts[1];
  out.key.incident = parts[3];
  out.type = type_in(row);
  out.status = row.value("status", 0);
  out.failure = row.value("failure", "");
  out.number = row.value("number", 1U);
  out.is_given_up = row.value("given_up", false);
  return out;
}

}  // namespace

std::string delivery_id(const OwedKey& key) {
  return fmt::format("msg_{}_{}_{}", key.incident, key.sequence, key.receiver);
}

std::optional<OwedKey> delivery_of(std::string_view id) {
  constexpr std::string_view begin = "msg_", incident_begin = "inc_";
  if (!id.starts_with(begin) || !id.substr(begin.size()).starts_with(incident_begin)) return std::nullopt;
  const auto incident_end = id.find('_', begin.size() + incident_begin.size());
  const auto sequence_end = incident_end == id.npos ? id.npos : id.find('_', incident_end + 1);
  if (sequence_end == id.npos || sequence_end + 1 == id.size()) return std::nullopt;
  OwedKey out;
  out.incident = id.substr(begin.size(), incident_end - begin.size());
  out.receiver = id.substr(sequence_end + 1);
  if (!read_number(std::string(id.substr(incident_end + 1, sequence_end - incident_end - 1)), out.sequence))
    return std::nullopt;
  return out;
}

store::KeyedBytes owed_row(const OwedKey& key, const Owed& owed) {
  const json row{{"v", format},
                 {"type", static_cast<int>(owed.type)},
                 {"severity", static_cast<int>(owed.severity)},
                 {"relapse", owed.is_relapse},
                 {"live", owed.is_live},
                 {"at_ms", owed.at_ms},
                 {"due_ms", owed.due_ms},
                 {"attempts", owed.attempts}};
  auto out = no_longer_owed(key);
  out.value = row.dump();
  return out;
}
store::KeyedBytes no_longer_owed(const OwedKey& key) {
  return {family, fmt::format("{}{}/{}/{:010}", owed_prefix, key.receiver, key.incident, key.sequence),
          std::nullopt};
}
store::KeyedBytes known_row(const std::string& receiver, const std::string& incident, const Known& known) {
  const json row{{"v", format},
                 {"thread", known.thread},
                 {"message_id", known.message_id},
                 {"at_ms", known.at_ms},
                 {"ended", known.is_ended}};
  auto out = forgotten_row(receiver, incident);
  out.value = row.dump();
  return out;
}
store::KeyedBytes forgotten_row(const std::string& receiver, const std::string& incident) {
  return {family, fmt::format("{}{}/{}", known_prefix, receiver, incident), std::nullopt};
}
store::KeyedBytes attempt_row(const Attempt& attempt) {
  const json row{{"v", format},
                 {"type", static_cast<int>(attempt.type)},
                 {"status", attempt.status},
                 {"failure", attempt.failure},
                 {"number", attempt.number},
                 {"given_up", attempt.is_given_up}};
  return {family,
          fmt::format("{}{}/{:013}/{}/{:010}", attempt_prefix, attempt.key.receiver, attempt.at_ms,
                      attempt.key.incident, attempt.key.sequence),
          row.dump(-1, ' ', false, json::error_handler_t::replace)};
}

std::string_view outcome(const Attempt& attempt) {
  return attempt.failure.empty() ? "delivered" : attempt.is_given_up ? "given up" : "failed";
}
nlohmann::ordered_json attempt_json(const Attempt& attempt) {
  return {{"at", utc_time(attempt.at_ms)},
          {"receiver", attempt.key.receiver},
          {"delivery", delivery_id(attempt.key)},
          {"type", name(attempt.type)},
          {"attempt", attempt.number},
          {"outcome", outcome(attempt)},
          {"status", attempt.status},
          {"failure", attempt.failure}};
}
nlohmann::ordered_json owed_json(const OwedKey& key, const Owed& owed) {
  return {{"due", utc_time(owed.due_ms)}, {"receiver", key.receiver}, {"delivery", delivery_id(key)},
          {"type", name(owed.type)},      {"attempt", owed.attempts}, {"outcome", "owed"}};
}

Result<Ledger> read_ledger(const store::WindowStore& store) {
  Ledger out;
  Result<void> fault;
  for (const auto prefix : {owed_prefix, known_prefix}) {
    auto scanned = store.scan(family, prefix, [&](std::string_view key, std::string_view value) {
      const auto row = row_json(key, value);
      if (!row) {
        fault = tl::unexpected(row.error());
        return false;
      }
      const auto parts = parts_of(key);
      if (prefix == owed_prefix ? take_owed(parts, *row, out) : take_known(parts, *row, out)) return true;
      fault = fail(Code::corrupt, "the key of a row about receivers does not read back", std::string(key));
      return false;
    });
    if (!scanned) return tl::unexpected(scanned.error());
    if (!fault) return tl::unexpected(fault.error());
  }
  return out;
}

Result<std::vector<Attempt>> read_attempts(const store::WindowStore& store, const std::string& receiver,
                                           std::size_t limit) {
  std::vector<Attempt> all;
  Result<void> fault;
  const std::string prefix = std::string(attempt_prefix) + (receiver.empty() ? "" : receiver + "/");
  auto scanned = store.scan(family, prefix, [&](std::string_view key, std::string_view value) {
    const auto row = row_json(key, value);
    const auto attempt = row ? attempt_in(parts_of(key), *row) : std::nullopt;
    if (!attempt) {
      fault = row ? fail(Code::corrupt, "the key of an attempt does not read back", std::string(key))
                  : tl::unexpected(row.error());
      return false;
    }
    all.push_back(*attempt);
    return true;
  });
  if (!scanned) return tl::unexpected(scanned.error());
  if (!fault) return tl::unexpected(fault.error());
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.at_ms < b.at_ms; });
  if (all.size() > limit) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(limit));
  return all;
}

Result<std::vector<store::KeyedBytes>> old_attempts(const store::WindowStore& store, std::int64_t until_ms) {
  std::vector<store::KeyedBytes> out;
  auto scanned = store.scan(family, attempt_prefix, [&](std::string_view key, std::string_view) {
    const auto parts = parts_of(key);
    std::int64_t at_ms = 0;
    if (parts.size() == 5 && read_number(parts[2], at_ms) && at_ms < until_ms)
      out.push_back({family, std::string(key), std::nullopt});
    return true;
  });
  if (!scanned) return tl::unexpected(scanned.error());
  return out;
}

}  // namespace thap::serve
