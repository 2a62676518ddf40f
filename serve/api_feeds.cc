// Who wants to be told: the live stream and the feeds.
#include "serve/api_ask.h"
#include "serve/feeds.h"
#include "serve/incident_rows.h"
#include "serve/other_shapes.h"

namespace thap::serve {

namespace {
constexpr std::size_t feed_entries = 50;
}

HttpResponse Api::stream(const Ask& ask) {
  EventLog::Filter filter{ask.text("service"), ask.text("region"), ask.text("state")};
  if (!filter.service.empty()) ask.service(filter.service, "service");
  std::string last(ask.request.header("last-event-id"));
  if (last.empty()) last = ask.text("last_event_id");
  HttpResponse out;
  out.stream = log_.start(last, std::move(filter));
  return out;
}

namespace {
FeedSettings feed_of(const std::string& host, const HttpRequest& request) {
  FeedSettings out;
  out.host = host;
  out.self = request.target;
  out.language = request.value("lang").value_or("en");
  if (out.language != "en" && out.language != "hi" && out.language != "bn")
    refuse(400, "en, hi or bn", request.path, "lang");
  return out;
}
}  // namespace

HttpResponse Api::atom(const Ask& ask) {
  const auto feed = feed_of(settings_.host, ask.request);
  auto all = chosen(ask);
  if (all.size() > feed_entries) all.resize(feed_entries);
  HttpResponse out;
  out.type = "application/atom+xml; charset=utf-8";
  out.body = atom_feed(all, *ask.view.lexicon, feed);
  return out;
}

HttpResponse Api::json_feed(const Ask& ask) {
  const auto feed = feed_of(settings_.host, ask.request);
  auto all = chosen(ask);
  if (all.size() > feed_entries) all.resize(feed_entries);
  HttpResponse out = json_response(serve::json_feed(all, *ask.view.lexicon, feed));
  out.type = "application/feed+json; charset=utf-8";
  return out;
}

namespace {
constexpr std::size_t statuspage_entries = 50;  // as many as theirs gives

std::vector<IncidentLife> lives_of(const store::WindowStore& store,
                                   const std::vector<rules::Incident>& incidents, const std::string& path) {
  std::vector<IncidentLife> out;
  for (const auto& i : incidents) out.push_back({i, value_of(transitions_of(store, i.id), path)});
  return out;
}
}  // namespace

std::vector<rules::Incident> Api::open_incidents(const ApiView& view) {
  std::vector<rules::Incident> out;
  for (const auto& i : all_incidents(view))
    if (i.opened_ms != 0 && rules::is_open(i.state)) out.push_back(i);
  return out;
}

StatusPage Api::status_page(const ApiView& view) const {
  return {settings_.host, view.store->newest_clock_ms()};
}

HttpResponse Api::statuspage_status(const Ask& ask) {
  return json_response(serve::statuspage_status(status_page(ask.view), open_incidents(ask.view)));
}

HttpResponse Api::statuspage_summary(const Ask& ask) {
  const auto open = lives_of(*ask.view.store, open_incidents(ask.view), ask.path());
  return json_response(serve::statuspage_summary(status_page(ask.view), open, *ask.view.lexicon));
}

HttpResponse Api::statuspage_incidents(const Ask& ask) {
  std::vector<rules::Incident> newest;
  for (const auto& i : all_incidents(ask.view))
    if (i.opened_ms != 0 && newest.size() < statuspage_entries) newest.push_back(i);
  return json_response(serve::statuspage_incidents(
      status_page(ask.view), lives_of(*ask.view.store, newest, ask.path()), *ask.view.lexicon));
}

}  // namespace thap::serve
