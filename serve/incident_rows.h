// Incidents and their transitions as the store keeps them.
#pragma once
#include <vector>

#include "ingest/result.h"
#include "rules/incident.h"
#include "store/window_store.h"

namespace thap::serve {

// All of them, oldest onset first, suspicions included. Fails with `corrupt`, `newer_format`.
ingest::Result<std::vector<rules::Incident>> incidents_in(const store::WindowStore& store);
// Of one incident, in order of sequence.
ingest::Result<std::vector<rules::Transition>> transitions_of(const store::WindowStore& store,
                                                              const rules::IncidentId& id);

// As they were known at `at_ms`: each as its last change until then left it, with the minutes that were over.
// Those nobody knew of are left out. Oldest onset first.
ingest::Result<std::vector<rules::Incident>> incidents_as_of(const store::WindowStore& store,
                                                             std::int64_t at_ms);

}  // namespace thap::serve
