#include "app/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>
#include <variant>
#include <vector>

#include "app/serve_settings.h"
#include "app/source_settings.h"

namespace thap::app {

using ingest::Code;
using ingest::Error;
using ingest::fail;
using ingest::Result;
using nlohmann::json;

namespace {

struct Number {
  std::function<std::int64_t&(Settings&)> of;
  std::int64_t low, high;
};
struct Text {
  std::function<std::string&(Settings&)> of;
  std::string (*wrong_with)(const std::string&){nullptr};  // empty: nothing
};
struct Flag {
  std::function<bool&(Settings&)> of;
};
struct Field {
  const char* section;
  const char* key;
  std::variant<Number, Text, Flag> kind;
  const char* help;
};

#define FIELD(section, name) [](Settings& s) -> decltype(s.section.name)& { return s.section.name; }

const std::vector<Field>& fields() {
  static const std::vector<Field> all = {
      {"ingest", "max_text_bytes", Number{FIELD(ingest, max_text_bytes), 280, 1 << 20},
       "longer texts are cut on a grapheme border"},
      {"ingest", "max_record_bytes", Number{FIELD(ingest, max_record_bytes), 1 << 10, 32 << 20},
       "larger records are dead letters, never parsed"},
      {"ingest", "max_lateness_ms", Number{FIELD(ingest, max_lateness_ms), 0, 172'800'000},
       "a post older than its record by more is late: counted where it belongs, never scored"},
      {"ingest", "max_batch_posts", Number{FIELD(ingest, max_batch_posts), 1, 100'000},
       "most posts in one batch"},
      {"nlp", "lexicon_folder", Text{FIELD(nlp, lexicon_folder)},
       "folder with lexicon files; empty: the lexicon compiled in"},
      {"store", "minute_days", Number{FIELD(store, minute_days), 1, 400},
       "days that counts by minute are kept"},
      {"store", "hour_days", Number{FIELD(store, hour_days), 1, 4'000}, "days that counts by hour are kept"},
      {"store", "evidence_days", Number{FIELD(store, evidence_days), 0, 30},
       "days that masked posts are kept as evidence"},
      {"store", "seen_hours", Number{FIELD(store, seen_hours), 1, 168},
       "hours that a post is remembered, so that a repeat does not count"},
      {"rules", "folder", Text{FIELD(rules, folder)},
       "folder with parameters.json and providers.json; empty: those compiled in"},
      {"rules", "set", Text{FIELD(rules, set)}, "parameter set: shipped or reference"},
      {"serve", "listen", Text{FIELD(serve, listen)},
       "HOST:PORT for health, metrics and API; empty: 127.0.0.1:8470; none: nothing listens"},
      {"serve", "public_hosts", Text{FIELD(serve, public_hosts)},
       "names, separated by commas, under which others may ask us: those of a proxy, of a container"},
      {"serve", "ready_lag_records", Number{FIELD(serve, ready_lag_records), 0, 1'000'000'000'000},
       "records behind from which thap run is not ready"},
      {"serve", "proxies", Text{FIELD(serve, proxies)},
       "addresses of proxies before us, separated by commas: theirs is the word who asks (X-Forwarded-For)"},
      {"serve", "plain_http", Flag{FIELD(serve, plain_http)},
       "listen on other addresses than loopback without a declared proxy: tokens then travel unencrypted"},
      {"serve", "anonymous_read", Flag{FIELD(serve, anonymous_read)},
       "who brings no token may read counts and incidents"},
      {"serve", "requests_per_second", Number{FIELD(serve, requests_per_second), 1, 1'000'000},
       "requests that a token, or an address without one, may make"},
      {"serve", "requests_burst", Number{FIELD(serve, requests_burst), 1, 1'000'000},
       "requests that may come at once after a pause"},
      {"serve", "cap_sender", Text{FIELD(serve, cap.sender), serve::wrong_with_cap_sender},
       "who answers for CAP messages, desk@thap.example; empty: no CAP. We are no alerting authority"},
      {"serve", "cap_restriction", Text{FIELD(serve, cap.restriction)}, "for whom CAP messages are"},
      {"serve", "cap_actual", Flag{FIELD(serve, cap.is_actual)},
       "CAP messages are in earnest (status Actual), no test"},
      {"alerts", "site", Text{FIELD(alerts, site)},
       "where the page is reached, https://thap.example: for the links in messages"},
  };
  return all;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::string nearest(std::string_view key, const std::vector<std::string>& known) {
  return *std::min_element(known.begin(), known.end(), [&](const auto& a, const auto& b) {
    return edit_distance(key, a) < edit_distance(key, b);
  });
}

}  // namespace

Result<Settings> parse_settings(const std::string& text, const std::string& name) {
  json root;
  try {
    root = json::parse(text, nullptr, true, true);
  } catch (const json::exception& error) {  // a number beyond a double is no parse_error
    return fail(Code::bad_setting, error.what(), name);
  }
  Settings settings;
  auto at = [&](const std::string& pointer) { return name + "#" + pointer; };
  if (!root.is_object()) return fail(Code::bad_setting, "settings are a JSON object", name);
  std::vector<std::string> sections;
  for (const Field& field : fields())
    if (sections.empty() || sections.back() != field.section) sections.emplace_back(field.section);
  for (const auto& [section, values] : root.items()) {
    if (std::find(sections.begin(), sections.end(), section) == sections.end())
      return fail(Code::bad_setting,
                  fmt::format("unknown section; did you mean \"{}\"?", nearest(section, sections)),
                  at("/" + section));
    if (!values.is_object()) return fail(Code::bad_setting, "must be an object", at("/" + section));
    std::vector<std::string> keys;
    for (const Field& field : fields())
      if (field.section == section) keys.emplace_back(field.key);
    if (section == "ingest") keys.insert(keys.end(), {"sources", "official_accounts"});
    if (section == "serve") keys.emplace_back("tokens");
    if (section == "alerts") keys.emplace_back("receivers");
    for (const auto& [key, value] : values.items()) {
      const std::string place = at("/" + section + "/" + key);
      if (section == "ingest" && (key == "sources" || key == "official_accounts")) {
        if (!value.is_array()) return fail(Code::bad_setting, "must be a list", place);
        for (std::size_t i = 0; i < value.size(); ++i) {
          const std::string at_entry = fmt::format("{}/{}", place, i);
          auto added = key == "sources" ? add_source(value[i], at_entry, settings.ingest.decoder)
                                        : add_official_account(value[i], at_entry, settings.ingest.decoder);
          if (!added) return tl::unexpected(added.error());
        }
        continue;
      }
      if (section == "alerts" && key == "receivers") {
        if (!value.is_array()) return fail(Code::bad_setting, "must be a list", place);
        for (std::size_t i = 0; i < value.size(); ++i)
          settings.alerts.receivers.emplace_back(value[i], fmt::format("{}/{}", place, i));
        continue;
      }
      if (section == "serve" && key == "tokens") {
        if (auto added = add_tokens(value, place, settings.serve); !added)
          return tl::unexpected(added.error());
        continue;
      }
      const auto field =
          std::find_if(fields().begin(), fields().end(),
                       [&, s = section, k = key](const Field& f) { return f.section == s && f.key == k; });
      if (field == fields().end())
        return fail(Code::bad_setting, fmt::format("unknown key; did you mean \"{}\"?", nearest(key, keys)),
                    place);
      if (const auto* number = std::get_if<Number>(&field->kind)) {
        if (!value.is_number_integer()) return fail(Code::bad_setting, "must be a whole number", place);
        const auto n = value.get<std::int64_t>();
        if (n < number->low || n > number->high)
          return fail(Code::bad_setting, fmt::format("{} is outside {} to {}", n, number->low, number->high),
                      place);
        number->of(settings) = n;
      } else if (const auto* flag = std::get_if<Flag>(&field->kind)) {
        if (!value.is_boolean()) return fail(Code::bad_setting, "must be true or false", place);
        flag->of(settings) = value.get<bool>();
      } else {
        if (!value.is_string()) return fail(Code::bad_setting, "must be a string", place);
        const auto& kind = std::get<Text>(field->kind);
        const auto words = value.get<std::string>();
        const std::string wrong = kind.wrong_with ? kind.wrong_with(words) : "";
        if (!wrong.empty()) return fail(Code::bad_setting, wrong, place);
        kind.of(settings) = words;
      }
    }
  }
  return settings;
}

ingest::DecoderSettings decoder_settings(const Settings& settings) {
  ingest::DecoderSettings out = settings.ingest.decoder;
  out.max_text_bytes = static_cast<std::size_t>(settings.ingest.max_text_bytes);
  out.max_record_bytes = static_cast<std::size_t>(settings.ingest.max_record_bytes);
  out.max_lateness_ms = settings.ingest.max_lateness_ms;
  return out;
}

Result<Settings> load_settings(const std::string& path) {
  if (path.empty()) return Settings{};
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(Code::io, "cannot be opened", path);
  std::ostringstream text;
  text << in.rdbuf();
  return parse_settings(text.str(), path);
}

std::string describe_settings() {
  Settings defaults;
  std::string out = "{\n";
  for (std::size_t i = 0; i < fields().size(); ++i) {
    const Field& field = fields()[i];
    const bool opens = i == 0 || std::string_view(fields()[i - 1].section) != field.section;
    const bool closes =
        i + 1 == fields().size() || std::string_view(fields()[i + 1].section) != field.section;
    if (opens) out += fmt::format("  \"{}\": {{\n", field.section);
    out += fmt::format("    // {}", field.help);
    if (const auto* number = std::get_if<Number>(&field.kind)) {
      out += fmt::format(" ({} to {})\n    \"{}\": {}", number->low, number->high, field.key,
                         number->of(defaults));
    } else if (const auto* flag = std::get_if<Flag>(&field.kind)) {
      out += fmt::format("\n    \"{}\": {}", field.key, flag->of(defaults));
    } else {
      out += fmt::format("\n    \"{}\": \"{}\"", field.key, std::get<Text>(field.kind).of(defaults));
    }
    out += closes ? "\n  }" : ",\n";
    if (closes && std::string_view(field.section) == "ingest") {
      out.resize(out.size() - 4);
      out +=
          ",\n    // Formats by topic or file; without an entry the shape of each record tells.\n"
          "    // {\"source\": \"vendor.posts\", \"format\": \"generic\", \"map\": {\"id\": \"/ref\", "
          "\"text\": \"/body\"}, \"time_set_by\": \"platform\"}\n"
          "    \"sources\": [],\n"
          "    // Accounts through which a service speaks, NETWORK:AUTHOR_ID: never complaints.\n"
          "    \"official_accounts\": []\n  }";
    }
    if (closes && std::string_view(field.section) == "alerts") {
      out.resize(out.size() - 4);
      out +=
          ",\n    // Who is told: docs/alerts.md. Secrets stand in environment variables.\n"
          "    // {\"name\": \"desk\", \"format\": \"webhook\", \"url\": \"https://desk.example/hook\", "
          "\"secret_env\": \"DESK_SECRET\"}\n"
          "    \"receivers\": []\n  }";
    }
    if (closes && std::string_view(field.section) == "serve") {
      out.resize(out.size() - 4);
      out +=
          ",\n    // Who may ask for what, as `thap token` prints them: {\"name\": \"desk\", \"role\": "
          "\"read\", "
          "\"sha256\": \"...\",\n    // \"expires\": \"2027-01-01T00:00:00Z\"}; roles: read, evidence (texts "
          "of "
          "posts), admin (changes)\n    \"tokens\": []\n  }";
    }
    if (closes) out += i + 1 == fields().size() ? "\n" : ",\n";
  }
  return out + "}\n";
}

}  // namespace thap::app
