#include "app/replay_server.h"

#include <fmt/format.h>

#include "app/run_server.h"
#include "app/run_teller.h"
#include "serve/metrics_text.h"
#include "serve/operations.h"
#include "serve/page.h"

namespace thap::app {

using nlohmann::ordered_json;

namespace {

ordered_json replay_json(const ReplayClock::State& state, bool can_be_changed) {
  return {{"speed", state.speed},
          {"paused", state.is_paused},
          {"ended", state.has_ended},
          {"can_be_changed", can_be_changed}};
}

bool is_loopback(const std::string& host) { return host == "::1" || host.starts_with("127."); }

}  // namespace

serve::Route replay_route(ReplayClock& clock) {
  auto handle = [&clock](const serve::HttpRequest& request) {
    const auto wrong = [&](const std::string& text) {
      return serve::problem(400, "Bad request", text, request.path);
    };
    if (!request.header("content-type").starts_with("application/json"))
      return serve::problem(415, "Unsupported media type", "send application/json", request.path);
    const auto body = nlohmann::json::parse(request.body, nullptr, false);
    if (!body.is_object()) return wrong("send {\"speed\": 60, \"paused\": false}, or one of them");
    for (const auto& [name, value] : body.items())
      if (name == "speed" ? !value.is_number() : name == "paused" ? !value.is_boolean() : true)
        return wrong(fmt::format("\"{}\" is not understood: speed is a number, paused true or false", name));
    const double speed = body.value("speed", clock.state().speed);
    if (!(speed >= ReplayClock::slowest && speed <= ReplayClock::fastest))
      return wrong(fmt::format("speed is from {} to {}", ReplayClock::slowest, ReplayClock::fastest));
    clock.set_speed(speed);
    if (body.contains("paused")) clock.set_paused(body["paused"].get<bool>());
    return serve::json_response(replay_json(clock.state(), true));
  };
  return {"POST", "/api/v1/replay", serve::Role::admin, {}, handle, true};
}

ingest::Result<std::unique_ptr<ReplayServer>> ReplayServer::open(const std::string& listen,
                                                                 const Settings& settings,
                                                                 ReplayClock& clock) {
  const auto http = http_settings(listen, settings);
  if (!http) return tl::unexpected(http.error());
  if (auto checked = check_exposure(*http, settings); !checked) return tl::unexpected(checked.error());
  // Whoever can be asked from elsewhere shows the replay and leaves its clock alone.
  const bool can_be_changed = is_loopback(http->host) && http->public_hosts.empty();
  auto for_api = api_settings(listen, settings);
  for_api.now_ms = [&clock] { return clock.now_ms(); };
  for_api.replay = [&clock, can_be_changed] { return replay_json(clock.state(), can_be_changed); };
  std::unique_ptr<ReplayServer> out(new ReplayServer(std::move(for_api)));

  auto routes = out->api_.routes();
  for (auto& route : serve::page_routes()) routes.push_back(std::move(route));
  if (can_be_changed) routes.push_back(replay_route(clock));
  for (auto& route : serve::operations_routes([] { return serve::Readiness{}; },
                                              [] {
                                                serve::MetricsText text;
                                                add_process_metrics(text);
                                                return text.text();
                                              }))
    routes.push_back(std::move(route));
  auto server = serve::HttpServer::open(*http, std::move(routes));
  if (!server) return tl::unexpected(server.error());
  out->server_ = std::move(*server);
  return out;
}

ingest::Result<void> ReplayServer::show(const store::WindowStore& store, nlp::Lexicon::Pointer lexicon,
                                        std::shared_ptr<const rules::RuleSet> rules) {
  lexicon_ = lexicon;
  if (auto begun = api_.log().begin(store, *lexicon); !begun) return begun;
  api_.use({std::shared_ptr<const store::WindowStore>(&store, [](const store::WindowStore*) {}),
            std::move(lexicon), std::move(rules)});
  return {};
}

void ReplayServer::tell(const rules::Transition& transition) {
  for (auto& event : api_.log().add({transition}, *lexicon_)) server_->publish(std::move(event));
}

}  // namespace thap::app
