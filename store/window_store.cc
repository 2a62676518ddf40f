#include "store/window_store.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>
#include <thread>

#include <rocksdb/utilities/checkpoint.h>

#include "store/batch_writer.h"
#include "store/database.h"
#include "store/evidence_shelf.h"
#include "store/keys.h"
#include "store/rows.h"
#include "store/series_reader.h"

namespace thap::store {

using ingest::Code;
using ingest::fail;
using ingest::Result;

struct WindowStore::Impl {
  Impl(std::unique_ptr<Database> opened, const StoreSettings& settings)
      : database(std::move(opened)), writer(*database), reader(*database, settings.max_minutes) {}

  std::shared_ptr<void> is_open = std::make_shared<char>();  // first: gone only when all below is
  std::unique_ptr<Database> database;
  BatchWriter writer;
  SeriesReader reader;
};

namespace {

constexpr const char* closed_text = "the store is closed: it is being opened again";

tl::unexpected<ingest::Error> closed(const StoreSettings& settings) {
  return fail(Code::closed, closed_text, settings.directory);
}

}  // namespace

WindowStore::WindowStore(StoreSettings settings, std::shared_ptr<Impl> impl)
    : settings_(std::move(settings)), impl_(std::move(impl)) {}
WindowStore::~WindowStore() = default;

Result<std::shared_ptr<WindowStore::Impl>> WindowStore::open_impl(const StoreSettings& settings) {
  auto database = open_database(settings);
  if (!database) return tl::unexpected(database.error());
  auto impl = std::make_shared<Impl>(std::move(*database), settings);
  if (auto loaded = impl->writer.load(); !loaded) return tl::unexpected(loaded.error());
  return impl;
}

Result<std::unique_ptr<WindowStore>> WindowStore::open(const StoreSettings& settings) {
  auto impl = open_impl(settings);
  if (!impl) return tl::unexpected(impl.error());
  return std::unique_ptr<WindowStore>(new WindowStore(settings, std::move(*impl)));
}

std::shared_ptr<WindowStore::Impl> WindowStore::impl() const {
  const std::lock_guard lock(impl_mutex_);
  return impl_;
}

Result<void> WindowStore::reopen() {
  std::shared_ptr<Impl> old;
  {
    const std::lock_guard lock(impl_mutex_);
    old.swap(impl_);
  }
  if (old) {
    // One process opens a folder for writing once: the last reader has to be gone, and the database closed.
    const std::weak_ptr<void> is_open = old->is_open;
    old.reset();
    while (!is_open.expired()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  auto opened = open_impl(settings_);
  if (!opened) return tl::unexpected(opened.error());
  const std::lock_guard lock(impl_mutex_);
  impl_ = std::move(*opened);
  return {};
}

Result<WriteSummary> WindowStore::write(const Batch& batch) {
  if (!impl_) return closed(settings_);
  return impl_->writer.write(batch);
}

bool WindowStore::seen(const ingest::PostKey& post) const { return impl_ && impl_->writer.seen(post); }

Result<Series> WindowStore::series(nlp::ServiceId service, Facet facet, MinuteRange range) const {
  const auto here = impl();
  if (!here) return closed(settings_);
  return here->reader.series(service, facet, range);
}

Result<Series> WindowStore::hourly_series(nlp::ServiceId service, Facet facet, MinuteRange range) const {
  const auto here = impl();
  if (!here) return closed(settings_);
  return here->reader.hourly_series(service, facet, range);
}

Result<std::vector<std::pair<std::uint32_t, std::uint64_t>>> WindowStore::breakdown(nlp::ServiceId service,
                                                                                    FacetKind kind,
                                                                                    MinuteRange range) const {
  const auto here = impl();
  if (!here) return closed(settings_);
  return here->reader.breakdown(service, kind, range);
}

Result<std::uint64_t> WindowStore::distinct_authors(nlp::ServiceId service, Facet facet,
                                                    MinuteRange range) const {
  const auto here = impl();
  if (!here) return closed(settings_);
  return here->reader.distinct_authors(service, facet, range);
}

Result<std::vector<nlp::ServiceId>> WindowStore::services(MinuteRange range) const {
  const auto here = impl();
  if (!here) return closed(settings_);
  return here->reader.services(range);
}

Result<std::vector<Evidence>> WindowStore::evidence(nlp::ServiceId service, MinuteRange range,
                                                    std::size_t limit) const {
  const auto here = impl();
  if (!here) return closed(settings_);
  return read_evidence(*here->database, service, range, limit);
}

std::vector<ingest::SourcePosition> WindowStore::positions() const {
  const auto here = impl();
  return here ? here->writer.positions() : std::vector<ingest::SourcePosition>{};
}

Result<std::vector<DetectorRow>> WindowStore::pending_rows() const {
  const auto here = impl();
  if (!here) return closed(settings_);
  std::vector<DetectorRow> rows;
  const std::string prefix(1, row_kind);
  const auto scan = scan_all(*here->database, Rows::pending, after_prefix(prefix));
  for (scan->seek(prefix); scan->valid(); scan->next()) {
    const auto key = parse_row_key(scan->key());
    auto row = key ? decode_row(*key, scan->value()) : std::nullopt;
    if (!row) return fail(Code::corrupt, "a pending row does not read back", here->database->directory());
    rows.push_back(std::move(*row));
  }
  if (auto finished = scan->finish(); !finished) return tl::unexpected(finished.error());
  return rows;
}

Result<std::vector<MentionRow>> WindowStore::pending_mentions() const {
  const auto here = impl();
  if (!here) return closed(settings_);
  std::vector<MentionRow> mentions;
  const std::string prefix(1, mention_kind);
  const auto scan = scan_all(*here->database, Rows::pending, after_prefix(prefix));
  for (scan->seek(prefix); scan->valid(); scan->next()) {
    const auto key = parse_mention_key(scan->key());
    const auto count = decode_count(scan->value());
    if (!key || !count)
      return fail(Code::corrupt, "a pending mention does not read back", here->database->directory());
    constexpr std::uint64_t most = ~std::uint32_t{0};
    mentions.push_back({key->first, key->second, static_cast<std::uint32_t>(std::min(*count, most))});
  }
  if (auto finished = scan->finish(); !finished) return tl::unexpected(finished.error());
  return mentions;
}

Result<void> WindowStore::scan(
    Family family, std::string_view prefix,
    const std::function<bool(std::string_view key, std::string_view value)>& visit) const {
  const auto here = impl();
  if (!here) return closed(settings_);
  std::string start(prefix);
  if (family == Family::meta && start.empty()) start.push_back(own_meta + 1);  // pass over the store's own
  if (family == Family::meta && start.front() == own_meta) return {};
  const auto rows = scan_all(*here->database, rows_of(family), after_prefix(prefix));
  for (rows->seek(start); rows->valid(); rows->next())
    if (!visit(rows->key(), rows->value())) return {};
  return rows->finish();
}

Result<std::optional<std::string>> WindowStore::get(Family family, std::string_view key) const {
  const auto here = impl();
  if (!here) return closed(settings_);
  if (family == Family::meta && !key.empty() && key.front() == own_meta) return std::optional<std::string>{};
  return get_row(*here->database, rows_of(family), key);
}

std::int64_t WindowStore::newest_clock_ms() const {
  const auto here = impl();
  return here ? here->database->retention().newest_clock_ms() : 0;
}

Minute WindowStore::retention_floor() const {
  const auto here = impl();
  return here ? here->database->retention().minute_floor() : 0;
}

StoreFigures WindowStore::figures() const {
  if (const auto here = impl()) return here->writer.figures();
  StoreFigures figures;
  figures.broken = true;
  figures.broken_reason = closed_text;
  return figures;
}

bool WindowStore::owes_erasure() const {
  const auto here = impl();
  return here && here->writer.erasure().owed();
}

Result<void> WindowStore::erase_removed() {
  const auto here = impl();
  if (!here) return closed(settings_);
  return here->writer.erasure().settle();
}

void WindowStore::stop_erasing() {
  if (const auto here = impl()) here->writer.erasure().stop();
}

Result<std::vector<std::pair<std::string, std::uint64_t>>> WindowStore::count_rows() const {
  const auto here = impl();
  if (!here) return closed(settings_);
  std::vector<std::pair<std::string, std::uint64_t>> counts;
  for (std::size_t i = 0; i < rows_count; ++i) {
    const auto rows = static_cast<Rows>(i);
    auto& [family, count] = counts.emplace_back(std::string(name(rows)), 0);
    const auto scan = scan_all(*here->database, rows, {});
    for (scan->seek({}); scan->valid(); scan->next()) ++count;
    if (auto finished = scan->finish(); !finished) return tl::unexpected(finished.error());
  }
  return counts;
}

Result<void> WindowStore::checkpoint(const std::string& directory) const {
  const auto here = impl();
  if (!here) return closed(settings_);
  std::error_code ignored;
  if (std::filesystem::exists(directory, ignored))
    return fail(Code::bad_input, "a checkpoint needs a folder that does not exist yet", directory);
  rocksdb::Checkpoint* raw = nullptr;
  if (const auto status = rocksdb::Checkpoint::Create(&here->database->db(), &raw); !status.ok())
    return tl::unexpected(error_of(status, here->database->directory()));
  const std::unique_ptr<rocksdb::Checkpoint> maker(raw);
  if (const auto status = maker->CreateCheckpoint(directory); !status.ok())
    return tl::unexpected(error_of(status, directory));
  return {};
}

}  // namespace thap::store
