// The whole chain over a file, as `thap replay` runs it with one thread, and which step takes how much of it.
// The steps are measured by running the chain as far as each: decoding alone, then with reading, then with
// counting, then all.
//   replay_bench                                 100,000 posts of 26 hours, an outage in the last one;
//   Replay/2:
//                                                2 in 100 tell of trouble otherwise, Replay/15: 15 in 100
//   THAP_BENCH_STREAM=FILE replay_bench          a file of one's own, any format ingest/ reads
// Counters: posts a second of the whole chain; share_* of its time.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "app/pipeline.h"
#include "ingest/file_source.h"
#include "tests/bench/bench_posts.h"

namespace {

using namespace thap;

constexpr std::size_t default_posts = 100'000;
constexpr std::int64_t from_ms = 1'791'743'400'000, span_ms = 26 * 3'600'000LL;

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "thap_bench_XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

void write_stream(const std::string& file, std::size_t posts, std::uint32_t percent_telling) {
  const auto texts = bench::stream_texts(posts, percent_telling);
  std::mt19937 random(2);
  std::ofstream out(file);
  for (std::size_t i = 0; i < posts; ++i) {
    const auto at = from_ms + static_cast<std::int64_t>(i) * span_ms / static_cast<std::int64_t>(posts);
    const bool outage = at > from_ms + 25 * 3'600'000LL && random() % 5 == 0;
    out << nlohmann::json{{"network", "generic"},
                          {"id", std::to_string(i)},
                          {"event_ms", at},
                          {"author", std::to_string(random() % 60'000)},
                          {"text", outage ? "whatsapp down hai, " + texts[i] : texts[i]}}
               .dump()
        << '\n';
  }
  if (!out.flush()) std::abort();
}

std::unique_ptr<ingest::PostSource> source_of(const std::string& file) {
  ingest::FileSettings settings;
  settings.author_key = ingest::AuthorKey(ingest::AuthorKey::Bytes{1});
  auto source = ingest::open_files({file}, settings);
  if (!source) std::cerr << ingest::to_string(source.error()) << '\n', std::exit(1);
  return std::move(*source);
}

ingest::BatchLimits limits() {
  ingest::BatchLimits limits;
  limits.max_posts = 5'000;
  return limits;
}

enum class UpTo { decoding, reading, counting };
// Seconds; `records` read.
double run_part(const std::string& file, UpTo up_to, std::uint64_t& records) {
  const auto begin = std::chrono::steady_clock::now();
  const auto source = source_of(file);
  std::unordered_set<std::uint64_t> seen;
  app::TallyBuilder builder(bench::reader(),
                            [&](const ingest::PostKey& key) { return seen.contains(key.high ^ key.low); });
  records = 0;
  for (bool end = false; !end;) {
    auto batch = source->next(limits());
    if (!batch) std::exit(1);
    end = batch->end;
    records += batch->records;
    if (up_to == UpTo::decoding) continue;
    for (const auto& post : batch->posts) {
      const auto reading = bench::reader().read(post.text, {post.author_is_official, true});
      if (up_to == UpTo::counting) builder.add(post, reading);
      benchmark::DoNotOptimize(reading.services.data());
    }
    if (up_to != UpTo::counting) continue;
    const auto tally = builder.finish(*batch);
    for (const auto& [hour, key] : tally.seen) seen.insert(key.high ^ key.low);
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double run_all(const std::string& file, const std::string& data, std::uint64_t& transitions) {
  const auto rules = rules::load_rules(rules::embedded_rule_files()).value();
  const auto begin = std::chrono::steady_clock::now();
  store::StoreSettings settings;
  settings.directory = data;
  auto store = store::WindowStore::open(settings).value();
  auto pipeline = app::Pipeline::open(*store, bench::reader().lexicon_pointer(), rules).value();
  const auto source = source_of(file);
  const auto summary = pipeline->run(*source, limits(), {});
  if (!summary) std::cerr << ingest::to_string(summary.error()) << '\n', std::exit(1);
  transitions = summary->transitions;
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void Replay(benchmark::State& state) {
  const TemporaryFolder folder;
  std::string file = folder / "posts.ndjson";
  if (const char* own = std::getenv("THAP_BENCH_STREAM"))
    file = own;
  else
    write_stream(file, default_posts, static_cast<std::uint32_t>(state.range(0)));
  double decoding = 0, reading = 0, counting = 0, all = 0;
  std::uint64_t records = 0, transitions = 0;
  int run = 0;
  for (auto _ : state) {
    decoding += run_part(file, UpTo::decoding, records);
    reading += run_part(file, UpTo::reading, records);
    counting += run_part(file, UpTo::counting, records);
    const double whole = run_all(file, folder / ("store" + std::to_string(run++)), transitions);
    all += whole;
    state.SetIterationTime(whole);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(records));
  state.counters["transitions"] = static_cast<double>(transitions);
  state.counters["share_decode"] = decoding / all;
  state.counters["share_read"] = (reading - decoding) / all;
  state.counters["share_count"] = (counting - reading) / all;
  state.counters["share_decide_and_write"] = (all - counting) / all;
}
BENCHMARK(Replay)
    ->ArgName("percent_telling")
    ->Arg(2)
    ->Arg(15)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(3);

}  // namespace

// replay_bench --write-stream FILE POSTS PERCENT_TELLING: only the posts, for a benchmark of another way in.
int main(int argc, char** argv) {
  if (argc == 5 && std::string_view(argv[1]) == "--write-stream") {
    write_stream(argv[2], std::stoul(argv[3]), static_cast<std::uint32_t>(std::stoul(argv[4])));
    return 0;
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
