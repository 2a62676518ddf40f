// What thap run says of itself, and lexicons and rules that change while it runs.
#include "app/run_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "app/run_reload.h"
#include "app/run_server.h"
#include "tests/serve/metrics_check.h"
#include "tests/store/store_testing.h"

namespace thap::app {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const SteadyClock::time_point noon{};

RunFigures well() {
  RunFigures f;
  f.kafka.partitions = 4;
  f.kafka.brokers_up = 1;
  f.kafka.lag = 10;
  f.last_record = f.last_step = noon;
  return f;
}

struct Row {
  const char* name;
  void (*change)(RunFigures&);
  seconds later;
  const char *reason, *notice;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.name; }

class Ready : public testing::TestWithParam<Row> {};

TEST_P(Ready, SaysWhyNot) {
  RunFigures figures = well();
  GetParam().change(figures);
  const auto readiness = readiness_of(&figures, 1'000, noon + GetParam().later);
  const std::string reason = GetParam().reason, notice = GetParam().notice;
  if (reason.empty())
    EXPECT_THAT(readiness.reasons, IsEmpty());
  else
    EXPECT_THAT(readiness.reasons, ElementsAre(HasSubstr(reason)));
  if (notice.empty())
    EXPECT_THAT(readiness.notices, IsEmpty());
  else
    EXPECT_THAT(readiness.notices, ElementsAre(HasSubstr(notice)));
}

const Row rows[] = {
    {"well", [](RunFigures&) {}, seconds(1), "", ""},
    {"lag_at_the_limit", [](RunFigures& f) { f.kafka.lag = 1'000; }, seconds(1), "", ""},
    {"lag", [](RunFigures& f) { f.kafka.lag = 1'001; }, seconds(1), "1001 records behind", ""},
    {"no_partition", [](RunFigures& f) { f.kafka.partitions = 0; }, seconds(1), "no partition", ""},
    {"broker_away", [](RunFigures& f) { f.kafka.brokers_up = 0; }, seconds(1), "no broker answers", ""},
    {"store_broken",
     [](RunFigures& f) { f.store.broken = true, f.store.broken_reason = "No space left on device"; },
     seconds(1), "No space left", ""},
    {"silence_is_no_reason", [](RunFigures& f) { f.last_step = noon + seconds(61); }, seconds(61), "",
     "no record for 61 s"},
    {"stuck", [](RunFigures& f) { f.last_record = noon + seconds(29); }, seconds(30),
     "has not moved for 30 s", ""},
    {"letters_wait",
     [](RunFigures& f) { f.waits_for = "dead letters cannot be kept: No space left on device"; }, seconds(40),
     "dead letters cannot be kept", ""},
    {"stopping", [](RunFigures& f) { f.is_stopping = true; }, seconds(0), "stopping", ""},
    {"refused", [](RunFigures& f) { f.refused = "no such topic"; }, seconds(0), "", "no such topic"},
    {"reload", [](RunFigures& f) { f.is_reloaded = false; }, seconds(0), "", "those from before"},
};
INSTANTIATE_TEST_SUITE_P(Rows, Ready, testing::ValuesIn(rows),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Ready, NotWhileTheStoreIsOpened) {
  EXPECT_THAT(readiness_of(nullptr, 1, noon).reasons, ElementsAre(HasSubstr("starting")));
}

TEST(RunMetrics, AreWhatAPrometheusTakes) {
  RunFigures f = well();
  f.summary.records = 100;
  f.summary.counted = {90, 30, 20, 5};
  f.summary.dead_letters = 3;
  f.summary.dead_by = {{"bad_json", 2}, {"too_large", 1}};
  f.summary.skipped_by = {{"keepalive", 7}};
  f.kafka.rtt_p99_us = 1'500;
  f.incidents = {{rules::State::confirmed, 2}};
  f.owed_events = 4;
  f.lexicon_version = "abc";
  serve::MetricsText text;
  add_run_metrics(f, noon + seconds(90), text);
  add_process_metrics(text);
  const auto read = serve::check_metrics(text.text());
  EXPECT_EQ(read.fault, "");
  const auto value = [&](const std::string& name) {
    return read.samples.count(name) ? read.samples.at(name) : -1;
  };
  EXPECT_EQ(value("thap_ingest_records_total"), 100);
  EXPECT_EQ(value(R"(thap_nlp_posts_total{outcome="complaint"})"), 20);
  EXPECT_EQ(value(R"(thap_nlp_posts_total{outcome="mention"})"), 10);
  EXPECT_EQ(value(R"(thap_nlp_posts_total{outcome="repeat"})"), 5);
  EXPECT_EQ(value(R"(thap_nlp_posts_total{outcome="no_service"})"), 55) << "outcomes add up to the posts";
  EXPECT_EQ(value(R"(thap_ingest_dead_letters_by_reason_total{reason="bad_json"})"), 2);
  EXPECT_EQ(value("thap_kafka_lag_records"), 10);
  EXPECT_EQ(value("thap_kafka_round_trip_seconds"), 0.0015);
  EXPECT_EQ(value("thap_ingest_silent"), 1);
  EXPECT_EQ(value(R"(thap_rules_incidents{state="confirmed"})"), 2);
  EXPECT_EQ(value(R"(thap_rules_incidents{state="easing"})"), 0);
  EXPECT_EQ(value("thap_serve_owed_events"), 4);
  EXPECT_EQ(value(R"(thap_thread_last_step_age_seconds{thread="pipeline"})"), 90);
  EXPECT_GT(value("process_resident_memory_bytes"), 1e6);
  EXPECT_GT(value("process_start_time_seconds"), 1.6e9);
  EXPECT_GE(value("process_open_fds"), 3);
}

TEST(OpenIncidents, ForgetThoseThatEnd) {
  rules::Incident one;
  one.id = "inc_1";
  one.state = rules::State::easing;
  OpenIncidents open;
  open.begin({one});
  rules::Transition step;
  step.incident = "inc_2";
  step.to = rules::State::confirmed;
  open.apply(step);
  EXPECT_EQ(open.by_state(),
            (std::map<rules::State, int>{{rules::State::confirmed, 1}, {rules::State::easing, 1}}));
  step.incident = "inc_1";
  step.to = rules::State::resolved;
  open.apply(step);
  EXPECT_EQ(open.by_state(), (std::map<rules::State, int>{{rules::State::confirmed, 1}}));
}

class Reload : public testing::Test {
 protected:
  static std::string parameters() {
    for (const auto& [name, text] : rules::embedded_rule_files())
      if (name == "parameters.json") return text;
    return {};
  }
  void write_rules(const std::string& changed) {
    for (const auto& [name, text] : rules::embedded_rule_files())
      std::ofstream(folder() + "/" + name) << (name == "parameters.json" ? changed : text);
  }
  std::string folder() const { return folder_ / ""; }
  ingest::Result<Knowledge> reload() {
    Common common;
    common.rules_folder = folder();
    Reloader reloader(common, {});
    reloader.begin();
    for (;;)
      if (auto loaded = reloader.poll()) return *loaded;
  }
  store::TemporaryFolder folder_;
};

TEST_F(Reload, TakesWhatIsInTheFilesNow) {
  write_rules(parameters());
  const auto first = reload();
  ASSERT_TRUE(first) << to_string(first.error());
  auto changed = parameters();
  changed.insert(changed.rfind('}'), " ");
  write_rules(changed);
  const auto second = reload();
  ASSERT_TRUE(second);
  EXPECT_NE(first->rules->version, second->rules->version);
}

TEST_F(Reload, NamesFileAndPointerOfWhatIsWrong) {
  auto wrong = parameters();
  const auto at = wrong.find("\"margin\"");
  ASSERT_NE(at, std::string::npos);
  write_rules(wrong.replace(at, 8, "\"margni\""));
  const auto loaded = reload();
  ASSERT_FALSE(loaded);
  EXPECT_THAT(to_string(loaded.error()), HasSubstr("parameters.json#/"));
  EXPECT_THAT(to_string(loaded.error()), HasSubstr("margni"));
}

TEST(Reloader, SaysNothingUntilAsked) {
  Reloader reloader({}, {});
  EXPECT_FALSE(reloader.poll());
  reloader.begin();
  reloader.begin();  // files may have changed since: it loads once more and answers once
  int answers = 0;
  for (int idle = 0; idle < 100;) {
    if (reloader.poll())
      ++answers;
    else if (answers > 0)
      ++idle;
  }
  EXPECT_EQ(answers, 1);
}

TEST(Listen, WhereItWasSaidAndOnlyThen) {
  RunStatus status;
  Settings settings;
  auto first = RunServer::open("127.0.0.1:0", settings, status, {});
  ASSERT_TRUE(first);
  ASSERT_TRUE((*first)->http());
  const std::string taken = "127.0.0.1:" + std::to_string((*first)->http()->port());
  EXPECT_EQ(RunServer::open(taken, settings, status, {}).error().code, ingest::Code::io)
      << "asked for, and taken";
  settings.serve.listen = taken;
  EXPECT_EQ(RunServer::open("", settings, status, {}).error().code, ingest::Code::io) << "so in the settings";
  settings.serve.listen = "none";
  EXPECT_FALSE((*RunServer::open("", settings, status, {}))->http());
  settings.serve.public_hosts = "thap.example, board";
  EXPECT_THAT(http_settings("", settings).error().code, ingest::Code::usage) << "none is no place";
  EXPECT_THAT(http_settings("[::1]:8", settings)->public_hosts, ElementsAre("thap.example", "board"));
  EXPECT_EQ(http_settings("", Settings{})->port, 8470);
}

}  // namespace
}  // namespace thap::app
