// /api/v1 and the feeds: what a store knows, for machines. serve/openapi.json is the contract.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "nlp/lexicon.h"
#include "rules/engine.h"
#include "rules/rule_set.h"
#include "serve/cap.h"
#include "serve/desk.h"
#include "serve/event_log.h"
#include "serve/http.h"
#include "serve/other_shapes.h"
#include "store/window_store.h"

namespace thap::serve {

// What is answered from. Readers never disturb the writer of the store.
struct ApiView {
  std::shared_ptr<const store::WindowStore> store;
  nlp::Lexicon::Pointer lexicon;
  std::shared_ptr<const rules::RuleSet> rules;
};

struct ApiSettings {
  std::string program_version;
  std::string host{"localhost"};         // in the ids of feed entries; never changes for a deployment
  std::function<std::int64_t()> now_ms;  // any thread
  // Speed and state of a replay's clock, which now_ms then follows; any thread. Unset: no replay.
  std::function<nlohmann::ordered_json()> replay{};
  CapSettings cap{};
  Desk* desk{nullptr};  // who makes changes; null: nobody does
};

// Threads: use() and log() from any; handlers on the server's one thread for them. Outlives the server.
class Api {
 public:
  explicit Api(ApiSettings settings) : settings_(std::move(settings)) {}

  void use(ApiView view);  // before it, every answer is 503
  EventLog& log() { return log_; }
  std::vector<Route> routes();

 private:
  struct Ask;  // one request
  using Handler = HttpResponse (Api::*)(const Ask&);
  Route route(std::string method, std::string pattern, Role role, std::vector<std::string> query,
              Handler handler);

  HttpResponse services(const Ask& ask);
  HttpResponse service(const Ask& ask);
  HttpResponse incidents(const Ask& ask);
  HttpResponse incident(const Ask& ask);
  HttpResponse timeline(const Ask& ask);
  HttpResponse evidence(const Ask& ask);
  HttpResponse pack(const Ask& ask);
  HttpResponse cap(const Ask& ask);
  HttpResponse series(const Ask& ask);
  HttpResponse explain(const Ask& ask);
  HttpResponse versions(const Ask& ask);
  HttpResponse clock(const Ask& ask);
  HttpResponse override_incident(const Ask& ask);
  HttpResponse mutes(const Ask& ask);
  HttpResponse begin_mute(const Ask& ask);
  HttpResponse end_mute(const Ask& ask);
  HttpResponse audit(const Ask& ask);
  HttpResponse deliveries(const Ask& ask);
  HttpResponse send_again(const Ask& ask);
  HttpResponse stream(const Ask& ask);
  HttpResponse atom(const Ask& ask);
  HttpResponse json_feed(const Ask& ask);
  HttpResponse statuspage_status(const Ask& ask);
  HttpResponse statuspage_summary(const Ask& ask);
  HttpResponse statuspage_incidents(const Ask& ask);

  // Kept until the newest record changes; handler thread.
  const std::vector<rules::Incident>& all_incidents(const ApiView& view);  // newest first
  std::vector<rules::Incident> open_incidents(const ApiView& view);
  StatusPage status_page(const ApiView& view) const;
  const rules::Engine& engine(const ApiView& view);  // as of the last whole minute
  nlohmann::ordered_json service_json(const Ask& ask, const nlp::Service& service);
  nlohmann::ordered_json data_json(const ApiView& view) const;
  double data_age_s(const ApiView& view) const;
  AuditEntry done(const Ask& ask, Act act);  // once it is durable
  std::vector<rules::Incident> chosen(const Ask& ask);
  std::vector<rules::Incident> known_then(const Ask& ask);  // at `as_of`, or now; newest first

  const ApiSettings settings_;
  EventLog log_;
  mutable std::mutex view_mutex_;
  ApiView view_;

  std::uint64_t changes_{0};  // made through us
  using IncidentsKey =
      std::tuple<std::shared_ptr<const store::WindowStore>, std::int64_t, std::string, std::uint64_t>;
  IncidentsKey incidents_of_;
  std::vector<rules::Incident> incidents_;
  struct OfService {
    const rules::Incident* open{nullptr};  // or suspected, where none is open
    const rules::Incident* last{nullptr};  // of those that were ever opened
  };
  std::map<nlp::ServiceId, OfService> by_service_;  // into incidents_
  struct MinuteKey {
    std::shared_ptr<const store::WindowStore> store;
    nlp::Lexicon::Pointer lexicon;
    std::int64_t minute{-1};
    bool operator==(const MinuteKey&) const = default;
  } engine_of_, sparklines_of_;
  std::unique_ptr<rules::Engine> engine_;
  std::map<nlp::ServiceId, std::vector<std::uint64_t>> sparklines_;
};

}  // namespace thap::serve
