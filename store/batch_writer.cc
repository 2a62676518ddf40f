#include "store/batch_writer.h"

#include <algorithm>

#include <rocksdb/convenience.h>

#include "store/keys.h"
#include "store/rows.h"
#include "store/sketch.h"

namespace thap::store {
namespace {

using ingest::Code;
using ingest::fail;
using ingest::Result;

const std::string newest_clock_key = own_meta_key("newest_clock_ms");
const std::string seen_clock_key = own_meta_key("seen_clock_ms");
const std::string hours_closed_key = own_meta_key(hours_closed_before);

// Rows of `seen` are deleted in one large range this often: many small ranges would slow every read (RocksDB
// #3634).
constexpr std::uint32_t hours_between_seen_deletes = 6;

}  // namespace

BatchWriter::BatchWriter(Database& database) : database_(database), shelf_(database), erasure_(database) {}

Result<void> BatchWriter::load() {
  const auto& directory = database_.directory();
  const auto clock = get_row(database_, Rows::meta, newest_clock_key);
  if (!clock) return tl::unexpected(clock.error());
  if (clock->has_value()) {
    const auto ms = decode_time(**clock);
    if (!ms) return fail(Code::corrupt, "the newest clock does not read back", directory);
    database_.retention().advance(*ms);
  }
  const auto seen_clock = get_row(database_, Rows::meta, seen_clock_key);
  if (!seen_clock) return tl::unexpected(seen_clock.error());
  const auto seen_ms = seen_clock->has_value() ? decode_time(**seen_clock)
                                               : std::optional(database_.retention().newest_clock_ms());
  if (!seen_ms) return fail(Code::corrupt, "the clock of what was seen does not read back", directory);
  seen_clock_ms_ = *seen_ms;

  const auto offsets = scan_all(database_, Rows::offsets, {});
  for (offsets->seek({}); offsets->valid(); offsets->next()) {
    const auto position = decode_position(offsets->key(), offsets->value());
    if (!position) return fail(Code::corrupt, "a source position does not read back", directory);
    positions_[{position->source, position->partition}] = *position;
  }
  if (auto finished = offsets->finish(); !finished) return finished;
  if (database_.read_only()) return {};
  if (auto loaded = erasure_.load(); !loaded) return loaded;

  const auto floor = database_.retention().seen_floor_at(seen_clock_ms_);
  seen_.expire_before(floor);
  const auto seen = scan_all(database_, Rows::seen, {});
  for (seen->seek(view(seen_key(floor, 0))); seen->valid(); seen->next()) {
    const auto hour = hour_in_seen_key(seen->key());
    const auto posts = decode_posts(seen->value());
    if (!hour || !posts) return fail(Code::corrupt, "seen posts do not read back", directory);
    for (const auto& post : *posts) seen_.insert(*hour, post);
  }
  if (auto finished = seen->finish(); !finished) return finished;
  seen_posts_ = seen_.size();
  seen_evicted_ = seen_.evicted();

  const auto closed = get_row(database_, Rows::meta, hours_closed_key);
  if (!closed) return tl::unexpected(closed.error());
  const auto first_open = closed->has_value() ? decode_u32(**closed) : std::optional<std::uint32_t>(0);
  if (!first_open) return fail(Code::corrupt, "the first open hour does not read back", directory);
  return open_hours_.load(database_, *first_open);
}

Result<WriteSummary> BatchWriter::write(const Batch& batch) {
  auto& health = database_.health();
  if (database_.read_only())
    return fail(Code::io, "the store is open for reading only", database_.directory());
  if (health.broken())
    return fail(Code::io, "the store cannot be written: " + health.reason(), database_.directory());
  for (const auto& row : batch.bytes)
    if (row.family == Family::meta && !row.key.empty() && row.key.front() == own_meta)
      return fail(Code::bad_input, "keys of meta that begin with a zero byte are the store's own",
                  database_.directory());

  auto& retention = database_.retention();
  const auto newest = std::max(retention.newest_clock_ms(), batch.tally.newest_clock_ms);
  rows_.Clear();
  WriteSummary summary;
  stage_counts(batch.tally, retention.minute_floor_at(newest), summary);
  stage_hours(newest);
  // A partition may be read days ahead of another, which may still bring the same post again: how long posts
  // are remembered is measured from where all have been read to.
  const auto watermark = batch.tally.watermark_ms;
  const auto seen_clock = std::max(seen_clock_ms_, watermark > 0 ? std::min(watermark, newest) : newest);
  stage_seen(batch.tally, retention.seen_floor_at(seen_clock));
  if (seen_clock > seen_clock_ms_) rows_.Put(database_[Rows::meta], seen_clock_key, encode_time(seen_clock));
  stage_pending(batch);
  const auto evidence =
      shelf_.stage(batch.tally.evidence, batch.tally.changes, retention.evidence_floor_at(newest), rows_);
  if (!evidence) {
    health.break_with(evidence.error().text);
    return tl::unexpected(evidence.error());
  }
  summary.evidence_kept = evidence->kept;
  summary.evidence_dropped = evidence->dropped;
  summary.evidence_removed = evidence->removed;
  const bool is_erasure_owed = evidence->removed + evidence->edited > 0;
  if (is_erasure_owed) erasure_.stage(rows_);
  stage_small(batch, newest);

  rocksdb::WriteOptions options;
  options.sync = batch.has_transition;
  if (const auto status = database_.db().Write(options, &rows_); !status.ok()) {
    health.break_with(status.ToString());
    return fail(Code::io, "the store cannot be written: " + status.ToString(), database_.directory());
  }
  if (is_erasure_owed) erasure_.written();
  seen_clock_ms_ = seen_clock;
  remember(batch, newest);
  flush_if_due(minute_of(newest));
  return summary;
}

void BatchWriter::stage_counts(const Tally& tally, Minute floor, WriteSummary& summary) {
  flush_rule_.begin_batch();
  late_hours_.clear();
  auto* const windows = database_[Rows::windows];
  for (const auto& [key, count] : tally.counts) {
    if (key.minute < floor) {
      ++summary.expired_counts;
      continue;
    }
    rows_.Merge(windows, slice(view(window_key(key))), slice(view(encode_count(count))));
    ++summary.counts;
    flush_rule_.touch(key.minute);
    if (open_hours_.add(key, count)) continue;
    const WindowKey hour{key.service, key.facet, key.minute / 60};
    if (!late_hours_.empty() && late_hours_.back().first == hour)
      late_hours_.back().second = saturating_add(late_hours_.back().second, count);
    else
      late_hours_.emplace_back(hour, count);
  }
  auto* const authors = database_[Rows::authors];
  for (const auto& [key, fingerprints] : tally.authors) {
    if (key.minute < floor || fingerprints.empty()) continue;
    encode_sketch(fingerprints, bytes_);
    rows_.Merge(authors, slice(view(window_key(key))), bytes_);
  }
}

// Late minutes of closed hours and the sums of hours that close now; the order of the two does not matter.
void BatchWriter::stage_hours(std::int64_t newest_clock_ms) {
  auto* const hours = database_[Rows::hours];
  for (const auto& [key, sum] : late_hours_)
    rows_.Merge(hours, slice(view(window_key(key))), slice(view(encode_count(sum))));
  const auto first_open = OpenHours::first_open_at(newest_clock_ms);
  if (first_open <= open_hours_.first_open()) return;
  for (const auto& [key, sum] : open_hours_.close_before(first_open))
    rows_.Merge(hours, slice(view(window_key(key))), slice(view(encode_count(sum))));
  rows_.Put(database_[Rows::meta], hours_closed_key, encode_u32(first_open));
}

// One row an hour and batch: only ever read all together, and a row a post costs more than its counts do. No
// two batches have the same sequence number, after a crash neither.
void BatchWriter::stage_seen(const Tally& tally, std::uint32_t floor) {
  posts_of_hour_.clear();
  for (const auto& [hour, post] : tally.seen)
    if (hour >= floor) append_post(posts_of_hour_[hour], post);
  const auto sequence = database_.db().GetLatestSequenceNumber();
  for (const auto& [hour, posts] : posts_of_hour_)
    rows_.Put(database_[Rows::seen], slice(view(seen_key(hour, sequence))), posts);
}

// A row that this batch brings and hands over is never written. A mention may have been pending before as
// well, so its key is deleted all the same.
void BatchWriter::stage_pending(const Batch& batch) {
  auto* const pending = database_[Rows::pending];
  std::vector<std::string> handed;
  handed.reserve(batch.handed_rows.size() + batch.handed_mentions.size());
  for (const auto& mention : batch.handed_mentions)
    handed.push_back(mention_key(mention.clock_s, mention.service));
  for (const auto& row : batch.handed_rows) handed.push_back(row_key(row.clock_ms, row.network, row.post));
  if (!std::is_sorted(handed.begin(), handed.end())) std::sort(handed.begin(), handed.end());
  std::vector<bool> came_now(handed.size());
  const auto is_handed = [&](const std::string& key) {
    const auto at = std::lower_bound(handed.begin(), handed.end(), key);
    if (at == handed.end() || *at != key) return false;
    if (key.front() == row_kind) came_now[static_cast<std::size_t>(at - handed.begin())] = true;
    return true;
  };

  for (const auto& mention : batch.tally.mentions) {
    const auto key = mention_key(mention.clock_s, mention.service);
    if (!is_handed(key)) rows_.Merge(pending, key, slice(view(encode_count(mention.count))));
  }
  for (const auto& row : batch.tally.rows) {
    const auto key = row_key(row.clock_ms, row.network, row.post);
    if (!is_handed(key)) rows_.Put(pending, key, encode_row(row));
  }
  for (std::size_t i = 0; i < handed.size(); ++i)
    if (!came_now[i] && (i == 0 || handed[i] != handed[i - 1])) rows_.Delete(pending, handed[i]);
}

void BatchWriter::stage_small(const Batch& batch, std::int64_t newest_clock_ms) {
  for (const auto& position : batch.tally.positions)
    rows_.Put(database_[Rows::offsets], offset_key(position.source, position.partition),
              encode_position(position));
  for (const auto& row : batch.bytes) {
    auto* const family = database_[rows_of(row.family)];
    if (row.value)
      rows_.Put(family, row.key, *row.value);
    else
      rows_.Delete(family, row.key);
  }
  if (newest_clock_ms > database_.retention().newest_clock_ms())
    rows_.Put(database_[Rows::meta], newest_clock_key, encode_time(newest_clock_ms));
}

void BatchWriter::remember(const Batch& batch, std::int64_t newest_clock_ms) {
  database_.retention().advance(newest_clock_ms);
  const auto floor = database_.retention().seen_floor_at(seen_clock_ms_);
  seen_.expire_before(floor);
  for (const auto& [hour, post] : batch.tally.seen) seen_.insert(hour, post);
  seen_posts_ = seen_.size();
  seen_evicted_ = seen_.evicted();
  if (!batch.tally.positions.empty()) {
    const std::lock_guard lock(positions_mutex_);
    for (const auto& position : batch.tally.positions)
      positions_[{position.source, position.partition}] = position;
  }
  if (floor >= seen_rows_floor_ + hours_between_seen_deletes) expire_seen_rows(floor);
}

void BatchWriter::flush_if_due(Minute clock) {
  if (!flush_rule_.due(clock)) return;
  rocksdb::FlushOptions options;
  options.wait = false;
  // One that fails is a background error, which breaks the store's health by itself.
  database_.db()
      .Flush(options, {database_[Rows::windows], database_[Rows::authors], database_[Rows::hours]})
      .PermitUncheckedError();
  flush_rule_.flushed(clock);
  ++flushes_;
}

// Whole files first, then the rest of the range. Not needed for what seen() answers, so a failure can wait.
void BatchWriter::expire_seen_rows(std::uint32_t floor) {
  auto* const seen = database_[Rows::seen];
  const auto begin = seen_key(0, 0), end = seen_key(floor, 0);
  const auto begin_slice = slice(view(begin)), end_slice = slice(view(end));
  rocksdb::DeleteFilesInRange(&database_.db(), seen, &begin_slice, &end_slice, false).PermitUncheckedError();
  database_.db().DeleteRange({}, seen, begin_slice, end_slice).PermitUncheckedError();
  seen_rows_floor_ = floor;
}

std::vector<ingest::SourcePosition> BatchWriter::positions() const {
  const std::lock_guard lock(positions_mutex_);
  std::vector<ingest::SourcePosition> all;
  all.reserve(positions_.size());
  for (const auto& [key, position] : positions_) all.push_back(position);
  return all;
}

StoreFigures BatchWriter::figures() const {
  StoreFigures figures;
  figures.seen_posts = seen_posts_;
  figures.seen_evicted = seen_evicted_;
  figures.flushes = flushes_;
  figures.broken = database_.health().broken();
  if (figures.broken) figures.broken_reason = database_.health().reason();
  return figures;
}

}  // namespace thap::store
