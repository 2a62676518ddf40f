#include "app/pipeline.h"

#include <algorithm>

namespace thap::app {

using ingest::Result;

namespace {

// Rows of one clock second and service from several batches are one row for the detector.
void merge_equal(std::vector<store::MentionRow>& mentions) {
  std::sort(mentions.begin(), mentions.end());
  std::size_t kept = 0;
  for (const auto& row : mentions) {
    if (kept > 0 && mentions[kept - 1].clock_s == row.clock_s && mentions[kept - 1].service == row.service)
      mentions[kept - 1].count += row.count;
    else
      mentions[kept++] = row;
  }
  mentions.resize(kept);
}

}  // namespace

PipelineSummary& PipelineSummary::operator+=(const PipelineSummary& other) {
  records += other.records;
  bytes += other.bytes;
  dead_letters += other.dead_letters;
  skipped += other.skipped;
  batches += other.batches;
  transitions += other.transitions;
  for (const auto& [reason, count] : other.skipped_by) skipped_by[reason] += count;
  for (const auto& [reason, count] : other.repaired_by) repaired_by[reason] += count;
  for (const auto& [reason, count] : other.dead_by) dead_by[reason] += count;
  counted.posts += other.counted.posts;
  counted.named += other.counted.named;
  counted.complaints += other.counted.complaints;
  counted.duplicates += other.counted.duplicates;
  counted.late += other.counted.late;
  return *this;
}

Pipeline::Pipeline(store::WindowStore& store, nlp::Lexicon::Pointer lexicon,
                   std::shared_ptr<const rules::RuleSet> rules, int reading_threads)
    : store_(store),
      reader_(lexicon),
      engine_(std::move(rules), rules::service_facts(*lexicon), lexicon->version(),
              rules::place_regions(*lexicon)),
      builder_(reader_, [&store](const ingest::PostKey& key) { return store.seen(key); }),
      reading_threads_(reading_threads) {}

Pipeline::~Pipeline() = default;

Result<std::unique_ptr<Pipeline>> Pipeline::open(store::WindowStore& store, nlp::Lexicon::Pointer lexicon,
                                                 std::shared_ptr<const rules::RuleSet> rules,
                                                 int reading_threads) {
  std::unique_ptr<Pipeline> pipeline(
      new Pipeline(store, std::move(lexicon), std::move(rules), reading_threads));
  if (auto restored = pipeline->restore(); !restored) return tl::unexpected(restored.error());
  return pipeline;
}

Result<void> Pipeline::restore() {
  for (const auto family : {store::Family::detectors, store::Family::incidents}) {
    Result<void> loaded;
    auto scanned = store_.scan(family, "", [&](std::string_view key, std::string_view value) {
      loaded = engine_.load(family, key, value);
      return loaded.has_value();
    });
    if (!scanned) return scanned;
    if (!loaded) return loaded;
  }
  auto rows = store_.pending_rows();
  if (!rows) return tl::unexpected(rows.error());
  pending_rows_ = std::move(*rows);
  auto mentions = store_.pending_mentions();
  if (!mentions) return tl::unexpected(mentions.error());
  pending_mentions_ = std::move(*mentions);
  auto handed = store_.get(store::Family::meta, "handed_until_ms");
  if (!handed) return tl::unexpected(handed.error());
  if (*handed) handed_until_ms_ = std::stoll(**handed);
  return {};
}

Result<PipelineSummary> Pipeline::run(ingest::PostSource& source, const ingest::BatchLimits& limits,
                                      const PipelineHooks& hooks) {
  summary_ = {};
  clock_ms_ = store_.newest_clock_ms();
  ReadAhead ahead(source, limits, reader_, reading_threads_);
  for (;;) {
    if (hooks.should_stop && hooks.should_stop()) ahead.finish();
    auto read = ahead.next();
    if (!read) return tl::unexpected(read.error());
    if (!*read) return summary_;
    if (auto taken = take(**read, hooks); !taken) return tl::unexpected(taken.error());
    ahead.written((*read)->batch.positions);
  }
}

Result<void> Pipeline::take(ReadBatch& read, const PipelineHooks& hooks) {
  const ingest::SourceBatch& batch = read.batch;
  if (!batch.dead_letters.empty() && hooks.on_dead_letters)
    if (auto kept = hooks.on_dead_letters(batch.dead_letters); !kept) return kept;

  for (std::size_t i = 0; i < batch.posts.size(); ++i) builder_.add(batch.posts[i], read.readings[i]);
  store::Tally tally = builder_.finish(batch);
  clock_ms_ = std::max(clock_ms_, tally.newest_clock_ms);
  // At the end nothing will follow: the last second is complete.
  const std::int64_t until_ms =
      batch.end ? (clock_ms_ / 1'000 + 1) * 1'000 : batch.watermark_ms / 1'000 * 1'000;
  // Without records the watermark may still move: a partition at its end no longer holds it.
  const bool says_nothing = batch.records == 0 && !batch.end && until_ms <= handed_until_ms_;
  if (!says_nothing) {
    auto transitions = write(std::move(tally), until_ms, hooks);
    if (!transitions) return tl::unexpected(transitions.error());
    summary_.transitions += transitions->size();
    if (hooks.on_transition)
      for (const auto& transition : *transitions) hooks.on_transition(transition);
  }
  ++summary_.batches;
  summary_.records += batch.records;
  summary_.bytes += batch.bytes;
  summary_.dead_letters += batch.dead_letters.size();
  for (const auto& [reason, count] : batch.skipped) {
    summary_.skipped += count;
    summary_.skipped_by[reason] += count;
  }
  for (const auto& [reason, count] : batch.repaired) summary_.repaired_by[reason] += count;
  for (const auto& letter : batch.dead_letters) ++summary_.dead_by[letter.reason];
  summary_.counted = builder_.summary();
  summary_.progress = read.progress;
  if (hooks.on_progress) hooks.on_progress(summary_, clock_ms_);
  return {};
}

// A row is handed over once its second of clock_ms is complete in every partition. Until then it lies in the
// store, written with the positions it came from and deleted by the batch that hands it over.
Result<std::vector<rules::Transition>> Pipeline::write(store::Tally tally, std::int64_t until_ms,
                                                       const PipelineHooks& hooks) {
  store::Batch batch;
  // What comes for a second that is already handed over takes the current one.
  for (auto& row : tally.rows) row.clock_ms = std::max(row.clock_ms, handed_until_ms_);
  for (auto& row : tally.mentions) row.clock_s = std::max(row.clock_s, handed_until_ms_ / 1'000);

  std::vector<store::DetectorRow> handed_rows;
  std::vector<store::MentionRow> handed_mentions;
  const auto row_is_due = [&](const store::DetectorRow& row) { return row.clock_ms < until_ms; };
  const auto mention_is_due = [&](const store::MentionRow& row) { return row.clock_s * 1'000 < until_ms; };

  // Those that lay in the store, then those of this batch, which never get there.
  auto due = std::stable_partition(pending_rows_.begin(), pending_rows_.end(), row_is_due);
  batch.handed_rows.assign(pending_rows_.begin(), due);
  pending_rows_.erase(pending_rows_.begin(), due);
  handed_rows = batch.handed_rows;
  auto due_mentions =
      std::stable_partition(pending_mentions_.begin(), pending_mentions_.end(), mention_is_due);
  batch.handed_mentions.assign(pending_mentions_.begin(), due_mentions);
  pending_mentions_.erase(pending_mentions_.begin(), due_mentions);
  handed_mentions = batch.handed_mentions;

  std::vector<store::DetectorRow> waiting_rows;
  for (auto& row : tally.rows) (row_is_due(row) ? handed_rows : waiting_rows).push_back(std::move(row));
  std::vector<store::MentionRow> waiting_mentions;
  for (const auto& row : tally.mentions)
    (mention_is_due(row) ? handed_mentions : waiting_mentions).push_back(row);
  pending_rows_.insert(pending_rows_.end(), waiting_rows.begin(), waiting_rows.end());
  pending_mentions_.insert(pending_mentions_.end(), waiting_mentions.begin(), waiting_mentions.end());
  merge_equal(pending_mentions_);
  tally.rows = std::move(waiting_rows);
  tally.mentions = std::move(waiting_mentions);

  std::sort(handed_rows.begin(), handed_rows.end());
  merge_equal(handed_mentions);
  rules::Step step;
  if (until_ms > handed_until_ms_) {
    step = engine_.advance(handed_rows, handed_mentions, until_ms);
    handed_until_ms_ = until_ms;
    step.bytes.push_back({store::Family::meta, "handed_until_ms", std::to_string(until_ms)});
  }
  batch.tally = std::move(tally);
  batch.bytes = std::move(step.bytes);
  batch.has_transition = !step.transitions.empty();
  if (batch.has_transition && hooks.owed)
    for (auto& row : hooks.owed(step.transitions)) batch.bytes.push_back(std::move(row));
  if (auto written = store_.write(batch); !written) return tl::unexpected(written.error());
  return std::move(step.transitions);
}

Result<std::vector<rules::Transition>> Pipeline::judge(const rules::IncidentId& id, rules::Verdict verdict,
                                                       const std::string& reason,
                                                       std::vector<store::KeyedBytes> rows,
                                                       const PipelineHooks& hooks) {
  auto step = engine_.judge(id, verdict, reason);
  if (!step) return tl::unexpected(step.error());
  store::Batch batch;
  batch.bytes = std::move(step->bytes);
  for (auto& row : rows) batch.bytes.push_back(std::move(row));
  batch.has_transition = true;
  if (hooks.owed)
    for (auto& row : hooks.owed(step->transitions)) batch.bytes.push_back(std::move(row));
  if (auto written = store_.write(batch); !written) return tl::unexpected(written.error());
  if (hooks.on_transition)
    for (const auto& transition : step->transitions) hooks.on_transition(transition);
  return std::move(step->transitions);
}

std::vector<rules::Incident> Pipeline::incidents() const { return engine_.incidents(); }

}  // namespace thap::app
