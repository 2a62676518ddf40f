#include "serve/alerts/receiver.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "serve/alerts/address_guard.h"
#include "serve/alerts/signature.h"

namespace thap::serve {

using ingest::Code;
using ingest::fail;
using ingest::Result;
using nlohmann::json;

namespace {

constexpr std::array<std::string_view, 11> format_names{"webhook",    "raw",     "alertmanager", "slack",
                                                        "mattermost", "discord", "telegram",     "teams",
                                                        "pagerduty",  "file",    "output"};
constexpr std::int64_t ist_offset_min = 330, day_min = 1'440;
constexpr double telling_share = 0.25;  // of an incident's posts, for `post_languages`
constexpr const char* pagerduty_url = "https://events.pagerduty.com/v2/enqueue";
constexpr std::size_t most_names = 256, most_members = 8;

// Takes an entry apart and remembers what was asked for, so that a misspelt key is found.
class Entry {
 public:
  Entry(const json& entry, std::string place, const std::function<const char*(const char*)>& variable)
      : entry_(entry), place_(std::move(place)), variable_(variable) {}

  const std::optional<ingest::Error>& error() const { return error_; }
  void refuse(const std::string& key, std::string text) {
    if (!error_)
      error_ = ingest::Error{Code::bad_setting, std::move(text), place_ + (key.empty() ? "" : "/" + key)};
  }
  bool has(const std::string& key) const { return entry_.contains(key); }

  std::string text(const std::string& key, std::string otherwise = {}) {
    known_.insert(key);
    if (!has(key)) return otherwise;
    if (!entry_[key].is_string()) return refuse(key, "must be a string"), otherwise;
    return entry_[key].get<std::string>();
  }
  bool flag(const std::string& key, bool otherwise) {
    known_.insert(key);
    if (!has(key)) return otherwise;
    if (!entry_[key].is_boolean()) return refuse(key, "must be true or false"), otherwise;
    return entry_[key].get<bool>();
  }
  std::int64_t number(const std::string& key, std::int64_t otherwise, std::int64_t low, std::int64_t high) {
    known_.insert(key);
    if (!has(key)) return otherwise;
    if (!entry_[key].is_number_integer() || entry_[key].get<double>() < static_cast<double>(low) ||
        entry_[key].get<double>() > static_cast<double>(high))
      return refuse(key, fmt::format("must be a whole number from {} to {}", low, high)), otherwise;
    return entry_[key].get<std::int64_t>();
  }
  // A string or a list of strings.
  std::vector<std::string> texts(const std::string& key) {
    known_.insert(key);
    std::vector<std::string> out;
    if (!has(key)) return out;
    const json list = entry_[key].is_array() ? entry_[key] : json::array({entry_[key]});
    if (list.size() > most_names) refuse(key, fmt::format("has more than {} entries", most_names));
    for (const auto& one : list) {
      if (!one.is_string()) return refuse(key, "must be a string or a list of strings"), out;
      out.push_back(one.get<std::string>());
    }
    return out;
  }
  std::set<std::string> names(const std::string& key) {
    const auto list = texts(key);
    return {list.begin(), list.end()};
  }
  // What environment variables hold; the entry has their names.
  std::vector<std::string> secrets(const std::string& key) {
    std::vector<std::string> out;
    for (const auto& variable : texts(key)) {
      const char* value = variable_(variable.c_str());
      if (!value || !*value)
        refuse(key, fmt::format("the environment variable {} is not set", variable));
      else
        out.emplace_back(value);
    }
    return out;
  }
  void end() {
    for (const auto& [key, value] : entry_.items())
      if (!known_.contains(key))
        refuse(key, fmt::format("unknown key; a receiver knows {}", fmt::join(known_, ", ")));
  }

