// What every receiver is owed and what it knows, as rows of the store: the memory that survives a kill.
// Rows of Family::incidents:
//   q/RECEIVER/INCIDENT/SEQUENCE  owed: written in one piece with the transition, deleted when delivered
//   k/RECEIVER/INCIDENT           known: the receiver was told of the incident
//   l/RECEIVER/TIME/INCIDENT/SEQUENCE  the log of attempts, for people
// SEQUENCE has ten digits, TIME (wall clock, ms) thirteen, so that rows come in order.
#pragma once
#include <compare>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/result.h"
#include "rules/incident.h"
#include "serve/incident_words.h"
#include "store/window_store.h"

namespace thap::serve {

struct OwedKey {
  std::string receiver, incident;
  std::uint32_t sequence{0};
  auto operator<=>(const OwedKey&) const = default;
};
// The delivery's id, the same on every retry: "msg_inc_..._12_desk".
std::string delivery_id(const OwedKey& key);
// Whose id that is; nullopt: no delivery can have it.
std::optional<OwedKey> delivery_of(std::string_view id);

struct Owed {
  EventType type{EventType::opened};
  rules::Severity severity{rules::Severity::minor};
  bool is_relapse{false};
  bool is_live{true};  // owed while we kept up; what is not waits until we do, and is dropped if over by then
  std::int64_t at_ms{0};   // of the transition
  std::int64_t due_ms{0};  // wall clock; before it nothing is tried
  std::uint32_t attempts{0};
};

struct Known {
  std::string thread;      // the incident that heads the conversation: itself, or one of the same cause
  std::string message_id;  // of the first message, on the receiver's side
  std::int64_t at_ms{0};   // of the last transition it was told of
  bool is_ended{false};
};

struct Attempt {
  std::int64_t at_ms{0};  // wall clock
  OwedKey key;
  EventType type{EventType::opened};
  int status{0};
  std::string failure;  // empty: delivered
  std::uint32_t number{1};
  bool is_given_up{false};
};

store::KeyedBytes owed_row(const OwedKey& key, const Owed& owed);
store::KeyedBytes no_longer_owed(const OwedKey& key);
store::KeyedBytes known_row(const std::string& receiver, const std::string& incident, const Known& known);
store::KeyedBytes forgotten_row(const std::string& receiver, const std::string& incident);
store::KeyedBytes attempt_row(const Attempt& attempt);

// As commands and API show them: {at, receiver, delivery, type, attempt, outcome, status, failure} and {due,
// receiver, delivery, type, attempt, outcome}.
nlohmann::ordered_json attempt_json(const Attempt& attempt);
nlohmann::ordered_json owed_json(const OwedKey& key, const Owed& owed);
// "delivered", "failed", "given up".
std::string_view outcome(const Attempt& attempt);

struct Ledger {
  std::map<OwedKey, Owed> owed;
  std::map<std::pair<std::string, std::string>, Known> known;  // by receiver and incident
};
// Fail with `corrupt`, `newer_format`.
ingest::Result<Ledger> read_ledger(const store::WindowStore& store);
// The newest `limit` attempts, oldest first; `receiver` empty: all.
ingest::Result<std::vector<Attempt>> read_attempts(const store::WindowStore& store,
                                                   const std::string& receiver, std::size_t limit);
// Keys of attempts before `until_ms`, to be deleted.
ingest::Result<std::vector<store::KeyedBytes>> old_attempts(const store::WindowStore& store,
                                                            std::int64_t until_ms);

}  // namespace thap::serve
