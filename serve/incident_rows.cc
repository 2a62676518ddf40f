#include "serve/incident_rows.h"

#include <algorithm>
#include <map>

namespace thap::serve {

using ingest::Result;

namespace {

template <class Row, class Decode>
Result<std::vector<Row>> rows_under(const store::WindowStore& store, std::string_view prefix, Decode decode) {
  std::vector<Row> rows;
  Result<void> fault;
  auto scanned = store.scan(store::Family::incidents, prefix, [&](std::string_view, std::string_view value) {
    auto row = decode(value);
    if (!row)
      fault = tl::unexpected(row.error());
    else
      rows.push_back(std::move(*row));
    return fault.has_value();
  });
  if (!scanned) return tl::unexpected(scanned.error());
  if (!fault) return tl::unexpected(fault.error());
  return rows;
}

}  // namespace

namespace {
// What a transition leaves out: the minutes, which only the record has.
void add_minutes(rules::Incident& then, const rules::Incident& record, std::int64_t at_ms) {
  const std::int64_t over = at_ms / 60'000 - static_cast<std::int64_t>(record.first_minute);
  const auto count = static_cast<std::ptrdiff_t>(
      std::clamp<std::int64_t>(over, 0, static_cast<std::int64_t>(record.minute_counts.size())));
  then.first_minute = record.first_minute;
  then.minute_counts.assign(record.minute_counts.begin(), record.minute_counts.begin() + count);
  then.minute_expected.assign(
      record.minute_expected.begin(),
      record.minute_expected.begin() +
          std::min(count, static_cast<std::ptrdiff_t>(record.minute_expected.size())));
}
}  // namespace

Result<std::vector<rules::Incident>> incidents_as_of(const store::WindowStore& store, std::int64_t at_ms) {
  const auto records = incidents_in(store);
  if (!records) return tl::unexpected(records.error());
  auto transitions = rows_under<rules::Transition>(store, rules::transition_prefix, rules::decode_transition);
  if (!transitions) return tl::unexpected(transitions.error());
  std::map<rules::IncidentId, const rules::Transition*> last;
  for (const auto& t : *transitions) {
    if (t.at_ms > at_ms) continue;
    auto& known = last[t.incident];
    if (!known || known->sequence < t.sequence) known = &t;
  }
  std::vector<rules::Incident> out;
  for (const auto& record : *records) {
    const auto found = last.find(record.id);
    if (found == last.end()) continue;
    out.push_back(found->second->after);
    add_minutes(out.back(), record, at_ms);
  }
  return out;
}

Result<std::vector<rules::Incident>> incidents_in(const store::WindowStore& store) {
  auto rows = rows_under<rules::Incident>(store, rules::incident_prefix, rules::decode_incident);
  if (rows)
    std::sort(rows->begin(), rows->end(), [](const auto& a, const auto& b) {
      return a.started_ms != b.started_ms ? a.started_ms < b.started_ms : a.id < b.id;
    });
  return rows;
}

Result<std::vector<rules::Transition>> transitions_of(const store::WindowStore& store,
                                                      const rules::IncidentId& id) {
  // All keys of one incident share what stands before the sequence.
  std::string prefix = rules::transition_key(id, 0);
  prefix.resize(prefix.size() - sizeof(std::uint32_t));
  return rows_under<rules::Transition>(store, prefix, rules::decode_transition);
}

}  // namespace thap::serve
