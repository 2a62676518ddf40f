// The chain: source, reading, counting, deciding, writing. What a batch makes true is written in one piece
// with the positions it came from; while it is, the next ones are decoded and read (read_ahead.h).
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/read_ahead.h"
#include "app/tally_builder.h"
#include "ingest/post_source.h"
#include "nlp/reader.h"
#include "rules/engine.h"
#include "rules/rule_set.h"
#include "store/window_store.h"

namespace thap::app {

struct PipelineSummary {
  std::uint64_t records{0}, bytes{0}, dead_letters{0}, skipped{0}, batches{0}, transitions{0};
  std::map<std::string, std::uint64_t> skipped_by, repaired_by, dead_by;  // by reason
  CountingSummary counted;
  double progress{-1};  // of the source: 0 to 1, or negative where its end is unknown

  PipelineSummary& operator+=(const PipelineSummary& other);
};

struct PipelineHooks {
  // Further rows to be written in one piece with these transitions: what is owed to receivers.
  std::function<std::vector<store::KeyedBytes>(const std::vector<rules::Transition>&)> owed;
  // After the batch that carries them is durable; in order.
  std::function<void(const rules::Transition&)> on_transition;
  // Before the batch's positions are written: a dead letter that cannot be kept stops the run.
  std::function<ingest::Result<void>(const std::vector<ingest::DeadLetter>&)> on_dead_letters;
  // After each batch.
  std::function<void(const PipelineSummary&, std::int64_t clock_ms)> on_progress;
  // Asked between batches. What was taken from the source by then is still written.
  std::function<bool()> should_stop;
};

// Threads: one thread calls run(), and all hooks are called on it; it counts, decides and writes. A second
// one lives with the source meanwhile, and `reading_threads` more read.
class Pipeline {
 public:
  // Takes up what the store holds: detector state, incidents, rows not yet handed over.
  static ingest::Result<std::unique_ptr<Pipeline>> open(store::WindowStore& store,
                                                        nlp::Lexicon::Pointer lexicon,
                                                        std::shared_ptr<const rules::RuleSet> rules,
                                                        int reading_threads = 1);
  ~Pipeline();

  // Until the source ends, fails or `should_stop` says so. What was written stays written. After a failure to
  // write, the source is ahead of the store, and so is this pipeline's memory: both have to begin anew.
  ingest::Result<PipelineSummary> run(ingest::PostSource& source, const ingest::BatchLimits& limits,
                                      const PipelineHooks& hooks);

  // A person's word on an incident (rules/engine.h), between two batches: written in one piece with `rows`,
  // owed and told like every other transition. Fails as Engine::judge does, and with `io`.
  ingest::Result<std::vector<rules::Transition>> judge(const rules::IncidentId& id, rules::Verdict verdict,
                                                       const std::string& reason,
                                                       std::vector<store::KeyedBytes> rows,
                                                       const PipelineHooks& hooks);

  std::vector<rules::Incident> incidents() const;

 private:
  Pipeline(store::WindowStore& store, nlp::Lexicon::Pointer lexicon,
           std::shared_ptr<const rules::RuleSet> rules, int reading_threads);
  ingest::Result<void> restore();
  ingest::Result<std::vector<rules::Transition>> write(store::Tally tally, std::int64_t until_ms,
                                                       const PipelineHooks& hooks);
  ingest::Result<void> take(ReadBatch& read, const PipelineHooks& hooks);

  store::WindowStore& store_;
  nlp::Reader reader_;
  rules::Engine engine_;
  TallyBuilder builder_;
  int reading_threads_;
  PipelineSummary summary_;
  std::int64_t clock_ms_{0};
  // Rows not yet handed over; those before `stored_` are in the store, too.
  std::vector<store::DetectorRow> pending_rows_;
  std::vector<store::MentionRow> pending_mentions_;
  std::int64_t handed_until_ms_{0};
};

}  // namespace thap::app
