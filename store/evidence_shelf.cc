#include "store/evidence_shelf.h"

#include <algorithm>
#include <set>
#include <utility>

#include "store/keys.h"
#include "store/rows.h"

namespace thap::store {
namespace {

using ingest::Result;
constexpr std::size_t max_remembered = 100'000;  // service minutes

struct PostHash {
  std::size_t operator()(const ingest::PostKey& post) const {
    return static_cast<std::size_t>(post.low ^ post.high * 0x9e3779b97f4a7c15u);
  }
};

std::uint64_t shelf_of(nlp::ServiceId service, Minute minute) {
  return static_cast<std::uint64_t>(service) << 32 | minute;
}

EvidencePlace place_of(const Evidence& evidence) {
  return {evidence.service, evidence.minute, evidence.post};
}

}  // namespace

// What this batch puts on the shelf and takes from it. Rows already stored are changed in the batch at once;
// the set keeps an edit from bringing back what an earlier change removed.
struct EvidenceShelf::Stage {
  struct Row {
    Evidence evidence;
    bool removed{false};
  };
  std::vector<Row> rows;
  std::unordered_multimap<ingest::PostKey, std::size_t, PostHash> rows_of_post;
  std::set<EvidencePlace> removed;
  std::uint64_t edited{0};
  std::unique_ptr<RowScan> shelf;  // one for all questions of the batch: making one costs more than asking it
};

Result<EvidenceShelf::Staged> EvidenceShelf::stage(const std::vector<Evidence>& evidence,
                                                   const std::vector<EvidenceChange>& changes, Minute floor,
                                                   rocksdb::WriteBatch& batch) {
  if (taken_.size() > max_remembered) taken_.clear();
  Stage stage;
  Staged staged;
  for (const auto& one : evidence) {
    if (one.minute < floor) {
      ++staged.dropped;
      continue;
    }
    auto on_shelf = taken(one.service, one.minute, stage);
    if (!on_shelf) return tl::unexpected(on_shelf.error());
    if (**on_shelf >= max_posts) {
      ++staged.dropped;
      continue;
    }
    auto unwanted = is_unwanted(one);
    if (!unwanted) return tl::unexpected(unwanted.error());
    if (*unwanted) {
      ++staged.dropped;
      continue;
    }
    ++**on_shelf;
    stage.rows_of_post.emplace(one.post, stage.rows.size());
    stage.rows.push_back({one, false});
  }
  for (const auto& change : changes)
    if (auto applied = apply(change, stage, batch); !applied) return tl::unexpected(applied.error());

  for (const auto& [row, removed] : stage.rows) {
    const auto place = place_of(row);
    if (removed) {
      ++staged.dropped;
      taken_.erase(shelf_of(place.service, place.minute));
      continue;
    }
    ++staged.kept;
    batch.Put(database_[Rows::evidence], evidence_key(place), encode_evidence(row));
    batch.Put(database_[Rows::evidence_index], post_index_key(place), {});
    if (row.author != 0) batch.Put(database_[Rows::evidence_index], author_index_key(row.author, place), {});
  }
  staged.removed = stage.removed.size();
  staged.edited = stage.edited;
  return staged;
}

Result<std::size_t*> EvidenceShelf::taken(nlp::ServiceId service, Minute minute, Stage& stage) {
  const auto [it, is_new] = taken_.try_emplace(shelf_of(service, minute), 0);
  if (is_new) {
    const auto prefix = evidence_prefix(service, minute);
    if (!stage.shelf) stage.shelf = scan_all(database_, Rows::evidence, {});
    auto& scan = *stage.shelf;
    for (scan.seek(prefix); scan.valid() && scan.key().starts_with(prefix); scan.next()) ++it->second;
    if (auto finished = scan.finish(); !finished) return tl::unexpected(finished.error());
  }
  return &it->second;
}

Result<bool> EvidenceShelf::is_unwanted(const Evidence& evidence) const {
  const auto post = get_row(database_, Rows::evidence_index, post_tombstone_key(evidence.post));
  if (!post) return tl::unexpected(post.error());
  if (post->has_value()) return true;
  if (evidence.author == 0) return false;
  const auto author = get_row(database_, Rows::evidence_index, author_tombstone_key(evidence.author));
  if (!author) return tl::unexpected(author.error());
  if (!author->has_value()) return false;
  const auto asked_ms = decode_time(**author);
  return !asked_ms || evidence.event_ms <= *asked_ms;
}

Result<void> EvidenceShelf::apply(const EvidenceChange& change, Stage& stage, rocksdb::WriteBatch& batch) {
  const bool by_author = change.op == ingest::Operation::remove_author;
  if (change.op == ingest::Operation::create || (by_author && change.author == 0)) return {};

  if (by_author) {
    for (auto& row : stage.rows)
      if (row.evidence.author == change.author) row.removed = true;
  } else {
    const auto [begin, end] = stage.rows_of_post.equal_range(change.post);
    for (auto it = begin; it != end; ++it) {
      auto& row = stage.rows[it->second];
      if (change.op == ingest::Operation::edit) {
        row.evidence.text = change.text;
        row.evidence.edited = true;
      } else {
        row.removed = true;
      }
    }
  }

  auto places = places_under(by_author ? author_index_prefix(change.author) : post_index_prefix(change.post));
  if (!places) return tl::unexpected(places.error());
  for (const auto& place : *places) {
    auto done = change.op == ingest::Operation::edit ? edit_row(place, change, stage, batch)
                                                     : remove_row(place, stage, batch);
    if (!done) return done;
  }

  if (by_author) {
    const auto key = author_tombstone_key(change.author);
    const auto before = get_row(database_, Rows::evidence_index, key);
    if (!before) return tl::unexpected(before.error());
    const auto asked_ms = before->has_value() ? decode_time(**before) : std::nullopt;
    batch.Put(database_[Rows::evidence_index], key,
              encode_time(std::max(change.event_ms, asked_ms.value_or(change.event_ms))));
  } else if (change.op == ingest::Operation::remove ||
             (places->empty() && stage.rows_of_post.count(change.post) == 0)) {
    batch.Put(database_[Rows::evidence_index], post_tombstone_key(change.post), encode_time(change.event_ms));
  }
  return {};
}

Result<std::vector<EvidencePlace>> EvidenceShelf::places_under(const std::string& index_prefix) const {
  std::vector<EvidencePlace> places;
  const auto scan = scan_all(database_, Rows::evidence_index, after_prefix(index_prefix));
  for (scan->seek(index_prefix); scan->valid(); scan->next())
    if (const auto place = parse_index_key(scan->key())) places.push_back(*place);
  if (auto finished = scan->finish(); !finished) return tl::unexpected(finished.error());
  return places;
}

Result<void> EvidenceShelf::remove_row(const EvidencePlace& place, Stage& stage, rocksdb::WriteBatch& batch) {
  const auto bytes = get_row(database_, Rows::evidence, evidence_key(place));
  if (!bytes) return tl::unexpected(bytes.error());
  // A row that does not read back goes as well; only its entry by author is then left, pointing at nothing.
  if (bytes->has_value())
    if (const auto row = decode_evidence(place, **bytes); row && row->author != 0)
      batch.Delete(database_[Rows::evidence_index], author_index_key(row->author, place));
  batch.Delete(database_[Rows::evidence], evidence_key(place));
  batch.Delete(database_[Rows::evidence_index], post_index_key(place));
  taken_.erase(shelf_of(place.service, place.minute));
  stage.removed.insert(place);
  return {};
}

Result<void> EvidenceShelf::edit_row(const EvidencePlace& place, const EvidenceChange& change, Stage& stage,
                                     rocksdb::WriteBatch& batch) {
  if (stage.removed.contains(place)) return {};
  const auto bytes = get_row(database_, Rows::evidence, evidence_key(place));
  if (!bytes) return tl::unexpected(bytes.error());
  if (!bytes->has_value()) return {};
  auto row = decode_evidence(place, **bytes);
  if (!row) return remove_row(place, stage, batch);
  row->text = change.text;
  row->edited = true;
  ++stage.edited;
  batch.Put(database_[Rows::evidence], evidence_key(place), encode_evidence(*row));
  return {};
}

Result<std::vector<Evidence>> read_evidence(const Database& database, nlp::ServiceId service,
                                            MinuteRange range, std::size_t limit) {
  std::vector<Evidence> found;
  const auto start = std::max(range.start, database.retention().evidence_floor());
  if (start >= range.end) return found;
  const auto scan = scan_all(database, Rows::evidence, evidence_prefix(service, range.end));
  for (scan->seek(evidence_prefix(service, start)); scan->valid() && found.size() < limit; scan->next()) {
    const auto place = parse_evidence_key(scan->key());
    auto evidence = place ? decode_evidence(*place, scan->value()) : std::nullopt;
    if (!evidence)
      return ingest::fail(ingest::Code::corrupt, "an evidence row does not read back", database.directory());
    if (!evidence->text.empty()) found.push_back(std::move(*evidence));
  }
  if (auto finished = scan->finish(); !finished) return tl::unexpected(finished.error());
  return found;
}

}  // namespace thap::store
