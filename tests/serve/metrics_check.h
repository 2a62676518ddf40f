// A reader of the Prometheus text format that forgives nothing: what it takes, a Prometheus takes.
#pragma once
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

namespace thap::serve {

struct MetricsCheck {
  std::map<std::string, double> samples;     // by name and labels, as written
  std::map<std::string, std::string> types;  // of families
  std::string fault;                         // the first; empty: none
};

inline MetricsCheck check_metrics(const std::string& text) {
  static const std::regex help(R"(# HELP ([a-zA-Z_][a-zA-Z0-9_]*) (\S.*))"),
      type(R"(# TYPE ([a-zA-Z_][a-zA-Z0-9_]*) (counter|gauge))"),
      sample(
          R"(([a-zA-Z_][a-zA-Z0-9_]*)(\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\[\\"n])*")(,[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\[\\"n])*")*\})? (-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?|NaN|[+-]Inf))");
  MetricsCheck out;
  if (!text.empty() && text.back() != '\n') out.fault = "no newline at the end";
  std::istringstream lines(text);
  std::string family, helped;
  std::set<std::string> ended;
  auto say = [&](const std::string& fault, const std::string& line) {
    if (out.fault.empty()) out.fault = fault + ": " + line;
  };
  for (std::string line; std::getline(lines, line);) {
    std::smatch m;
    if (std::regex_match(line, m, help)) {
      helped = m[1];
    } else if (std::regex_match(line, m, type)) {
      if (m[1] != helped) say("TYPE without HELP before it", line);
      if (!family.empty()) ended.insert(family);
      family = m[1];
      if (ended.contains(family) || out.types.contains(family)) say("a family in two places", line);
      out.types[family] = m[2];
      if (m[2] == "counter" && !family.ends_with("_total"))
        say("a counter whose name says nothing of it", line);
      if (m[2] == "gauge" && family.ends_with("_total")) say("a gauge that is called a counter", line);
      for (const char* unit : {"_ms", "_milliseconds", "_minutes", "_kb", "_mb"})
        if (family.ends_with(unit)) say("no base unit", line);
    } else if (std::regex_match(line, m, sample)) {
      if (m[1] != family) say("a sample outside its family", line);
      const std::string value = m[7];
      if (!out.samples.emplace(m[1].str() + m[2].str(), std::stod(value)).second) say("twice", line);
      if (out.types[family] == "counter" && value.starts_with('-')) say("a counter below zero", line);
    } else {
      say("no line of this format", line);
    }
  }
  return out;
}

}  // namespace thap::serve
