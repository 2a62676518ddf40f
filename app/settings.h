// Settings: one JSON file with comments allowed, a section a folder. Default, bounds and help stand beside
// each field in settings.cc; an unknown key is an error that names it and the nearest known one.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "ingest/result.h"
#include "ingest/source_format.h"
#include "serve/cap.h"
#include "serve/tokens.h"

namespace thap::app {

struct IngestSettings {
  std::int64_t max_text_bytes{16'384};
  std::int64_t max_record_bytes{262'144};
  std::int64_t max_lateness_ms{7'200'000};
  std::int64_t max_batch_posts{20'000};
  ingest::DecoderSettings decoder;  // formats of sources and official accounts; limits are the fields above
};

struct NlpSettings {
  std::string lexicon_folder;  // empty: the one compiled in
};

struct StoreSection {
  std::int64_t minute_days{35};
  std::int64_t hour_days{400};
  std::int64_t evidence_days{7};
  std::int64_t seen_hours{48};
};

struct RulesSettings {
  std::string folder;  // empty: the ones compiled in
  std::string set{"shipped"};
};

struct ServeSettings {
  std::string listen;        // empty: 127.0.0.1:8470, and only a warning where that is taken
  std::string public_hosts;  // separated by commas
  std::int64_t ready_lag_records{1'000'000};
  std::string proxies;  // addresses, separated by commas
  bool plain_http{false};
  bool anonymous_read{true};
  std::int64_t requests_per_second{20}, requests_burst{100};
  serve::CapSettings cap;
  std::vector<serve::Token> tokens;
};

struct AlertsSection {
  std::string site;  // "https://thap.example": where the page is reached, for links
  // Entries as written and where they stand; read by alert_settings.h, which knows their secrets.
  std::vector<std::pair<nlohmann::json, std::string>> receivers;
};

struct Settings {
  IngestSettings ingest;
  NlpSettings nlp;
  StoreSection store;
  RulesSettings rules;
  ServeSettings serve;
  AlertsSection alerts;
};

// What decoders need, limits included.
ingest::DecoderSettings decoder_settings(const Settings& settings);

// Fails with `bad_setting`; the place is file#/json/pointer.
ingest::Result<Settings> parse_settings(const std::string& text, const std::string& name);
// An empty path gives the defaults. Fails with `io` or `bad_setting`.
ingest::Result<Settings> load_settings(const std::string& path);
// Every setting with its default, bounds and help, as a commented file.
std::string describe_settings();

}  // namespace thap::app
