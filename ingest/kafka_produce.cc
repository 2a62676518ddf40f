#include "ingest/kafka_produce.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <thread>
#include <utility>

#include "ingest/base64.h"
#include "ingest/decoder.h"
#include "ingest/line_reader.h"
#include "ingest/time_parse.h"
#include "ingest/topic_writer.h"

namespace thap::ingest {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t max_line_bytes = 8'000'000;  // poison is produced, too

std::optional<std::int64_t> time_at(std::string_view line, const nlohmann::json::json_pointer& pointer) {
  const auto root = nlohmann::json::parse(line, nullptr, false);
  if (root.is_discarded() || !root.contains(pointer)) return std::nullopt;
  const auto& value = root[pointer];
  if (value.is_number_integer()) return epoch_ms(value.get<std::int64_t>());
  if (value.is_number()) return epoch_ms(value.get<double>());
  return value.is_string() ? parse_time(value.get<std::string>()) : std::nullopt;
}

Result<void> read_record(std::string_view line, TopicRecord& out) {
  try {
    const auto root = nlohmann::json::parse(line);
    out.key = root.value("key", "");
    out.partition = root.value("partition", -1);
    if (root.contains("ms")) out.timestamp_ms = root["ms"].get<std::int64_t>();
    if (root.contains("headers"))
      for (const auto& [name, value] : root["headers"].items())
        out.headers.emplace_back(name, value.get<std::string>());
    if (root.contains("base64")) {
      const auto bytes = decode_base64(root["base64"].get<std::string>());
      if (!bytes) return fail(Code::bad_input, "base64 is none");
      out.value = *bytes;
    } else if (root.contains("value") && !root["value"].is_null()) {
      out.value = root["value"].get<std::string>();
    } else {
      out.has_value = false;
    }
  } catch (const nlohmann::json::exception& error) {
    return fail(Code::bad_input, error.what());
  }
  return {};
}

// Keeps the distance between records: `speed` times faster than the posts were written.
class Pace {
 public:
  explicit Pace(double speed) : speed_(speed) {}

  // False: asked to stop while waiting.
  bool wait_for(std::int64_t ms, TopicWriter& writer, const std::function<bool()>& should_stop) {
    if (speed_ <= 0) return true;
    if (!first_ms_) first_ms_ = ms;
    const auto due =
        start_ + milliseconds(static_cast<std::int64_t>(static_cast<double>(ms - *first_ms_) / speed_));
    while (Clock::now() < due) {
      if (should_stop()) return false;
      static_cast<void>(writer.take_deliveries());
      std::this_thread::sleep_for(std::min<Clock::duration>(milliseconds(50), due - Clock::now()));
    }
    return true;
  }

 private:
  double speed_;
  Clock::time_point start_ = Clock::now();
  std::optional<std::int64_t> first_ms_;
};

Result<void> first_failure(const std::vector<Delivery>& deliveries) {
  for (const auto& delivery : deliveries)
    if (delivery.failed) return tl::unexpected(*delivery.failed);
  return {};
}

}  // namespace

Result<ProduceSummary> produce_file(const std::string& path, const ProduceSettings& settings) {
  nlohmann::json::json_pointer pointer;
  if (!settings.time_pointer.empty()) {
    try {
      pointer = nlohmann::json::json_pointer(settings.time_pointer);
    } catch (const nlohmann::json::exception& error) {
      return fail(Code::bad_setting, error.what(), settings.time_pointer);
    }
  }
  const auto known = topic_partitions(settings.connection, {settings.topic}, milliseconds(10'000));
  if (!known) return tl::unexpected(known.error());
  if (known->at(settings.topic) == 0) return fail(Code::not_found, "there is no such topic", settings.topic);
  auto stream = ByteStream::open(path);
  if (!stream) return tl::unexpected(stream.error());
  LineReader lines(std::move(*stream), max_line_bytes, 0);
  auto writer = TopicWriter::open(settings.connection);
  if (!writer) return tl::unexpected(writer.error());
  Decoder decoder(settings.decoder, AuthorKey(AuthorKey::Bytes{}));
  Pace pace(settings.speed);
  ProduceSummary summary;

  while (!settings.should_stop()) {
    Line line;
    const auto got = lines.next(line, 200);
    if (!got) return tl::unexpected(got.error());
    if (*got == Got::end) break;
    if (*got == Got::nothing_yet) continue;
    TopicRecord out;
    out.topic = settings.topic;
    std::int64_t ms = summary.last_ms;
    if (settings.are_records) {
      if (auto read = read_record(line.text, out); !read)
        return fail(read.error().code, read.error().text, path + ":" + std::to_string(line.begin));
      ms = out.timestamp_ms.value_or(ms);
    } else {
      out.value = line.text;
      Record record;
      record.source = settings.topic;
      record.payload = line.text;
      record.clock_ms = ms;
      const Decoded decoded = decoder.decode(record);
      if (const Post* post = std::get_if<Post>(&decoded.outcome)) {
        ms = post->kafka_ms.value_or(post->event_ms);
        out.key = post->id;
      }
      if (!settings.time_pointer.empty()) ms = time_at(line.text, pointer).value_or(summary.last_ms);
    }
    if (!pace.wait_for(ms, **writer, settings.should_stop)) break;
    out.timestamp_ms = ms;
    auto sent = (*writer)->send(out);
    if (!sent) return tl::unexpected(sent.error());
    if (summary.records++ == 0) summary.first_ms = ms;
    summary.last_ms = ms;
    if (auto all = first_failure((*writer)->take_deliveries()); !all) return tl::unexpected(all.error());
  }
  if (auto flushed = (*writer)->flush(milliseconds(60'000)); !flushed) return tl::unexpected(flushed.error());
  if (auto all = first_failure((*writer)->take_deliveries()); !all) return tl::unexpected(all.error());
  return summary;
}

}  // namespace thap::ingest
