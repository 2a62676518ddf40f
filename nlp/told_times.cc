#include "nlp/told_times.h"

#include <charconv>

namespace thap::nlp {
namespace {

constexpr int hour_min = 60, day_min = 24 * hour_min;

using TimeWord = Lexicon::Tables::TimeWord;

class TimeFinder {
 public:
  TimeFinder(const Lexicon::Tables& tables, Analysis& analysis) : t_(tables.times), a_(analysis) {}

  std::vector<ToldTime> run() {
    for (std::size_t i = 0; i < a_.tokens.size();) {
      auto time = clock_at(i);
      if (!time) time = length_at(i);
      if (time) out_.push_back(*time);
      i = time ? time->last : i + 1;
    }
    return std::move(out_);
  }

 private:
  const Token& token(std::size_t i) const { return a_.tokens[i].token; }
  bool is(std::size_t i, TimeWord word) {
    return i < a_.tokens.size() && reads_as(a_.scanned.text_of(token(i)), word);
  }
  bool reads_as(std::string_view text, TimeWord word) {
    ++a_.looks;
    const auto at = t_.classes_of.find(text);
    return at != t_.classes_of.end() && (at->second >> word) & 1;
  }
  // Over words of the class, and whether there was one. Nobody says three; who does is not followed.
  bool skip(std::size_t& i, TimeWord word) {
    const std::size_t from = i;
    while (i < from + 2 && is(i, word)) ++i;
    return i > from;
  }
  bool is_word(std::size_t i) const { return i < a_.tokens.size() && token(i).type == TokenType::word; }
  bool is_pause(std::size_t i) const {
    return i < a_.tokens.size() && (token(i).type == TokenType::pause || token(i).type == TokenType::stop);
  }
  // A whole number, in any digits.
  std::optional<int> number(std::size_t i) const {
    if (i >= a_.tokens.size() || token(i).type != TokenType::number) return {};
    return whole(a_.scanned.text_of(token(i)));
  }
  static std::optional<int> whole(std::string_view text) {
    int n = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (error != std::errc() || end != text.data() + text.size()) return {};
    return n;
  }

  // ---- Times of day

  struct HourAndMinute {
    int hour{0}, minute{0};
    std::size_t last{0};
    bool has_minute{false}, has_colon{false};
  };
  // 4 · 12.07 · 12:07 · 2 টা 15
  std::optional<HourAndMinute> hour_at(std::size_t i) const {
    HourAndMinute out;
    if (const auto hour = number(i)) {
      out.hour = *hour;
      out.last = i + 1;
      // The colon is a pause of its own.
      if (i + 2 < a_.tokens.size() && is_pause(i + 1) && token(i + 1).begin == token(i).end &&
          token(i + 2).begin == token(i + 1).end && token(i + 1).end == token(i + 1).begin + 1)
        if (const auto minute = number(i + 2); minute && token(i + 2).fold_length == 2)
          out = {*hour, *minute, i + 3, true, true};
    } else if (i < a_.tokens.size() && token(i).type == TokenType::number) {
      const std::string_view text = a_.scanned.text_of(token(i));
      const std::size_t dot = text.find_first_of(".:");
      if (dot == std::string_view::npos || text.size() - dot != 3) return {};
      const auto hour_part = whole(text.substr(0, dot)), minute_part = whole(text.substr(dot + 1));
      if (!hour_part || !minute_part) return {};
      out = {*hour_part, *minute_part, i + 1, true};
    } else {
      return {};
    }
    if (out.hour > 24 || out.minute > 59) return {};
    return out;
  }

  // "4pm", "20min": a number and what it counts, typed as one word.
  std::optional<std::pair<int, std::string_view>> number_and_unit(std::size_t i) const {
    if (!is_word(i)) return {};
    const std::string_view text = a_.scanned.text_of(token(i));
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (const auto n = whole(text.substr(0, digits))) return std::pair{*n, text.substr(digits)};
    return {};
  }

