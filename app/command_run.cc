// thap run: the whole chain over Kafka topics, for as long as it is let.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <iostream>
#include <memory>
#include <thread>

#include "app/alert_settings.h"
#include "app/key_file.h"
#include "app/pipeline.h"
#include "app/run_commands.h"
#include "app/run_desk.h"
#include "app/run_kafka.h"
#include "app/run_letters.h"
#include "app/run_outbox.h"
#include "app/run_reload.h"
#include "app/run_rescue.h"
#include "app/run_server.h"
#include "app/run_status.h"
#include "app/run_teller.h"
#include "app/supervisor.h"
#include "app/upkeep.h"
#include "app/wall_clock.h"
#include "ingest/kafka_source.h"

namespace thap::app {
namespace {

using ingest::Code;
using ingest::fail;
using ingest::Result;
using std::chrono::milliseconds;

// Together under the two seconds in which SIGTERM ends the process.
constexpr milliseconds send_deadline{600}, alert_deadline{300}, close_deadline{600}, answer_deadline{200};
constexpr milliseconds pause_while_broken{200};

// Behind by less than this we are not telling old news.
constexpr milliseconds caught_up_within{60'000};

volatile std::sig_atomic_t stop_asked = 0;
void ask_to_stop(int) {
  if (stop_asked != 0) _exit(ExitCode::failed);  // asked twice: now
  stop_asked = 1;
}
bool should_stop() { return stop_asked != 0; }

volatile std::sig_atomic_t reload_asked = 0;
void ask_to_reload(int) { reload_asked = 1; }

// Waits for a broker, then for nothing: a topic that is missing now was forgotten.
Result<void> check_topics(const ingest::KafkaConnection& connection, const RunOptions& options,
                          Supervisor& supervisor) {
  std::vector<std::string> wanted = options.topics;
  if (options.dead_letters.empty())
    for (const auto& topic : options.topics) wanted.push_back(ingest::dead_letter_topic(topic));
  if (options.incidents != "none") wanted.push_back(options.incidents);
  std::string told;
  while (!should_stop()) {
    const auto known = ingest::topic_partitions(connection, wanted, milliseconds(1'000));
    if (!known) {
      if (known.error().code != Code::unavailable) return tl::unexpected(known.error());
      if (std::exchange(told, known.error().text) != known.error().text) {
        const auto text = fmt::format("no broker answers at {}: {}: waiting", connection.brokers, told);
        say(text);
        supervisor.status(text);
      }
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

// Lexicon and rules change between two batches: the old pipeline ends, one with the new takes up the store.
class KnowledgeInUse {
 public:
  KnowledgeInUse(const Common& common, const Settings& settings, Supervisor& supervisor, Knowledge first)
      : supervisor_(supervisor), common_(common), reloader_(common, settings), now_(std::move(first)) {}

  const Knowledge& now() const { return now_; }
  bool has_next() const { return next_.has_value(); }
  void take_next() { now_ = *std::exchange(next_, std::nullopt); }

  // Between batches: begins what SIGHUP asked for, and says what became of it.
  void work(RunFigures& figures, RunServer& server) {
    if (std::exchange(reload_asked, 0) != 0) {
      supervisor_.reloading();
      server.reload(common_);
      reloader_.begin();
    }
    auto loaded = reloader_.poll();
    if (!loaded) return;
    supervisor_.reloaded();
    ++figures.reloads;
    figures.is_reloaded = loaded->has_value();
    if (!*loaded) {
      ++figures.failed_reloads;
      say("reload failed, lexicon and rules stay as they are: " + to_string(loaded->error()));
      return;
    }
    next_ = std::move(**loaded);
    figures.reloaded_ms = wall_clock_ms();
    say(fmt::format("reloaded: lexicon {}, rules {}", next_->lexicon->version(), next_->rules->version));
  }

 private:
  Supervisor& supervisor_;
  const Common common_;
  Reloader reloader_;
  Knowledge now_;
  std::optional<Knowledge> next_;
};

}  // namespace

int run(const Common& common, const Settings& settings, const RunOptions& options) {
  std::signal(SIGINT, ask_to_stop);
  std::signal(SIGTERM, ask_to_stop);
  std::signal(SIGHUP, ask_to_reload);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a limit on files is a full disk like any other

  auto supervisor = Supervisor::from_environment();
  const auto connection = connection_of(options.kafka);
  if (!connection) return report(connection.error());
  const auto start = ingest::kafka_start_from(options.from);
  if (!start) return report(start.error());
  const auto loaded = load_knowledge(common, settings);
  if (!loaded) return report(loaded.error());
  KnowledgeInUse knowledge(common, settings, supervisor, *loaded);
  auto alerts = alert_settings(settings);
  if (!alerts) return report(alerts.error());
  const auto key = author_key_for(common.data);
  if (!key) return report(key.error());

  RunStatus status;
  RunDesk desk;
  serve::Api api(api_settings(options.listen, settings, &desk.desk()));
  auto server = RunServer::open(options.listen, settings, status, api.routes());
  if (!server) return report(server.error());

  store::StoreSettings store_settings;
  store_settings.directory = common.data;
  store_settings.minute_days = static_cast<std::uint32_t>(settings.store.minute_days);
  store_settings.hour_days = static_cast<std::uint32_t>(settings.store.hour_days);
  store_settings.evidence_days = static_cast<std::uint32_t>(settings.store.evidence_days);
  store_settings.seen_hours = static_cast<std::uint32_t>(settings.store.seen_hours);
  auto store = store::WindowStore::open(store_settings);
  if (!store) return report(store.error());
  // The server reads the store: it ends first, whichever way we leave.
  const std::unique_ptr<RunServer, void (*)(RunServer*)> served(
      server->get(), [](RunServer* running) { running->stop(answer_deadline); });
  const std::shared_ptr<const store::WindowStore> shown(store->get(), [](const store::WindowStore*) {});
  if (auto begun = api.log().begin(**store, *knowledge.now().lexicon); !begun) return report(begun.error());
  api.use({shown, knowledge.now().lexicon, knowledge.now().rules});
  if (auto begun = desk.begin(**store); !begun) return report(begun.error());
  auto pipeline = Pipeline::open(**store, knowledge.now().lexicon, knowledge.now().rules, options.threads);
  if (!pipeline) return report(pipeline.error());

  if (auto checked = check_topics(*connection, options, supervisor); !checked) return report(checked.error());
  if (should_stop()) return ExitCode::ok;

  std::optional<LetterKeeper> letters;
  if (options.dead_letters.empty()) {
    auto writer = ingest::TopicWriter::open(*connection);
    if (!writer) return report(writer.error());
    letters = LetterKeeper::in_topics(std::move(*writer));
  } else {
    auto keeper = LetterKeeper::in_folder(options.dead_letters);
    if (!keeper) return report(keeper.error());
    letters = std::move(*keeper);
  }
  std::unique_ptr<ingest::TopicWriter> events;
  std::optional<Outbox> outbox;
  if (options.incidents != "none") {
    auto writer = ingest::TopicWriter::open(*connection);
    if (!writer) return report(writer.error());
    events = std::move(*writer);
    outbox.emplace(**store, knowledge.now().lexicon, *events, options.incidents, options.deployment);
    const auto taken_up = outbox->take_up();
    if (!taken_up) return report(taken_up.error());
    if (*taken_up > 0)
      say(fmt::format("{} events to {} were not acknowledged before: sent again", *taken_up,
                      options.incidents));
  }
  const std::int64_t started_ms = wall_clock_ms();
  const auto open_alert_desk = [&](std::int64_t now_ms) {
    auto opened = serve::AlertDesk::open(**store, *alerts, knowledge.now().lexicon, now_ms, say);
    if (opened)
      (*opened)->mute_by([&](const rules::Incident& incident, std::int64_t at_ms) {
        return desk.mutes().muted(incident, *knowledge.now().lexicon, at_ms).has_value();
      });
    return opened;
  };
  auto alert_desk = open_alert_desk(started_ms);
  if (!alert_desk) return report(alert_desk.error());
  desk.send_by([&](const serve::OwedKey& owed, std::int64_t now_ms, std::vector<store::KeyedBytes> rows) {
    return (*alert_desk)->send_again(owed, now_ms, std::move(rows));
  });
  auto source = ingest::KafkaSource::open(source_settings(options, *connection, *start, settings, *key),
                                          (*store)->positions());
  if (!source) return report(source.error());

  std::optional<Upkeep> upkeep;
  upkeep.emplace(**store, *key, common.data, say, &desk.desk());
  Teller teller(knowledge.now().lexicon, common.json);
  const std::int64_t began_ms = (*store)->newest_clock_ms();
  RunFigures figures;
  figures.clock_ms = began_ms;
  figures.reloaded_ms = wall_clock_ms();
  figures.last_record = figures.last_step = SteadyClock::now();
  OpenIncidents open_incidents;
  PipelineSummary before;  // of pipelines that a reload has ended
  auto publish = [&] {
    figures.store = (*store)->figures();
    figures.kafka = (*source)->gauges();
    figures.incidents = open_incidents.by_state();
    figures.receivers = (*alert_desk)->figures();
    figures.owed_events = outbox ? outbox->left() : 0;
    figures.refused = outbox && outbox->refused() ? to_string(*outbox->refused()) : std::string();
    figures.lexicon_version = knowledge.now().lexicon->version();
    figures.rules_version = knowledge.now().rules->version;
    figures.is_stopping = should_stop();
    status.publish(figures);
  };

  std::optional<ingest::Error> outbox_failure;
  std::vector<rules::Transition> told;  // by the batch that was just written
  bool is_refused = false;
  PipelineHooks hooks;
  hooks.should_stop = [&] {
    return should_stop() || outbox_failure || knowledge.has_next() || figures.store.broken;
  };
  hooks.owed = [&](const std::vector<rules::Transition>& transitions) {
    auto rows = (*alert_desk)->owed(transitions, wall_clock_ms());
    if (outbox)
      for (auto& row : outbox->owed(transitions)) rows.push_back(std::move(row));
    return rows;
  };
  hooks.on_transition = [&](const rules::Transition& transition) {
    teller.ready((*source)->gauges(), options, began_ms);
    teller.transition(transition);
    told.push_back(transition);
    open_incidents.apply(transition);
  };
  hooks.on_dead_letters = [&](const std::vector<ingest::DeadLetter>& dead) {
    // Who waits for a broker or a disk is not stuck.
    auto alive = [&] { return supervisor.step(SteadyClock::now()), should_stop(); };
    return letters->keep(dead, alive, [&](std::string_view why) {
      figures.waits_for = why;
      say(fmt::format("{}: waiting", why));
      publish();
    });
  };
  hooks.on_progress = [&](const PipelineSummary& summary, std::int64_t clock_ms) {
    const auto now = SteadyClock::now();
    const std::uint64_t records = figures.summary.records;
    figures.summary = before;
    figures.summary += summary;
    if (figures.summary.records != records) figures.last_record = now;
    figures.last_step = now;
    figures.clock_ms = clock_ms;
    figures.waits_for.clear();
    knowledge.work(figures, **server);
    upkeep->work();
    desk.work(**pipeline, hooks);
    if (outbox)
      if (auto worked = outbox->work(); !worked) outbox_failure = worked.error();
    publish();
    const bool is_caught_up =
        (*source)->gauges().lag == 0 || clock_ms >= started_ms - caught_up_within.count();
    if (auto worked = (*alert_desk)->work(wall_clock_ms(), is_caught_up); !worked)
      outbox_failure = worked.error();
    if (!told.empty())
      for (auto& event : api.log().add(std::exchange(told, {}), *knowledge.now().lexicon))
        if ((*server)->http()) (*server)->http()->publish(std::move(event));
    teller.ready(figures.kafka, options, began_ms);
    teller.progress(figures, now);
    if (teller.is_ready()) supervisor.ready();
    supervisor.step(now, [&] {
      return status_line(figures, readiness_of(&figures, settings.serve.ready_lag_records, now));
    });
    if (figures.refused.empty() == is_refused) {
      is_refused = !is_refused;
      say(is_refused ? "events are refused and kept: " + figures.refused : "events are taken again");
    }
  };
  ingest::BatchLimits limits;
  limits.max_posts = static_cast<std::size_t>(settings.ingest.max_batch_posts);
  open_incidents.begin((*pipeline)->incidents());
  publish();
  StoreRescue rescue(**store, common.data,
                     {should_stop,
                      [&] {
                        if (!(*source)->hold(pause_while_broken))
                          std::this_thread::sleep_for(pause_while_broken);
                        figures.last_step = SteadyClock::now();
                        supervisor.step(figures.last_step);
                        upkeep->work();
                        publish();
                      },
                      say});
  // From the store on: a pipeline that takes up what it holds, with the lexicon and rules in use.
  const auto begin_pipeline = [&]() -> Result<void> {
    pipeline = Pipeline::open(**store, knowledge.now().lexicon, knowledge.now().rules, options.threads);
    if (!pipeline) return tl::unexpected(pipeline.error());
    open_incidents.begin((*pipeline)->incidents());
    return {};
  };
  // What was read, decided or owed since the last write is forgotten, and read once more.
  const auto begin_anew = [&]() -> Result<void> {
    outbox_failure.reset();
    before = figures.summary;
    if (auto begun = begin_pipeline(); !begun) return begun;
    if (outbox)
      if (auto taken_up = outbox->take_up(); !taken_up) return tl::unexpected(taken_up.error());
    // What a write that failed would have made known to receivers, they do not know.
    alert_desk = open_alert_desk(wall_clock_ms());
    if (!alert_desk) return tl::unexpected(alert_desk.error());
    publish();
    return (*source)->rewind((*store)->positions());
  };
  auto summary = (*pipeline)->run(**source, limits, hooks);
  while (!should_stop()) {
    if ((*store)->figures().broken) {
      if (!rescue.wait()) break;
      if (auto begun = begin_anew(); !begun && !(*store)->figures().broken) return report(begun.error());
      if ((*store)->figures().broken) continue;
    } else if (summary && knowledge.has_next() && !outbox_failure) {
      before += *summary;
      knowledge.take_next();
      if (auto begun = begin_pipeline(); !begun) return report(begun.error());
      if (outbox) outbox->use(knowledge.now().lexicon);
      (*alert_desk)->use(knowledge.now().lexicon);
      api.use({shown, knowledge.now().lexicon, knowledge.now().rules});
      teller.use(knowledge.now().lexicon);
    } else {
      break;
    }
    summary = (*pipeline)->run(**source, limits, hooks);
  }
  publish();
  supervisor.stopping();

  upkeep.reset();
  // Whatever was written is safe already: what follows spares the next start some work.
  int exit_code = ExitCode::ok;
  const bool is_broken = (*store)->figures().broken;  // which has been said
  if (!summary && !(should_stop() && (is_broken || summary.error().code == Code::unavailable)))
    exit_code = report(summary.error());
  if (outbox_failure && !is_broken) exit_code = report(*outbox_failure);
  if (exit_code == ExitCode::ok && outbox && !is_broken) {
    if (auto finished = outbox->finish(send_deadline); !finished) exit_code = report(finished.error());
    if (outbox->left() > 0)
      say(fmt::format("{} events are not acknowledged: the next start sends them", outbox->left()));
  }
  if (exit_code == ExitCode::ok && !is_broken)
    if (auto finished = (*alert_desk)->finish(alert_deadline, wall_clock_ms()); !finished)
      exit_code = report(finished.error());
  const auto closed = (*source)->close(close_deadline);
  (*server)->stop(answer_deadline);
  if (summary)
    say(fmt::format("stopped after {} records; {} transitions", figures.summary.records,
                    figures.summary.transitions));
  if (!closed) {
    // librdkafka's threads still run. Destructors would wait for them.
    if (pipeline) pipeline->reset();
    store->reset();
    std::cout.flush();
    _exit(exit_code);
  }
  return exit_code;
}

}  // namespace thap::app
