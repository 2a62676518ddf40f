// thap export: everything of a store that two runs over the same records must agree on, a JSON line each, in
// a fixed order; and the positions, in which they may differ.
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "app/incident_rows.h"
#include "app/incident_text.h"
#include "app/run_commands.h"
#include "serve/incident_json.h"
#include "store/window_store.h"

namespace thap::app {
namespace {

using ingest::Result;
using nlohmann::ordered_json;
using store::FacetKind;

void print(const char* what, ordered_json row) {
  std::cout << ordered_json{{what, std::move(row)}}.dump() << '\n';
}

// One series: its minutes that are not 0, with distinct authors, and its hours.
Result<void> print_series(const store::WindowStore& store, nlp::ServiceId service, const std::string& label,
                          store::Facet facet, store::MinuteRange range) {
  const auto row = [&](const char* unit, std::uint64_t at, std::uint64_t count) {
    return ordered_json{{"service", label},
                        {"facet", store::name(facet.kind)},
                        {"value", facet.value},
                        {unit, at},
                        {"count", count}};
  };
  const auto series = store.series(service, facet, range);
  if (!series) return tl::unexpected(series.error());
  for (std::size_t i = 0; i < series->counts.size(); ++i) {
    if (series->counts[i] == 0) continue;
    const auto minute = static_cast<store::Minute>(series->range.start + i);
    auto out = row("minute", minute, series->counts[i]);
    const auto authors = store.distinct_authors(service, facet, {minute, minute + 1});
    if (!authors) return tl::unexpected(authors.error());
    out["authors"] = *authors;
    print("window", std::move(out));
  }
  const auto hours = store.hourly_series(service, facet, range);
  if (!hours) return tl::unexpected(hours.error());
  for (std::size_t i = 0; i < hours->counts.size(); ++i)
    if (hours->counts[i] > 0) print("hour", row("hour", hours->range.start / 60 + i, hours->counts[i]));
  return {};
}

Result<void> print_windows(const store::WindowStore& store, const nlp::Lexicon& lexicon,
                           store::MinuteRange range) {
  const auto services = store.services(range);
  if (!services) return tl::unexpected(services.error());
  for (const auto service : *services)
    for (auto kind = static_cast<int>(FacetKind::complaints); kind <= static_cast<int>(FacetKind::source);
         ++kind) {
      auto values = store.breakdown(service, static_cast<FacetKind>(kind), range);
      if (!values) return tl::unexpected(values.error());
      std::sort(values->begin(), values->end());
      for (const auto& [value, sum] : *values)
        if (auto done = print_series(store, service, service_label(service, lexicon),
                                     {static_cast<FacetKind>(kind), value}, range);
            !done)
          return done;
    }
  return {};
}

Result<void> print_incidents(const store::WindowStore& store, const nlp::Lexicon& lexicon) {
  const auto incidents = incidents_in(store);
  if (!incidents) return tl::unexpected(incidents.error());
  for (const auto& incident : *incidents) {
    print("incident", serve::incident_json(incident, lexicon, -1));
    const auto transitions = transitions_of(store, incident.id);
    if (!transitions) return tl::unexpected(transitions.error());
    for (const auto& t : *transitions)
      print("transition", {{"incident", t.incident},
                           {"sequence", t.sequence},
                           {"from", rules::name(t.from)},
                           {"to", rules::name(t.to)},
                           {"opened", t.opened},
                           {"relapse", t.relapse},
                           {"annotated", t.annotated},
                           {"at_ms", t.at_ms},
                           {"reason", t.reason}});
  }
  return {};
}

}  // namespace

int export_store(const Common& common, const Settings& settings) {
  auto lexicon = load_lexicon(common, settings);
  if (!lexicon) return report(lexicon.error());
  store::StoreSettings store_settings;
  store_settings.directory = common.data;
  store_settings.read_only = true;
  auto store = store::WindowStore::open(store_settings);
  if (!store) return report(store.error());
  const store::Minute newest = store::minute_of((*store)->newest_clock_ms());
  const store::MinuteRange range{(*store)->retention_floor(),
                                 newest + 3};  // a post may be two minutes ahead of its record
  if (auto done = print_windows(**store, **lexicon, range); !done) return report(done.error());
  if (auto done = print_incidents(**store, **lexicon); !done) return report(done.error());
  for (const auto& position : (*store)->positions())
    print("position", {{"source", position.source},
                       {"partition", position.partition},
                       {"next", position.next},
                       {"clock_ms", position.clock_ms}});
  return ExitCode::ok;
}

}  // namespace thap::app
