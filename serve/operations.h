// What a supervisor and a Prometheus ask: /-/healthy, /-/ready, /metrics.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "serve/http.h"
#include "serve/http_server.h"
#include "serve/metrics_text.h"

namespace thap::serve {

struct Readiness {
  std::vector<std::string> reasons;  // why not; sentences for people
  std::vector<std::string> notices;  // worth knowing, and no reason to send nobody here: a silent feed
};

// 200 or 503; JSON where Accept prefers it, else one line a reason.
HttpResponse ready_response(const HttpRequest& request, const Readiness& readiness);

// `readiness` and `metrics` are called on the event thread: they must not wait for anyone.
std::vector<Route> operations_routes(std::function<Readiness()> readiness,
                                     std::function<std::string()> metrics);

void add_http_metrics(const HttpFigures& figures, MetricsText& out);
void add_gate_metrics(const GateFigures& figures, MetricsText& out);

}  // namespace thap::serve
