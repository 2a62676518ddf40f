#include "store/database.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>

#include "store/erasure.h"
#include "store/merge_operators.h"
#include "store/rows.h"

namespace thap::store {
namespace {

using ingest::Code;
using ingest::fail;
using ingest::Result;

constexpr std::size_t mebibyte = std::size_t{1} << 20;
constexpr std::size_t cache_bytes = 96 * mebibyte;       // blocks, index, filters and memtables together
constexpr std::size_t memtable_bytes = 64 * mebibyte;    // of all families, charged to the cache
constexpr std::uint64_t max_wal_bytes = 256 * mebibyte;  // a family seldom written must not pin every old WAL
constexpr std::uint64_t compaction_period_s =
    24 * 60 * 60;  // so that expired bytes go even where nothing is written

constexpr std::array<std::string_view, rows_count> names = {
    "windows",   "authors", "hours",    "seen",           "offsets", "incidents",
    "detectors", "pending", "evidence", "evidence_index", "meta"};

const std::string format_key = own_meta_key("format_version");

// RocksDB writes no log of its own: on a full disk its second line would end the process (an assertion, which
// Debian's build has), and what matters comes as a status or to Health.
class NoLog : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

rocksdb::DBOptions database_options(bool read_only, const std::shared_ptr<rocksdb::Cache>& cache,
                                    const std::shared_ptr<Health>& health) {
  rocksdb::DBOptions options;
  options.create_if_missing = !read_only;
  // A full disk shows at the write that meets it, not when a log set aside before is used up.
  options.allow_fallocate = false;
  options.create_missing_column_families = !read_only;
  options.max_open_files = -1;  // periodic compaction asks for it; a reader keeps files a writer deletes
  options.max_background_jobs = 2;
  options.max_total_wal_size = max_wal_bytes;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  options.allow_concurrent_memtable_write = false;  // one writer; insert hints are ignored otherwise
  options.write_buffer_manager = std::make_shared<rocksdb::WriteBufferManager>(memtable_bytes, cache);
  // Files that are done with go at once: what was forgotten may be in them.
  options.avoid_unnecessary_blocking_io = false;
  options.stats_dump_period_sec = 0;
  options.listeners = {health};
  options.info_log = std::make_shared<NoLog>();
  return options;
}

bool keyed_by_series(Rows rows) {
  return rows == Rows::windows || rows == Rows::authors || rows == Rows::hours;
}

rocksdb::ColumnFamilyOptions family_options(Rows rows, const std::shared_ptr<rocksdb::Cache>& cache,
                                            const std::shared_ptr<const Retention>& retention) {
  rocksdb::ColumnFamilyOptions options;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.format_version = 5;
  if (rows != Rows::offsets && rows != Rows::meta && rows != Rows::seen)
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.whole_key_filtering = !keyed_by_series(rows);
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.compression = rocksdb::kLZ4Compression;
  options.bottommost_compression = rocksdb::kZSTD;
  options.write_buffer_size = 16 * mebibyte;

  if (keyed_by_series(rows)) {
    const std::shared_ptr<const rocksdb::SliceTransform> series(
        rocksdb::NewFixedPrefixTransform(series_prefix_size));
    options.prefix_extractor = series;
    options.memtable_insert_with_hint_prefix_extractor = series;
    options.write_buffer_size = 32 * mebibyte;
    options.max_write_buffer_number =
        4;  // a flush asked for must not hold the writer up while one is running
  }
  switch (rows) {
    case Rows::windows:
      options.merge_operator = count_merge();
      options.compaction_filter_factory = expiry_filter(Expires::minutes, retention);
      break;
    case Rows::authors:
      options.merge_operator = sketch_merge();
      options.compaction_filter_factory = expiry_filter(Expires::minutes, retention);
      break;
    case Rows::hours:
      options.merge_operator = count_merge();
      options.compaction_filter_factory = expiry_filter(Expires::hours, retention);
      break;
    case Rows::pending:
      options.merge_operator = count_merge();
      break;
    case Rows::evidence:
      options.compaction_filter_factory = expiry_filter(Expires::evidence, retention);
      break;
    case Rows::evidence_index:
      options.memtable_prefix_bloom_size_ratio = 0.02;  // nearly every question is for a tombstone not there
      options.memtable_whole_key_filtering = true;
      options.compaction_filter_factory = expiry_filter(Expires::evidence_index, retention);
      break;
    case Rows::offsets:
    case Rows::meta:
      options.write_buffer_size = mebibyte;
      break;
    case Rows::seen:
    case Rows::incidents:
    case Rows::detectors:
      break;
  }
  if (options.compaction_filter_factory) options.periodic_compaction_seconds = compaction_period_s;
  return options;
}

bool is_lock_error(const rocksdb::Status& status) {
  if (!status.IsIOError()) return false;
  const auto text = status.ToString();  // RocksDB has no code of its own for it
  return text.find("While lock file") != std::string::npos ||
         text.find("lock hold by current process") != std::string::npos;
}

bool exists(const std::string& directory) {
  std::error_code ignored;
  return std::filesystem::exists(std::filesystem::path(directory) / "CURRENT", ignored);
}

ingest::Error newer_format(const std::string& directory) {
  return {
      Code::newer_format,
      "the store was written by a newer thap; this one reads formats up to " + std::to_string(format_version),
      directory};
}

Result<std::uint32_t> checked_format(const std::string& bytes, const std::string& directory) {
  const auto version = decode_u32(bytes);
  if (!version) return fail(Code::corrupt, "the format version does not read back", directory);
  if (*version > format_version) return tl::unexpected(newer_format(directory));
  return *version;
}

// Looks at the format without changing anything. RocksDB would refuse families it is not told of, and
// replaying the log of a newer store would run our merge operators over its values.
Result<void> check_format(const std::string& directory) {
  rocksdb::DBOptions options;
  options.info_log = std::make_shared<NoLog>();
  std::vector<std::string> present;
  if (auto status = rocksdb::DB::ListColumnFamilies(options, directory, &present); !status.ok())
    return tl::unexpected(error_of(status, directory));
  for (const auto& family : present)
    if (family != rocksdb::kDefaultColumnFamilyName && std::ranges::find(names, family) == names.end())
      return tl::unexpected(newer_format(directory));
  const std::string meta(name(Rows::meta));
  if (std::ranges::find(present, meta) == present.end()) return {};  // killed while it was created

  const std::vector<rocksdb::ColumnFamilyDescriptor> families = {{rocksdb::kDefaultColumnFamilyName, {}},
                                                                 {meta, {}}};
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* raw = nullptr;
  if (auto status = rocksdb::DB::OpenForReadOnly(options, directory, families, &handles, &raw); !status.ok())
    return tl::unexpected(error_of(status, directory));
  const std::unique_ptr<rocksdb::DB> db(raw);
  std::string bytes;
  const auto status = db->Get({}, handles[1], format_key, &bytes);
  for (auto* handle : handles) db->DestroyColumnFamilyHandle(handle);
  if (status.IsNotFound()) return {};
  if (!status.ok()) return tl::unexpected(error_of(status, directory));
  return checked_format(bytes, directory).map([](auto) {});
}

}  // namespace

std::string_view name(Rows rows) { return names[static_cast<std::size_t>(rows)]; }

Rows rows_of(Family family) {
  switch (family) {
    case Family::detectors:
      return Rows::detectors;
    case Family::incidents:
      return Rows::incidents;
    case Family::meta:
      return Rows::meta;
  }
  return Rows::meta;
}

std::string Health::reason() const {
  const std::lock_guard lock(mutex_);
  return reason_;
}

void Health::break_with(const std::string& reason) {
  const std::lock_guard lock(mutex_);
  if (reason_.empty()) reason_ = reason;
  broken_.store(true, std::memory_order_release);
}

void Health::OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) {
  try {
    break_with(status->ToString());
  } catch (...) {  // out of memory: RocksDB must not see it
    broken_.store(true, std::memory_order_release);
  }
}

