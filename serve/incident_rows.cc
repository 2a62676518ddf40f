#include "serve/incident_rows.h"

#include <algorithm>

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