  std::optional<ToldTime> clock_at(std::size_t at) {
    std::size_t i = at;
    bool certain = false, approximate = skip(i, t_.about);
    TimeWord part = part_of_day(i);
    // "दिन" and "রাত" are lengths as well: only with an hour right behind them (and "দিনের", "के").
    if (part) ++i;
    if (part && i < a_.tokens.size() && token(i).has(particle)) ++i;
    approximate = skip(i, t_.about) || approximate;

    int shift = 0;
    std::optional<HourAndMinute> hour;
    const auto glued = number_and_unit(i);
    if (glued && glued->first >= 1 && glued->first <= 12 &&
        (reads_as(glued->second, t_.am) || reads_as(glued->second, t_.pm))) {
      hour = HourAndMinute{glued->first, 0, i + 1};
      part = reads_as(glued->second, t_.am) ? t_.am : t_.pm;
      certain = true;
    } else if (is(i, t_.one_and_half) && (part || is(i + 1, t_.oclock))) {
      hour = HourAndMinute{1, 30, i + 1};
      certain = true;
    } else if (is(i, t_.two_and_half) && (part || is(i + 1, t_.oclock))) {
      hour = HourAndMinute{2, 30, i + 1};
      certain = true;
    } else {
      if (is(i, t_.half)) shift = 30;
      if (is(i, t_.quarter_past)) shift = 15;
      if (is(i, t_.quarter_to)) shift = -15;
      hour = hour_at(shift != 0 ? i + 1 : i);
    }
    if (!hour) return {};
    i = hour->last;
    if (is(i, t_.oclock)) {
      certain = true;
      ++i;
      if (const auto minute = minutes_after(i)) hour->minute = *minute;
    } else if (is(i, t_.oclock_bn)) {
      ++i;
      // "2 টা" counts things as well.
      if (const auto minute = minutes_after(i)) {
        hour->minute = *minute;
        certain = true;
      } else {
        certain = certain || shift != 0 || part || is(i, t_.about) || is(i, t_.from) || is(i, t_.after) ||
                  is(i, t_.the_time);
      }
    } else if (is(i, t_.am) || is(i, t_.pm)) {
      certain = true;
      part = is(i, t_.am) ? t_.am : t_.pm;
      ++i;
    } else if (hour->has_minute && part &&
               (hour->has_colon || is(i, t_.minute) || is(i, t_.about) || is(i, t_.from))) {
      certain = true;  // "रात 9.30" alone may be money
      if (is(i, t_.minute)) ++i;
    } else if (is(i, t_.minute) || is(i, t_.hour)) {
      return {};
    } else if (!part && at > 0 && is(at - 1, t_.since) && hour->hour >= 1 && hour->hour <= 12 &&
               ends_here(i)) {
      certain = true;  // "down since 9"
    }
    if (!certain) return {};
    // English says the part of the day after the hour, or "at night".
    if (!part)
      for (std::size_t k = i; k < i + 2 && !part; ++k) part = part_of_day(k), i = part ? k + 1 : i;
    for (std::size_t k = i; k < i + 3; ++k) {
      if (is(k, t_.about)) approximate = true, i = k + 1;
      if (is(k, t_.after)) approximate = true;
    }
    ToldTime time;
    time.first = static_cast<std::uint16_t>(at);
    time.last = static_cast<std::uint16_t>(i);
    time.approximate = approximate;
    time.minutes = (in_the_day(hour->hour, part) * hour_min + hour->minute + shift + day_min) % day_min;
    if (!part && hour->hour <= 12) time.minutes = soonest(time.minutes);
    last_clock_ = time.minutes;
    return time;
  }
  std::optional<int> minutes_after(std::size_t& i) {
    const auto minute = number(i);
    if (!minute || *minute > 59) return {};
    // "4 बजे 5 लोग" has no minutes: what is counted says which.
    if (is(i + 1, t_.minute))
      i += 2;
    else if (is(i + 1, t_.about) || is(i + 1, t_.from))
      i += 1;
    else
      return {};
    return minute;
  }
  bool ends_here(std::size_t i) { return i >= a_.tokens.size() || !is_word(i) || is(i, t_.about); }

