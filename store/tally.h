// The readings of one batch added up: all that passes from reading to counting. Shared-nothing until here;
// from here on there is one writer.
#pragma once
#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ingest/post.h"
#include "ingest/post_source.h"
#include "nlp/reading.h"
#include "store/series.h"

namespace thap::store {

// In key order, so that a sorted tally is a sorted WriteBatch.
struct WindowKey {
  nlp::ServiceId service{};
  Facet facet;
  Minute minute{0};
  friend auto operator<=>(const WindowKey&, const WindowKey&) = default;
};

// One post as the detector sees it: hashes and classes, no text. A post that says several services fail is
// one row.
struct DetectorRow {
  std::int64_t clock_ms{0};
  std::int64_t event_ms{0};
  ingest::Network network{ingest::Network::generic};
  ingest::PostKey post;
  std::uint64_t author{0};
  std::uint64_t text_hash{0};
  std::uint64_t simhash{0};
  std::uint64_t conversation{0};
  std::uint16_t words{0};
  nlp::Kind kind{nlp::Kind::complaint};
  nlp::Language language{nlp::Language::other};
  nlp::SymptomSet symptoms;
  std::vector<nlp::ServiceId> complaints;  // services said to be down or degraded, in order of mention
  std::vector<nlp::ServiceId> recovered;   // services said to work again
  std::vector<nlp::ServiceId> blamed;      // services named as the cause
  std::vector<nlp::PlaceId> places;

  // The order in which rows are handed to the detector, whatever partition they came from.
  friend std::strong_ordering operator<=>(const DetectorRow& a, const DetectorRow& b) {
    if (auto c = a.clock_ms <=> b.clock_ms; c != 0) return c;
    if (auto c = a.network <=> b.network; c != 0) return c;
    return a.post <=> b.post;
  }
  friend bool operator==(const DetectorRow&, const DetectorRow&) = default;
};

// Stands for no service: a MentionRow of it counts every record of that second, so that silence can be
// noticed.
inline constexpr nlp::ServiceId every_record{0};

// Posts that name a service without complaining, by second of clock_ms: what talk looks like to the detector.
struct MentionRow {
  std::int64_t clock_s{0};
  nlp::ServiceId service{};
  std::uint32_t count{0};
  friend auto operator<=>(const MentionRow&, const MentionRow&) = default;
};

// A complaint kept to be shown: text masked, author hash only for later deletion.
struct Evidence {
  nlp::ServiceId service{};
  Minute minute{0};
  ingest::PostKey post;
  ingest::Network network{ingest::Network::generic};
  std::uint64_t author{0};
  std::int64_t event_ms{0};
  std::string link;  // where the post may be looked up; empty where the address would name its author
  std::string text;  // masked
  nlp::Status status{nlp::Status::down};
  nlp::SymptomSet symptoms;
  nlp::Language language{nlp::Language::other};
  nlp::Kind kind{nlp::Kind::complaint};
  std::vector<nlp::ServiceId> blamed;
  bool sensitive{false};
  bool edited{false};
  friend bool operator==(const Evidence&, const Evidence&) = default;
};

// A change to evidence asked for by a source or a person.
struct EvidenceChange {
  ingest::Operation op{ingest::Operation::remove};
  ingest::PostKey post;      // of remove and edit
  std::uint64_t author{0};   // of remove_author
  std::string text;          // of edit: masked; empty hides the post until it is refreshed
  std::int64_t event_ms{0};  // when it was asked
};

struct Tally {
  std::map<WindowKey, std::uint64_t> counts;
  // Fingerprints of distinct authors, may repeat. Of complaints only: nobody asks how many authors named one
  // symptom, and a sketch of each facet would double what a complaint writes.
  std::map<WindowKey, std::vector<std::uint32_t>> authors;
  std::vector<DetectorRow> rows;
  std::vector<MentionRow> mentions;
  std::vector<Evidence> evidence;
  std::vector<EvidenceChange> changes;
  std::vector<std::pair<std::uint32_t, ingest::PostKey>>
      seen;  // (hour of event time, post): not to be counted again
  std::vector<ingest::SourcePosition> positions;
  std::int64_t watermark_ms{0};     // rows and mentions before this second are complete
  std::int64_t newest_clock_ms{0};  // retention is measured from the largest ever written
};

}  // namespace thap::store
