// The parameter set "reference" reproduces the reference detector's events, one by one and in order.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "calls.h"
#include "rules/rule_set.h"

namespace thap::rules {
namespace {

using nlohmann::json;

const Parameters& reference() {
  static const auto rules = load_rules(embedded_rule_files(), "reference").value();
  return rules->of("default").parameters;
}

std::string output_of(const std::string& command) {
  std::string text;
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  if (!pipe) return text;
  char buffer[65'536];
  while (const auto n = fread(buffer, 1, sizeof buffer, pipe.get())) text.append(buffer, n);
  return text;
}

std::vector<json> events_in(const std::string& text) {
  std::vector<json> events;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) events.push_back(json::parse(line));
  return events;
}

std::string shown(Phase phase) { return phase == Phase::easing ? "recovering" : std::string(name(phase)); }

// `expected` is sorted by time over all services; we compare service by service, each in its own order.
void compare(const std::vector<test::NamedChange>& changes, const std::vector<json>& expected) {
  std::map<std::string, std::vector<json>> by_service;
  for (const auto& event : expected) by_service[event["service"]].push_back(event);
  std::map<std::string, std::size_t> next;
  for (const auto& [service, change] : changes) {
    const auto& list = by_service[service];
    const auto i = next[service]++;
    ASSERT_LT(i, list.size()) << service << " has more changes than expected, at " << change.t;
    const auto& event = list[i];
    SCOPED_TRACE(event.dump());
    ASSERT_EQ(shown(change.from), event["frm"]);
    ASSERT_EQ(shown(change.to), event["to"]);
    ASSERT_EQ(change.authors, event["authors"]);
    ASSERT_NEAR(change.t, event["t"], 1e-3);
    ASSERT_NEAR(change.score, event["score"], 0.02);
    ASSERT_EQ(change.how == PhaseChange::How::relapse, event.contains("relapse"));
    ASSERT_EQ(change.how == PhaseChange::How::cleared, event.contains("cleared"));
    ASSERT_EQ(change.how == PhaseChange::How::resolved, event.contains("resolved"));
    if (event.contains("onset")) {
      ASSERT_NEAR(change.onset, event["onset"], 1e-3);
    }
    if (event.contains("recovered_at")) {
      ASSERT_NEAR(change.recovered_at, event["recovered_at"], 1e-3);
    }
  }
  for (const auto& [service, list] : by_service)
    EXPECT_EQ(next[service], list.size()) << service << " misses changes";
}

void none(Detector&, Admission&) {}

std::string fixture(const std::string& name) {
  return output_of("gzip -dc '" THAP_TEST_DATA "/golden/" + name + "'");
}

TEST(Golden, FixtureIsReproduced) {
  std::istringstream calls(fixture("calls.gz"));
  const auto expected = events_in(fixture("events.jsonl.gz"));
  ASSERT_GT(expected.size(), 30u);
  const auto changes = test::play(calls, reference(), nullptr, none);
  ASSERT_TRUE(changes);
  compare(*changes, expected);
}

// State is stored as it is in memory: a detector restored again and again goes on as if nothing had been.
TEST(Golden, FixtureIsReproducedOverRestarts) {
  std::istringstream calls(fixture("calls.gz"));
  int n = 0;
  using Key = std::pair<Admission::Kind, std::uint64_t>;
  std::map<Key, std::string> rows;
  const auto changes = test::play(
      calls, reference(), nullptr,
      [&](Detector& detector, Admission& admission) {
        for (const auto& change : admission.take_changes()) {
          const auto value = admission.encode(change);
          if (value)
            rows[{change.kind, change.key}] = *value;
          else
            rows.erase({change.kind, change.key});
        }
        if (++n % 17 != 0) return;
        const auto bytes = detector.encode();
        ASSERT_TRUE(detector.decode(bytes));
        ASSERT_EQ(detector.encode(), bytes);
        if (n % 170 != 0) return;
        Admission restored;
        std::size_t count = 0;
        for (const auto& [key, value] : rows) {
          ASSERT_TRUE(restored.load(key.first, key.second, value));
          ++count;
        }
        restored.finish_load();
        ASSERT_EQ(count, admission.size());
        admission = std::move(restored);
      },
      [&] { rows.clear(); });
  ASSERT_TRUE(changes);
  compare(*changes, events_in(fixture("events.jsonl.gz")));
}

// The whole of seed 7, 20 days. THAP_REFERENCE_DIR holds the reference and its golden events; the calls are
// made by scripts/golden-calls.py on the way.
TEST(Golden, WholeRunIsReproduced) {
  const char* folder = std::getenv("THAP_REFERENCE_DIR");
  if (!folder) GTEST_SKIP() << "THAP_REFERENCE_DIR is not set: only the committed fixture was compared";
  const auto script = std::filesystem::path(THAP_TEST_DATA) / "../../scripts/golden-calls.py";
  std::istringstream calls(
      output_of("/usr/bin/python3 '" + script.string() + "' '" + folder + "' --seed 7 --days 20"));
  std::ifstream file(std::string(folder) + "/golden/seed7_days20.events.jsonl");
  std::ostringstream text;
  text << file.rdbuf();
  const auto expected = events_in(text.str());
  ASSERT_EQ(expected.size(), 1205u);
  const auto changes = test::play(calls, reference(), nullptr, none);
  ASSERT_TRUE(changes);
  compare(*changes, expected);
  EXPECT_EQ(changes->size(), 1205u);
}

}  // namespace
}  // namespace thap::rules
