// What people with the role admin have done, one row an act: rows are only ever added, and each holds the
// hash of the one before it, so that a row altered or taken out of the middle is found.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/result.h"
#include "store/window_store.h"

namespace thap::serve {

inline constexpr std::string_view audit_prefix = "a/";  // then ten digits; Family::incidents

struct AuditEntry {
  std::uint64_t number{0};  // from 1, without gaps
  std::int64_t at_ms{0};    // wall clock
  std::string who;          // name of the token
  std::string act;          // confirm, dismiss, retract, note, mute, unmute
  std::string target;       // id of an incident or mute
  std::string reason;
  std::string previous, hash;  // SHA-256, hexadecimal; `previous` of the first is empty
};

// Continues the chain: number, previous and hash of `entry` are set. `last`: empty where it is the first.
store::KeyedBytes audit_row(const AuditEntry& last, AuditEntry& entry);

struct AuditTrail {
  std::vector<AuditEntry> entries;  // oldest first; up to the first that does not fit
  std::uint64_t broken_at{0};       // number of the first row that is not as it was written; 0: none
};
// Fails with `io`.
ingest::Result<AuditTrail> audit_trail(const store::WindowStore& store);

}  // namespace thap::serve
