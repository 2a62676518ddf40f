// What reading a post costs, one thread, step by step: folding, finding names and phrases, the whole reading,
// masking.
//   nlp_bench --benchmark_filter=Labelled    posts that all mean something: the dear ones
//   nlp_bench --benchmark_filter=Stream      a stream of which 5 in 100 do, read as counting reads it
// THAP_BENCH_POSTS=FILE takes the posts of a file (JSON lines with "text") for the labelled ones: with
// ordinary posts, LabelledReadToCount is what a stream costs.
#include <benchmark/benchmark.h>

#include <iterator>
#include <string>
#include <vector>

#include "nlp/analysis.h"
#include "nlp/mask.h"
#include "tests/bench/bench_posts.h"

namespace {

using namespace thap;
using namespace thap::nlp;

const std::vector<std::string>& stream() {
  static const auto texts = bench::stream_texts(4'096, 5);
  return texts;
}

template <class Step>
void each(benchmark::State& state, const std::vector<std::string>& texts, Step step) {
  bench::reader();  // loaded before the clock runs
  std::size_t bytes = 0;
  for (const auto& text : texts) bytes += text.size();
  for (auto _ : state)
    for (const auto& text : texts) step(text);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(texts.size()));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
  state.counters["bytes_a_post"] = static_cast<double>(bytes) / static_cast<double>(texts.size());
}

void fold(benchmark::State& state, const std::vector<std::string>& texts) {
  ScannedText scanned;
  each(state, texts, [&](const std::string& text) {
    scan(text, scanned);
    benchmark::DoNotOptimize(scanned.tokens.data());
  });
}
void find(benchmark::State& state, const std::vector<std::string>& texts, bool only_if_named) {
  Analysis analysis;
  each(state, texts, [&](const std::string& text) {
    find_names_and_phrases(bench::reader().lexicon().tables(), text, analysis, only_if_named);
    benchmark::DoNotOptimize(analysis.states.data());
  });
}
void read(benchmark::State& state, const std::vector<std::string>& texts, bool only_if_named) {
  std::size_t named = 0;
  each(state, texts, [&](const std::string& text) {
    named += !bench::reader().read(text, {.only_if_named = only_if_named}).services.empty();
  });
  state.counters["named_share"] = static_cast<double>(named) / static_cast<double>(state.items_processed());
}

void LabelledFold(benchmark::State& state) { fold(state, bench::labelled_texts()); }
void LabelledFind(benchmark::State& state) { find(state, bench::labelled_texts(), false); }
void LabelledRead(benchmark::State& state) { read(state, bench::labelled_texts(), false); }
void LabelledReadToCount(benchmark::State& state) { read(state, bench::labelled_texts(), true); }
void LabelledExplain(benchmark::State& state) {
  each(state, bench::labelled_texts(),
       [](const std::string& text) { benchmark::DoNotOptimize(bench::reader().explain(text)); });
}
void LabelledMask(benchmark::State& state) {
  each(state, bench::labelled_texts(), [](const std::string& text) {
    benchmark::DoNotOptimize(
        mask(text, [](std::string_view handle) { return bench::reader().is_service_handle(handle); }));
  });
}
void StreamFold(benchmark::State& state) { fold(state, stream()); }
void StreamFind(benchmark::State& state) { find(state, stream(), true); }
void StreamRead(benchmark::State& state) { read(state, stream(), true); }

// The longest post of any network, 4,096 code points, made of what costs most.
constexpr const char* hostile_pieces[] = {"whatsapp down ",       "jio down. ", "x ",           "x down ",
                                          "\"down\" jio ",        "#jio down ", "@zomatocare ", "#vikadown ",
                                          "because of jio down ", "#JioDown",   "ka ",          "abandon"};
void HostileRead(benchmark::State& state) {
  const std::string piece = hostile_pieces[state.range(0)];
  std::string text = piece == "abandon" ? "@" : "";  // one long handle
  while (text.size() < 4'096) text += piece;
  text.resize(4'096);
  each(state, {text}, [](const std::string& t) { benchmark::DoNotOptimize(bench::reader().read(t)); });
  state.SetLabel(piece);
}

void LoadLexicon(benchmark::State& state) {
  for (auto _ : state) {
    const auto lexicon = Lexicon::embedded();
    if (!lexicon)
      state.SkipWithError("does not load");
    else
      state.counters["megabytes"] = static_cast<double>((*lexicon)->bytes()) / 1e6;
  }
}

BENCHMARK(LabelledFold)->Unit(benchmark::kMicrosecond);
BENCHMARK(LabelledFind)->Unit(benchmark::kMicrosecond);
BENCHMARK(LabelledRead)->Unit(benchmark::kMicrosecond);
BENCHMARK(LabelledReadToCount)->Unit(benchmark::kMicrosecond);
BENCHMARK(LabelledExplain)->Unit(benchmark::kMicrosecond);
BENCHMARK(LabelledMask)->Unit(benchmark::kMicrosecond);
BENCHMARK(StreamFold)->Unit(benchmark::kMicrosecond);
BENCHMARK(StreamFind)->Unit(benchmark::kMicrosecond);
BENCHMARK(StreamRead)->Unit(benchmark::kMicrosecond);
BENCHMARK(HostileRead)->DenseRange(0, std::ssize(hostile_pieces) - 1)->Unit(benchmark::kMicrosecond);
BENCHMARK(LoadLexicon)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
