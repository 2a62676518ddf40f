#include "app/run_server.h"

#include <sstream>

#include "app/run_teller.h"
#include "app/version.h"
#include "app/wall_clock.h"
#include "serve/page.h"

namespace thap::app {

using ingest::Result;

Result<serve::HttpSettings> http_settings(const std::string& listen, const Settings& settings) {
  const std::string& place = !listen.empty()                 ? listen
                             : settings.serve.listen.empty() ? std::string(default_listen)
                                                             : settings.serve.listen;
  const auto parsed = serve::parse_listen(place);
  if (!parsed) return tl::unexpected(parsed.error());
  serve::HttpSettings out;
  std::tie(out.host, out.port) = *parsed;
  std::istringstream names(settings.serve.public_hosts);
  for (std::string name; std::getline(names, name, ',');) {
    std::erase(name, ' ');
    if (!name.empty()) out.public_hosts.push_back(name);
  }
  return out;
}

serve::ApiSettings api_settings(const std::string& listen, const Settings& settings) {
  serve::ApiSettings out;
  out.program_version = version;
  out.now_ms = wall_clock_ms;
  out.shows_evidence = false;
  if (const auto http = http_settings(listen, settings)) {
    if (!http->public_hosts.empty()) out.host = http->public_hosts.front();
    out.shows_evidence =
        http->public_hosts.empty() && (http->host == "::1" || http->host.starts_with("127."));
  }
  return out;
}

Result<std::unique_ptr<RunServer>> RunServer::open(const std::string& listen, const Settings& settings,
                                                   RunStatus& status, std::vector<serve::Route> further) {
  auto out = std::make_unique<RunServer>();
  if (listen == "none" || (listen.empty() && settings.serve.listen == "none")) return out;
  const auto http = http_settings(listen, settings);
  if (!http) return tl::unexpected(http.error());
  auto routes = serve::operations_routes(
      [&status, most_lag = settings.serve.ready_lag_records] {
        return readiness_of(status.figures().get(), most_lag, SteadyClock::now());
      },
      [&status, self = out.get()] {
        serve::MetricsText text;
        if (const auto figures = status.figures()) add_run_metrics(*figures, SteadyClock::now(), text);
        if (const auto* server = self->asked_.load()) serve::add_http_metrics(server->figures(), text);
        add_process_metrics(text);
        return text.text();
      });
  for (auto& route : serve::page_routes()) routes.push_back(std::move(route));
  for (auto& route : further) routes.push_back(std::move(route));
  auto server = serve::HttpServer::open(*http, std::move(routes));
  if (!server) {
    if (!listen.empty() || !settings.serve.listen.empty()) return tl::unexpected(server.error());
    say(to_string(server.error()) + ": no health, metrics or API (--listen names another place)");
    return out;
  }
  out->server_ = std::move(*server);
  out->asked_ = out->server_.get();
  return out;
}

}  // namespace thap::app
