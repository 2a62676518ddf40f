// Who is told, of what, and how: one entry of the settings' list alerts.receivers.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "ingest/result.h"
#include "nlp/lexicon.h"
#include "rules/incident.h"
#include "serve/incident_words.h"
#include "serve/words.h"

namespace thap::serve {

// How a message is written and where it goes.
enum class Format : std::uint8_t {
  webhook,       // signed, Standard Webhooks
  raw,           // the incident as JSON, unsigned
  alertmanager,  // state that is sent again, see alertmanager.h
  slack,
  mattermost,
  discord,
  telegram,
  teams,
  pagerduty,
  file,    // JSON lines
  output,  // JSON lines on standard output
};
std::string_view name(Format format);

// Minutes of the day in India, half open; may pass midnight.
struct QuietHours {
  int from_minute{0}, to_minute{0};
  bool contains(std::int64_t time_ms) const;
  // When they end next, seen from a time within them.
  std::int64_t end_after(std::int64_t time_ms) const;
};

struct Receiver {
  std::string name;  // [a-z0-9-], unique: part of every delivery's id
  Format format{Format::webhook};
  std::vector<std::string> urls;            // one; Alertmanager: every member of the cluster. May be a secret
  std::string path;                         // file
  std::vector<std::string> secrets;         // webhook: newest first; PagerDuty: the routing key
  std::string chat;                         // Telegram: chat_id
  std::vector<Tongue> tongues{Tongue::en};  // the first one leads
  bool is_own_network{false};               // plain http and private addresses are allowed

  // What it wants; an empty set: all.
  std::set<std::string> services, classes, regions, post_languages;
  rules::Severity least{rules::Severity::minor};
  bool wants_suspicions{false};
  bool wants_updates{true};  // between the first notice and the end
  std::optional<QuietHours> quiet;

  std::chrono::milliseconds interval{1'000};     // between two messages, as its side asks for
  std::chrono::milliseconds group_wait{20'000};  // a first notice waits for others of the same cause
};

// Reads an entry. `place`: file#/json/pointer of it, for errors. Secrets stand in environment variables that
// the entry names (url_env, secret_env, ...); `variable` looks them up, nullptr where there is none.
// Fails with `bad_setting`; the text never shows a secret.
ingest::Result<Receiver> receiver_from(const nlohmann::json& entry, const std::string& place,
                                       const std::function<const char*(const char*)>& variable);

// Whether it wants to hear of an incident that it has not heard of; if not, why.
std::optional<std::string> unwanted_because(const Receiver& receiver, const rules::Incident& incident,
                                            const nlp::Lexicon& lexicon);

}  // namespace thap::serve
