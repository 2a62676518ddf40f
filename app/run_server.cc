#include "app/run_server.h"

#include <fmt/format.h>

#include <sstream>

#include "app/run_teller.h"
#include "app/version.h"
#include "app/wall_clock.h"
#include "serve/client_address.h"
#include "serve/page.h"

namespace thap::app {

using ingest::Result;

namespace {

std::vector<std::string> listed(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream names(text);
  for (std::string name; std::getline(names, name, ',');) {
    std::erase(name, ' ');
    if (!name.empty()) out.push_back(name);
  }
  return out;
}

bool only_this_machine_asks(const serve::HttpSettings& http) {
  return serve::is_loopback(http.host) && http.public_hosts.empty() && http.proxies.empty();
}

std::shared_ptr<const serve::TokenTable> token_table(const serve::HttpSettings& http,
                                                     const ServeSettings& settings) {
  const bool is_private = settings.tokens.empty() && only_this_machine_asks(http);
  const serve::Role anonymous = !settings.anonymous_read ? serve::Role::anyone
                                : is_private             ? serve::Role::evidence
                                                         : serve::Role::read;
  return std::make_shared<serve::TokenTable>(settings.tokens, anonymous);
}

}  // namespace

Result<serve::HttpSettings> http_settings(const std::string& listen, const Settings& settings) {
  const std::string& place = !listen.empty()                 ? listen
                             : settings.serve.listen.empty() ? std::string(default_listen)
                                                             : settings.serve.listen;
  const auto parsed = serve::parse_listen(place);
  if (!parsed) return tl::unexpected(parsed.error());
  serve::HttpSettings out;
  std::tie(out.host, out.port) = *parsed;
  out.public_hosts = listed(settings.serve.public_hosts);
  out.proxies = listed(settings.serve.proxies);
  for (const auto& proxy : out.proxies)
    if (!serve::is_address(proxy))
      return ingest::fail(ingest::Code::usage, "serve.proxies: an address, not a name", proxy);
  return out;
}

Result<void> check_exposure(const serve::HttpSettings& http, const Settings& settings) {
  if (serve::is_loopback(http.host) || !http.proxies.empty() || settings.serve.plain_http) return {};
  return ingest::fail(ingest::Code::usage,
                      "plain HTTP for other machines: listen on 127.0.0.1 behind a proxy, name the proxy in "
                      "serve.proxies, or set serve.plain_http",
                      http.host);
}

serve::ApiSettings api_settings(const std::string& listen, const Settings& settings, serve::Desk* desk) {
  serve::ApiSettings out;
  out.program_version = version;
  out.now_ms = wall_clock_ms;
  out.desk = desk;
  out.cap = settings.serve.cap;
  out.cap.site = settings.alerts.site;
  const auto http = http_settings(listen, settings);
  if (http && !http->public_hosts.empty()) out.host = http->public_hosts.front();
  return out;
}

std::shared_ptr<serve::Gate> gate_for(const serve::HttpSettings& http, const Settings& settings) {
  serve::GateSettings out;
  out.requests_per_second = static_cast<double>(settings.serve.requests_per_second);
  out.requests_burst = static_cast<double>(settings.serve.requests_burst);
  out.proxies = http.proxies;
  out.now_ms = wall_clock_ms;
  return std::make_shared<serve::Gate>(std::move(out), token_table(http, settings.serve));
}

void reload_tokens(const Common& common, const serve::HttpSettings& http, serve::Gate& gate) {
  const auto settings = load_settings(common.settings_file);
  if (!settings) return say("tokens stay as they are: " + to_string(settings.error()));
  gate.use(token_table(http, settings->serve));
  say(fmt::format("reloaded: {} tokens", settings->serve.tokens.size()));
}

Result<std::unique_ptr<RunServer>> RunServer::open(const std::string& listen, const Settings& settings,
                                                   RunStatus& status, std::vector<serve::Route> further) {
  auto out = std::make_unique<RunServer>();
  if (listen == "none" || (listen.empty() && settings.serve.listen == "none")) return out;
  const auto http = http_settings(listen, settings);
  if (!http) return tl::unexpected(http.error());
  if (auto checked = check_exposure(*http, settings); !checked) return tl::unexpected(checked.error());
  out->http_settings_ = *http;
  out->gate_ = gate_for(*http, settings);
  auto routes = serve::operations_routes(
      [&status, most_lag = settings.serve.ready_lag_records] {
        return readiness_of(status.figures().get(), most_lag, SteadyClock::now());
      },
      [&status, self = out.get()] {
        serve::MetricsText text;
        if (const auto figures = status.figures()) add_run_metrics(*figures, SteadyClock::now(), text);
        if (const auto* server = self->asked_.load()) {
          serve::add_http_metrics(server->figures(), text);
          serve::add_gate_metrics(self->gate_->figures(), text);
        }
        add_process_metrics(text);
        return text.text();
      });
  for (auto& route : serve::page_routes()) routes.push_back(std::move(route));
  for (auto& route : further) routes.push_back(std::move(route));
  auto server = serve::HttpServer::open(*http, std::move(routes), out->gate_);
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
