// thap forget and thap backup: by the process that has the store open, or by themselves where there is none.
#include <fmt/format.h>

#include <filesystem>
#include <iostream>

#include "app/cli.h"
#include "app/key_file.h"
#include "app/upkeep.h"
#include "serve/incident_json.h"
#include "serve/incident_rows.h"

namespace thap::app {
namespace {

using ingest::Code;
using ingest::fail;
using ingest::Result;
using nlohmann::ordered_json;

// Erasing and copying read and write much of a store.
constexpr std::chrono::minutes deadline{10};

// The store for writing, where it exists: neither command makes one.
Result<std::unique_ptr<store::WindowStore>> open_existing(const Common& common, const Settings& settings) {
  store::StoreSettings out;
  out.directory = common.data;
  out.read_only = true;
  // Says that there is none without making one.
  if (auto there = store::WindowStore::open(out); !there) return tl::unexpected(there.error());
  out.read_only = false;
  out.minute_days = static_cast<std::uint32_t>(settings.store.minute_days);
  out.hour_days = static_cast<std::uint32_t>(settings.store.hour_days);
  out.evidence_days = static_cast<std::uint32_t>(settings.store.evidence_days);
  out.seen_hours = static_cast<std::uint32_t>(settings.store.seen_hours);
  return store::WindowStore::open(out);
}

// nullopt: no process listens, the store is ours to open.
Result<std::optional<nlohmann::json>> ask(const Common& common, const nlohmann::json& question) {
  auto answer = ask_at(socket_path(common.data), question, deadline);
  if (!answer) {
    if (answer.error().code == Code::not_found) return std::optional<nlohmann::json>{};
    return tl::unexpected(answer.error());
  }
  if (const auto found = answer->find("error"); found != answer->end())
    return fail(Code::io, found->is_string() ? found->get<std::string>() : found->dump());
  return std::optional(std::move(*answer));
}

Result<std::uint64_t> forget_here(const Common& common, const Settings& settings,
                                  const ForgetRequest& request) {
  auto store = open_existing(common, settings);
  if (!store) return tl::unexpected(store.error());
  const auto key = author_key_for(common.data);
  if (!key) return tl::unexpected(key.error());
  const auto removed = forget(**store, *key, request);
  if (!removed) return removed;
  if (auto erased = (*store)->erase_removed(); !erased) return tl::unexpected(erased.error());
  return removed;
}

}  // namespace

int forget_evidence(const Common& common, const Settings& settings, const ForgetOptions& options) {
  const auto request = forget_request(options.what, options.network, options.id);
  if (!request) return report(request.error());
  const auto answer = ask(common, to_json(*request));
  if (!answer) return report(answer.error());
  std::uint64_t removed = 0;
  if (*answer) {
    removed = (*answer)->value("removed", std::uint64_t{0});
  } else {
    const auto done = forget_here(common, settings, *request);
    if (!done) return report(done.error());
    removed = *done;
  }
  // Not the id: what is printed ends up in logs.
  if (common.json)
    std::cout << ordered_json{{"forgotten", options.what}, {"network", options.network}, {"removed", removed}}
                     .dump()
              << '\n';
  else
    std::cout << fmt::format(
        "{} rows of evidence removed, from the files as well; counts stay, later copies stay away\n"
        "backups made before still have them: run this on each with --data, or throw it away\n",
        removed);
  return ExitCode::ok;
}

int backup(const Common& common, const Settings& settings, const std::string& directory) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(directory, error);
  if (error) return report({Code::io, error.message(), directory});
  const auto answer = ask(common, {{"do", "backup"}, {"directory", absolute.string()}});
  if (!answer) return report(answer.error());
  if (!*answer) {
    auto store = open_existing(common, settings);
    if (!store) return report(store.error());
    if (auto copied = (*store)->checkpoint(absolute.string()); !copied) return report(copied.error());
  }

  // A copy is one only when it has been read back.
  store::StoreSettings copy_settings;
  copy_settings.directory = absolute.string();
  copy_settings.read_only = true;
  const auto copy = store::WindowStore::open(copy_settings);
  if (!copy) return report(copy.error());
  const auto rows = (*copy)->count_rows();
  if (!rows) return report(rows.error());
  const auto incidents = serve::incidents_in(**copy);
  if (!incidents) return report(incidents.error());
  std::uint64_t total = 0;
  ordered_json by_family = ordered_json::object();
  for (const auto& [family, count] : *rows) total += count, by_family[family] = count;
  const auto clock_ms = (*copy)->newest_clock_ms();
  const std::size_t partitions = (*copy)->positions().size();
  if (common.json)
    std::cout << ordered_json{{"backup", absolute.string()},
                              {"rows", by_family},
                              {"incidents", incidents->size()},
                              {"positions", partitions},
                              {"counted_up_to", clock_ms == 0 ? "" : serve::utc_time(clock_ms)}}
                     .dump()
              << '\n';
  else
    std::cout << fmt::format(
        "{}: {} rows read back, {} incidents, {} source positions, {}\n"
        "the key of the author hashes is not in it: keep it apart\n"
        "it keeps what is forgotten or deleted later: throw it away within a day, or run forget on it too\n",
        absolute.string(), total, incidents->size(), partitions,
        clock_ms == 0 ? "nothing counted yet" : "counted up to " + serve::ist_date_time(clock_ms) + " IST");
  return ExitCode::ok;
}

}  // namespace thap::app
