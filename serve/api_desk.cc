// What people change: verdicts on incidents, mutes, and the log of both.
#include <fmt/format.h>

#include <charconv>

#include "ingest/time_parse.h"
#include "serve/api_ask.h"
#include "serve/desk.h"
#include "serve/incident_json.h"
#include "serve/incident_rows.h"
#include "serve/incident_words.h"
#include "serve/tokens.h"

namespace thap::serve {

using ingest::Code;
using nlohmann::json;
using nlohmann::ordered_json;

namespace {

constexpr std::int64_t longest_mute_ms = 31LL * 86'400'000;
constexpr std::chrono::milliseconds patience{3'000};  // the writer passes by five times a second

json body_of(const HttpRequest& request) {
  if (!request.header("content-type").starts_with("application/json"))
    refuse(415, "send application/json", request.path);
  auto body = json::parse(request.body, nullptr, false);
  if (!body.is_object()) refuse(400, "send a JSON object", request.path);
  return body;
}

// A member that is a string; empty where it may be left out and is.
std::string text_in(const json& body, const char* name, bool is_needed, const std::string& path) {
  if (!body.contains(name)) {
    if (is_needed) refuse(400, fmt::format("\"{}\" is missing", name), path, name);
    return {};
  }
  if (!body[name].is_string()) refuse(400, fmt::format("\"{}\" is no string", name), path, name);
  auto text = body[name].get<std::string>();
  if (const auto wrong = wrong_with_words(text); !wrong.empty())
    refuse(400, fmt::format("\"{}\" {}", name, wrong), path, name);
  return text;
}

void refuse_other_members(const json& body, std::initializer_list<std::string_view> known,
                          const std::string& path) {
  for (const auto& [name, value] : body.items())
    if (std::find(known.begin(), known.end(), name) == known.end())
      refuse(400, fmt::format("\"{}\" is no member here", name), path, name);
}

ordered_json entry_json(const AuditEntry& e) {
  return {{"number", e.number}, {"at", utc_time(e.at_ms)}, {"who", e.who},  {"act", e.act},
          {"target", e.target}, {"reason", e.reason},      {"hash", e.hash}};
}

ordered_json mute_json(const Mute& m) {
  const auto or_null = [](const std::string& text) {
    return text.empty() ? ordered_json(nullptr) : ordered_json(text);
  };
  return {{"id", m.id},
          {"service", or_null(m.service)},
          {"class", or_null(m.klass)},
          {"region", or_null(m.region)},
          {"from", utc_time(m.from_ms)},
          {"until", utc_time(m.until_ms)},
          {"by", m.by},
          {"why", m.why}};
}

HttpResponse unstored(HttpResponse out) {
  out.headers.emplace_back("Cache-Control", "no-store");
  return out;
}

}  // namespace

AuditEntry Api::done(const Ask& ask, Act act) {
  if (!settings_.desk)
    refuse(503, "this thap only reads the store: ask the thap run that writes it", ask.path());
  act.who = ask.request.caller.name;
  auto entry = settings_.desk->ask(std::move(act), patience);
  if (!entry) {
    const auto code = entry.error().code;
    refuse(code == Code::unavailable ? 503
           : code == Code::not_found ? 404
           : code == Code::usage     ? 409
                                     : 500,
           entry.error().text, ask.path());
  }
  ++changes_;
  return *entry;
}

HttpResponse Api::override_incident(const Ask& ask) {
  const auto body = body_of(ask.request);
  refuse_other_members(body, {"verdict", "reason"}, ask.path());
  Act act;
  act.kind = Act::Kind::judge;
  act.incident = ask.request.parts.at(0);
  const auto word = text_in(body, "verdict", true, ask.path());
  const auto verdict = rules::verdict_from(word);
  if (!verdict) refuse(400, "confirm, dismiss, retract or note", ask.path(), "verdict");
  act.verdict = *verdict;
  act.reason = text_in(body, "reason", true, ask.path());
  const auto entry = done(ask, std::move(act));
  const auto& all = all_incidents(ask.view);
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& i) { return i.id == entry.target; });
  return unstored(json_response(
      {{"incident", found == all.end() ? ordered_json(nullptr)
                                       : incident_json(*found, *ask.view.lexicon, data_age_s(ask.view))},
       {"audit", entry_json(entry)}}));
}

