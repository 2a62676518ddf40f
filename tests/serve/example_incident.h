// One incident with everything that an incident can have; its service is in tests/nlp/small_lexicon.h.
#pragma once
#include <cstdint>

#include "nlp/ids.h"
#include "rules/incident.h"

namespace thap::serve {

inline constexpr std::int64_t minute = 60'000;
inline constexpr std::int64_t onset =
    1'791'743'400'000 + 7 * 60 * minute + 12'345;  // 2026-10-12 07:00:12 IST

inline rules::Incident example_incident() {
  rules::Incident incident;
  incident.id = "inc_0123456789abc";
  incident.sequence = 4;
  incident.service = nlp::service_id("lahar");
  incident.state = rules::State::easing;
  incident.severity = rules::Severity::major;
  incident.confidence = rules::Confidence::high;
  incident.region = "IN-WB";
  incident.started_ms = onset;
  incident.suspected_ms = onset + minute;
  incident.opened_ms = onset + 3 * minute;
  incident.easing_ms = onset + 60 * minute;
  incident.recovered_ms = onset + 52 * minute;
  incident.updated_ms = onset + 60 * minute;
  incident.observed_posts = 412;
  incident.observed_authors = 380;
  incident.observed_minutes = 15;
  incident.expected_posts = 6.283;
  incident.expected_low = 2;
  incident.expected_high = 11.5;
  incident.symptoms[static_cast<std::size_t>(nlp::Symptom::down)] = 100;
  incident.symptoms[static_cast<std::size_t>(nlp::Symptom::message)] = 250;
  incident.symptoms[static_cast<std::size_t>(nlp::Symptom::login)] = 100;
  incident.languages[static_cast<std::size_t>(nlp::Language::hi_latn)] = 300;
  incident.languages[static_cast<std::size_t>(nlp::Language::bn)] = 80;
  incident.sources[static_cast<std::size_t>(ingest::Network::x)] = 190;
  incident.sources[static_cast<std::size_t>(ingest::Network::mastodon)] = 190;
  incident.places[nlp::place_id("IN-Kolkata")] = 30;
  incident.places[nlp::place_id("IN-Patna")] = 4;
  incident.cause = nlp::service_id("megh");
  incident.cause_posts = 21;
  incident.group = "grp_1";
  incident.rules_version = "0123456789ab";
  incident.lexicon_version = "ba9876543210";
  incident.baseline_version = "b1";
  return incident;
}

}  // namespace thap::serve
