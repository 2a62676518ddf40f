// Figures in the text format that Prometheus scrapes.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thap::serve {

// Samples of one family follow each other; HELP and TYPE are written with the first. Threads: one.
class MetricsText {
 public:
  using Labels = std::vector<std::pair<std::string_view, std::string>>;

  // Names are ours and valid; a counter's ends with _total. Label values may be any UTF-8.
  void counter(std::string_view name, std::string_view help, double value, const Labels& labels = {});
  void gauge(std::string_view name, std::string_view help, double value, const Labels& labels = {});

  const std::string& text() const { return text_; }

 private:
  void sample(std::string_view name, std::string_view type, std::string_view help, double value,
              const Labels& labels);

  std::string text_, family_;
};

}  // namespace thap::serve
