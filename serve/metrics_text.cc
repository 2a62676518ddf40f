#include "serve/metrics_text.h"

#include <fmt/format.h>

#include <cassert>
#include <cmath>

namespace thap::serve {

namespace {

// `quotes`: label values escape them, HELP does not.
std::string escaped(std::string_view text, bool quotes) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\\\";
    else if (c == '\n')
      out += "\\n";
    else if (c == '"' && quotes)
      out += "\\\"";
    else
      out += c;
  }
  return out;
}

}  // namespace

void MetricsText::counter(std::string_view name, std::string_view help, double value, const Labels& labels) {
  assert(name.ends_with("_total"));
  sample(name, "counter", help, value, labels);
}

void MetricsText::gauge(std::string_view name, std::string_view help, double value, const Labels& labels) {
  sample(name, "gauge", help, value, labels);
}

void MetricsText::sample(std::string_view name, std::string_view type, std::string_view help, double value,
                         const Labels& labels) {
  if (name != family_) {
    family_ = name;
    text_ += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name, escaped(help, false), type);
  }
  text_ += name;
  if (!labels.empty()) {
    char before = '{';
    for (const auto& [key, text] : labels) {
      text_ += fmt::format("{}{}=\"{}\"", before, key, escaped(text, true));
      before = ',';
    }
    text_ += '}';
  }
  if (std::isfinite(value) && value == std::floor(value) && std::fabs(value) < 1e15)
    text_ += fmt::format(" {}\n", static_cast<long long>(value));
  else if (std::isfinite(value))
    text_ += fmt::format(" {}\n", value);
  else
    text_ += std::isnan(value) ? " NaN\n" : value > 0 ? " +Inf\n" : " -Inf\n";
}

}  // namespace thap::serve
