// What an explanation says beyond the reading: what an article tells in order, when it began, why it failed.
#include <algorithm>

#include "nlp/told_times.h"

namespace thap::nlp {
namespace {

constexpr std::int64_t minute_ms = 60'000, day_ms = 24 * 60 * minute_ms;
constexpr std::int64_t india_ms = 330 * minute_ms, bangladesh_ms = 360 * minute_ms;

class Teller {
 public:
  Teller(const Lexicon::Tables& tables, const Analysis& analysis, ReadHints hints, Explanation& out)
      : t_(tables), a_(analysis), posted_at_ms_(hints.posted_at_ms), out_(out) {}

  void run() {
    times_ = told_times(t_, a_);
    give_times();
    if (a_.is_article) tell();
    find_onset();
    for (const PhraseHit& hit : a_.cues)
      if (t_.phrase_list[hit.phrase].group == Group::overload && any_failure()) {
        out_.cause = name(Group::overload);
        break;
      }
  }

 private:
  const Token& token(std::size_t i) const { return a_.tokens[i].token; }
  bool counts(const Event& event) const {
    return !event.is_void && event.bond != 0 && event.says != Event::Says::works;
  }
  bool any_failure() const {
    return std::any_of(a_.events.begin(), a_.events.end(),
                       [&](const Event& e) { return counts(e) && e.says == Event::Says::fails; });
  }

  // A time of day belongs to the first event after it in its sentence, else to the last before it, be it one
  // that does not count. "Minutes later" takes the time told last.
  void give_times() {
    time_of_.assign(a_.events.size(), nullptr);
    is_about_.assign(a_.events.size(), false);
    const auto in_sentence = [&](const Event& e, std::uint16_t sentence) {
      return token(e.first).sentence == sentence;
    };
    for (std::size_t i = 0; i < times_.size(); ++i) {
      const ToldTime& time = times_[i];
      if (time.means != ToldTime::Means::clock) continue;
      const std::uint16_t sentence = token(time.first).sentence;
      const std::size_t next_time = i + 1 < times_.size() ? times_[i + 1].first : a_.tokens.size();
      const auto after = std::find_if(a_.events.begin(), a_.events.end(), [&](const Event& e) {
        return e.first >= time.first && in_sentence(e, sentence);
      });
      if (after != a_.events.end() && after->first < next_time) {
        const auto index = static_cast<std::size_t>(after - a_.events.begin());
        if (!time_of_[index] && counts(*after) && !of_another_event(time, *after)) time_of_[index] = &time;
        continue;
      }
      const auto before = std::find_if(a_.events.rbegin(), a_.events.rend(), [&](const Event& e) {
        return counts(e) && e.last <= time.first && in_sentence(e, sentence);
      });
      if (before == a_.events.rend()) continue;
      const auto index = static_cast<std::size_t>(a_.events.rend() - before) - 1;
      if (!time_of_[index]) time_of_[index] = &time;
    }
    for (std::size_t i = 0; i < a_.events.size(); ++i) {
      const Event& event = a_.events[i];
      const std::uint16_t sentence = token(event.first).sentence;
      if (!counts(event) || !(a_.sentence_groups[sentence] & Analysis::bit(Group::soon))) continue;
      is_about_[i] = true;
      if (!time_of_[i]) time_of_[i] = last_clock_before(event);
    }
  }
  // "At four there was a little something, which is mended": four is not when it was mended.
  bool of_another_event(const ToldTime& time, const Event& event) const {
    if (event.says != Event::Says::back) return false;
    return std::any_of(a_.cues.begin(), a_.cues.end(), [&](const PhraseHit& hit) {
      return t_.phrase_list[hit.phrase].group == Group::past_marker && hit.first >= time.last &&
             hit.last <= event.first;
    });
  }
  const ToldTime* last_clock_before(const Event& event) const {
    const ToldTime* last = nullptr;
    for (const ToldTime& time : times_)
      if (time.means == ToldTime::Means::clock && time.first < event.first &&
          token(time.first).sentence + 1 >= token(event.first).sentence)
        last = &time;
    return last;
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
    std::vector<const ToldEvent*> last(t_.services.size(), nullptr);
    out_.events.reserve(a_.bound_mentions.size() + a_.events.size());  // `last` points into it
    for (std::size_t i = 0; i < a_.events.size(); ++i) {
      const Event& event = a_.events[i];
      if (!counts(event)) continue;
      ToldEvent told;
      told.begin = token(event.first).begin;
      told.end = token(event.last - 1u).end;
      if (event.says == Event::Says::fails)
        told.status = event.status;
      else
        told.status =
            t_.phrase_list[event.phrase].status == Status::degraded ? Status::degraded : Status::recovered;
      if (time_of_[i]) told.when = when(*time_of_[i], is_about_[i]);
      for (const std::uint16_t m : a_.bound(event)) {
        const std::uint32_t service = a_.mentions[m].service;
        // Said again without anything new.
        if (last[service] && last[service]->status == told.status &&
            (!told.when || same(told, *last[service])))
          continue;
        if (out_.events.size() == most_told_events) return;
        told.service = t_.services[service].number;
        out_.events.push_back(told);
        last[service] = &out_.events.back();
      }
    }
  }
  static bool same(const ToldEvent& a, const ToldEvent& b) {
    return a.when && b.when && a.when->minute_of_day == b.when->minute_of_day;
  }
  static constexpr std::size_t most_told_events = 200;

  // When it began: the earliest time of day at which something is said to fail; else how long it has gone on.
  void find_onset() {
    for (std::size_t i = 0; i < a_.events.size(); ++i) {
      const Event& event = a_.events[i];
      if (!counts(event) || event.says != Event::Says::fails || !time_of_[i]) continue;
      if (out_.onset && *out_.onset->minute_of_day <= time_of_[i]->minutes) continue;
      out_.onset = when(*time_of_[i], is_about_[i]);
    }
    for (const ToldTime& time : times_) {
      if (time.means == ToldTime::Means::lasted && !out_.lasted_min && a_.is_article && any_failure())
        out_.lasted_min = time.minutes;
      if (time.means != ToldTime::Means::since || out_.onset || !any_failure()) continue;
      out_.onset = When{};
      out_.onset->approximate = true;
      out_.onset->minutes_before = time.minutes;
      if (posted_at_ms_) out_.onset->at_ms = *posted_at_ms_ - time.minutes * minute_ms;
    }
  }

  const Lexicon::Tables& t_;
  const Analysis& a_;
  const std::optional<std::int64_t> posted_at_ms_;
  Explanation& out_;
  std::vector<ToldTime> times_;
  std::vector<const ToldTime*> time_of_;  // by event
  std::vector<bool> is_about_;            // by event
};

}  // namespace

void tell(const Lexicon::Tables& tables, const Analysis& analysis, ReadHints hints, Explanation& out) {
  Teller(tables, analysis, hints, out).run();
}

}  // namespace thap::nlp
