#include "ingest/dead_letters.h"

#include <fcntl.h>
#include <fmt/format.h>
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
#include "ingest/checks.h"
#include "ingest/topic_reader.h"

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

constexpr std::string_view header_prefix = "source.header.";
constexpr const char* replay_header = "thap.replay.of";

std::string place_of(const DeadLetter& letter) {
  return fmt::format("{}/{}/{}", letter.source, letter.partition, letter.offset);
}

constexpr const char* in_base64 = "base64";

// What is no UTF-8 cannot stand in JSON: then the pair is [name, value, "base64"], both of them encoded.
json header_json(const std::pair<std::string, std::string>& header) {
  const auto& [name, value] = header;
  if (is_utf8(name) && is_utf8(value)) return json::array({name, value});
  return json::array({encode_base64(name), encode_base64(value), in_base64});
}

std::optional<std::pair<std::string, std::string>> header_of(const json& row) {
  const bool is_plain = row.is_array() && row.size() == 2, is_encoded = row.is_array() && row.size() == 3;
  if (!is_plain && !is_encoded) return std::nullopt;
  for (const json& one : row)
    if (!one.is_string()) return std::nullopt;
  if (is_plain) return std::pair(row[0].get<std::string>(), row[1].get<std::string>());
  auto name = decode_base64(row[0].get<std::string>()), value = decode_base64(row[1].get<std::string>());
  if (row[2] != in_base64 || !name || !value) return std::nullopt;
  return std::pair(std::move(*name), std::move(*value));
}

// Lets each letter pass once.
struct Once {
  DeadLetterCounts counts;
  std::set<std::tuple<std::string, std::int32_t, std::int64_t>> seen;

  bool pass(Result<StoredLetter>&& stored, const std::function<bool(StoredLetter&&)>& visit) {
    if (!stored) {
      ++counts.unreadable;
      return true;
    }
    const DeadLetter& letter = stored->letter;
    if (seen.emplace(letter.source, letter.partition, letter.offset).second) return visit(std::move(*stored));
    ++counts.repeats;
    return true;
  }
};

}  // namespace

