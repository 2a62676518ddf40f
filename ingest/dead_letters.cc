#include "ingest/dead_letters.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <simdjson.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include <nlohmann/json.hpp>

#include "ingest/base64.h"

namespace thap::ingest {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::string_view prefix = "dead-letters-", suffix = ".ndjson";

std::string file_name(std::int64_t day) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
  return fmt::format("{}{:04}-{:02}-{:02}{}", prefix, static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), suffix);
}

// The day of a file of ours; nullopt for any other file.
std::optional<std::int64_t> day_of(const std::string& file) {
  int year = 0;
  unsigned month = 0, day = 0;
  int read = 0;
  if (std::sscanf(file.c_str(), "dead-letters-%4d-%2u-%2u.ndjson%n", &year, &month, &day, &read) != 3 ||
      read != static_cast<int>(file.size()))
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                         std::chrono::day{day}};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

Result<std::vector<std::pair<std::int64_t, std::string>>> files_by_day(const std::string& folder) {
  std::vector<std::pair<std::int64_t, std::string>> files;
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  if (error) return fail(fs::exists(folder) ? Code::io : Code::not_found, error.message(), folder);
  for (; entries != fs::directory_iterator(); entries.increment(error)) {
    if (error) return fail(Code::io, error.message(), folder);
    if (const auto day = day_of(entries->path().filename().string()))
      files.emplace_back(*day, entries->path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::string to_line(const DeadLetter& letter, std::int64_t written_ms) {
  json line = {{"source", letter.source}, {"partition", letter.partition}, {"offset", letter.offset},
               {"reason", letter.reason}, {"detail", letter.detail},       {"written_ms", written_ms}};
  // A cut at 64 KiB may have fallen inside a character: then the payload is not UTF-8 either.
  if (simdjson::validate_utf8(letter.payload.data(), letter.payload.size()))
    line["payload"] = letter.payload;
  else
    line["payload_base64"] = encode_base64(letter.payload);
  if (letter.payload_cut) line["payload_cut"] = true;
  return line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

Result<StoredLetter> letter_from_line(std::string_view text) {
  const json line = json::parse(text, nullptr, false);
  const auto unreadable = [] { return fail(Code::bad_input, "not a dead letter"); };
  if (!line.is_object()) return unreadable();
  const auto string_in = [&](const char* key) {
    const auto found = line.find(key);
    return found != line.end() && found->is_string() ? std::optional(found->get<std::string>())
                                                     : std::nullopt;
  };
  const auto number_in = [&](const char* key) {
    const auto found = line.find(key);
    return found != line.end() && found->is_number_integer() ? std::optional(found->get<std::int64_t>())
                                                             : std::nullopt;
  };
  const auto source = string_in("source"), reason = string_in("reason");
  const auto offset = number_in("offset");
  auto payload = string_in("payload");
  if (!payload) payload = decode_base64(string_in("payload_base64").value_or("="));
  if (!source || !reason || !offset || !payload) return unreadable();
  StoredLetter stored;
  stored.letter = {*source,
                   static_cast<std::int32_t>(number_in("partition").value_or(0)),
                   *offset,
                   *reason,
                   string_in("detail").value_or(""),
                   std::move(*payload),
                   line.value("payload_cut", json(false)) == true};
  stored.written_ms = number_in("written_ms").value_or(0);
  return stored;
}

Result<DeadLetterWriter> DeadLetterWriter::open(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(Code::io, error.message(), folder);
  return DeadLetterWriter(folder);
}

DeadLetterWriter::~DeadLetterWriter() {
  if (fd_ >= 0) ::close(fd_);
}

DeadLetterWriter::DeadLetterWriter(DeadLetterWriter&& other) noexcept
    : folder_(std::move(other.folder_)), day_(other.day_), fd_(std::exchange(other.fd_, -1)) {}

DeadLetterWriter& DeadLetterWriter::operator=(DeadLetterWriter&& other) noexcept {
  std::swap(folder_, other.folder_);
  std::swap(day_, other.day_);
  std::swap(fd_, other.fd_);
  return *this;
}

Result<void> DeadLetterWriter::use_day(std::int64_t day) {
  if (fd_ >= 0 && day == day_) return {};
  const std::string path = folder_ + "/" + file_name(day);
  const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return fail(Code::io, std::strerror(errno), path);
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
  day_ = day;
  return {};
}

Result<void> DeadLetterWriter::append(const std::vector<DeadLetter>& letters, std::int64_t now_ms) {
  if (letters.empty()) return {};
  if (auto opened = use_day(now_ms / day_ms); !opened) return opened;
  // A torn line of a crash before must not swallow our first one: an empty line costs nothing.
  std::string lines = "\n";
  for (const DeadLetter& letter : letters) lines += to_line(letter, now_ms);
  for (std::string_view rest = lines; !rest.empty();) {
    const ssize_t written = ::write(fd_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail(Code::io, std::strerror(errno), folder_ + "/" + file_name(day_));
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<DeadLetterList> read_dead_letters(const std::string& folder) {
  const auto files = files_by_day(folder);
  if (!files) return tl::unexpected(files.error());
  DeadLetterList list;
  std::set<std::tuple<std::string, std::int32_t, std::int64_t>> seen;
  for (const auto& [day, path] : *files) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return fail(Code::io, "cannot be opened", path);
    for (std::string line; std::getline(file, line);) {
      if (line.empty()) continue;
      auto stored = letter_from_line(line);
      if (!stored) {
        ++list.unreadable;
      } else if (!seen.emplace(stored->letter.source, stored->letter.partition, stored->letter.offset)
                      .second) {
        ++list.repeats;
      } else {
        list.letters.push_back(std::move(*stored));
      }
    }
  }
  return list;
}

Result<int> remove_old_dead_letters(const std::string& folder, std::int64_t now_ms, std::int64_t keep_ms) {
  const auto files = files_by_day(folder);
  if (!files) return tl::unexpected(files.error());
  int removed = 0;
  for (const auto& [day, path] : *files) {
    if ((day + 1) * day_ms + keep_ms > now_ms) continue;
    std::error_code error;
    if (fs::remove(path, error)) ++removed;
    if (error) return fail(Code::io, error.message(), path);
  }
  return removed;
}

}  // namespace thap::ingest
