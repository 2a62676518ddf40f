#include "app/run_status.h"

#include <dirent.h>
#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "app/version.h"

namespace thap::app {

namespace {

double seconds(SteadyClock::duration duration) { return std::chrono::duration<double>(duration).count(); }
std::int64_t whole_seconds(SteadyClock::duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

// One metric after the other, as the format wants it.
void add_receiver_metrics(const std::vector<serve::ReceiverFigures>& receivers, serve::MetricsText& out) {
  using Labels = serve::MetricsText::Labels;
  auto who = [](const serve::ReceiverFigures& one) {
    return Labels{{"receiver", one.name}, {"format", std::string(serve::name(one.format))}};
  };
  for (const auto& one : receivers) {
    auto labels = who(one);
    labels.emplace_back("outcome", "delivered");
    const char* help = "Attempts to tell a receiver, by outcome.";
    out.counter("thap_alerts_attempts_total", help, static_cast<double>(one.delivered), labels);
    labels.back().second = "failed";
    out.counter("thap_alerts_attempts_total", help, static_cast<double>(one.failed), labels);
  }
  for (const auto& one : receivers)
    out.counter("thap_alerts_given_up_total", "Messages that were tried for days and are given up.",
                static_cast<double>(one.given_up), who(one));
  for (const auto& one : receivers)
    out.gauge("thap_alerts_owed", "Messages not yet delivered.", static_cast<double>(one.owed), who(one));
  for (const auto& one : receivers)
    out.gauge("thap_alerts_receiver_up", "0: the last attempt failed.", one.last_failure.empty() ? 1 : 0,
              who(one));
}

}  // namespace

serve::Readiness readiness_of(const RunFigures* f, std::int64_t most_lag, SteadyClock::time_point now) {
  serve::Readiness out;
  if (!f) {
    out.reasons.emplace_back("starting: the store is being opened");
    return out;
  }
  if (f->is_stopping) out.reasons.emplace_back("stopping");
  if (f->store.broken) out.reasons.push_back("the store cannot be written: " + f->store.broken_reason);
  if (!f->waits_for.empty()) out.reasons.push_back(f->waits_for);
  if (f->kafka.partitions == 0)
    out.reasons.emplace_back("no partition is assigned: no broker, no topic, or another member has them");
  else if (f->kafka.brokers_up == 0)
    out.reasons.emplace_back("no broker answers");
  if (f->kafka.lag > most_lag)
    out.reasons.push_back(fmt::format("{} records behind, more than {}", f->kafka.lag, most_lag));
  if (const auto still = now - f->last_step; f->waits_for.empty() && still >= stuck_after)
    out.reasons.push_back(
        fmt::format("the pipeline has not moved for {} s: it waits for the store or for the broker",
                    whole_seconds(still)));
  if (const auto quiet = now - f->last_record; quiet >= silence_after)
    out.notices.push_back(fmt::format("no record for {} s: nothing opens, eases or ends until some come",
                                      whole_seconds(quiet)));
  if (!f->refused.empty()) out.notices.push_back("events are refused and kept: " + f->refused);
  if (!f->is_reloaded)
    out.notices.emplace_back("the last reload failed: lexicon and rules are those from before");
  return out;
}

void add_run_metrics(const RunFigures& f, SteadyClock::time_point now, serve::MetricsText& out) {
  const auto& s = f.summary;
  const auto& c = s.counted;
  auto n = [](auto value) { return static_cast<double>(value); };
  out.gauge("thap_build_info", "Versions of program, lexicon and rules; always 1.", 1,
            {{"version", std::string(version)}, {"lexicon", f.lexicon_version}, {"rules", f.rules_version}});

  out.counter("thap_ingest_records_total", "Records read.", n(s.records));
  out.counter("thap_ingest_read_bytes_total", "Bytes of records read.", n(s.bytes));
  out.counter("thap_ingest_batches_total", "Passes of the pipeline, empty ones too.", n(s.batches));
  out.counter("thap_ingest_posts_total", "Records that became posts or changes of posts.", n(c.posts));
  for (const auto& [reason, count] : s.skipped_by)
    out.counter("thap_ingest_skipped_total", "Records that are no posts, by reason.", n(count),
                {{"reason", reason}});
  for (const auto& [reason, count] : s.repaired_by)
    out.counter("thap_ingest_repaired_total", "Records that became posts after a repair, by reason.",
                n(count), {{"reason", reason}});
  out.counter("thap_ingest_dead_letters_total", "Records that cannot be read.", n(s.dead_letters));
  for (const auto& [reason, count] : s.dead_by)
    out.counter("thap_ingest_dead_letters_by_reason_total", "Records that cannot be read, by reason.",
                n(count), {{"reason", reason}});
  out.gauge("thap_ingest_last_record_age_seconds", "Time since the last record came.",
            seconds(now - f.last_record));
  out.gauge("thap_ingest_newest_record_timestamp_seconds", "Time of the newest record, by its own clock.",
            n(f.clock_ms) / 1000);
  out.gauge("thap_ingest_silent", "1: no record for a minute, nothing opens, eases or ends.",
            now - f.last_record >= silence_after ? 1 : 0);

  const auto& k = f.kafka;
  out.gauge("thap_kafka_partitions", "Partitions assigned to us.", n(k.partitions));
  out.gauge("thap_kafka_waiting", "1: waiting for a broker, a topic or an assignment.", k.is_waiting);
  if (k.lag >= 0)
    out.gauge("thap_kafka_lag_records", "Records in the topics that we have not read.", n(k.lag));
  if (k.queued >= 0) out.gauge("thap_kafka_queued_records", "Records fetched ahead.", n(k.queued));
  if (k.queued_bytes >= 0) out.gauge("thap_kafka_queued_bytes", "Bytes fetched ahead.", n(k.queued_bytes));
  if (k.brokers_up >= 0) out.gauge("thap_kafka_brokers_up", "Brokers that answer.", n(k.brokers_up));
  if (k.rtt_p99_us >= 0)
    out.gauge("thap_kafka_round_trip_seconds", "99th percentile of the slowest broker's round trips.",
              n(k.rtt_p99_us) / 1e6);
  out.counter("thap_kafka_assignments_total", "Times we were given partitions.", n(k.assignments));
  if (k.rebalances >= 0)
    out.counter("thap_kafka_rebalances_total", "Rebalances of the group.", n(k.rebalances));
  out.counter("thap_kafka_reread_records_total", "Records fetched again and dropped.", n(k.reread));
  out.counter("thap_kafka_lost_records_total", "Records the broker deleted before we read them.",
              n(k.lost_records));
  out.counter("thap_kafka_failed_commits_total", "Positions that Kafka was not told, for lag tools only.",
              n(k.failed_commits));

  const char* posts_help = "Posts by what was read of them.";
  out.counter("thap_nlp_posts_total", posts_help, n(c.complaints), {{"outcome", "complaint"}});
  out.counter("thap_nlp_posts_total", posts_help, n(c.named - c.complaints), {{"outcome", "mention"}});
  out.counter("thap_nlp_posts_total", posts_help, n(c.duplicates), {{"outcome", "repeat"}});
  out.counter("thap_nlp_posts_total", posts_help, n(c.posts - c.named - c.duplicates),
              {{"outcome", "no_service"}});

  out.gauge("thap_store_writable", "0: a write failed, nothing is consumed.", f.store.broken ? 0 : 1);
  out.gauge("thap_store_seen_posts", "Post ids remembered so that repeats do not count.",
            n(f.store.seen_posts));
  out.counter("thap_store_seen_evicted_total", "Post ids forgotten early because there were too many.",
              n(f.store.seen_evicted));
  out.counter("thap_store_flushes_total", "Flushes asked for so that reads stay quick.", n(f.store.flushes));

  out.counter("thap_rules_transitions_total", "Steps in the lives of incidents, suspicions too.",
              n(s.transitions));
  for (const auto state : {rules::State::suspected, rules::State::confirmed, rules::State::easing}) {
    const auto found = f.incidents.find(state);
    out.gauge("thap_rules_incidents", "Incidents that have not ended, by state.",
              found == f.incidents.end() ? 0 : found->second, {{"state", std::string(rules::name(state))}});
  }
  out.gauge("thap_serve_owed_events", "Events not yet acknowledged by Kafka.", n(f.owed_events));
  out.gauge("thap_serve_events_refused", "1: the broker refuses events; they are kept.",
            f.refused.empty() ? 0 : 1);

  add_receiver_metrics(f.receivers, out);
  out.gauge("thap_reload_successful", "0: the last reload failed, lexicon and rules are those from before.",
            f.is_reloaded ? 1 : 0);
  out.counter("thap_reloads_total", "Reloads of lexicon and rules, failed ones too.", n(f.reloads));
  out.counter("thap_reload_failures_total", "Reloads that failed.", n(f.failed_reloads));
  out.gauge("thap_reload_success_timestamp_seconds", "When lexicon and rules were loaded.",
            n(f.reloaded_ms) / 1000);
  out.gauge("thap_thread_last_step_age_seconds", "Time since the thread passed its loop.",
            seconds(now - f.last_step), {{"thread", "pipeline"}});
}

void add_process_metrics(serve::MetricsText& out) {
  std::ifstream in("/proc/self/stat");
  std::string line;
  std::getline(in, line);
  // The name, in brackets, may hold anything.
  const auto after_name = line.rfind(')');
  if (after_name != std::string::npos) {
    std::istringstream fields(line.substr(after_name + 1));
    std::string skipped;
    for (int i = 3; i < 14; ++i) fields >> skipped;
    double user_ticks = 0, system_ticks = 0, threads = 0, start_ticks = 0, virtual_bytes = 0, pages = 0;
    fields >> user_ticks >> system_ticks;
    for (int i = 16; i < 20; ++i) fields >> skipped;
    fields >> threads >> skipped >> start_ticks >> virtual_bytes >> pages;
    if (fields) {
      const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
      out.counter("process_cpu_seconds_total", "User and system time.", (user_ticks + system_ticks) / ticks);
      out.gauge("process_resident_memory_bytes", "Resident memory.",
                pages * static_cast<double>(sysconf(_SC_PAGESIZE)));
      out.gauge("process_virtual_memory_bytes", "Virtual memory.", virtual_bytes);
      out.gauge("process_threads", "Threads of the process.", threads);
      std::ifstream boot("/proc/stat");
      double booted = 0;
      for (std::string word; booted == 0 && boot >> word;)
        if (word == "btime") boot >> booted;
      if (booted > 0)
        out.gauge("process_start_time_seconds", "When the process began.", booted + start_ticks / ticks);
    }
  }
  if (DIR* folder = ::opendir("/proc/self/fd")) {
    int count = -3;  // ".", "..", and the one that looks
    while (::readdir(folder)) ++count;
    ::closedir(folder);
    out.gauge("process_open_fds", "Open file descriptors.", count);
  }
}

void OpenIncidents::begin(const std::vector<rules::Incident>& incidents) {
  open_.clear();
  for (const auto& incident : incidents)
    if (incident.state == rules::State::suspected || rules::is_open(incident.state))
      open_[incident.id] = incident.state;
}

void OpenIncidents::apply(const rules::Transition& transition) {
  if (transition.to == rules::State::suspected || rules::is_open(transition.to))
    open_[transition.incident] = transition.to;
  else
    open_.erase(transition.incident);
}

std::map<rules::State, int> OpenIncidents::by_state() const {
  std::map<rules::State, int> out;
  for (const auto& [id, state] : open_) ++out[state];
  return out;
}

}  // namespace thap::app
