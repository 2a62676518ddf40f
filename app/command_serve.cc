// thap serve: the API over a store that somebody else writes, or nobody any more.
#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <iostream>
#include <thread>

#include "app/run_commands.h"
#include "app/run_reload.h"
#include "app/run_server.h"
#include "app/run_teller.h"
#include "app/version.h"
#include "serve/api.h"
#include "serve/incident_json.h"
#include "serve/incident_rows.h"
#include "serve/page.h"

namespace thap::app {
namespace {

using std::chrono::milliseconds;

volatile std::sig_atomic_t stop_asked = 0, reload_asked = 0;

// A reader sees what was written when it opened.
ingest::Result<std::shared_ptr<const store::WindowStore>> look(const Common& common) {
  store::StoreSettings settings;
  settings.directory = common.data;
  settings.read_only = true;
  auto store = store::WindowStore::open(settings);
  if (!store) return tl::unexpected(store.error());
  return std::shared_ptr<const store::WindowStore>(std::move(*store));
}

}  // namespace

int serve_store(const Common& common, const Settings& settings, const std::string& listen, int refresh_s) {
  std::signal(SIGINT, [](int) { stop_asked = 1; });
  std::signal(SIGTERM, [](int) { stop_asked = 1; });
  std::signal(SIGHUP, [](int) { reload_asked = 1; });
  std::signal(SIGPIPE, SIG_IGN);
  auto knowledge = load_knowledge(common, settings);
  if (!knowledge) return report(knowledge.error());
  auto store = look(common);
  if (!store) return report(store.error());
  serve::Api api(api_settings(listen, settings));
  if (auto begun = api.log().begin(**store, *knowledge->lexicon); !begun) return report(begun.error());
  api.use({*store, knowledge->lexicon, knowledge->rules});

  const auto http = http_settings(listen, settings);
  if (!http) return report(http.error());
  if (auto checked = check_exposure(*http, settings); !checked) return report(checked.error());
  const auto gate = gate_for(*http, settings);
  auto routes = api.routes();
  for (auto& route : serve::page_routes()) routes.push_back(std::move(route));
  for (auto& route : serve::operations_routes([] { return serve::Readiness{}; },
                                              [gate] {
                                                serve::MetricsText text;
                                                serve::add_gate_metrics(gate->figures(), text);
                                                add_process_metrics(text);
                                                return text.text();
                                              }))
    routes.push_back(std::move(route));
  auto server = serve::HttpServer::open(*http, std::move(routes), gate);
  if (!server) return report(server.error());
  std::cout << fmt::format("ready: {} with {}, data up to {} IST\n", (*server)->address(), common.data,
                           serve::ist_date_time((*store)->newest_clock_ms()))
            << std::flush;

  auto looked = std::chrono::steady_clock::now();
  bool is_told = false;
  Reloader reloader(common, settings);
  while (stop_asked == 0) {
    std::this_thread::sleep_for(milliseconds(100));
    if (std::exchange(reload_asked, 0) != 0) {
      reload_tokens(common, *http, *gate);
      reloader.begin();
    }
    if (const auto loaded = reloader.poll()) {
      if (*loaded) {
        knowledge = *loaded;
        api.use({*store, knowledge->lexicon, knowledge->rules});
        say(fmt::format("reloaded: lexicon {}, rules {}", knowledge->lexicon->version(),
                        knowledge->rules->version));
      } else {
        say("reload failed, lexicon and rules stay as they are: " + to_string(loaded->error()));
      }
    }
    if (std::chrono::steady_clock::now() - looked < std::chrono::seconds(refresh_s)) continue;
    looked = std::chrono::steady_clock::now();
    auto newer = look(common);
    if (!newer) {
      if (!std::exchange(is_told, true))
        say("the store cannot be opened now, what was read before is shown: " + to_string(newer.error()));
      continue;
    }
    is_told = false;
    if ((*newer)->newest_clock_ms() == (*store)->newest_clock_ms() &&
        (*newer)->positions() == (*store)->positions())
      continue;
    store = std::move(newer);
    api.use({*store, knowledge->lexicon, knowledge->rules});
    // Those that changed since are the ones whose last transition the log does not have.
    std::vector<rules::Transition> transitions;
    const auto incidents = serve::incidents_in(**store);
    if (!incidents) continue;
    for (const auto& incident : *incidents)
      if (incident.updated_ms >= api.log().newest_ms())
        if (auto life = serve::transitions_of(**store, incident.id))
          transitions.insert(transitions.end(), life->begin(), life->end());
    for (auto& event : api.log().add(std::move(transitions), *knowledge->lexicon))
      (*server)->publish(std::move(event));
  }
  (*server)->stop();
  return ExitCode::ok;
}

}  // namespace thap::app
