// The RocksDB database behind a store: its families, all of its options, its health, and the only two
// functions that make iterators. For the .cc files of store/ only: other folders see window_store.h.
#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <rocksdb/db.h>
#include <rocksdb/listener.h>

#include "ingest/result.h"
#include "store/expiry.h"
#include "store/keys.h"
#include "store/window_store.h"

namespace thap::store {

// Version of keys.h, rows.h and the merge operators together. Kept in meta; a store with a larger one is
// refused.
inline constexpr std::uint32_t format_version = 2;

enum class Rows : std::uint8_t {  // a column family
  windows,
  authors,
  hours,
  seen,
  offsets,
  incidents,
  detectors,
  pending,
  evidence,
  evidence_index,
  meta,
};
inline constexpr std::size_t rows_count = 11;
std::string_view name(Rows rows);
Rows rows_of(Family family);

// After a failed write RocksDB may refuse writes until it is reopened; so do we, at once and for good. Reads
// go on.
class Health : public rocksdb::EventListener {
 public:
  bool broken() const { return broken_.load(std::memory_order_acquire); }
  std::string reason() const;
  void break_with(const std::string& reason);  // the first reason stays

  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* status) override;

 private:
  std::atomic<bool> broken_{false};
  mutable std::mutex mutex_;
  std::string reason_;
};

// Threads: constant after open; RocksDB does its own locking.
class Database {
 public:
  ~Database();  // flushes if writable
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  rocksdb::DB& db() const { return *db_; }
  rocksdb::ColumnFamilyHandle* operator[](Rows rows) const {
    return handles_[static_cast<std::size_t>(rows)];
  }
  Health& health() const { return *health_; }
  Retention& retention() const { return *retention_; }
  const std::string& directory() const { return directory_; }
  bool read_only() const { return read_only_; }

 private:
  friend ingest::Result<std::unique_ptr<Database>> open_database(const StoreSettings&);
  Database() = default;

  std::string directory_;
  bool read_only_{false};
  std::shared_ptr<Health> health_ = std::make_shared<Health>();
  std::shared_ptr<Retention> retention_;
  std::unique_ptr<rocksdb::DB> db_;
  std::array<rocksdb::ColumnFamilyHandle*, rows_count> handles_{};  // owned
  rocksdb::ColumnFamilyHandle* default_handle_{nullptr};            // owned; RocksDB insists on having it
};

// Fails with `locked`, `newer_format`, `corrupt`, `io`; `not_found` if a store to be read only does not
// exist.
ingest::Result<std::unique_ptr<Database>> open_database(const StoreSettings& settings);

ingest::Error error_of(const rocksdb::Status& status, const std::string& directory);
inline std::string_view view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }
inline rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
ingest::Result<std::optional<std::string>> get_row(const Database& database, Rows rows, std::string_view key,
                                                   const rocksdb::Snapshot* snapshot = nullptr);

// An iterator and the bound it must not outlive. It pins memory and files: use it up, keep none.
class RowScan {
 public:
  RowScan(const Database& database, Rows rows, std::string end, bool one_series,
          const rocksdb::Snapshot* snapshot);
  void seek(std::string_view key) { iterator_->Seek(slice(key)); }
  bool valid() const { return iterator_->Valid(); }
  void next() { iterator_->Next(); }
  std::string_view key() const { return view(iterator_->key()); }
  std::string_view value() const { return view(iterator_->value()); }
  // Why the scan ended, if not because there was no more.
  ingest::Result<void> finish() const;

 private:
  std::string directory_;
  std::string end_;
  rocksdb::Slice end_slice_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

// The two ways to iterate. With a prefix extractor an iterator with default options may skip rows whose
// prefix is not the one it was sought with; so rows of one series are read by the first function (all keys
// from the seek to `end` share their series prefix), everything else by the second (total order). `end` is
// not included; empty: none.
std::unique_ptr<RowScan> scan_one_series(const Database& database, Rows rows, std::string end,
                                         const rocksdb::Snapshot* snapshot = nullptr);
std::unique_ptr<RowScan> scan_all(const Database& database, Rows rows, std::string end,
                                  const rocksdb::Snapshot* snapshot = nullptr);

// Keeps what a reader sees still while it reads several rows.
class Snapshot {
 public:
  explicit Snapshot(const Database& database) : db_(database.db()), snapshot_(db_.GetSnapshot()) {}
  ~Snapshot() { db_.ReleaseSnapshot(snapshot_); }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  const rocksdb::Snapshot* get() const { return snapshot_; }

 private:
  rocksdb::DB& db_;
  const rocksdb::Snapshot* snapshot_;
};

}  // namespace thap::store
