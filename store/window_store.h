// Counts by service, facet and minute, kept on disk together with everything that follows from them and with
// the source positions they came from. In: Batch, the readings of one batch added up plus the state rules/
// derived. Out: Series and rows.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ingest/result.h"
#include "store/batch.h"
#include "store/series.h"

namespace thap::store {

struct StoreSettings {
  std::string directory;
  bool read_only{false};                 // beside a running writer: sees what was written when it opened
  std::uint32_t minute_days{35};         // retention of minute windows
  std::uint32_t hour_days{400};          // retention of hour windows
  std::uint32_t evidence_days{7};        // 30 at most
  std::uint32_t seen_hours{48};          // how long a post id is remembered
  std::uint32_t max_minutes{45 * 1440};  // longest range of one read
};

struct WriteSummary {
  std::uint64_t counts{0};          // window rows touched
  std::uint64_t expired_counts{0};  // dropped: older than the retention floor
  std::uint64_t evidence_kept{0};
  std::uint64_t evidence_dropped{0};  // over the limit per service and minute, or deleted before it came
  std::uint64_t evidence_removed{0};  // stored earlier, taken away because somebody asked
};

// For metrics.
struct StoreFigures {
  std::uint64_t seen_posts{0};    // post ids in memory
  std::uint64_t seen_evicted{0};  // forgotten before `seen_hours` because there were too many
  std::uint64_t flushes{0};       // asked for so that reads stay quick
  bool broken{false};             // write() answers `io` until reopen()
  std::string broken_reason;
};

// Threads: write() and the functions marked "writer" from one writer thread; everything else from any thread,
// also during write(). One process per directory (LOCK), read_only apart.
class WindowStore {
 public:
  // Opens or creates `settings.directory`. Fails with `locked`, `newer_format` (never migrates down),
  // `corrupt`, `io`; `not_found` if there is nothing to be read only.
  static ingest::Result<std::unique_ptr<WindowStore>> open(const StoreSettings& settings);
  ~WindowStore();  // flushes; no read may be running

  // Adds the batch's counts, moves its positions, keeps its keyed bytes: all or nothing, visible on return.
  // Survives a killed process; synced to disk if `batch.has_transition`. After `io` the store is read-only
  // until reopen().
  ingest::Result<WriteSummary> write(const Batch& batch);

  // Writer. Closes what is broken and opens it once more, as a new process would: what was written is there,
  // of a write that failed all or nothing. Waits for reads that run; those that begin meanwhile, and all
  // after a failure until a later reopen() succeeds, answer `closed` or what an empty store would.
  // Fails like open().
  ingest::Result<void> reopen();

  // Writer. Whether this post was counted within `seen_hours` (or is already in `seen` of an unwritten tally:
  // the caller's to check). Exact, from memory.
  bool seen(const ingest::PostKey& post) const;

  // Posts about `service` in `facet`, per minute; an unknown service or expired minute reads as 0.
  // Fails with `too_long` or `corrupt`.
  ingest::Result<Series> series(nlp::ServiceId service, Facet facet, MinuteRange range) const;
  // The same per whole UTC hour, kept longer: counts[i] is hour range.start/60 + i. At most `max_minutes`
  // hours.
  ingest::Result<Series> hourly_series(nlp::ServiceId service, Facet facet, MinuteRange range) const;
  // Values of one facet kind that have counts in the range, with their sums, largest first.
  ingest::Result<std::vector<std::pair<std::uint32_t, std::uint64_t>>> breakdown(nlp::ServiceId service,
                                                                                 FacetKind kind,
                                                                                 MinuteRange range) const;
  // Distinct authors of complaints in the range (at most one day): exact to 32, then within about 2 %.
  ingest::Result<std::uint64_t> distinct_authors(nlp::ServiceId service, Facet facet,
                                                 MinuteRange range) const;
  // Services with any count in the range.
  ingest::Result<std::vector<nlp::ServiceId>> services(MinuteRange range) const;

  // Posts to be shown, oldest first, without those an edit hides.
  ingest::Result<std::vector<Evidence>> evidence(nlp::ServiceId service, MinuteRange range,
                                                 std::size_t limit) const;

  std::vector<ingest::SourcePosition> positions() const;
  // Rows not yet handed to the detector, in hand-over order.
  ingest::Result<std::vector<DetectorRow>> pending_rows() const;
  ingest::Result<std::vector<MentionRow>> pending_mentions() const;

  // Calls `visit` for every row of a family whose key starts with `prefix`, in key order, until it returns
  // false.
  ingest::Result<void> scan(
      Family family, std::string_view prefix,
      const std::function<bool(std::string_view key, std::string_view value)>& visit) const;
  ingest::Result<std::optional<std::string>> get(Family family, std::string_view key) const;

  std::int64_t newest_clock_ms() const;  // 0: nothing written yet
  Minute retention_floor() const;        // minutes before it read as 0
  StoreFigures figures() const;

  // Whether evidence that was removed or replaced may still lie in the files: RocksDB keeps deleted rows
  // until a compaction comes by. Kept in the store itself, so a restart does not forget it.
  bool owes_erasure() const;
  // Rewrites the files, so that it does not. Any thread, beside write() as well; costs reading and writing
  // all evidence once. Fails with `io`, or with `closed` after stop_erasing(); then it is still owed.
  ingest::Result<void> erase_removed();
  void stop_erasing();  // for good, from any thread: before the store is closed

  // A consistent copy in `directory`, which must not exist; may run beside write().
  ingest::Result<void> checkpoint(const std::string& directory) const;

  // Reads every row, checksums included; says how many each family has, by name. Fails with `corrupt`, `io`.
  ingest::Result<std::vector<std::pair<std::string, std::uint64_t>>> count_rows() const;

 private:
  struct Impl;  // keeps RocksDB out of this header
  WindowStore(StoreSettings settings, std::shared_ptr<Impl> impl);
  static ingest::Result<std::shared_ptr<Impl>> open_impl(const StoreSettings& settings);
  std::shared_ptr<Impl> impl() const;  // null: closed. Whoever reads holds it meanwhile

  StoreSettings settings_;
  mutable std::mutex impl_mutex_;
  std::shared_ptr<Impl> impl_;  // only the writer changes it
};

}  // namespace thap::store
