// thap export: what a store holds, one JSON object a line, in an order that two equal stores share.
#include <fmt/format.h>

#include <iostream>

#include "app/cli.h"
#include "serve/incident_json.h"
#include "serve/incident_rows.h"
#include "serve/trends.h"
#include "store/window_store.h"

namespace thap::app {
namespace {

using nlohmann::ordered_json;

class Exporter {
 public:
  Exporter(const store::WindowStore& store, const nlp::Lexicon& lexicon) : store_(store), lexicon_(lexicon) {}

  ingest::Result<void> run() {
    range_ = {store_.retention_floor(), store::minute_of(store_.newest_clock_ms()) + 2 * 24 * 60};
    for (const auto& p : store_.positions())
      print({{"row", "position"},
             {"source", p.source},
             {"partition", p.partition},
             {"next", p.next},
             {"clock_ms", p.clock_ms}});
    auto services = store_.services(range_);
    if (!services) return tl::unexpected(services.error());
    for (const auto service : *services)
      if (auto done = windows(service); !done) return done;
    return incidents();
  }

 private:
  static void print(const ordered_json& row) { std::cout << row.dump() << '\n'; }

  ingest::Result<void> windows(nlp::ServiceId service) {
    const auto* known = lexicon_.service(service);
    const std::string id =
        known ? known->id : fmt::format("service-{:08x}", static_cast<std::uint32_t>(service));
    for (int k = static_cast<int>(store::FacetKind::complaints);
         k <= static_cast<int>(store::FacetKind::source); ++k) {
      const auto kind = static_cast<store::FacetKind>(k);
      auto values = store_.breakdown(service, kind, range_);
      if (!values) return tl::unexpected(values.error());
      std::sort(values->begin(), values->end());
      for (const auto& [value, sum] : *values) {
        if (auto done = series(service, id, {kind, value}); !done) return done;
      }
    }
    return {};
  }

  ingest::Result<void> series(nlp::ServiceId service, const std::string& id, store::Facet facet) {
    constexpr std::uint32_t page = 24 * 60;
    for (store::Minute from = range_.start; from < range_.end; from += page) {
      auto counts = store_.series(service, facet, {from, std::min(from + page, range_.end)});
      if (!counts) return tl::unexpected(counts.error());
      for (std::size_t i = 0; i < counts->counts.size(); ++i) {
        if (counts->counts[i] == 0) continue;
        const store::Minute minute = from + static_cast<store::Minute>(i);
        ordered_json row = {{"row", "window"}, {"service", id}, {"facet", store::name(facet.kind)}};
        if (const auto value = serve::facet_value_name(facet.kind, facet.value, lexicon_); !value.empty())
          row["value"] = value;
        row["minute"] = serve::utc_time(static_cast<std::int64_t>(minute) * 60'000);
        row["count"] = counts->counts[i];
        if (facet.kind == store::FacetKind::complaints) {
          auto authors = store_.distinct_authors(service, facet, {minute, minute + 1});
          if (!authors) return tl::unexpected(authors.error());
          row["authors"] = *authors;
        }
        print(row);
      }
    }
    return {};
  }

  ingest::Result<void> incidents() {
    auto all = serve::incidents_in(store_);
    if (!all) return tl::unexpected(all.error());
    for (const auto& incident : *all) {
      if (incident.opened_ms == 0) continue;
      print({{"row", "incident"}, {"incident", serve::incident_json(incident, lexicon_, -1)}});
      auto life = serve::transitions_of(store_, incident.id);
      if (!life) return tl::unexpected(life.error());
      for (const auto& t : *life)
        print({{"row", "transition"},
               {"id", t.incident},
               {"sequence", t.sequence},
               {"from", rules::name(t.from)},
               {"to", rules::name(t.to)},
               {"at", serve::utc_time(t.at_ms)},
               {"relapse", t.relapse},
               {"annotated", t.annotated},
               {"reason", t.reason}});
    }
    return {};
  }

  const store::WindowStore& store_;
  const nlp::Lexicon& lexicon_;
  store::MinuteRange range_;
};

}  // namespace

int export_store(const Common& common, const Settings& settings) {
  auto lexicon = load_lexicon(common, settings);
  if (!lexicon) return report(lexicon.error());
  store::StoreSettings store_settings;
  store_settings.directory = common.data;
  store_settings.read_only = true;
  auto store = store::WindowStore::open(store_settings);
  if (!store) return report(store.error());
  auto done = Exporter(**store, **lexicon).run();
  return done ? ExitCode::ok : report(done.error());
}

}  // namespace thap::app
