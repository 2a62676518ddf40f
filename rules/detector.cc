#include "rules/detector.h"

#include <algorithm>
#include <cmath>

#include "rules/bytes.h"

namespace thap::rules {

namespace {

constexpr std::uint8_t format_version = 1;
constexpr double month_slots = 30.0 * slots_a_day;

std::int64_t minute_of(double t) { return static_cast<std::int64_t>(std::floor(t / 60)); }

template <class T>
T& at(std::array<T, Detector::ring_minutes>& ring, std::int64_t minute) {
  return ring[static_cast<std::size_t>(minute & (Detector::ring_minutes - 1))];
}

}  // namespace

std::string_view name(Phase phase) {
  constexpr std::array<std::string_view, 4> names = {"normal", "suspected", "confirmed", "easing"};
  return names[static_cast<std::size_t>(phase)];
}

Detector::Detector(const Parameters& p, const Shape& shape, double start) : p_(&p), shape_(&shape) {
  baseline_.start(p);
  last_ = start;
  minute_ = start_minute_ = static_cast<std::int32_t>(minute_of(start));
}

int Detector::counted(std::int64_t minute) const {
  if (minute > minute_ || minute <= minute_ - ring_minutes) return 0;
  return ring_[static_cast<std::size_t>(minute & (ring_minutes - 1))];
}

int Detector::sum(std::int64_t from, std::int64_t to) const {
  int total = 0;
  for (auto m = from; m < to; ++m) total += ring_[static_cast<std::size_t>(m & (ring_minutes - 1))];
  return total;
}

double Detector::sum_mentions(std::int64_t from, std::int64_t to) const {
  double total = 0;
  for (auto m = from; m < to; ++m) total += mentions_[static_cast<std::size_t>(m & (mention_minutes - 1))];
  return total;
}

double Detector::threshold() const {
  // Counted in posts a month, so that sparse and large services ask for the same number of false alarms.
  // Posts taken back twice (a flaw of the set "reference") can make the mean negative.
  const double posts = std::max(baseline_.mean_slot() * month_slots + 10.0, 1e-3);
  return p_->threshold_base + std::log(posts / p_->false_alarms);
}

double Detector::expected(double now) const {
  double rate = usual(now) * (1.0 + p_->margin * std::sqrt(swing()));
  // Mentions of a minute are known when it is over, so the running minute holds none yet: three full minutes
  // end before it.
  const std::int64_t end = p_->guard_full_minutes ? minute_ : minute_ + 1;
  if (minute_ - start_minute_ > 2) {
    const double talk = p_->guard_factor * static_cast<double>(guard_complaints_) /
                        static_cast<double>(guard_mentions_) * sum_mentions(end - 3, end) / 180.0;
    rate = std::max(rate, talk);
  }
  if (tail_ > 0) rate = std::max(rate, tail_ * std::exp(-(now - tail_t_) / p_->tail_s));
  return rate;
}

Admitted Detector::post(double now, const Arrival& arrival, Admission& admission,
                        std::vector<PhaseChange>& out) {
  const double t = std::min(arrival.event, now);  // from the future counts as now
  advance(now, true, out);
  const auto minute = minute_of(t);
  if (minute <= minute_ - ring_minutes) return {};
  const Admitted admitted = admission.admit(*p_, now, t, arrival);
  if (admitted.counted || admitted.backs > 0) {
    const double l0 = expected(now);
    for (int i = 0; i < admitted.backs; ++i) {
      const double back = admitted.back[static_cast<std::size_t>(i)];
      if (minute_of(back) > minute_ - ring_minutes) --at(ring_, minute_of(back));
      if (now - back < p_->admission_window_s) score_post(now, l0, -1);
    }
    if (admitted.counted) {
      auto& count = at(ring_, minute);
      if (count < 32'767) ++count;
      if (now - t <= p_->late_s) score_post(now, l0, 1);
    }
  }
  if (admitted.seen != 0) bank_.see(admitted.seen);
  if (admitted.backs > 0) retract_if_taken_back(now, out);
  states(now, out);
  return admitted;
}

void Detector::recovery(double now, std::uint64_t author, std::vector<PhaseChange>& out) {
  advance(now, true, out);
  if (p_->recovery_authors == 0 || (phase_ != Phase::confirmed && phase_ != Phase::easing)) return;
  std::erase_if(voices_, [&](const Voice& v) { return now - v.t > 600; });
  for (const auto& voice : voices_)
    if (voice.author == author) return;
  if (voices_.size() == most_voices) voices_.erase(voices_.begin());
  voices_.push_back({author, now});
  states(now, out);
}

void Detector::mention(double t, std::uint32_t count) {
  const auto minute = minute_of(t);
  if (minute > minute_) roll(minute);
  if (minute <= minute_ - mention_minutes) return;
  auto& cell = mentions_[static_cast<std::size_t>(minute & (mention_minutes - 1))];
  cell = static_cast<std::uint16_t>(std::min<std::uint64_t>(65'535, std::uint64_t{cell} + count));
}

void Detector::roll(std::int64_t minute) {
  if (minute - minute_ >= ring_minutes) {
    ring_ = {};
    mentions_ = {};
    minute_ = static_cast<std::int32_t>(minute);
  }
  while (minute_ < minute) {
    ++minute_;
    at(ring_, minute_) = 0;
    mentions_[static_cast<std::size_t>(minute_ & (mention_minutes - 1))] = 0;
  }
}

void Detector::score_post(double now, double l0, int by) {
  bank_.step(*p_, now, l0, by);
  if (by > 0 && (phase_ == Phase::confirmed || phase_ == Phase::easing)) {
    recovery_ = std::max(0.0, recovery_ - std::log(p_->drop));
    if (recovery_ <= 0) recovery_zero_ = now;
  }
}

void Detector::advance(double now, bool feed_ok, std::vector<PhaseChange>& out) {
  if (!has_born_) {
    has_born_ = true;
    born_ = now;
  }
  feed_ok_ = feed_ok;
  if (!feed_ok) bad_until_ = now + 900;
  while (last_ < now) {  // minute by minute, so that learning happens on its boundaries
    const double t1 = std::min(now, (std::floor(last_ / 60) + 1) * 60.0);
    if (!bank_.at_rest()) bank_.fall(*p_, expected(last_), t1 - last_);
    if ((phase_ == Phase::confirmed || phase_ == Phase::easing) && t1 > bad_until_)
      recovery_ = std::min(p_->recovery_cap, recovery_ + plateau_ * (1 - 1 / p_->drop) * (t1 - last_));
    last_ = t1;
    const auto minute = minute_of(t1);
    if (minute <= minute_) continue;
    roll(minute);
    if (minute % 5 == 0) learn(minute);
    states(t1, out);
  }
}

void Detector::learn(std::int64_t minute) {
  if (static_cast<double>(minute * 60) < bad_until_) return;
  const auto end = minute - p_->level_lag_min;  // matured minutes only
  if (end - start_minute_ < 15) return;
  // After a stall the minutes before its end are incomplete; bad_until_ is 15 minutes after it.
  const auto whole = [&](std::int64_t length) {
    return !p_->learn_skips_stall || static_cast<double>((end - length) * 60) >= bad_until_ - 900;
  };
  auto& b = baseline_;
  const double level = b.level(*p_);
  const double mu5 = b.rate(*p_, *shape_, static_cast<double>((end - 5) * 60)) * 300;
  const double c5 = sum(end - 5, end);
  const double most = Baseline::ceiling(mu5 * level, b.phi(*p_, Baseline::five));
  b.learn_level(*p_, c5, mu5);
  b.learn_phi(*p_, Baseline::five, c5, mu5 * level, 300);
  const double keep = std::exp(-300.0 / (p_->learn_days * 86'400));
  guard_complaints_ = static_cast<float>(static_cast<double>(guard_complaints_) * keep + std::min(c5, most));
  guard_mentions_ =
      static_cast<float>(static_cast<double>(guard_mentions_) * keep + sum_mentions(end - 5, end));
  if (end % 15 == 0 && whole(15)) {
    const double c15 = sum(end - 15, end);
    const auto t = static_cast<double>((end - 15) * 60);
    const double mu = b.rate(*p_, *shape_, t) * slot_s * level;
    b.learn_phi(*p_, Baseline::quarter, c15, mu, slot_s);
    b.learn_slot(*p_, *shape_, t, c15, mu);
  }
  if (end % 60 == 0 && end - start_minute_ >= 60 && whole(60)) {
    double rates = 0;
    for (int i = 0; i < 4; ++i) rates += b.rate(*p_, *shape_, static_cast<double>((end - 60 + 15 * i) * 60));
    b.learn_phi(*p_, Baseline::hour, sum(end - 60, end), rates * slot_s * level, 3600);
  }
}

PhaseChange& Detector::go(Phase to, double now, std::vector<PhaseChange>& out) {
  const auto winner = bank_.winner();
  PhaseChange change;
  change.t = now;
  change.from = phase_;
  change.to = to;
  change.score = bank_.score[winner];
  change.threshold = threshold();
  change.authors = bank_.posts[winner];
  phase_ = to;
  since_ = now;
  out.push_back(change);
  return out.back();
}

void Detector::states(double now, std::vector<PhaseChange>& out) {
  if (p_->closing_needs_feed && !feed_ok_) return;
  if (phase_ == Phase::normal) leave_normal(now, out);
  if (phase_ == Phase::suspected) watch_suspicion(now, out);
  if (phase_ == Phase::confirmed || phase_ == Phase::easing) watch_incident(now, out);
}

void Detector::leave_normal(double now, std::vector<PhaseChange>& out) {
  const auto j = bank_.winner();
  if (bank_.posts[j] < p_->suspect_posts || bank_.score[j] <= 1.0) return;
  if (bank_.score[j] < threshold() - p_->suspect_gap) return;
  go(Phase::suspected, now, out).onset = bank_.first[j];
}

void Detector::watch_suspicion(double now, std::vector<PhaseChange>& out) {
  const auto j = bank_.winner();
  const int n = bank_.posts[j];
  if (n >= p_->confirm_posts && n >= p_->diversity * bank_.seen[j] && now - born_ >= p_->known_after_s &&
      bank_.score[j] >= threshold()) {
    begin_incident(now, out);
  } else if (bank_.score[j] < p_->suspicion_dies_below && now - since_ > p_->suspicion_s && may_close(now)) {
    go(Phase::normal, now, out).how = PhaseChange::How::cleared;
  }
}

void Detector::begin_incident(double now, std::vector<PhaseChange>& out) {
  const auto j = bank_.winner();
  onset_ = bank_.first[j];
  recovery_ = 0;
  recovery_zero_ = now;
  plateau_ = bank_.posts[j] / std::max(60.0, now - onset_);
  confirmed_t_ = now;
  voices_.clear();
  go(Phase::confirmed, now, out).onset = onset_;
}

void Detector::confirm(double now, std::vector<PhaseChange>& out) {
  if (phase_ != Phase::suspected) return;
  begin_incident(now, out);
  confirmed_t_ = now - p_->retract_within_s - 1;  // not to be taken back because few have posted yet
}

void Detector::withdraw(double now, std::vector<PhaseChange>& out) {
  if (phase_ != Phase::normal) {
    const bool is_untold = phase_ == Phase::easing && !easing_told_;
    auto& change = go(Phase::normal, now, out);
    if (is_untold) change.from = Phase::confirmed;
    change.how = PhaseChange::How::withdrawn;
    change.onset = onset_;
  }
  tail_ = p_->tail_factor * sum(minute_ - 10, minute_ + 1) / 600.0;
  tail_t_ = now;
  bank_.clear();
  voices_.clear();
  by_posts_ = easing_told_ = false;
}

int Detector::voices(double now) const {
  return static_cast<int>(
      std::count_if(voices_.begin(), voices_.end(), [&](const Voice& v) { return now - v.t <= 600; }));
}

bool Detector::voices_say_so(double now, double share) const {
  if (p_->recovery_authors == 0 || voices_.empty()) return false;
  const int say = voices(now);
  return say >= p_->recovery_authors && say >= share * (say + sum(minute_ - 9, minute_ + 1));
}

void Detector::watch_incident(double now, std::vector<PhaseChange>& out) {
  if (recovery_ <= p_->relapse_below) {  // the plateau: the last quarter of an hour, known minutes only
    const auto from = std::max(minute_of(onset_), std::int64_t{minute_} - 15);
    const auto width = minute_ - from;
    if (width >= 3)
      plateau_ = std::max(sum(from, minute_) / (60.0 * static_cast<double>(width)),
                          2 * baseline_.rate(*p_, *shape_, now));
  }
  const auto tell = [&] {
    auto& change = go(Phase::easing, now, out);
    change.from = Phase::confirmed;
    change.recovered_at = recovered_at_;
    change.by_posts = by_posts_;
    easing_told_ = true;
  };
  if (phase_ == Phase::confirmed) {
    const bool said = voices_say_so(now, p_->recovery_share);
    if (recovery_ < p_->easing_at && !said) return;
    by_posts_ = said;
    recovered_at_ = said ? std::max(onset_, voices_.front().t) : recovery_zero_;
    plateau_at_easing_ = plateau_;
    easing_told_ = false;
    if (said || p_->easing_hold_s <= 0) return tell();
    phase_ = Phase::easing;
    since_ = now;
    return;
  }
  // Relapse: they complain again, and those who say that it works are no longer a quarter of the voices.
  if (recovery_ < p_->relapse_below && !(by_posts_ && voices_say_so(now, p_->recovery_share / 2))) {
    if (easing_told_) {
      go(Phase::confirmed, now, out).how = PhaseChange::How::relapse;
    } else {
      phase_ = Phase::confirmed;
      since_ = now;
    }
    return;
  }
  const double began = since_;
  if (!by_posts_ && voices_say_so(now, p_->recovery_share)) {  // first silence, now people say so
    by_posts_ = true;
    recovered_at_ = std::max(onset_, std::min(recovered_at_, voices_.front().t));
    if (!easing_told_) {
      tell();
      since_ = began;
    }
  }
  if (!easing_told_ && now - began >= p_->easing_hold_s && may_close(now)) {
    tell();
    since_ = began;
  }
  if (now - since_ < (by_posts_ ? p_->recovery_hold_s : p_->resolve_hold_s) || !may_close(now)) return;
  const double rest = sum(minute_ - 10, minute_) / 600.0;
  if (rest > std::max(plateau_ / p_->drop, 2 * expected(now))) return;
  recovered_at_ = by_posts_ ? std::min(recovered(), recovered_at_) : recovered();
  tail_ = p_->tail_factor * rest;
  tail_t_ = now;
  // The change reports the score as it stands, then everything starts anew.
  auto& change = go(Phase::normal, now, out);
  change.from = easing_told_ ? Phase::easing : Phase::confirmed;
  change.how = PhaseChange::How::resolved;
  change.onset = onset_;
  change.recovered_at = recovered_at_;
  change.by_posts = by_posts_;
  bank_.clear();
  voices_.clear();
  by_posts_ = easing_told_ = false;
}

void Detector::retract_if_taken_back(double now, std::vector<PhaseChange>& out) {
  if (phase_ != Phase::confirmed && phase_ != Phase::easing) return;
  if (now - confirmed_t_ > p_->retract_within_s || p_->retract_within_s <= 0) return;
  if (bank_.posts[bank_.winner()] >= p_->confirm_posts) return;
  const Phase shown = phase_ == Phase::easing && easing_told_ ? Phase::easing : Phase::confirmed;
  auto& change = go(Phase::normal, now, out);
  change.from = shown;
  change.how = PhaseChange::How::retracted;
  change.onset = onset_;
  bank_.clear();
  voices_.clear();
  by_posts_ = easing_told_ = false;
}

// Complaints outlive the fault: takes the last minutes at a half and a quarter of the plateau and runs that
// line back.
double Detector::recovered() const {
  const auto low = std::max(minute_of(onset_) + 3, std::int64_t{minute_} - 100);
  std::int64_t half = -1, quarter = -1;
  for (std::int64_t m = minute_ - 1; m > low; --m) {
    const double r = sum(m - 2, m + 1) / 180.0;
    if (quarter < 0 && r >= 0.25 * plateau_at_easing_) quarter = m;
    if (r >= 0.5 * plateau_at_easing_) {
      half = m;
      break;
    }
  }
  if (half < 0 || quarter < 0 || plateau_at_easing_ * 180 < 6) return recovery_zero_;
  return std::max(onset_ + 60,
                  static_cast<double>(half - std::min<std::int64_t>(quarter - half, 20)) * 60.0 + 30);
}

std::string Detector::encode() const {
  ByteWriter out;
  out.put(format_version);
  const auto all = [&](const auto& list) {
    for (const auto& x : list) out.put(x);
  };
  for (const auto& day : baseline_.counts) all(day);
  for (const auto& day : baseline_.days) all(day);
  for (double x :
       {baseline_.level_counts, baseline_.level_expected, baseline_.mean_counts, baseline_.mean_slots})
    out.put(x);
  all(baseline_.phi_num);
  all(baseline_.phi_den);
  all(bank_.score);
  all(bank_.first);
  all(bank_.posts);
  all(bank_.seen);
  all(ring_);
  all(mentions_);
  out.put(guard_complaints_);
  out.put(guard_mentions_);
  for (double x : {last_, born_, since_, onset_, recovery_, recovery_zero_, plateau_, plateau_at_easing_,
                   recovered_at_, tail_, tail_t_, bad_until_, confirmed_t_})
    out.put(x);
  out.put(minute_);
  out.put(start_minute_);
  out.put(phase_);
  for (bool x : {has_born_, feed_ok_, easing_told_, by_posts_}) out.put(x);
  out.put(static_cast<std::uint32_t>(voices_.size()));
  for (const auto& voice : voices_) {
    out.put(voice.author);
    out.put(voice.t);
  }
  return out.take();
}

ingest::Result<void> Detector::decode(std::string_view bytes) {
  ByteReader in(bytes);
  const auto version = in.get<std::uint8_t>();
  if (version > format_version) return ingest::fail(ingest::Code::newer_format, "detector state");
  if (version != format_version) return ingest::fail(ingest::Code::corrupt, "version of detector state");
  const auto all = [&](auto& list) {
    for (auto& x : list) in.get_into(x);
  };
  for (auto& day : baseline_.counts) all(day);
  for (auto& day : baseline_.days) all(day);
  for (double* x :
       {&baseline_.level_counts, &baseline_.level_expected, &baseline_.mean_counts, &baseline_.mean_slots})
    in.get_into(*x);
  all(baseline_.phi_num);
  all(baseline_.phi_den);
  all(bank_.score);
  all(bank_.first);
  all(bank_.posts);
  all(bank_.seen);
  all(ring_);
  all(mentions_);
  in.get_into(guard_complaints_);
  in.get_into(guard_mentions_);
  for (double* x : {&last_, &born_, &since_, &onset_, &recovery_, &recovery_zero_, &plateau_,
                    &plateau_at_easing_, &recovered_at_, &tail_, &tail_t_, &bad_until_, &confirmed_t_})
    in.get_into(*x);
  in.get_into(minute_);
  in.get_into(start_minute_);
  const auto phase = in.get<std::uint8_t>();
  for (bool* x : {&has_born_, &feed_ok_, &easing_told_, &by_posts_}) in.get_into(*x);
  voices_.resize(in.count(16));
  for (auto& voice : voices_) {
    in.get_into(voice.author);
    in.get_into(voice.t);
  }
  if (!in.at_end() || phase > 3 || voices_.size() > most_voices)
    return ingest::fail(ingest::Code::corrupt, "detector state");
  phase_ = static_cast<Phase>(phase);
  return {};
}

}  // namespace thap::rules
