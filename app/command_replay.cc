// thap replay: the whole chain over files, in event time.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>

#include "app/cli.h"
#include "app/incident_text.h"
#include "app/key_file.h"
#include "app/paced_source.h"
#include "app/pipeline.h"
#include "app/replay_server.h"
#include "app/wall_clock.h"
#include "ingest/dead_letters.h"
#include "ingest/file_source.h"
#include "serve/incident_json.h"
#include "serve/time_argument.h"

namespace thap::app {
namespace {

namespace fs = std::filesystem;

volatile std::sig_atomic_t stop_asked = 0;

// A folder that goes with the process.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "thap-replay-XXXXXX").string();
    if (mkdtemp(pattern.data())) path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// One line on stderr, rewritten a few times a second; nothing where stderr is no terminal, but for the last
// line.
class Progress {
 public:
  void show(const PipelineSummary& summary, std::int64_t clock_ms, double share, bool last) {
    const auto now = std::chrono::steady_clock::now();
    if (!last && (!is_terminal_ || now - shown_ < std::chrono::milliseconds(200))) return;
    shown_ = now;
    const double seconds = std::chrono::duration<double>(now - start_).count();
    const double rate = static_cast<double>(summary.records) / std::max(seconds, 1e-3);
    std::string line = fmt::format("{} records, {:.0f} a second", summary.records, rate);
    if (last)
      line += fmt::format(", {:.1f} s", seconds);
    else if (share > 0.01)
      line += fmt::format(", {:.0f} %, {:.0f} s left", share * 100, seconds / share - seconds);
    if (clock_ms > 0) line += ", at " + serve::ist_date_time(clock_ms) + " IST";
    std::cerr << (is_terminal_ ? "\r\x1b[K" : "") << line << (last ? "\n" : "") << std::flush;
  }
  void clear() const {
    if (is_terminal_) std::cerr << "\r\x1b[K" << std::flush;
  }

