// detector_events [--set reference|shipped] [--with key=value]... < calls > events
// Plays the calls of scripts/golden-calls.py and writes the changes of state as JSON lines, in the form that
// the reference's judge reads (scripts/judge.py does both and sums up several seeds).
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "calls.h"
#include "rules/rule_set.h"

using namespace thap::rules;

namespace {

std::string line_of(const std::string& service, const PhaseChange& c, bool relapse) {
  using How = PhaseChange::How;
  const auto name_of = [](Phase phase) { return phase == Phase::easing ? "recovering" : name(phase); };
  std::string line = fmt::format(
      R"({{"t": {}, "service": "{}", "frm": "{}", "to": "{}", "score": {:.2f}, "threshold": {:.2f}, "authors": {})",
      c.t, service, name_of(c.from), name_of(c.to), c.score, c.threshold, c.authors);
  if (relapse) line += R"(, "relapse": true)";
  if (c.how == How::cleared) line += R"(, "cleared": true)";
  if (c.how == How::retracted) line += R"(, "retracted": true)";
  if (c.how == How::resolved) line += R"(, "resolved": true)";
  if (c.how == How::resolved || (c.how == How::step && c.to != Phase::easing))
    line += fmt::format(R"(, "onset": {})", c.onset);
  if (c.how == How::resolved || c.to == Phase::easing)
    line += fmt::format(R"(, "recovered_at": {})", c.recovered_at);
  return line + "}";
}

}  // namespace

int main(int argc, char** argv) {
  std::string set = "shipped";
  nlohmann::json with = nlohmann::json::object();
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string option = argv[i], value = argv[i + 1];
    if (option == "--set") {
      set = value;
    } else if (const auto equals = value.find('='); option == "--with" && equals != std::string::npos) {
      with[value.substr(0, equals)] = nlohmann::json::parse(value.substr(equals + 1));
    } else {
      fmt::print(stderr,
                 "usage: detector_events [--set reference|shipped] [--with key=value]... < calls > events\n");
      return 2;
    }
  }
  auto files = embedded_rule_files();
  for (auto& [name, text] : files) {
    if (name != "parameters.json") continue;
    auto all = nlohmann::json::parse(text, nullptr, true, true);
    for (const auto& [key, value] : with.items()) all[set][key] = value;
    text = all.dump();
  }
  const auto rules = load_rules(files, set);
  if (!rules) {
    fmt::print(stderr, "{}\n", thap::ingest::to_string(rules.error()));
    return 1;
  }
  std::ios::sync_with_stdio(false);
  const auto& p = (*rules)->of("default").parameters;
  const auto played = test::play(std::cin, p, nullptr, [](auto&, auto&) {});
  if (!played) {
    fmt::print(stderr, "detector_events: the calls cannot be read\n");
    return 1;
  }
  auto changes = *played;
  // A new excursion soon after the end reopens the incident, as the engine does.
  std::map<std::string, double> ended;
  std::vector<std::pair<double, std::string>> lines;
  for (const auto& [service, change] : changes) {
    bool relapse = change.how == PhaseChange::How::relapse;
    if (change.to == Phase::confirmed && change.how == PhaseChange::How::step && set != "reference")
      if (const auto found = ended.find(service);
          found != ended.end() && change.t - found->second <= p.reopen_s)
        relapse = true;
    if (change.how == PhaseChange::How::resolved) ended[service] = change.t;
    lines.emplace_back(change.t, line_of(service, change, relapse));
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [t, line] : lines) std::cout << line << '\n';
}