HttpResponse Api::begin_mute(const Ask& ask) {
  const auto body = body_of(ask.request);
  refuse_other_members(body, {"service", "class", "region", "until", "why"}, ask.path());
  Act act;
  act.kind = Act::Kind::mute;
  auto& mute = act.mute;
  mute.service = text_in(body, "service", false, ask.path());
  mute.klass = text_in(body, "class", false, ask.path());
  mute.region = text_in(body, "region", false, ask.path());
  if (mute.service.empty() && mute.klass.empty() && mute.region.empty())
    refuse(400, "name a service, a class or a region", ask.path());
  if (!mute.service.empty()) ask.service(mute.service, "service");
  const auto& services = ask.view.lexicon->services();
  if (!mute.klass.empty() && std::none_of(services.begin(), services.end(),
                                          [&](const auto& one) { return one.klass == mute.klass; }))
    refuse(400, fmt::format("no class \"{}\"", mute.klass), ask.path(), "class");
  if (!mute.region.empty() && !region_place(mute.region, *ask.view.lexicon))
    refuse(400, fmt::format("no region \"{}\": IN, or a state as IN-MH", mute.region), ask.path(), "region");
  const auto until = ingest::parse_rfc3339(text_in(body, "until", true, ask.path()));
  mute.from_ms = settings_.now_ms();
  if (!until || *until <= mute.from_ms || *until > mute.from_ms + longest_mute_ms)
    refuse(400, "a time to come, RFC 3339, within 31 days", ask.path(), "until");
  mute.until_ms = *until;
  mute.why = act.reason = text_in(body, "why", true, ask.path());
  mute.by = ask.request.caller.name;
  Mute made = mute;
  const auto entry = done(ask, std::move(act));
  made.id = entry.target;
  return unstored(json_response({{"mute", mute_json(made)}, {"audit", entry_json(entry)}}, 201));
}

HttpResponse Api::end_mute(const Ask& ask) {
  Act act;
  act.kind = Act::Kind::unmute;
  act.mute.id = ask.request.parts.at(0);
  return unstored(json_response({{"audit", entry_json(done(ask, std::move(act)))}}));
}

HttpResponse Api::mutes(const Ask& ask) {
  ordered_json list = ordered_json::array();
  for (const auto& mute : value_of(mutes_in(*ask.view.store, settings_.now_ms()), ask.path()))
    list.push_back(mute_json(mute));
  return unstored(json_response({{"mutes", list}}));
}

HttpResponse Api::deliveries(const Ask& ask) {
  const auto limit = static_cast<std::size_t>(ask.number("limit", 50, 1, 1'000));
  const auto receiver = ask.text("receiver");
  ordered_json list = ordered_json::array();
  const auto attempts = value_of(read_attempts(*ask.view.store, receiver, limit), ask.path());
  for (auto one = attempts.rbegin(); one != attempts.rend(); ++one) list.push_back(attempt_json(*one));
  ordered_json owed = ordered_json::array();
  for (const auto& [key, what] : value_of(read_ledger(*ask.view.store), ask.path()).owed)
    if (receiver.empty() || key.receiver == receiver) owed.push_back(owed_json(key, what));
  return unstored(json_response({{"attempts", list}, {"owed", owed}}));
}

HttpResponse Api::send_again(const Ask& ask) {
  const auto body = body_of(ask.request);
  refuse_other_members(body, {"reason"}, ask.path());
  Act act;
  act.kind = Act::Kind::send_again;
  act.reason = text_in(body, "reason", true, ask.path());
  const auto& id = ask.request.parts.at(0);
  const auto key = delivery_of(id);
  if (!key) refuse(404, fmt::format("no delivery \"{}\"", id), ask.path());
  act.delivery = *key;
  return unstored(json_response({{"audit", entry_json(done(ask, std::move(act)))}}, 202));
}

// Newest first; the cursor is the number before which the next page begins.
HttpResponse Api::audit(const Ask& ask) {
  const auto limit = static_cast<std::size_t>(ask.number("limit", 50, 1, 1'000));
  const auto before = ask.number("cursor", INT64_MAX, 1, INT64_MAX);
  const auto trail = value_of(audit_trail(*ask.view.store), ask.path());
  ordered_json list = ordered_json::array();
  ordered_json next = nullptr;
  for (auto e = trail.entries.rbegin(); e != trail.entries.rend(); ++e) {
    if (static_cast<std::int64_t>(e->number) >= before) continue;
    if (list.size() == limit) {
      next = std::to_string(e->number + 1);
      break;
    }
    list.push_back(entry_json(*e));
  }
  return unstored(json_response(
      {{"entries", list},
       {"next_cursor", next},
       {"broken_at", trail.broken_at == 0 ? ordered_json(nullptr) : ordered_json(trail.broken_at)}}));
}

}  // namespace thap::serve
