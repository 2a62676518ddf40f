// Adds posts and their readings up to a Tally: the one place that says what counts as what.
#pragma once
#include <functional>
#include <unordered_map>
#include <unordered_set>

#include "ingest/post_source.h"
#include "nlp/reader.h"
#include "store/tally.h"

namespace thap::app {

struct CountingSummary {
  std::uint64_t posts{0};       // read, of whatever kind
  std::uint64_t named{0};       // that name a service
  std::uint64_t complaints{0};  // that say it fails
  std::uint64_t duplicates{0};  // counted before
  std::uint64_t late{0};        // that name a service and are older than max_lateness
};

// How posts are counted:
//   a post seen before           nothing (its text may replace evidence: an edit)
//   a repost                     `reposts` of each service it names; never a complaint
//   any other                    `mentions` of each service it names, and where it says that
//     the service fails now      `complaints`, and by symptom, language, place, kind and source
//     the service works again    `recovered`
//   one that is flagged as a bot's or comes from an official account counts as a mention only
// One that is late counts in its own minute, but the detector does not get it: a backfill is no outage.
// A service that is only blamed for another's trouble has no complaint.
class TallyBuilder {
 public:
  // `seen_before` answers for posts of earlier batches.
  TallyBuilder(const nlp::Reader& reader, std::function<bool(const ingest::PostKey&)> seen_before)
      : reader_(reader), seen_before_(std::move(seen_before)) {}

  void add(const ingest::Post& post, const nlp::Reading& reading);
  // Takes positions, watermark and the rest of the source's batch, and returns what has been added since the
  // last call.
  store::Tally finish(const ingest::SourceBatch& batch);
  const CountingSummary& summary() const { return summary_; }

 private:
  void count_record(const ingest::Post& post);
  void count_mentions(const ingest::Post& post, const nlp::Reading& reading);
  void count_complaint(const ingest::Post& post, const nlp::Reading& reading, nlp::ServiceId service);
  void keep_evidence(const ingest::Post& post, const nlp::Reading& reading,
                     const nlp::ServiceReading& service);
  void bump(nlp::ServiceId service, store::Facet facet, const ingest::Post& post);
  void count_talk(std::int64_t clock_s, nlp::ServiceId service);
  void change_evidence(const ingest::Post& post);

  const nlp::Reader& reader_;
  std::function<bool(const ingest::PostKey&)> seen_before_;
  store::Tally tally_;
  CountingSummary summary_;
  struct KeyHash {
    std::size_t operator()(const ingest::PostKey& key) const {
      return key.high ^ (key.low * 0x9E3779B97F4A7C15u);
    }
  };
  std::unordered_set<ingest::PostKey, KeyHash> seen_here_;
  std::unordered_map<std::uint64_t, std::uint8_t>
      evidence_here_;  // service and minute -> posts kept in this batch
  // One entry a post, in the order of arrival: sorted and added up once a batch, which costs less than a
  // tree.
  std::vector<store::WindowKey> counts_here_;
  std::vector<std::pair<store::WindowKey, std::uint32_t>> authors_here_;
  std::vector<store::MentionRow> mentions_here_;
};

// Complaints in the detector's sense are a narrower thing: news and official voices are shown, never
// admitted.
store::DetectorRow detector_row(const ingest::Post& post, const nlp::Reading& reading);

// 32 bits of author, service and Indian day: enough to count distinct authors of a day, useless to find one.
std::uint32_t author_fingerprint(std::uint64_t author, nlp::ServiceId service, std::int64_t event_ms);

}  // namespace thap::app
