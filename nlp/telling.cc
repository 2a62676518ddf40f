// What an explanation says beyond the reading: what an article tells in order, when it began, why it failed.
#include <algorithm>

#include "nlp/told_times.h"

namespace thap::nlp {
namespace {

constexpr std::int64_t minute_ms = 60'000, day_ms = 24 * 60 * minute_ms;
constexpr std::int64_t india_ms = 330 * minute_ms, bangladesh_ms = 360 * minute_ms;

class Teller {
 public:
  Teller(const Lexicon::Tables& tables, Analysis& analysis, ReadHints hints, Explanation& out)
      : t_(tables), a_(analysis), posted_at_ms_(hints.posted_at_ms), out_(out) {}

  void run() {
    for (const ToldTime& time : told_times(t_, a_))
      (time.means == ToldTime::Means::clock ? clocks_ : lengths_).push_back(time);
    fails_ = std::any_of(a_.events.begin(), a_.events.end(),
                         [&](const Event& e) { return counts(e) && e.says == Event::Says::fails; });
    give_times();
    if (a_.is_article) tell();
    if (!fails_) return;
    find_onset();
    if (a_.has(Group::overload)) out_.cause = name(Group::overload);
  }

 private:
  const Token& token(std::size_t i) const { return a_.tokens[i].token; }
  bool counts(const Event& event) const {
    return !event.is_void && event.bond != 0 && event.says != Event::Says::works;
  }

  // A time of day belongs to the first event after it in its sentence and before the next time; else to the
  // last that counts before it, after the time before. "Minutes later" takes the time told last.
  void give_times() {
    time_of_.assign(a_.events.size(), nullptr);
    is_about_.assign(a_.events.size(), false);
    for (std::size_t i = 0; i < clocks_.size(); ++i) {
      const ToldTime& time = clocks_[i];
      const std::uint16_t sentence = token(time.first).sentence;
      const std::size_t from = i > 0 ? clocks_[i - 1].last : 0;
      const std::size_t to = i + 1 < clocks_.size() ? clocks_[i + 1].first : a_.tokens.size();
      const std::size_t after = first_event_from(time.first);
      if (after < a_.events.size() && a_.events[after].first < to &&
          token(a_.events[after].first).sentence == sentence) {
        if (counts(a_.events[after]) && !of_another_event(time, a_.events[after])) give(time, after);
        continue;
      }
      for (std::size_t before = after; before-- > 0;) {
        ++a_.looks;
        const Event& event = a_.events[before];
        if (event.first < from || token(event.first).sentence != sentence) break;
        if (!counts(event)) continue;
        give(time, before);
        break;
      }
    }
    if (!a_.has(Group::soon)) return;
    for (std::size_t i = 0; i < a_.events.size(); ++i) {
      const Event& event = a_.events[i];
      if (!counts(event)) continue;
      if (!(a_.sentence_groups[token(event.first).sentence] & Analysis::bit(Group::soon))) continue;
      is_about_[i] = true;
      if (!time_of_[i]) time_of_[i] = last_clock_before(event);
    }
  }
  void give(const ToldTime& time, std::size_t event) {
    if (!time_of_[event]) time_of_[event] = &time;
  }
  // Events stand in order; one that is inferred is alone or nearly so.
  std::size_t first_event_from(std::size_t token) const {
    const auto found = std::partition_point(a_.events.begin(), a_.events.end(),
                                            [&](const Event& e) { return e.first < token; });
    return static_cast<std::size_t>(found - a_.events.begin());
  }
  // "At four there was a little something, which is mended": four is not when it was mended.
  bool of_another_event(const ToldTime& time, const Event& event) const {
    if (event.says != Event::Says::back) return false;
    auto hit = std::partition_point(a_.cues.begin(), a_.cues.end(),
                                    [&](const PhraseHit& x) { return x.first < time.last; });
    for (; hit != a_.cues.end() && hit->first < event.first; ++hit, ++a_.looks)
      if (t_.phrase_list[hit->phrase].group == Group::past_marker) return true;
    return false;
  }
  // In its sentence or the one before.
  const ToldTime* last_clock_before(const Event& event) const {
    const auto next = std::partition_point(clocks_.begin(), clocks_.end(),
                                           [&](const ToldTime& time) { return time.first < event.first; });
    if (next == clocks_.begin()) return nullptr;
    const ToldTime& last = *std::prev(next);
    return token(last.first).sentence + 1 >= token(event.first).sentence ? &last : nullptr;
  }