  TimeWord part_of_day(std::size_t i) {
    for (const TimeWord part : {t_.dawn, t_.morning, t_.noon, t_.afternoon, t_.evening, t_.night})
      if (is(i, part)) return part;
    return 0;
  }
  // The hour of 24 that "দুপুর 2" or "रात 9" means.
  int in_the_day(int hour, TimeWord part) const {
    if (part == 0 || hour > 12) return hour;
    if (part == t_.am || part == t_.dawn || part == t_.morning) return hour % 12;
    if (part == t_.night) return hour == 12 ? 0 : hour <= 5 ? hour : hour + 12;
    if (part == t_.noon) return hour >= 10 ? hour : hour + 12;
    return hour % 12 + 12;
  }
  int soonest(int minutes) const {
    if (!last_clock_) return minutes;
    const int other = (minutes + day_min / 2) % day_min;
    const auto wait = [&](int m) { return (m - *last_clock_ + day_min) % day_min; };
    return wait(minutes) <= wait(other) ? minutes : other;
  }

  // ---- Lengths of time

  int number_word(std::size_t i) {
    for (std::size_t n = 0; n < t_.numbers.size(); ++n)
      if (is(i, t_.numbers[n])) return static_cast<int>(n) + 2;
    return 0;
  }

  std::optional<ToldTime> length_at(std::size_t at) {
    std::size_t i = at;
    const bool after = skip(i, t_.after_first);
    bool approximate = skip(i, t_.about);
    const bool since = skip(i, t_.since);
    approximate = skip(i, t_.about) || approximate;
    double count = 0;
    std::string_view unit;
    if (const auto n = number(i)) {
      count = *n;
      ++i;
    } else if (const auto glued = number_and_unit(i)) {
      count = glued->first;
      unit = glued->second;
    } else if (is(i, t_.half) && number(i + 1)) {
      count = *number(i + 1) + 0.5;
      i += 2;
    } else if (is(i, t_.one_and_half) || is(i, t_.two_and_half)) {
      count = is(i, t_.one_and_half) ? 1.5 : 2.5;
      ++i;
    } else if (is(i, t_.one)) {
      count = 1;
      ++i;
    } else if (is(i, t_.two_hours)) {
      count = 2;
    } else if (const int told = number_word(i); told > 0) {
      count = told;
      ++i;
    } else {
      return {};
    }
    if (count <= 0 || count > 1'000) return {};
    if (unit.empty() && i < a_.tokens.size()) unit = a_.scanned.text_of(token(i));
    const bool hours = reads_as(unit, t_.hour) || reads_as(unit, t_.two_hours);
    if (!hours && !reads_as(unit, t_.minute)) return {};
    ++i;
    // "1 ঘণ্টা তে"; what says from when may be such a particle itself.
    if (i < a_.tokens.size() && token(i).has(particle) && !is(i, t_.from)) ++i;
    ToldTime time;
    time.first = static_cast<std::uint16_t>(at);
    time.minutes = static_cast<int>(count * (hours ? hour_min : 1));
    time.approximate = approximate;
    if (is(i, t_.from) || since) {
      time.means = ToldTime::Means::since;
      if (is(i, t_.from)) ++i;
    } else if (after || is(i, t_.after) || (is_word(i) && is(i + 1, t_.after))) {
      time.means = ToldTime::Means::lasted;
      if (!after) i += is(i, t_.after) ? 1 : 2;
    } else {
      return {};
    }
    time.last = static_cast<std::uint16_t>(i);
    return time;
  }

  const Lexicon::Tables::TimeWords& t_;
  Analysis& a_;
  std::vector<ToldTime> out_;
  std::optional<int> last_clock_;
};

}  // namespace

std::vector<ToldTime> told_times(const Lexicon::Tables& tables, Analysis& analysis) {
  return TimeFinder(tables, analysis).run();
}

}  // namespace thap::nlp
