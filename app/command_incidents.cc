// thap incidents, thap asof, thap show: what a store knows, read beside a running writer.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "app/cli.h"
#include "app/incident_text.h"
#include "serve/evidence_pack.h"
#include "serve/incident_json.h"
#include "serve/incident_rows.h"
#include "serve/time_argument.h"
#include "store/window_store.h"

namespace thap::app {
namespace {

struct Opened {
  nlp::Lexicon::Pointer lexicon;
  std::unique_ptr<store::WindowStore> store;
  std::vector<rules::Incident> incidents;  // oldest first, those that were opened
};

ingest::Result<Opened> open(const Common& common, const Settings& settings) {
  Opened out;
  auto lexicon = load_lexicon(common, settings);
  if (!lexicon) return tl::unexpected(lexicon.error());
  out.lexicon = *lexicon;
  store::StoreSettings store_settings;
  store_settings.directory = common.data;
  store_settings.read_only = true;
  auto store = store::WindowStore::open(store_settings);
  if (!store) return tl::unexpected(store.error());
  out.store = std::move(*store);
  auto incidents = serve::incidents_in(*out.store);
  if (!incidents) return tl::unexpected(incidents.error());
  for (auto& incident : *incidents)
    if (incident.opened_ms != 0) out.incidents.push_back(std::move(incident));
  return out;
}

std::string age_line(const store::WindowStore& store) {
  return fmt::format("data up to {} IST", serve::ist_date_time(store.newest_clock_ms()));
}

void print_life(const Opened& opened, const rules::Incident& i) {
  auto transitions = serve::transitions_of(*opened.store, i.id);
  if (!transitions) return;
  for (const auto& t : *transitions)
    std::cout << "  " << serve::ist_date_time(t.at_ms) << " IST  "
              << padded(t.annotated ? "note" : state_words(t.to), 18) << t.reason << '\n';
}

void print_evidence(const Opened& opened, const rules::Incident& i) {
  const auto from = store::minute_of(i.started_ms);
  const auto to = store::minute_of(i.resolved_ms ? i.resolved_ms : i.updated_ms) + 1;
  auto evidence = opened.store->evidence(i.service, {from, to}, 20);
  if (!evidence || evidence->empty()) return;
  std::cout << "\nevidence (masked, at most 20)\n";
  for (const auto& e : *evidence) {
    std::string text = e.text;
    std::replace(text.begin(), text.end(), '\n', ' ');
    std::cout << "  " << serve::ist_clock(e.event_ms) << "  " << padded(std::string(nlp::name(e.status)), 10)
              << text << '\n';
  }
}

int print_incidents(const Common& common, const Opened& opened, const std::string& last_line) {
  for (const auto& incident : opened.incidents) {
    if (common.json)
      std::cout << serve::incident_json(incident, *opened.lexicon, -1).dump() << '\n';
    else
      std::cout << incident_summary(incident, *opened.lexicon) << "\n\n";
  }
  if (!common.json) std::cout << (opened.incidents.empty() ? "no incident; " : "") << last_line << '\n';
  return ExitCode::ok;
}

}  // namespace

int list_incidents_as_of(const Common& common, const Settings& settings, const std::string& time) {
  auto opened = open(common, settings);
  if (!opened) return report(opened.error());
  const auto at_ms = serve::parse_time_argument(time, opened->store->newest_clock_ms());
  if (!at_ms) return report(at_ms.error());
  auto known = serve::incidents_as_of(*opened->store, *at_ms);
  if (!known) return report(known.error());
  std::erase_if(*known, [](const rules::Incident& i) { return i.opened_ms == 0; });
  opened->incidents = std::move(*known);
  return print_incidents(common, *opened, fmt::format("as known at {} IST", serve::ist_date_time(*at_ms)));
}

int list_incidents(const Common& common, const Settings& settings) {
  auto opened = open(common, settings);
  if (!opened) return report(opened.error());
  return print_incidents(common, *opened, age_line(*opened->store));
}

int show_incident(const Common& common, const Settings& settings, const std::string& id, bool as_pack) {
  auto opened = open(common, settings);
  if (!opened) return report(opened.error());
  const auto found = std::find_if(opened->incidents.begin(), opened->incidents.end(),
                                  [&](const auto& i) { return i.id == id; });
  if (found == opened->incidents.end())
    return report({ingest::Code::not_found, fmt::format("no incident \"{}\"", id), common.data});
  const rules::Incident& i = *found;
  if (as_pack) {
    const auto steps = serve::transitions_of(*opened->store, i.id);
    if (!steps) return report(steps.error());
    const auto posts = opened->store->evidence(i.service, serve::evidence_minutes(i), serve::most_pack_posts);
    if (!posts) return report(posts.error());
    std::cout << serve::evidence_pack(i, *steps, *posts, *opened->lexicon).dump(1) << '\n';
    return ExitCode::ok;
  }
  if (common.json) {
    std::cout << serve::incident_json(i, *opened->lexicon, -1).dump() << '\n';
    return ExitCode::ok;
  }
  const auto words = serve::headline(i, *opened->lexicon);
  std::cout << incident_summary(i, *opened->lexicon) << "\n\n  " << words.hi << "\n  " << words.bn << "\n\n";
  std::cout << sparkline(i, 72) << '\n';
  std::cout << fmt::format(
      "why it opened\n  {} posts by {} accounts in {} minutes; expected {:.2f} ({:.2f} to {:.2f})\n",
      i.observed_posts, i.observed_authors, i.observed_minutes, i.expected_posts, i.expected_low,
      i.expected_high);
  std::cout << fmt::format(
      "  score {:.1f} over threshold {:.1f}; severity {}, confidence {}; peak {:.0f} a minute\n", i.score,
      i.threshold, rules::name(i.severity), rules::name(i.confidence), i.peak_per_minute);
  std::cout << fmt::format("  rules {}, lexicon {}\n\nits life\n", i.rules_version, i.lexicon_version);
  print_life(*opened, i);
  print_evidence(*opened, i);
  std::cout << '\n' << age_line(*opened->store) << '\n';
  return ExitCode::ok;
}

}  // namespace thap::app
