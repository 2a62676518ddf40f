// thap token: makes a token for the API. Shown once; what the settings get is its hash.
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "app/cli.h"
#include "app/wall_clock.h"
#include "serve/incident_json.h"
#include "serve/tokens.h"

namespace thap::app {

int make_token(const Common& common, const TokenOptions& options) {
  const std::string token = serve::new_token();
  nlohmann::ordered_json entry{
      {"name", options.name}, {"role", options.role}, {"sha256", serve::hex(serve::sha256(token))}};
  if (options.days > 0)
    entry["expires"] = serve::utc_time(wall_clock_ms() + std::int64_t{options.days} * 86'400'000);
  if (common.json) {
    std::cout << nlohmann::ordered_json{{"token", token}, {"entry", entry}}.dump() << '\n';
    return ExitCode::ok;
  }
  std::cout << token << '\n';
  std::cerr << "shown only now: Authorization: Bearer TOKEN. Add to \"tokens\" under \"serve\" in the "
               "settings, then\n"
               "send SIGHUP to thap run or thap serve:\n"
            << entry.dump() << '\n';
  return ExitCode::ok;
}

}  // namespace thap::app
