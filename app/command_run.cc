// thap run: the whole chain over Kafka topics, for as long as it is let.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <iostream>
#include <memory>
#include <thread>

#include "app/incident_text.h"
#include "app/key_file.h"
#include "app/pipeline.h"
#include "app/run_commands.h"
#include "app/run_kafka.h"
#include "app/run_letters.h"
#include "app/run_outbox.h"
#include "ingest/kafka_source.h"
#include "serve/incident_json.h"

namespace thap::app {
namespace {

using ingest::Code;
using ingest::fail;
using ingest::Result;
using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

// Together under the two seconds in which SIGTERM ends the process.
constexpr milliseconds send_deadline{700}, close_deadline{700};
constexpr std::chrono::seconds say_every{60}, silence_after{60};

volatile std::sig_atomic_t stop_asked = 0;
void ask_to_stop(int) {
  if (stop_asked != 0) _exit(ExitCode::failed);  // asked twice: now
  stop_asked = 1;
}
bool should_stop() { return stop_asked != 0; }

void say(std::string_view text) { std::cerr << "thap: " << text << '\n' << std::flush; }

// Waits for a broker, then for nothing: a topic that is missing now was forgotten.
Result<void> check_topics(const ingest::KafkaConnection& connection, const RunOptions& options) {
  std::vector<std::string> wanted = options.topics;
  if (options.dead_letters.empty())
    for (const auto& topic : options.topics) wanted.push_back(ingest::dead_letter_topic(topic));
  if (options.incidents != "none") wanted.push_back(options.incidents);
  std::string told;
  while (!should_stop()) {
    const auto known = ingest::topic_partitions(connection, wanted, milliseconds(1'000));
    if (!known) {
      if (known.error().code != Code::unavailable) return tl::unexpected(known.error());
      if (std::exchange(told, known.error().text) != known.error().text)
        say(fmt::format("no broker answers at {}: {}: waiting", connection.brokers, known.error().text));
      continue;
    }
    for (const auto& [topic, partitions] : *known)
      if (partitions == 0) {
        const char* way_out = topic == options.incidents ? " (compacted), or use --incidents none"
                              : topic.ends_with(".dead") ? ", or use --dead-letters FOLDER"
                                                         : "";
        return fail(Code::not_found, fmt::format("there is no such topic: make it{}", way_out), topic);
      }
    return {};
  }
  return {};
}

// What a person at the terminal and a program behind it get to see.
class Teller {
 public:
  Teller(const nlp::Lexicon& lexicon, bool json) : lexicon_(lexicon), json_(json) {}

  void ready(const ingest::KafkaGauges& gauges, const RunOptions& options, std::int64_t clock_ms) {
    if (is_ready_ || gauges.partitions == 0) return;
    is_ready_ = true;
    if (json_)
      std::cout << nlohmann::ordered_json{{"ready", true},
                                          {"partitions", gauges.partitions},
                                          {"topics", options.topics}}
                       .dump();
    else
      std::cout << fmt::format(
          "ready: {} partitions of {}, {}", gauges.partitions, fmt::join(options.topics, ", "),
          clock_ms == 0 ? "nothing counted yet" : "counted up to " + serve::ist_date_time(clock_ms) + " IST");
    std::cout << '\n' << std::flush;
  }

  void transition(const rules::Transition& transition) {
    if (transition.annotated || !event_type(transition)) return;
    std::cout << (json_ ? serve::incident_json(transition.after, lexicon_, 0).dump()
                        : transition_line(transition, lexicon_))
              << '\n'
              << std::flush;
  }

  // Once a minute how it goes; once, that nothing comes.
  void progress(const PipelineSummary& summary, const ingest::KafkaGauges& gauges, std::int64_t clock_ms) {
    const auto now = SteadyClock::now();
    if (summary.records != seen_records_) {
      seen_records_ = summary.records;
      record_seen_ = now;
      is_silent_ = false;
    } else if (is_ready_ && !is_silent_ && !gauges.is_waiting && now - record_seen_ >= silence_after) {
      is_silent_ = true;
      say(fmt::format("no record for {} s: nothing opens, eases or ends until some come",
                      silence_after.count()));
    }
    if (now - said_ < say_every || summary.records == said_records_) return;
    const double seconds = std::chrono::duration<double>(now - said_).count();
    say(fmt::format("{} records, {:.0f} a second, {} behind, {} dead letters, at {} IST", summary.records,
                    static_cast<double>(summary.records - said_records_) / seconds,
                    gauges.lag < 0 ? "?" : std::to_string(gauges.lag), summary.dead_letters,
                    serve::ist_date_time(clock_ms)));
    said_ = now;
    said_records_ = summary.records;
  }

 private:
  const nlp::Lexicon& lexicon_;
  bool json_;
  bool is_ready_{false}, is_silent_{false};
  std::uint64_t seen_records_{0}, said_records_{0};
  SteadyClock::time_point record_seen_ = SteadyClock::now(), said_ = record_seen_;
};

ingest::KafkaSettings source_settings(const RunOptions& options, const ingest::KafkaConnection& connection,
                                      const ingest::KafkaStart& start, const Settings& settings,
                                      const ingest::AuthorKey& key) {
  ingest::KafkaSettings out;
  out.connection = connection;
  out.topics = options.topics;
  out.group = options.group;
  out.instance = options.instance;
  out.start = start;
  out.queue_bytes = static_cast<std::size_t>(options.queue_mb) << 20;
  out.idle_after = milliseconds(options.idle_ms);
  out.decoder = decoder_settings_of(settings);
  out.author_key = key;
  out.on_notice = say;
  return out;
}

}  // namespace

int run(const Common& common, const Settings& settings, const RunOptions& options) {
  std::signal(SIGINT, ask_to_stop);
  std::signal(SIGTERM, ask_to_stop);
  std::signal(SIGPIPE, SIG_IGN);

  const auto connection = connection_of(options.kafka);
  if (!connection) return report(connection.error());
  const auto start = ingest::kafka_start_from(options.from);
  if (!start) return report(start.error());
  const auto lexicon = load_lexicon(common, settings);
  if (!lexicon) return report(lexicon.error());
  const auto rule_set = load_rule_set(common, settings);
  if (!rule_set) return report(rule_set.error());
  const auto key = author_key_for(common.data);
  if (!key) return report(key.error());

  store::StoreSettings store_settings;
  store_settings.directory = common.data;
  store_settings.minute_days = static_cast<std::uint32_t>(settings.store.minute_days);
  store_settings.hour_days = static_cast<std::uint32_t>(settings.store.hour_days);
  store_settings.evidence_days = static_cast<std::uint32_t>(settings.store.evidence_days);
  store_settings.seen_hours = static_cast<std::uint32_t>(settings.store.seen_hours);
  auto store = store::WindowStore::open(store_settings);
  if (!store) return report(store.error());
  auto pipeline = Pipeline::open(**store, *lexicon, *rule_set, options.threads);
  if (!pipeline) return report(pipeline.error());

  if (auto checked = check_topics(*connection, options); !checked) return report(checked.error());
  if (should_stop()) return ExitCode::ok;

  std::optional<LetterKeeper> letters;
  if (options.dead_letters.empty()) {
    auto writer = ingest::TopicWriter::open(*connection);
    if (!writer) return report(writer.error());
    letters = LetterKeeper::in_topics(std::move(*writer));
  } else {
    letters = LetterKeeper::in_folder(options.dead_letters);
  }
  std::unique_ptr<ingest::TopicWriter> events;
  std::optional<Outbox> outbox;
  if (options.incidents != "none") {
    auto writer = ingest::TopicWriter::open(*connection);
    if (!writer) return report(writer.error());
    events = std::move(*writer);
    outbox.emplace(**store, **lexicon, *events, options.incidents, options.deployment);
    const auto taken_up = outbox->take_up();
    if (!taken_up) return report(taken_up.error());
    if (*taken_up > 0)
      say(fmt::format("{} events to {} were not acknowledged before: sent again", *taken_up,
                      options.incidents));
  }
  auto source = ingest::KafkaSource::open(source_settings(options, *connection, *start, settings, *key),
                                          (*store)->positions());
  if (!source) return report(source.error());

  Teller teller(**lexicon, common.json);
  const std::int64_t began_ms = (*store)->newest_clock_ms();
  std::optional<ingest::Error> outbox_failure;
  bool is_refused = false;
  PipelineHooks hooks;
  hooks.should_stop = [&] { return should_stop() || outbox_failure; };
  if (outbox)
    hooks.owed = [&](const std::vector<rules::Transition>& transitions) { return outbox->owed(transitions); };
  hooks.on_transition = [&](const rules::Transition& transition) {
    teller.ready((*source)->gauges(), options, began_ms);
    teller.transition(transition);
  };
  hooks.on_dead_letters = [&](const std::vector<ingest::DeadLetter>& dead) {
    return letters->keep(dead, should_stop,
                         [] { say("dead letters are not acknowledged: waiting for the broker"); });
  };
  hooks.on_progress = [&](const PipelineSummary& summary, std::int64_t clock_ms) {
    teller.ready((*source)->gauges(), options, began_ms);
    teller.progress(summary, (*source)->gauges(), clock_ms);
    if (!outbox) return;
    if (auto worked = outbox->work(); !worked) outbox_failure = worked.error();
    if (const auto& refused = outbox->refused(); refused.has_value() != is_refused) {
      is_refused = refused.has_value();
      say(is_refused ? "events are refused and kept: " + to_string(*refused) : "events are taken again");
    }
  };
  ingest::BatchLimits limits;
  limits.max_posts = static_cast<std::size_t>(settings.ingest.max_batch_posts);
  const auto summary = (*pipeline)->run(**source, limits, hooks);

  // Whatever was written is safe already: what follows spares the next start some work.
  int exit_code = ExitCode::ok;
  if (!summary && !(should_stop() && summary.error().code == Code::unavailable))
    exit_code = report(summary.error());
  if (outbox_failure) exit_code = report(*outbox_failure);
  if (exit_code == ExitCode::ok && outbox) {
    if (auto finished = outbox->finish(send_deadline); !finished) exit_code = report(finished.error());
    if (outbox->left() > 0)
      say(fmt::format("{} events are not acknowledged: the next start sends them", outbox->left()));
  }
  const auto closed = (*source)->close(close_deadline);
  if (summary)
    say(fmt::format("stopped after {} records; {} transitions", summary->records, summary->transitions));
  if (!closed) {
    // librdkafka's threads still run. Destructors would wait for them.
    pipeline->reset();
    store->reset();
    std::cout.flush();
    _exit(exit_code);
  }
  return exit_code;
}

}  // namespace thap::app
