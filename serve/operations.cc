#include "serve/operations.h"

namespace thap::serve {

HttpResponse ready_response(const HttpRequest& request, const Readiness& readiness) {
  const bool is_ready = readiness.reasons.empty();
  HttpResponse out;
  if (best_type(request.header("accept"), {"text/plain", "application/json"}) == "application/json") {
    out =
        json_response({{"ready", is_ready}, {"reasons", readiness.reasons}, {"notices", readiness.notices}});
  } else {
    out.type = "text/plain; charset=utf-8";
    out.body = is_ready ? "ready\n" : "not ready\n";
    for (const auto& reason : readiness.reasons) out.body += reason + "\n";
    for (const auto& notice : readiness.notices) out.body += "note: " + notice + "\n";
  }
  out.status = is_ready ? 200 : 503;
  out.headers.emplace_back("Cache-Control", "no-store");
  return out;
}

std::vector<Route> operations_routes(std::function<Readiness()> readiness,
                                     std::function<std::string()> metrics) {
  auto healthy = [](const HttpRequest&) {
    HttpResponse out;
    out.type = "text/plain; charset=utf-8";
    out.body = "healthy\n";
    out.headers.emplace_back("Cache-Control", "no-store");
    return out;
  };
  auto ready = [readiness = std::move(readiness)](const HttpRequest& request) {
    return ready_response(request, readiness());
  };
  auto scraped = [metrics = std::move(metrics)](const HttpRequest&) {
    HttpResponse out;
    out.type = "text/plain; version=0.0.4; charset=utf-8";
    out.body = metrics();
    out.headers.emplace_back("Cache-Control", "no-store");
    return out;
  };
  return {{"GET", "/-/healthy", Role::anyone, {}, healthy, true},
          {"GET", "/-/ready", Role::anyone, {}, ready, true},
          {"GET", "/metrics", Role::read, {}, scraped, true}};
}

void add_http_metrics(const HttpFigures& figures, MetricsText& out) {
  out.gauge("thap_http_connections", "Connections now.", static_cast<double>(figures.connections));
  out.gauge("thap_http_streams", "Listeners of the event stream now.", static_cast<double>(figures.streams));
  out.counter("thap_http_connections_refused_total", "Connections over a limit.",
              static_cast<double>(figures.refused));
  out.counter("thap_http_timeouts_total", "Connections closed because they were too slow.",
              static_cast<double>(figures.timed_out));
  out.counter("thap_http_streams_dropped_total", "Listeners that fell behind.",
              static_cast<double>(figures.streams_dropped));
  out.counter("thap_http_events_total", "Events published to the stream.",
              static_cast<double>(figures.events));
  for (const auto& [what, count] : figures.answers)
    out.counter("thap_http_answers_total", "Answers by route and status; no route: nothing at that path.",
                static_cast<double>(count), {{"route", what.first}, {"status", std::to_string(what.second)}});
}

void add_gate_metrics(const GateFigures& figures, MetricsText& out) {
  constexpr const char* help = "Requests refused before a handler saw them, by reason.";
  for (const auto& [reason, count] :
       {std::pair{"unknown_token", figures.unknown_tokens}, std::pair{"forbidden", figures.forbidden},
        std::pair{"too_many_requests", figures.too_many_requests},
        std::pair{"too_many_logins", figures.too_many_logins}})
    out.counter("thap_http_refusals_total", help, static_cast<double>(count), {{"reason", reason}});
  out.gauge("thap_http_limited_clients", "Tokens and addresses whose rate is remembered now.",
            static_cast<double>(figures.clients));
}

}  // namespace thap::serve
