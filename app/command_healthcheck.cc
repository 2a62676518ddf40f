// thap healthcheck: asks a running thap whether it is ready, for containers and supervisors.
#include <iostream>

#include "app/run_commands.h"
#include "app/run_server.h"
#include "serve/http_get.h"

namespace thap::app {

int healthcheck(const Settings& settings, const std::string& listen, bool alive_only) {
  const auto http = http_settings(listen, settings);
  if (!http) return report(http.error());
  const auto answer = serve::http_get(http->host, http->port, alive_only ? "/-/healthy" : "/-/ready",
                                      std::chrono::milliseconds(4'000));
  if (!answer) return report(answer.error());
  std::cout << answer->body << std::flush;
  return answer->status == 200 ? ExitCode::ok : ExitCode::failed;
}

}  // namespace thap::app