 private:
  const json& entry_;
  std::string place_;
  const std::function<const char*(const char*)>& variable_;
  std::set<std::string> known_;
  std::optional<ingest::Error> error_;
};

std::optional<int> minute_of_day(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  for (const std::size_t i : {0, 1, 3, 4})
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
  const int hour = (text[0] - '0') * 10 + text[1] - '0', minute = (text[3] - '0') * 10 + text[4] - '0';
  if (hour > 23 || minute > 59) return std::nullopt;
  return hour * 60 + minute;
}

void read_quiet_hours(Entry& entry, Receiver& out) {
  const auto text = entry.text("quiet_hours");
  if (text.empty()) return;
  const auto from = minute_of_day(text.substr(0, 5));
  const auto to = text.size() == 11 && text[5] == '-' ? minute_of_day(text.substr(6)) : std::nullopt;
  if (!from || !to || *from == *to)
    entry.refuse("quiet_hours", fmt::format("\"{}\" is no span of the day like 23:00-06:30 (IST)", text));
  else
    out.quiet = QuietHours{*from, *to};
}

void read_place(Entry& entry, Receiver& out) {
  out.urls = entry.texts("url");
  for (auto& url : entry.secrets("url_env")) out.urls.push_back(std::move(url));
  out.path = entry.text("path");
  out.is_own_network = entry.flag("own_network", false);
  if (out.format == Format::pagerduty && out.urls.empty()) out.urls.emplace_back(pagerduty_url);
  if (out.format == Format::output) {
    if (!out.urls.empty()) entry.refuse("url", "standard output has none");
    return;
  }
  if (out.format == Format::file) {
    if (out.path.empty()) entry.refuse("path", "names the file; it is missing");
    return;
  }
  if (out.urls.empty()) entry.refuse("url", "is missing (or url_env, an environment variable that holds it)");
  if (out.urls.size() > (out.format == Format::alertmanager ? most_members : 1))
    entry.refuse("url", "is one address; only an Alertmanager has several members");
  for (const auto& url : out.urls)
    if (const auto wrong = wrong_with_url(url, out.is_own_network))
      entry.refuse(entry.has("url_env") ? "url_env" : "url", *wrong);
}

void read_secrets(Entry& entry, Receiver& out) {
  out.secrets = entry.secrets("secret_env");
  out.chat = entry.text("chat_id");
  if (out.format == Format::telegram && out.chat.empty()) entry.refuse("chat_id", "is missing");
  if (out.format == Format::pagerduty && out.secrets.size() != 1)
    entry.refuse("secret_env", "names the one variable that holds the routing key");
  if (out.format != Format::webhook) return;
  if (out.secrets.empty())
    entry.refuse("secret_env", "names the variable that holds the signing secret (whsec_...)");
  for (const auto& secret : out.secrets)
    if (!signing_key(secret))
      entry.refuse("secret_env", "a signing secret is whsec_ and the base64 of 24 to 64 bytes");
}

void read_wishes(Entry& entry, Receiver& out) {
  out.services = entry.names("services");
  out.classes = entry.names("classes");
  out.regions = entry.names("regions");
  out.post_languages = entry.names("post_languages");
  out.wants_suspicions = false;
  out.wants_updates = entry.flag("updates", true);
  const auto severity = entry.text("least_severity", "minor");
  if (severity == "major")
    out.least = rules::Severity::major;
  else if (severity == "critical")
    out.least = rules::Severity::critical;
  else if (severity != "minor")
    entry.refuse("least_severity", "is minor, major or critical");
  if (const auto tongues = entry.texts("languages"); !tongues.empty()) {
    out.tongues.clear();
    for (const auto& text : tongues) {
      if (const auto tongue = tongue_of(text))
        out.tongues.push_back(*tongue);
      else
        entry.refuse("languages", fmt::format("\"{}\" is none of en, hi, bn", text));
    }
  }
  read_quiet_hours(entry, out);
}

}  // namespace

std::string_view name(Format format) { return format_names[static_cast<std::size_t>(format)]; }

bool QuietHours::contains(std::int64_t time_ms) const {
  const auto minute = (time_ms / 60'000 + ist_offset_min) % day_min;
  return from_minute < to_minute ? minute >= from_minute && minute < to_minute
                                 : minute >= from_minute || minute < to_minute;
}
std::int64_t QuietHours::end_after(std::int64_t time_ms) const {
  const auto minute = (time_ms / 60'000 + ist_offset_min) % day_min;
  const auto wait = (to_minute - minute + day_min) % day_min;
  return (time_ms / 60'000 + (wait == 0 ? day_min : wait)) * 60'000;
}

Result<Receiver> receiver_from(const json& given, const std::string& place,
                               const std::function<const char*(const char*)>& variable) {
  if (!given.is_object()) return fail(Code::bad_setting, "a receiver is an object", place);
  Entry entry(given, place, variable);
  Receiver out;
  out.name = entry.text("name");
  const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  if (out.name.empty() || out.name.size() > 40 || !std::all_of(out.name.begin(), out.name.end(), is_plain))
    entry.refuse("name", "is 1 to 40 of a-z, 0-9 and -");
  const auto format = entry.text("format", "webhook");
  const auto found = std::find(format_names.begin(), format_names.end(), format);
  if (found == format_names.end())
    entry.refuse("format", fmt::format("\"{}\" is none of {}", format, fmt::join(format_names, ", ")));
  else
    out.format = static_cast<Format>(found - format_names.begin());
  read_place(entry, out);
  read_secrets(entry, out);
  read_wishes(entry, out);
  // 20 messages a minute are the least that any of them takes in one channel.
  const bool is_chat = out.format == Format::telegram;
  out.interval = std::chrono::milliseconds(entry.number("interval_ms",
                                                        is_chat                      ? 3'000
                                                        : out.format == Format::file ? 0
                                                                                     : 1'000,
                                                        0, 3'600'000));
  out.group_wait = std::chrono::milliseconds(entry.number("group_wait_ms", 20'000, 0, 600'000));
  entry.end();
  if (entry.error()) return tl::unexpected(*entry.error());
  return out;
}

std::optional<std::string> unwanted_because(const Receiver& receiver, const rules::Incident& incident,
                                            const nlp::Lexicon& lexicon) {
  const nlp::Service* service = lexicon.service(incident.service);
  if (incident.severity < receiver.least)
    return fmt::format("severity {} is below {}", rules::name(incident.severity),
                       rules::name(receiver.least));
  if (!receiver.services.empty() && !receiver.services.contains(service_key(lexicon, incident.service)))
    return "not one of its services";
  if (!receiver.classes.empty() && (!service || !receiver.classes.contains(service->klass)))
    return "not one of its classes";
  // A state's desk is told of what fails in all of India, too.
  if (!receiver.regions.empty() && incident.region != "IN" && !receiver.regions.contains(incident.region))
    return fmt::format("region {} is not one of its", incident.region);
  if (!receiver.post_languages.empty()) {
    const double all = std::accumulate(incident.languages.begin(), incident.languages.end(), 0.0);
    double share = 0;
    for (std::size_t i = 0; i < incident.languages.size(); ++i)
      if (receiver.post_languages.contains(std::string(nlp::name(static_cast<nlp::Language>(i)))))
        share += incident.languages[i] / std::max(all, 1.0);
    if (share < telling_share) return "few posts are in its languages";
  }
  return std::nullopt;
}

}  // namespace thap::serve
