#include "ingest/time_parse.h"

#include <array>
#include <chrono>
#include <cmath>
#include <string>

namespace thap::ingest {

namespace {

// Reads exactly `count` digits and moves past them; -1 if there are fewer.
int digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return -1;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::int64_t> utc_ms(int year, int month, int day, int hour, int minute, int second, int ms,
                                   int offset_minutes) {
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const std::int64_t seconds =
      ((days * 24 + hour) * 60 + minute - offset_minutes) * 60 + (second == 60 ? 59 : second);
  return seconds * 1000 + ms;
}

// `+0530` or `+05:30`; minutes east of Greenwich.
std::optional<int> offset(std::string_view& text) {
  const bool west = take(text, '-');
  if (!west && !take(text, '+')) return std::nullopt;
  const int hours = digits(text, 2);
  if (hours < 0 || hours > 23) return std::nullopt;
  take(text, ':');
  const int minutes = digits(text, 2);
  if (minutes < 0 || minutes > 59) return std::nullopt;
  return (west ? -1 : 1) * (hours * 60 + minutes);
}

bool is_clock(std::string_view text) { return text.size() >= 8 && text[2] == ':' && text[5] == ':'; }

struct Clock {
  int hour, minute, second;
};

std::optional<Clock> clock(std::string_view& text) {
  if (!is_clock(text)) return std::nullopt;
  const int hour = digits(text, 2);
  take(text, ':');
  const int minute = digits(text, 2);
  take(text, ':');
  const int second = digits(text, 2);
  if (hour < 0 || minute < 0 || second < 0) return std::nullopt;
  return Clock{hour, minute, second};
}

}  // namespace

std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
  const int year = digits(text, 4);
  if (year < 0 || !take(text, '-')) return std::nullopt;
  const int month = digits(text, 2);
  if (month < 0 || !take(text, '-')) return std::nullopt;
  const int day = digits(text, 2);
  if (day < 0 || !(take(text, 'T') || take(text, 't') || take(text, ' '))) return std::nullopt;
  const auto time = clock(text);
  if (!time) return std::nullopt;
  int ms = 0;
  if (take(text, '.')) {
    int read = 0;
    for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; ++read, text.remove_prefix(1))
      if (read < 3) ms = ms * 10 + (text.front() - '0');
    if (read == 0 || read > 9) return std::nullopt;
    for (; read < 3; ++read) ms *= 10;
  }
  int east = 0;
  if (!take(text, 'Z') && !take(text, 'z')) {
    const auto found = offset(text);
    if (!found) return std::nullopt;
    east = *found;
  }
  if (!text.empty()) return std::nullopt;
  return utc_ms(year, month, day, time->hour, time->minute, time->second, ms, east);
}

std::optional<std::int64_t> parse_x_v1_time(std::string_view text) {
  static constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 30 || text[3] != ' ' || text[7] != ' ' || text[10] != ' ' || text[19] != ' ' ||
      text[25] != ' ')
    return std::nullopt;
  int month = 0;
  while (month < 12 && months[static_cast<std::size_t>(month)] != text.substr(4, 3)) ++month;
  std::string_view rest = text.substr(8);
  const int day = digits(rest, 2);
  take(rest, ' ');
  const auto time = clock(rest);
  take(rest, ' ');
  const auto east = offset(rest);
  take(rest, ' ');
  const int year = digits(rest, 4);
  if (month == 12 || day < 0 || !time || !east || year < 0 || !rest.empty()) return std::nullopt;
  return utc_ms(year, month + 1, day, time->hour, time->minute, time->second, 0, *east);
}

std::optional<std::int64_t> epoch_ms(std::int64_t value) {
  if (value < 0) return std::nullopt;
  if (value < 100'000'000'000) return value * 1000;
  if (value < 100'000'000'000'000) return value;
  if (value < 100'000'000'000'000'000) return value / 1000;
  return value / 1'000'000;
}

std::optional<std::int64_t> epoch_ms(double value) {
  if (!(value >= 0) || value >= 9.0e18) return std::nullopt;  // NaN is neither
  if (value < 1e11) return static_cast<std::int64_t>(std::llround(value * 1000));
  return epoch_ms(static_cast<std::int64_t>(value));
}

std::optional<std::int64_t> parse_time(std::string_view text) {
  if (text.empty() || text.size() > 40) return std::nullopt;
  if (text.size() > 4 && text[4] == '-') return parse_rfc3339(text);
  if (text.front() < '0' || text.front() > '9') return parse_x_v1_time(text);
  std::int64_t whole = 0;
  std::size_t i = 0;
  for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) {
    if (i == 18) return std::nullopt;
    whole = whole * 10 + (text[i] - '0');
  }
  if (i == text.size()) return epoch_ms(whole);
  if (text[i] != '.' || whole >= 100'000'000'000) return std::nullopt;
  std::int64_t ms = 0, scale = 100;
  for (++i; i < text.size(); ++i, scale /= 10) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    ms += scale * (text[i] - '0');
  }
  return whole * 1000 + ms;
}

}  // namespace thap::ingest
