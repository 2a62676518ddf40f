// An incident as every interface shows it: one set of keys for terminal, API, Kafka and webhooks.
#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "nlp/lexicon.h"
#include "rules/incident.h"
#include "serve/incident_words.h"

namespace thap::serve {

// Every key, in a fixed order; a time that has not come is null. `data_age_s`: how old the newest record is,
// or negative where nobody can tell (then null).
nlohmann::ordered_json incident_json(const rules::Incident& incident, const nlp::Lexicon& lexicon,
                                     double data_age_s);

// RFC 3339, UTC, seconds, "Z". 0 becomes an empty string.
std::string utc_time(std::int64_t ms);
// "13:44" in India.
std::string ist_clock(std::int64_t ms);
// "2022-10-25 12:07" in India.
std::string ist_date_time(std::int64_t ms);
// "2022-10-25T12:07:31+05:30".
std::string ist_rfc3339(std::int64_t ms);

}  // namespace thap::serve
