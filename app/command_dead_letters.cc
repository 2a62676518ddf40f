// thap dead-letters list|show|replay: records that could not be read, in a folder or in TOPIC.dead.
#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>

#include "app/letter_text.h"
#include "app/run_commands.h"
#include "app/run_kafka.h"
#include "app/wall_clock.h"
#include "ingest/dead_letters.h"
#include "ingest/decoder.h"
#include "serve/time_argument.h"

namespace thap::app {
namespace {

using ingest::Code;
using ingest::DeadLetter;
using ingest::fail;
using ingest::Result;
using ingest::StoredLetter;

constexpr std::chrono::seconds flush_deadline{30};

struct Letters {
  bool in_topic{false};
  std::string home;  // for messages
  LetterFilter filter;
  std::optional<ingest::KafkaConnection> connection;
};

Result<Letters> letters_of(const Common& common, const LetterOptions& options) {
  Letters out;
  if (!options.topic.empty() && !options.folder.empty())
    return fail(Code::usage, "--topic and --folder name two homes: give one");
  auto filter = letter_filter(options, wall_clock_ms());
  if (!filter) return tl::unexpected(filter.error());
  out.filter = *filter;
  out.in_topic = !options.topic.empty();
  out.home = out.in_topic              ? ingest::dead_letter_topic(options.topic)
             : !options.folder.empty() ? options.folder
                                       : common.data + ".dead";
  if (out.in_topic || !options.to_topic.empty()) {
    auto connection = connection_of(options.kafka);
    if (!connection) return tl::unexpected(connection.error());
    out.connection = *connection;
  }
  return out;
}

Result<ingest::DeadLetterCounts> visit(const Letters& letters, const LetterOptions& options,
                                       const std::function<bool(StoredLetter&&)>& each) {
  std::int64_t passed = 0;
  const auto filtered = [&](StoredLetter&& stored) {
    if (!letters.filter.lets_pass(stored)) return true;
    if (!each(std::move(stored))) return false;
    return options.limit == 0 || ++passed < options.limit;
  };
  return letters.in_topic ? ingest::visit_dead_letters(*letters.connection, options.topic, filtered)
                          : ingest::visit_dead_letters(letters.home, filtered);
}

std::string by_reason(const std::map<std::string, std::uint64_t>& reasons) {
  std::string out;
  for (const auto& [reason, count] : reasons)
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", count, reason);
  return out;
}

void say_counts(const ingest::DeadLetterCounts& counts) {
  if (counts.repeats > 0)
    std::cerr << fmt::format("{} repeats of the same place are left out\n", counts.repeats);
  if (counts.unreadable > 0) std::cerr << fmt::format("{} entries are no dead letters\n", counts.unreadable);
}

// What the decoder makes of a letter today; nullopt: it would be sent.
class Judge {
 public:
  explicit Judge(const Settings& settings)
      : decoder_(decoder_settings_of(settings), ingest::AuthorKey(ingest::AuthorKey::Bytes{})) {}

  std::optional<std::string> objection(const StoredLetter& stored) {
    const DeadLetter& letter = stored.letter;
    if (letter.payload_cut) return "cut";
    headers_.clear();
    for (const auto& [name, value] : letter.headers) headers_.push_back({name, value});
    ingest::Record record;
    record.source = letter.source;
    record.partition = letter.partition;
    record.offset = letter.offset;
    record.payload = letter.payload;
    record.key = letter.key;
    record.headers = headers_;
    record.kafka_ms = letter.kafka_ms;
    record.clock_ms = letter.kafka_ms.value_or(stored.written_ms);
    const auto decoded = decoder_.decode(record);
    if (const auto* dead = std::get_if<DeadLetter>(&decoded.outcome)) return dead->reason;
    if (const auto* skip = std::get_if<ingest::Skip>(&decoded.outcome))
      return "skipped: " + std::string(skip->reason);
    return std::nullopt;
  }

 private:
  ingest::Decoder decoder_;
  std::vector<ingest::Header> headers_;
};

// Where replayed records go.
class Outlet {
 public:
  static Result<Outlet> open(const Letters& letters, const LetterOptions& options) {
    Outlet out;
    out.topic_ = options.to_topic;
    if (options.dry_run) return out;
    if (letters.in_topic || !options.to_topic.empty()) {
      if (!options.out.empty()) return fail(Code::usage, "--out is for letters of a folder", options.out);
      const std::string target = options.to_topic.empty() ? options.topic : options.to_topic;
      const auto known = ingest::topic_partitions(*letters.connection, {target}, std::chrono::seconds(10));
      if (!known) return tl::unexpected(known.error());
      if (known->at(target) == 0) return fail(Code::not_found, "there is no such topic", target);
      auto writer = ingest::TopicWriter::open(*letters.connection);
      if (!writer) return tl::unexpected(writer.error());
      out.writer_ = std::move(*writer);
    } else if (!options.out.empty() && options.out != "-") {
      out.file_ = std::make_unique<std::ofstream>(options.out, std::ios::binary);
      if (!*out.file_) return fail(Code::io, "cannot be written", options.out);
      out.path_ = options.out;
    }
    return out;
  }