std::string to_line(const DeadLetter& letter, std::int64_t written_ms) {
  json line = {{"source", letter.source}, {"partition", letter.partition}, {"offset", letter.offset},
               {"reason", letter.reason}, {"detail", letter.detail},       {"written_ms", written_ms}};
  // A cut at 64 KiB may have fallen inside a character: then the payload is not UTF-8 either.
  const auto put = [&](const std::string& name, const std::string& bytes) {
    if (is_utf8(bytes))
      line[name] = bytes;
    else
      line[name + "_base64"] = encode_base64(bytes);
  };
  put("payload", letter.payload);
  if (letter.payload_cut) line["payload_cut"] = true;
  if (letter.kafka_ms) line["kafka_ms"] = *letter.kafka_ms;
  if (!letter.key.empty()) put("key", letter.key);
  for (const auto& header : letter.headers) line["headers"].push_back(header_json(header));
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
  const auto bytes_in = [&](const std::string& key) {
    auto bytes = string_in(key.c_str());
    return bytes ? bytes : decode_base64(string_in((key + "_base64").c_str()).value_or("="));
  };
  auto payload = bytes_in("payload");
  if (!source || !reason || !offset || !payload) return unreadable();
  StoredLetter stored;
  stored.letter = {*source,
                   static_cast<std::int32_t>(number_in("partition").value_or(0)),
                   *offset,
                   *reason,
                   string_in("detail").value_or(""),
                   std::move(*payload),
                   line.value("payload_cut", json(false)) == true,
                   std::nullopt,
                   {},
                   {}};
  stored.written_ms = number_in("written_ms").value_or(0);
  stored.letter.kafka_ms = number_in("kafka_ms");
  stored.letter.key = bytes_in("key").value_or("");
  if (const auto found = line.find("headers"); found != line.end() && found->is_array())
    for (const json& row : *found)
      if (auto header = header_of(row)) stored.letter.headers.push_back(std::move(*header));
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

TopicRecord dead_letter_record(const DeadLetter& letter) {
  TopicRecord record;
  record.topic = dead_letter_topic(letter.source);
  record.key = place_of(letter);
  record.value = letter.payload;
  record.headers = {{"source.topic", letter.source},
                    {"source.partition", std::to_string(letter.partition)},
                    {"source.offset", std::to_string(letter.offset)},
                    {"reason", letter.reason},
                    {"detail", letter.detail},
                    {"version", "1"}};
  if (letter.payload_cut) record.headers.emplace_back("payload.cut", "true");
  if (letter.kafka_ms) record.headers.emplace_back("source.timestamp", std::to_string(*letter.kafka_ms));
  if (!letter.key.empty()) record.headers.emplace_back("source.key", letter.key);
  for (const auto& [name, value] : letter.headers)
    record.headers.emplace_back(std::string(header_prefix) + name, value);
  return record;
}

std::string dead_letter_topic(const std::string& topic) { return topic + ".dead"; }

Result<StoredLetter> letter_from_record(const TopicRecord& record) {
  std::optional<std::string> source, reason;
  std::optional<std::int64_t> partition, offset;
  StoredLetter stored;
  DeadLetter& letter = stored.letter;
  for (const auto& [name, value] : record.headers) {
    if (name == "source.topic") source = value;
    if (name == "source.partition") partition = whole_number(value);
    if (name == "source.offset") offset = whole_number(value);
    if (name == "reason") reason = value;
    if (name == "detail") letter.detail = value;
    if (name == "payload.cut") letter.payload_cut = value == "true";
    if (name == "source.timestamp") letter.kafka_ms = whole_number(value);
    if (name == "source.key") letter.key = value;
    if (name.starts_with(header_prefix))
      letter.headers.emplace_back(name.substr(header_prefix.size()), value);
  }
  if (!source || !reason || !offset || !partition || *partition < 0 || *partition > INT32_MAX)
    return fail(Code::bad_input, "not a dead letter", record.topic);
  letter.source = *source;
  letter.partition = static_cast<std::int32_t>(*partition);
  letter.offset = *offset;
  letter.reason = *reason;
  letter.payload = record.value;
  stored.written_ms = record.timestamp_ms.value_or(0);
  return stored;
}

TopicRecord replayed_record(const DeadLetter& letter) {
  TopicRecord record;
  record.topic = letter.source;
  record.key = letter.key;
  record.value = letter.payload;
  record.headers = letter.headers;
  std::erase_if(record.headers, [](const auto& header) { return header.first == replay_header; });
  record.headers.emplace_back(replay_header, place_of(letter));
  record.timestamp_ms = letter.kafka_ms;
  return record;
}

Result<DeadLetterCounts> visit_dead_letters(const std::string& folder,
                                            const std::function<bool(StoredLetter&&)>& visit) {
  const auto files = files_by_day(folder);
  if (!files) return tl::unexpected(files.error());
  Once once;
  for (const auto& [day, path] : *files) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return fail(Code::io, "cannot be opened", path);
    for (std::string line; std::getline(file, line);)
      if (!line.empty() && !once.pass(letter_from_line(line), visit)) return once.counts;
  }
  return once.counts;
}

Result<DeadLetterCounts> visit_dead_letters(const KafkaConnection& connection, const std::string& topic,
                                            const std::function<bool(StoredLetter&&)>& visit) {
  Once once;
  auto read = read_topic(connection, dead_letter_topic(topic), [&](const TopicRecord& record) {
    return once.pass(letter_from_record(record), visit);
  });
  if (!read) return tl::unexpected(read.error());
  return once.counts;
}

Result<DeadLetterList> read_dead_letters(const std::string& folder) {
  DeadLetterList list;
  const auto counts = visit_dead_letters(folder, [&](StoredLetter&& letter) {
    list.letters.push_back(std::move(letter));
    return true;
  });
  if (!counts) return tl::unexpected(counts.error());
  list.repeats = counts->repeats;
  list.unreadable = counts->unreadable;
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