ingest::Error error_of(const rocksdb::Status& status, const std::string& directory) {
  if (is_lock_error(status))
    return {Code::locked, "another process has the store open for writing", directory};
  return {status.IsCorruption() ? Code::corrupt : Code::io, status.ToString(), directory};
}

Database::~Database() {
  if (!db_) return;
  if (!read_only_ && !health_->broken()) {
    rocksdb::FlushOptions options;
    options.wait = true;
    // What fails to be flushed is in the log.
    db_->Flush(options, {handles_.begin(), handles_.end()}).PermitUncheckedError();
  }
  for (auto* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
  db_->DestroyColumnFamilyHandle(default_handle_);
  db_->Close().PermitUncheckedError();
}

Result<std::unique_ptr<Database>> open_database(const StoreSettings& settings) {
  const auto& directory = settings.directory;
  std::error_code error;
  if (!exists(directory)) {
    if (settings.read_only) return fail(Code::not_found, "there is no store in this folder", directory);
    std::filesystem::create_directories(directory, error);
    if (error) return fail(Code::io, "the folder cannot be made: " + error.message(), directory);
  }

  // A writer beside us may delete a file between two of our steps: then look again.
  constexpr int attempts = 5;
  const auto try_open = [&]() -> Result<std::unique_ptr<Database>> {
    if (exists(directory))
      if (auto checked = check_format(directory); !checked) return tl::unexpected(checked.error());

    std::unique_ptr<Database> database(new Database);
    database->directory_ = directory;
    database->read_only_ = settings.read_only;
    database->retention_ = std::make_shared<Retention>(settings);
    const auto cache = rocksdb::NewLRUCache(cache_bytes);
    const auto options = database_options(settings.read_only, cache, database->health_);
    std::vector<rocksdb::ColumnFamilyDescriptor> families = {{rocksdb::kDefaultColumnFamilyName, {}}};
    for (std::size_t i = 0; i < rows_count; ++i)
      families.emplace_back(std::string(names[i]),
                            family_options(static_cast<Rows>(i), cache, database->retention_));
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* raw = nullptr;
    const auto status = settings.read_only
                            ? rocksdb::DB::OpenForReadOnly(options, directory, families, &handles, &raw)
                            : rocksdb::DB::Open(options, directory, families, &handles, &raw);
    if (!status.ok()) return tl::unexpected(error_of(status, directory));
    database->db_.reset(raw);
    database->default_handle_ = handles[0];
    std::copy(handles.begin() + 1, handles.end(), database->handles_.begin());
    return database;
  };

  auto database = try_open();
  for (int i = 1; i < attempts && settings.read_only && !database; ++i) {
    if (database.error().code == Code::newer_format) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    database = try_open();
  }
  if (!database || settings.read_only) return database;

  const auto stored = get_row(**database, Rows::meta, format_key);
  if (!stored) return tl::unexpected(stored.error());
  const auto version =
      stored->has_value() ? decode_u32(**stored) : std::optional<std::uint32_t>(format_version);
  if (!version) return fail(Code::corrupt, "the format version does not read back", directory);
  if (*version < format_version)
    if (auto upgraded = upgrade(**database, *version); !upgraded) return tl::unexpected(upgraded.error());
  if (!stored->has_value() || *version < format_version) {
    rocksdb::WriteOptions synced;
    synced.sync = true;
    const auto status =
        (*database)->db().Put(synced, (**database)[Rows::meta], format_key, encode_u32(format_version));
    if (!status.ok()) return tl::unexpected(error_of(status, directory));
  }
  return database;
}

Result<std::optional<std::string>> get_row(const Database& database, Rows rows, std::string_view key,
                                           const rocksdb::Snapshot* snapshot) {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  std::string value;
  const auto status = database.db().Get(options, database[rows], slice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>{};
  if (!status.ok()) return tl::unexpected(error_of(status, database.directory()));
  return std::optional(std::move(value));
}

RowScan::RowScan(const Database& database, Rows rows, std::string end, bool one_series,
                 const rocksdb::Snapshot* snapshot)
    : directory_(database.directory()), end_(std::move(end)), end_slice_(end_) {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  if (!end_.empty()) options.iterate_upper_bound = &end_slice_;
  if (one_series)
    options.auto_prefix_mode = true;
  else
    options.total_order_seek = true;
  iterator_.reset(database.db().NewIterator(options, database[rows]));
}

Result<void> RowScan::finish() const {
  const auto status = iterator_->status();
  if (!status.ok()) return tl::unexpected(error_of(status, directory_));
  return {};
}

std::unique_ptr<RowScan> scan_one_series(const Database& database, Rows rows, std::string end,
                                         const rocksdb::Snapshot* snapshot) {
  return std::make_unique<RowScan>(database, rows, std::move(end), true, snapshot);
}

std::unique_ptr<RowScan> scan_all(const Database& database, Rows rows, std::string end,
                                  const rocksdb::Snapshot* snapshot) {
  return std::make_unique<RowScan>(database, rows, std::move(end), false, snapshot);
}

}  // namespace thap::store
