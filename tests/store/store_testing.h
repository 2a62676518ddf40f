// What the tests of store/ share: a folder that goes away, short ways to write batches.
#pragma once
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "store/window_store.h"

namespace thap::store {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "thap_store_XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string operator/(std::string_view name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

inline constexpr nlp::ServiceId whatsapp = nlp::service_id("whatsapp");
inline constexpr nlp::ServiceId jio = nlp::service_id("jio");
inline constexpr Facet complaints{FacetKind::complaints, 0};

// 2024-06-18 00:00 UTC, a whole day.
inline constexpr Minute day_start = 28'644'480;
constexpr std::int64_t ms_of(Minute minute) { return std::int64_t{minute} * 60'000; }

inline StoreSettings settings_in(const std::string& directory) {
  StoreSettings settings;
  settings.directory = directory;
  return settings;
}

inline std::unique_ptr<WindowStore> open_or_fail(const StoreSettings& settings) {
  auto store = WindowStore::open(settings);
  if (!store) {
    ADD_FAILURE() << ingest::to_string(store.error());
    std::abort();
  }
  return std::move(*store);
}

inline Batch counts_at(Minute minute, std::uint64_t count, nlp::ServiceId service = whatsapp,
                       Facet facet = complaints) {
  Batch batch;
  batch.tally.counts[{service, facet, minute}] = count;
  batch.tally.newest_clock_ms = ms_of(minute);
  return batch;
}

// All bytes of all files below a folder, and their names.
inline std::string bytes_below(const std::string& directory) {
  std::string all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    all += entry.path().filename().string() + '\n';
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    all.append(std::istreambuf_iterator<char>(in), {});
  }
  return all;
}

#define ASSERT_OK(result)                                                             \
  do {                                                                                \
    const auto& asserted = (result);                                                  \
    ASSERT_TRUE(asserted.has_value()) << ::thap::ingest::to_string(asserted.error()); \
  } while (false)

}  // namespace thap::store
