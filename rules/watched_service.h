// A service under watch: its detector and what goes with it, in memory and as rows. Written is what rows or a
// change of state touched; what merely grew older is computed again after a restart, by the same steps.
#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "rules/detector.h"
#include "rules/feed_watch.h"
#include "rules/incident.h"
#include "rules/rule_set.h"
#include "store/batch.h"

namespace thap::rules {

// First byte of keys in Family::detectors; then the service, big-endian.
enum class RowKind : char {
  detector = 'D',   // state, current incident, posts of the last hour
  admission = 'A',  // then kind and hash
  recent = 'R',     // then number
  mention = 'M',    // then minute: counts that the stored state has not taken up yet
  known = 'K',      // watched since
  engine = 'E',     // no service: clock, feed, groups
  named = 'S',      // authors who name a provider
};

// What an incident wants to know of an admitted complaint.
struct Recent {
  double event{0};
  std::uint32_t symptoms{0};
  nlp::Language language{};
  ingest::Network network{};
  std::vector<nlp::PlaceId> places;
};

// Times are detector seconds and minutes. Threads: one.
class WatchedService {
 public:
  static constexpr std::size_t most_recent = 64, most_places = 4;
  static constexpr std::size_t most_mentions = 720;  // minutes kept before the detector has to take them up
  static constexpr std::int64_t posts_minutes = 64;

  WatchedService(nlp::ServiceId id, std::string name, const ClassRules& rules);

  nlp::ServiceId id() const { return id_; }
  const std::string& name() const { return name_; }
  const ClassRules& rules() const { return *rules_; }
  bool has_detector() const { return detector_.has_value(); }
  const Detector& detector() const { return *detector_; }

  bool is_known() const { return known_since_ >= 0; }
  void known_from(double t);

  // Time passes to `now` by the feed's history. Makes the detector if there is none.
  void catch_up(double now, const FeedWatch& feed, std::vector<PhaseChange>& out);
  // The same when only the clock asks for it: what was touched before is kept for writing as it was then.
  void grow_older(double now, const FeedWatch& feed, std::vector<PhaseChange>& out);
  // Rows; catch_up(now) first, touched() after.
  // `taken_back` receives what an earlier post gave and a flood has lost again.
  Admitted complaint(double now, const Arrival& arrival, const Recent& about, std::vector<Recent>& taken_back,
                     std::vector<PhaseChange>& out);
  void recovery(double now, std::uint64_t author, std::vector<PhaseChange>& out);
  void confirm(double now, std::vector<PhaseChange>& out) { detector_->confirm(now, out); }
  void withdraw(double now, std::vector<PhaseChange>& out) { detector_->withdraw(now, out); }
  void touched();

  // Any time; taken up by the detector when the minute is over. True when so many wait that it should catch
  // up.
  bool mention(std::int64_t minute, std::uint32_t count);

  // Forgets admission entries and recent posts that no longer count.
  void expire(double now);

  const std::deque<Recent>& recent() const { return recent_; }
  int posts(std::int64_t minute) const;  // all complaints of a minute of the last hour

  IncidentId current;  // the open incident, or the last one

  // Appends what has changed since the last call.
  void write(std::vector<store::KeyedBytes>& out);
  ingest::Result<void> load(RowKind kind, std::string_view key_rest, std::string_view value);
  void finish_load();

 private:
  struct Mention {
    std::int64_t minute;
    std::uint32_t count;
    bool stored;
  };

  void pass(double now, const FeedWatch& feed, std::vector<PhaseChange>& out);
  std::string key(RowKind kind) const;
  std::string encode() const;
  std::string encode(const Recent& recent) const;
  void take_up_posts(std::int64_t minute);

  nlp::ServiceId id_;
  std::string name_;
  const ClassRules* rules_;
  double known_since_{-1};
  std::optional<Detector> detector_;
  Admission admission_;
  std::deque<Mention> mentions_;  // oldest first
  std::size_t taken_up_{0};       // of mentions_, by the detector in memory but not by the one to be written
  std::deque<Recent> recent_;
  std::uint32_t recent_from_{0};  // number of recent_.front()
  std::array<std::uint16_t, posts_minutes> posts_{};
  std::int64_t posts_minute_{0};

  bool dirty_{false}, known_changed_{false};
  std::optional<std::string> kept_;  // the state as of the last touch, if it has grown older since
  std::vector<std::int64_t> gone_mentions_;
  std::set<std::int64_t> changed_mentions_;
  std::set<std::uint32_t> changed_recent_;
  std::vector<std::pair<std::uint32_t, Recent>> loaded_recent_;
};

std::string row_key(RowKind kind, nlp::ServiceId service);

}  // namespace thap::rules