  Result<void> put(const DeadLetter& letter) {
    if (writer_) {
      auto record = ingest::replayed_record(letter);
      if (!topic_.empty()) record.topic = topic_;
      auto sent = writer_->send(record);
      if (!sent) return tl::unexpected(sent.error());
      return check_deliveries();
    }
    std::ostream& stream = file_ ? *file_ : std::cout;
    stream << one_line(letter.payload) << '\n';
    if (!stream) return fail(Code::io, "cannot be written", path_);
    return {};
  }

  Result<void> finish() {
    if (writer_) {
      if (auto flushed = writer_->flush(flush_deadline); !flushed) return flushed;
      return check_deliveries();
    }
    std::ostream& stream = file_ ? *file_ : std::cout;
    if (!stream.flush()) return fail(Code::io, "cannot be written", path_);
    return {};
  }

 private:
  Result<void> check_deliveries() {
    for (const auto& delivery : writer_->take_deliveries())
      if (delivery.failed) return tl::unexpected(*delivery.failed);
    return {};
  }

  std::string topic_, path_{"standard output"};
  std::unique_ptr<ingest::TopicWriter> writer_;
  std::unique_ptr<std::ofstream> file_;
};

}  // namespace

int list_letters(const Common& common, const Settings&, const LetterOptions& options) {
  const auto letters = letters_of(common, options);
  if (!letters) return report(letters.error());
  std::map<std::string, std::uint64_t> reasons;
  std::uint64_t total = 0;
  const auto counts = visit(*letters, options, [&](StoredLetter&& stored) {
    ++total;
    ++reasons[stored.letter.reason];
    std::cout << (common.json ? letter_json(stored).dump() : letter_line(stored)) << '\n';
    return static_cast<bool>(std::cout);
  });
  if (!counts) return report(counts.error());
  std::cout.flush();
  std::cerr << fmt::format("{} dead letters in {}{}{}\n", total, letters->home, total > 0 ? ": " : "",
                           by_reason(reasons));
  say_counts(*counts);
  return ExitCode::ok;
}

int show_letter(const Common& common, const Settings&, const LetterOptions& given) {
  LetterOptions options = given;
  if (auto placed = put_place(options); !placed) return report(placed.error());
  const auto letters = letters_of(common, options);
  if (!letters) return report(letters.error());
  std::optional<StoredLetter> found;
  const auto counts = visit(*letters, options, [&](StoredLetter&& stored) {
    found = std::move(stored);
    return false;
  });
  if (!counts) return report(counts.error());
  if (!found)
    return report({Code::not_found, "no dead letter of this place in " + letters->home, options.place});
  if (options.raw)
    std::cout << found->letter.payload;
  else if (common.json)
    std::cout << letter_json_whole(*found).dump() << '\n';
  else
    std::cout << letter_whole(*found);
  std::cout.flush();
  return ExitCode::ok;
}

int replay_letters(const Common& common, const Settings& settings, const LetterOptions& options) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto letters = letters_of(common, options);
  if (!letters) return report(letters.error());
  auto outlet = Outlet::open(*letters, options);
  if (!outlet) return report(outlet.error());
  Judge judge(settings);
  std::uint64_t sent = 0;
  std::map<std::string, std::uint64_t> left;
  Result<void> failed;
  const auto counts = visit(*letters, options, [&](StoredLetter&& stored) {
    const auto objection = judge.objection(stored);
    if (objection)
      ++left[*objection];
    else
      ++sent;
    if (options.dry_run)
      std::cout << letter_place(stored.letter) << "  " << objection.value_or("would be sent") << '\n';
    else if (!objection)
      failed = outlet->put(stored.letter);
    return failed.has_value();
  });
  if (failed && !options.dry_run) failed = outlet->finish();
  if (!failed) return report(failed.error());
  if (!counts) return report(counts.error());
  std::cout.flush();
  std::cerr << fmt::format("{} records {}{}\n", sent, options.dry_run ? "would be sent" : "sent",
                           left.empty() ? "" : "; left where they are: " + by_reason(left));
  say_counts(*counts);
  return ExitCode::ok;
}

}  // namespace thap::app
