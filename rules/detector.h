// One service's detector: complaints in the order of their clock in, changes of state out. Scores are exact
// at every post; no tick is needed to raise an alarm. Times are detector seconds (baseline.h).
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/result.h"
#include "rules/admission.h"
#include "rules/baseline.h"
#include "rules/cusum_bank.h"
#include "rules/rule_set.h"

namespace thap::rules {

// Stored: never renumber.
enum class Phase : std::uint8_t { normal = 0, suspected = 1, confirmed = 2, easing = 3 };
std::string_view name(Phase phase);

struct PhaseChange {
  enum class How : std::uint8_t { step, relapse, cleared, retracted, resolved, withdrawn };
  double t{0};
  Phase from{}, to{};
  How how{How::step};
  double score{0}, threshold{0};
  int authors{0};          // counted since the excursion began
  double onset{0};         // of suspected, confirmed, resolved
  double recovered_at{0};  // of easing, resolved
  bool by_posts{false};    // easing because people say that it works again
  std::string said;        // by a person, who and why; then it is not the score that decided
};

// Threads: one. `p` and `shape` must outlive it.
class Detector {
 public:
  static constexpr std::int64_t ring_minutes = 128;
  static constexpr std::int64_t mention_minutes = 16;  // older ones are never read
  static constexpr std::size_t most_voices = 64;

  // `start`: the service is watched from then on, silence included.
  Detector(const Parameters& p, const Shape& shape, double start);

  // Time passes to `now`; call at least once a minute while the service is not idle().
  void advance(double now, bool feed_ok, std::vector<PhaseChange>& out);
  // A complaint that arrives now.
  Admitted post(double now, const Arrival& arrival, Admission& admission, std::vector<PhaseChange>& out);
  // Somebody says now that it works again. Heard while an incident is open.
  void recovery(double now, std::uint64_t author, std::vector<PhaseChange>& out);
  // A person knows better: a suspicion counts as confirmed; or what was counted was no fault, and what goes
  // on at this rate raises nothing new.
  void confirm(double now, std::vector<PhaseChange>& out);
  void withdraw(double now, std::vector<PhaseChange>& out);
  // Posts that name the service and do not complain, of the minute of `t`.
  void mention(double t, std::uint32_t count);

  // Nothing but learning happens until the next post: advance() may wait until then.
  bool idle() const { return phase_ == Phase::normal && bank_.at_rest(); }
  Phase phase() const { return phase_; }
  double last() const { return last_; }
  double onset() const { return onset_; }
  double score() const { return bank_.score[bank_.winner()]; }
  double threshold() const;
  // Complaints a second that would not surprise now: margin, talk and what an incident left behind included.
  double expected(double now) const;
  // Complaints a second that are usual, without margin.
  double usual(double t) const { return baseline_.rate(*p_, *shape_, t) * baseline_.level(*p_); }
  double swing() const { return baseline_.largest_phi(*p_); }
  // Counted complaints of a minute (detector minutes); 0 when it is older than the ring.
  int counted(std::int64_t minute) const;
  std::int64_t minute() const { return minute_; }

  // The stored form (version, then fields), and back. decode() fails with `newer_format`, `corrupt`.
  std::string encode() const;
  ingest::Result<void> decode(std::string_view bytes);

 private:
  struct Voice {
    std::uint64_t author;
    double t;
  };

  void roll(std::int64_t minute);
  void learn(std::int64_t minute);
  void score_post(double now, double expected, int by);
  void states(double now, std::vector<PhaseChange>& out);
  void leave_normal(double now, std::vector<PhaseChange>& out);
  void watch_suspicion(double now, std::vector<PhaseChange>& out);
  void begin_incident(double now, std::vector<PhaseChange>& out);
  void watch_incident(double now, std::vector<PhaseChange>& out);
  void retract_if_taken_back(double now, std::vector<PhaseChange>& out);
  PhaseChange& go(Phase to, double now, std::vector<PhaseChange>& out);
  double recovered() const;
  int sum(std::int64_t from, std::int64_t to) const;
  double sum_mentions(std::int64_t from, std::int64_t to) const;
  bool may_close(double now) const { return !p_->closing_needs_feed || now > bad_until_; }
  // How many say that it works again, and whether that is enough.
  int voices(double now) const;
  bool voices_say_so(double now, double share) const;

  const Parameters* p_;
  const Shape* shape_;

  // Stored as it is here.
  Baseline baseline_;
  CusumBank bank_;
  std::array<std::int16_t, ring_minutes> ring_{};  // counted complaints by event minute
  std::array<std::uint16_t, mention_minutes> mentions_{};
  float guard_complaints_{0.2f}, guard_mentions_{4.0f};  // what talk alone brings
  double last_{0}, born_{0}, since_{0}, onset_{0};
  double recovery_{0}, recovery_zero_{0};  // the CUSUM downwards, and when it was last 0
  double plateau_{0}, plateau_at_easing_{0}, recovered_at_{0};
  double tail_{0}, tail_t_{0};
  double bad_until_{-1};
  double confirmed_t_{0};
  std::int32_t minute_{0}, start_minute_{0};
  Phase phase_{Phase::normal};
  bool has_born_{false}, feed_ok_{true}, easing_told_{false}, by_posts_{false};
  std::vector<Voice> voices_;  // authors who say that it works again; only while an incident is open
};

}  // namespace thap::rules
