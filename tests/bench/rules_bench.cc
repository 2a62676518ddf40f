// What the detector costs: nanoseconds an admitted post, a minute asleep, bytes a service.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "rules/detector.h"
#include "rules/rule_set.h"

namespace {

using namespace thap::rules;

const ClassRules& rules() {
  static const auto set = load_rules(embedded_rule_files()).value();
  return set->of("default");
}

Arrival arrival(std::mt19937_64& random, double t) {
  Arrival a;
  a.event = t;
  a.post = random();
  a.author = random();
  a.text = random();
  a.simhash = random();
  a.words = 8;
  return a;
}

// What the score of one counted post costs, at 10,000 services in turn.
void bank(benchmark::State& state) {
  const auto& p = rules().parameters;
  std::vector<CusumBank> banks(10'000);
  double now = 0;
  std::size_t i = 0;
  for (auto _ : state) {
    auto& one = banks[i++ * 7919 % banks.size()];
    now += 0.01;
    const double expected = 1e-3 + 1e-9 * static_cast<double>(i % 100);
    if (!one.at_rest()) one.fall(p, expected, 20);
    one.step(p, now, expected, 1);
    benchmark::DoNotOptimize(one.score[one.winner()]);
  }
}
BENCHMARK(bank);

// A counted post at one service whose time has already come: admission, expected rate, bank, states.
void post(benchmark::State& state) {
  std::mt19937_64 random(1);
  Detector detector(rules().parameters, rules().shape, 0);
  Admission admission;
  std::vector<PhaseChange> out;
  double now = 0;
  for (auto _ : state) {
    now += static_cast<double>(state.range(0)) / 1000;
    benchmark::DoNotOptimize(detector.post(now, arrival(random, now), admission, out));
    out.clear();
    (void)admission.take_changes();
  }
  state.counters["state_bytes"] = static_cast<double>(detector.encode().size());
  state.counters["memory_bytes"] = sizeof(Detector);
}
BENCHMARK(post)->ArgName("ms_between")->Arg(50)->Arg(1000)->Arg(60'000);

void admission_only(benchmark::State& state) {
  std::mt19937_64 random(1);
  Admission admission;
  double now = 0;
  for (auto _ : state) {
    now += static_cast<double>(state.range(0)) / 1000;
    benchmark::DoNotOptimize(admission.admit(rules().parameters, now, now, arrival(random, now)));
    (void)admission.take_changes();
  }
}
BENCHMARK(admission_only)->ArgName("ms_between")->Arg(50)->Arg(1000)->Arg(60'000);

// A minute in which nothing is said about a service, learning included.
void minute_asleep(benchmark::State& state) {
  Detector detector(rules().parameters, rules().shape, 0);
  std::vector<PhaseChange> out;
  double now = 0;
  for (auto _ : state) detector.advance(now += 60, true, out);
}
BENCHMARK(minute_asleep);

void encode(benchmark::State& state) {
  const Detector detector(rules().parameters, rules().shape, 0);
  for (auto _ : state) benchmark::DoNotOptimize(detector.encode());
}
BENCHMARK(encode);

}  // namespace

BENCHMARK_MAIN();
