// Reads counts back. In: service, facet, range. Out: series and sums, never from before the retention floor.
#pragma once
#include <cstdint>
#include <utility>
#include <vector>

#include "ingest/result.h"
#include "store/database.h"
#include "store/series.h"

namespace thap::store {

// Threads: any. The functions are those of WindowStore.
class SeriesReader {
 public:
  SeriesReader(const Database& database, std::uint32_t max_minutes)
      : database_(database), max_minutes_(max_minutes) {}

  ingest::Result<Series> series(nlp::ServiceId service, Facet facet, MinuteRange range) const;
  ingest::Result<Series> hourly_series(nlp::ServiceId service, Facet facet, MinuteRange range) const;
  ingest::Result<std::vector<std::pair<std::uint32_t, std::uint64_t>>> breakdown(nlp::ServiceId service,
                                                                                 FacetKind kind,
                                                                                 MinuteRange range) const;
  ingest::Result<std::uint64_t> distinct_authors(nlp::ServiceId service, Facet facet,
                                                 MinuteRange range) const;
  ingest::Result<std::vector<nlp::ServiceId>> services(MinuteRange range) const;

 private:
  ingest::Result<void> check(MinuteRange range, std::uint32_t longest) const;
  tl::unexpected<ingest::Error> corrupt() const;
  ingest::Result<std::uint32_t> first_open_hour(const rocksdb::Snapshot* snapshot) const;

  const Database& database_;
  std::uint32_t max_minutes_;
};

}  // namespace thap::store