 private:
  bool is_terminal_ = isatty(STDERR_FILENO);
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now(), shown_{};
};

// Quick enough that a page sees every second of the replay's time at common speeds.
constexpr ingest::BatchLimits paced_limits{500, std::chrono::milliseconds(50)};

// The page stays when the posts are over, for whoever is looking at it.
void stay_open(const ReplayServer& server) {
  std::cerr << fmt::format("the replay is over; the page stays at {} until Ctrl-C\n", server.address());
  while (stop_asked == 0) std::this_thread::sleep_for(std::chrono::milliseconds(100));
}

}  // namespace

int replay(const Common& common, const Settings& settings, const ReplayOptions& options) {
  auto lexicon = load_lexicon(common, settings);
  if (!lexicon) return report(lexicon.error());
  auto rule_set = load_rule_set(common, settings);
  if (!rule_set) return report(rule_set.error());

  TemporaryFolder temporary;
  if (!common.data_given && temporary.path().empty())
    return report({ingest::Code::io, "no temporary folder can be made", ""});
  const std::string data = common.data_given ? common.data : temporary.path() + "/store";
  auto key = common.data_given ? author_key_for(data) : passing_author_key();
  if (!key) return report(key.error());

  store::StoreSettings store_settings;
  store_settings.directory = data;
  store_settings.minute_days = static_cast<std::uint32_t>(settings.store.minute_days);
  store_settings.hour_days = static_cast<std::uint32_t>(settings.store.hour_days);
  store_settings.evidence_days = static_cast<std::uint32_t>(settings.store.evidence_days);
  store_settings.seen_hours = static_cast<std::uint32_t>(settings.store.seen_hours);
  auto store = store::WindowStore::open(store_settings);
  if (!store) return report(store.error());

  ingest::FileSettings file_settings;
  file_settings.decoder = std::make_shared<ingest::DecoderSettings>(decoder_settings(settings));
  file_settings.author_key = *key;
  std::vector<ingest::SourcePosition> resume;
  for (const auto& position : (*store)->positions()) resume.push_back(position);
  auto source = ingest::open_files(options.files, file_settings, resume);
  if (!source) return report(source.error());

  std::int64_t begin_ms = 0;
  if (!options.from.empty()) {
    const auto from = serve::parse_time_argument(options.from, 0);
    if (!from) return report(from.error());
    begin_ms = *from;
  }
  ReplayClock clock(begin_ms, options.speed);
  std::unique_ptr<ReplayServer> server;
  if (options.serves) {
    auto opened = ReplayServer::open(options.listen, settings, clock);
    if (!opened) return report(opened.error());
    server = std::move(*opened);
    if (auto shown = server->show(**store, *lexicon, *rule_set); !shown) return report(shown.error());
    *source = std::make_unique<PacedSource>(std::move(*source), clock);
    std::cerr << fmt::format("the page is at {}\n", server->address());
  }
  auto pipeline = Pipeline::open(**store, *lexicon, *rule_set, options.threads);
  if (!pipeline) return report(pipeline.error());

  const std::string letters_path = !options.dead_letters.empty() ? options.dead_letters
                                   : common.data_given           ? data + ".dead"
                                                                 : "";
  std::optional<ingest::DeadLetterWriter> letters;
  Progress progress;
  PipelineHooks hooks;
  hooks.on_dead_letters = [&](const std::vector<ingest::DeadLetter>& dead) -> ingest::Result<void> {
    if (letters_path.empty()) {
      for (const auto& letter : dead) {
        progress.clear();
        // The detail may quote the record, and what the record says is not for logs.
        std::cerr << fmt::format("thap: {}:{}: {}\n", letter.source, letter.offset, letter.reason);
      }
      return {};
    }
    if (!letters) {
      auto opened = ingest::DeadLetterWriter::open(letters_path);
      if (!opened) return tl::unexpected(opened.error());
      letters.emplace(std::move(*opened));
    }
    return letters->append(dead, wall_clock_ms());
  };
  hooks.on_transition = [&](const rules::Transition& transition) {
    if (server) server->tell(transition);
    if (common.json || transition.annotated || transition.after.opened_ms == 0)
      return;  // suspicions are ours
    progress.clear();
    std::cout << transition_line(transition, **lexicon) << '\n' << std::flush;
  };
  hooks.on_progress = [&](const PipelineSummary& summary, std::int64_t clock_ms) {
    progress.show(summary, clock_ms, summary.progress, false);
  };
  stop_asked = 0;
  std::signal(SIGINT, [](int) { stop_asked = 1; });
  std::signal(SIGTERM, [](int) { stop_asked = 1; });
  hooks.should_stop = [] { return stop_asked != 0; };

  ingest::BatchLimits limits;
  limits.max_posts = static_cast<std::size_t>(settings.ingest.max_batch_posts);
  if (server) limits = paced_limits;
  auto summary = (*pipeline)->run(**source, limits, hooks);
  if (!summary) return report(summary.error());
  progress.show(*summary, (*store)->newest_clock_ms(), 1, true);
  if (common.data_given && (*store)->owes_erasure())
    if (auto erased = (*store)->erase_removed(); !erased) return report(erased.error());
  std::cerr << fmt::format(
      "{} posts, {} name a service, {} say it fails, {} repeats, {} late, {} skipped, {} dead letters\n",
      summary->counted.posts, summary->counted.named, summary->counted.complaints,
      summary->counted.duplicates, summary->counted.late, summary->skipped, summary->dead_letters);

  std::size_t shown = 0;
  for (const auto& incident : (*pipeline)->incidents()) {
    if (incident.opened_ms == 0) continue;  // only ever suspected
    ++shown;
    if (common.json) {
      std::cout << serve::incident_json(incident, **lexicon, 0).dump() << '\n';
    } else {
      if (shown == 1) std::cout << '\n';
      std::cout << incident_summary(incident, **lexicon) << '\n';
    }
  }
  if (shown == 0 && !common.json) std::cout << "no incident\n";
  std::cout << std::flush;
  if (server) stay_open(*server);
  return ExitCode::ok;
}

}  // namespace thap::app