  When when(const ToldTime& time, bool approximate) const {
    When out;
    out.approximate = time.approximate || approximate;
    out.minute_of_day = time.minutes;
    if (!posted_at_ms_) return out;
    // The last such time of day before it was written.
    const std::int64_t zone_ms = is_from_bangladesh() ? bangladesh_ms : india_ms;
    const std::int64_t local_ms = *posted_at_ms_ + zone_ms;
    const std::int64_t midnight_ms = local_ms - ((local_ms % day_ms) + day_ms) % day_ms;
    std::int64_t at_ms = midnight_ms + time.minutes * minute_ms;
    if (at_ms > local_ms) at_ms -= day_ms;
    out.at_ms = at_ms - zone_ms;
    return out;
  }
  bool is_from_bangladesh() const {
    return !a_.places.empty() && t_.places[a_.places.front().place].iso.starts_with("BD");
  }

  void tell() {
    constexpr std::size_t most_events = 200, most_services = 32;  // of one event: nobody lists more
    std::vector<const ToldEvent*> last(t_.services.size(), nullptr);
    out_.events.reserve(most_events);  // `last` points into it
    for (std::size_t i = 0; i < a_.events.size(); ++i) {
      const Event& event = a_.events[i];
      if (!counts(event)) continue;
      ToldEvent told;
      told.begin = token(event.first).begin;
      told.end = token(event.last - 1u).end;
      told.status = event.says == Event::Says::fails ? event.status : status_when_back(t_, event);
      if (time_of_[i]) told.when = when(*time_of_[i], is_about_[i]);
      const auto bound = a_.bound(event);
      for (const std::uint16_t m : bound.first(std::min(bound.size(), most_services))) {
        ++a_.looks;
        const std::uint32_t service = a_.mentions[m].service;
        if (last[service] && says_nothing_new(told, *last[service])) continue;
        if (out_.events.size() == most_events) return;
        told.service = t_.services[service].number;
        out_.events.push_back(told);
        last[service] = &out_.events.back();
      }
    }
  }
  static bool says_nothing_new(const ToldEvent& told, const ToldEvent& before) {
    if (told.status != before.status) return false;
    return !told.when || (before.when && told.when->minute_of_day == before.when->minute_of_day);
  }

  // When it began: the earliest time of day at which something is said to fail; else how long it has gone on.
  void find_onset() {
    for (std::size_t i = 0; i < a_.events.size(); ++i) {
      const Event& event = a_.events[i];
      if (!counts(event) || event.says != Event::Says::fails || !time_of_[i]) continue;
      if (out_.onset && !is_before(time_of_[i]->minutes, *out_.onset->minute_of_day)) continue;
      out_.onset = when(*time_of_[i], is_about_[i]);
    }
    for (const ToldTime& length : lengths_) {
      if (length.means == ToldTime::Means::lasted) {
        if (!out_.lasted_min && a_.is_article) out_.lasted_min = length.minutes;
      } else if (!out_.onset) {
        out_.onset = When{};
        out_.onset->approximate = true;
        out_.onset->minutes_before = length.minutes;
        if (posted_at_ms_) out_.onset->at_ms = *posted_at_ms_ - length.minutes * minute_ms;
      }
    }
  }
  // Of two times of day less than half a day apart: 23:50 is before 00:30.
  static bool is_before(int minutes, int other) {
    constexpr int day_min = day_ms / minute_ms;
    const int wait = (other - minutes + day_min) % day_min;
    return wait > 0 && wait < day_min / 2;
  }

  const Lexicon::Tables& t_;
  Analysis& a_;
  const std::optional<std::int64_t> posted_at_ms_;
  Explanation& out_;
  std::vector<ToldTime> clocks_, lengths_;  // in order
  bool fails_{false};
  std::vector<const ToldTime*> time_of_;  // by event
  std::vector<bool> is_about_;            // by event
};

}  // namespace

void tell(const Lexicon::Tables& tables, Analysis& analysis, ReadHints hints, Explanation& out) {
  Teller(tables, analysis, hints, out).run();
}

}  // namespace thap::nlp
