// thap check: settings, lexicon and rules by the code that start uses, every entry's own examples included.
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "app/alert_settings.h"
#include "app/cli.h"

namespace thap::app {

int check(const Common& common, const Settings& settings) {
  auto rules = load_rule_set(common, settings);
  if (!rules) return report(rules.error());
  auto lexicon = load_lexicon(common, settings);
  if (!lexicon) return report(lexicon.error());
  if (auto alerts = alert_settings(settings); !alerts) return report(alerts.error());
  const auto findings = (*lexicon)->check();
  for (const auto& finding : findings) {
    if (common.json)
      std::cout << nlohmann::ordered_json{{"place", finding.place}, {"text", finding.text}}.dump() << '\n';
    else
      std::cout << finding.place << ": " << finding.text << '\n';
  }
  if (!common.json)
    std::cout << fmt::format(
        "lexicon {}: {} services, {} places, {:.1f} MiB compiled\nrules {}: {} providers\n{}\n",
        (*lexicon)->version(), (*lexicon)->services().size(), (*lexicon)->places().size(),
        static_cast<double>((*lexicon)->bytes()) / (1 << 20), (*rules)->version, (*rules)->providers.size(),
        findings.empty() ? std::string("no findings") : fmt::format("{} findings", findings.size()));
  return findings.empty() ? ExitCode::ok : ExitCode::findings;
}

}  // namespace thap::app
