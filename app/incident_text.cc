#include "app/incident_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "app/cli.h"
#include "serve/incident_json.h"

namespace thap::app {

std::string_view state_words(rules::State state) {
  switch (state) {
    case rules::State::suspected:
      return "Watching";
    case rules::State::confirmed:
      return "Problem reported";
    case rules::State::easing:
      return "Easing";
    case rules::State::resolved:
      return "Ended";
    case rules::State::retracted:
      return "Withdrawn";
  }
  return "";
}

namespace {

std::string_view state_colour(rules::State state) {
  switch (state) {
    case rules::State::confirmed:
      return "1;31";
    case rules::State::easing:
      return "33";
    case rules::State::resolved:
      return "32";
    default:
      return "2";
  }
}

std::string symptom_shares(const rules::Incident& incident) {
  const double total = std::accumulate(incident.languages.begin(), incident.languages.end(), 0.0);
  std::vector<std::pair<std::uint32_t, std::size_t>> order;
  for (std::size_t i = 0; i < incident.symptoms.size(); ++i)
    if (incident.symptoms[i] > 0) order.emplace_back(incident.symptoms[i], i);
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  std::vector<std::string> parts;
  for (const auto& [count, i] : order) {
    if (parts.size() == 5) break;
    parts.push_back(fmt::format("{} {:.0f} %", nlp::name(static_cast<nlp::Symptom>(i)),
                                100 * count / std::max(total, 1.0)));
  }
  return parts.empty() ? "none named" : fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

std::string service_label(nlp::ServiceId service, const nlp::Lexicon& lexicon) {
  const auto* known = lexicon.service(service);
  return known ? known->id : fmt::format("service-{:08x}", static_cast<std::uint32_t>(service));
}

std::string transition_line(const rules::Transition& t, const nlp::Lexicon& lexicon) {
  std::string words(state_words(t.to));
  if (t.relapse) words += " again";
  return fmt::format("{} IST  {}  {}  {}", serve::ist_date_time(t.at_ms),
                     padded(service_label(t.service, lexicon), 12),
                     painted(padded(words, 22), state_colour(t.to)), t.reason);
}

std::string incident_summary(const rules::Incident& i, const nlp::Lexicon& lexicon) {
  std::string out =
      fmt::format("{}  {}  {}\n  {}\n", painted(i.id, "1"), service_label(i.service, lexicon),
                  painted(state_words(i.state), state_colour(i.state)), serve::headline(i, lexicon).en);
  out += fmt::format("  began {} IST, noticed {}", serve::ist_date_time(i.started_ms),
                     serve::ist_clock(i.opened_ms));
  if (i.easing_ms) out += ", easing " + serve::ist_clock(i.easing_ms);
  if (i.recovered_ms) out += ", back about " + serve::ist_clock(i.recovered_ms);
  if (i.resolved_ms)
    out += fmt::format(", {} {}", i.state == rules::State::retracted ? "withdrawn" : "ended",
                       serve::ist_clock(i.resolved_ms));
  out += fmt::format("\n  symptoms: {}", symptom_shares(i));
  if (static_cast<std::uint32_t>(i.cause) != 0)
    out += fmt::format("\n  named cause: {} (by {} accounts), group {}", service_label(i.cause, lexicon),
                       i.cause_posts, i.group);
  return out;
}

std::string sparkline(const rules::Incident& i, std::size_t width) {
  static constexpr std::array<std::string_view, 9> bars = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const std::size_t n = i.minute_counts.size();
  if (n == 0) return {};
  const std::size_t step = (n + width - 1) / width;
  std::vector<double> counts, expected;
  for (std::size_t at = 0; at < n; at += step) {
    double c = 0, e = 0;
    for (std::size_t k = at; k < std::min(n, at + step); ++k) {
      c += i.minute_counts[k];
      if (k < i.minute_expected.size()) e += static_cast<double>(i.minute_expected[k]);
    }
    counts.push_back(c);
    expected.push_back(e);
  }
  const double top = std::max({1.0, *std::max_element(counts.begin(), counts.end()),
                               *std::max_element(expected.begin(), expected.end())});
  auto row = [&](const std::vector<double>& values) {
    std::string line;
    for (double v : values) line += bars[static_cast<std::size_t>(std::min(8.0, std::ceil(v / top * 8)))];
    return line;
  };
  const std::int64_t first_ms = static_cast<std::int64_t>(i.first_minute) * 60'000;
  return fmt::format("  counted   {}  at most {:.0f} in {} min\n  expected  {}\n            {}{}{}\n",
                     row(counts), top, step, row(expected), serve::ist_clock(first_ms),
                     std::string(counts.size() > 10 ? counts.size() - 10 : 1, ' '),
                     serve::ist_clock(first_ms + static_cast<std::int64_t>(n) * 60'000));
}

}  // namespace thap::app
