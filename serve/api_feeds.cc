// Who wants to be told: the live stream and the feeds.
#include "serve/api_ask.h"
#include "serve/feeds.h"

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

}  // namespace thap::serve
