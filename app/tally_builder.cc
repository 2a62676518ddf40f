#include "app/tally_builder.h"

#include <algorithm>

#include "ingest/public_link.h"
#include "nlp/mask.h"

namespace thap::app {

using ingest::Operation;
using ingest::Post;
using ingest::PostKind;
using nlp::ServiceId;
using store::Facet;
using store::FacetKind;

namespace {

constexpr int evidence_a_batch = 3;  // per service and minute; the store keeps no more either
constexpr std::int64_t ist_offset_ms = 19'800'000;

bool is_complaint(const nlp::ServiceReading& s) { return nlp::is_present_outage(s.status) && !s.blamed; }

std::uint64_t mix(std::uint64_t x) {
  x ^= x >> 33;
  x *= 0xFF51AFD7ED558CCDu;
  x ^= x >> 33;
  x *= 0xC4CEB9FE1A85EC53u;
  return x ^ (x >> 33);
}

// By what a post's evidence is found when it is changed. Deletes of Mastodon know no more than the id on the
// instance that reports them.
ingest::PostKey evidence_key(const Post& post) {
  return post.local_id.empty() ? post.key : ingest::post_key(post.network, post.local_id);
}

}  // namespace

std::uint32_t author_fingerprint(std::uint64_t author, ServiceId service, std::int64_t event_ms) {
  const auto day = static_cast<std::uint64_t>((event_ms + ist_offset_ms) / 86'400'000);
  return static_cast<std::uint32_t>(mix(author ^ mix((static_cast<std::uint64_t>(service) << 32) | day)) >>
                                    32);
}

store::DetectorRow detector_row(const Post& post, const nlp::Reading& reading) {
  store::DetectorRow row;
  row.clock_ms = post.clock_ms;
  row.event_ms = post.event_ms;
  row.network = post.network;
  row.post = post.key;
  row.author = post.author;
  row.text_hash = reading.text_hash;
  row.simhash = reading.simhash;
  row.conversation = post.conversation;
  row.words = reading.words;
  row.kind = reading.kind;
  row.language = reading.language;
  row.symptoms = reading.symptoms;
  row.places = reading.places;
  const bool people_speak = reading.complains() || reading.kind == nlp::Kind::complaint;
  for (const auto& s : reading.services) {
    if (s.blamed)
      row.blamed.push_back(s.service);
    else if (is_complaint(s) && people_speak)
      row.complaints.push_back(s.service);
    else if (s.status == nlp::Status::recovered)
      row.recovered.push_back(s.service);
  }
  return row;
}

void TallyBuilder::add(const Post& post, const nlp::Reading& reading) {
  ++summary_.posts;
  count_record(post);
  if (post.op != Operation::create) change_evidence(post);
  if (post.op == Operation::remove || post.op == Operation::remove_author) return;
  if (reading.services.empty()) return;
  // An edit of a post that was never seen counts by the text it brings.
  if (!seen_here_.insert(post.key).second || seen_before_(post.key)) {
    ++summary_.duplicates;
    return;
  }
  tally_.seen.emplace_back(static_cast<std::uint32_t>(std::max<std::int64_t>(post.event_ms, 0) / 3'600'000),
                           post.key);
  ++summary_.named;
  summary_.late += post.late;
  count_mentions(post, reading);
}

void TallyBuilder::count_record(const Post& post) {
  count_talk(post.clock_ms / 1'000, store::every_record);
  tally_.newest_clock_ms = std::max(tally_.newest_clock_ms, post.clock_ms);
}

void TallyBuilder::count_mentions(const Post& post, const nlp::Reading& reading) {
  if (post.kind == PostKind::repost) {
    for (const auto& s : reading.services) bump(s.service, {FacetKind::reposts, 0}, post);
    return;
  }
  const bool counts = !post.bot && !post.author_is_official;
  store::DetectorRow row = detector_row(post, reading);
  if (!counts) row.complaints.clear(), row.recovered.clear(), row.blamed.clear();
  bool any = false;
  for (const auto& s : reading.services) {
    bump(s.service, {FacetKind::mentions, 0}, post);
    if (counts && is_complaint(s)) {
      any = true;
      count_complaint(post, reading, s.service);
    } else if (counts && s.status == nlp::Status::recovered) {
      bump(s.service, {FacetKind::recovered, 0}, post);
    }
    if (counts && (is_complaint(s) || s.status == nlp::Status::recovered || s.blamed))
      keep_evidence(post, reading, s);
    // Talk that is not a complaint, for the guard against hype.
    if (!post.late &&
        std::find(row.complaints.begin(), row.complaints.end(), s.service) == row.complaints.end())
      count_talk(post.clock_ms / 1'000, s.service);
  }
  summary_.complaints += any;
  if (post.late) return;
  if (!row.complaints.empty() || !row.recovered.empty() || !row.blamed.empty())
    tally_.rows.push_back(std::move(row));
}

void TallyBuilder::count_complaint(const Post& post, const nlp::Reading& reading, ServiceId service) {
  const Facet complaints{FacetKind::complaints, 0};
  bump(service, complaints, post);
  if (post.author != 0)
    authors_here_.emplace_back(store::WindowKey{service, complaints, store::minute_of(post.event_ms)},
                               author_fingerprint(post.author, service, post.event_ms));
  for (int i = 0; i < nlp::symptom_count; ++i)
    if (reading.symptoms.has(static_cast<nlp::Symptom>(i)))
      bump(service, {FacetKind::symptom, static_cast<std::uint32_t>(i)}, post);
  bump(service, {FacetKind::language, static_cast<std::uint32_t>(reading.language)}, post);
  for (const auto place : reading.places)
    bump(service, {FacetKind::place, static_cast<std::uint32_t>(place)}, post);
  bump(service, {FacetKind::kind, static_cast<std::uint32_t>(reading.kind)}, post);
  bump(service, {FacetKind::source, static_cast<std::uint32_t>(post.network)}, post);
}

void TallyBuilder::bump(ServiceId service, Facet facet, const Post& post) {
  counts_here_.push_back({service, facet, store::minute_of(post.event_ms)});
}

// Posts come nearly in the order of their clock: many share the entry before.
void TallyBuilder::count_talk(std::int64_t clock_s, ServiceId service) {
  if (!mentions_here_.empty() && mentions_here_.back().clock_s == clock_s &&
      mentions_here_.back().service == service)
    ++mentions_here_.back().count;
  else
    mentions_here_.push_back({clock_s, service, 1});
}

void TallyBuilder::keep_evidence(const Post& post, const nlp::Reading& reading,
                                 const nlp::ServiceReading& s) {
  const store::Minute minute = store::minute_of(post.event_ms);
  auto& kept = evidence_here_[(static_cast<std::uint64_t>(s.service) << 32) | minute];
  if (kept >= evidence_a_batch) return;
  ++kept;
  store::Evidence evidence;
  evidence.service = s.service;
  evidence.minute = minute;
  evidence.post = evidence_key(post);
  evidence.network = post.network;
  evidence.author = post.author;
  evidence.event_ms = post.event_ms;
  evidence.link = ingest::public_link(post);
  evidence.text =
      nlp::mask(post.text, [&](std::string_view handle) { return reader_.is_service_handle(handle); });
  evidence.status = s.status;
  evidence.symptoms = reading.symptoms;
  evidence.language = reading.language;
  evidence.kind = reading.kind;
  for (const auto& other : reading.services)
    if (other.blamed) evidence.blamed.push_back(other.service);
  evidence.sensitive = post.sensitive;
  tally_.evidence.push_back(std::move(evidence));
}

void TallyBuilder::change_evidence(const Post& post) {
  store::EvidenceChange change;
  change.op = post.op;
  change.post = evidence_key(post);
  change.author = post.author;
  change.event_ms = post.clock_ms;
  if (post.op == Operation::edit)
    change.text =
        nlp::mask(post.text, [&](std::string_view handle) { return reader_.is_service_handle(handle); });
  // What this author wrote before the key's period turned lies under another hash.
  for (const auto author : post.author_elsewhen) {
    change.author = author;
    tally_.changes.push_back(change);
  }
  change.author = post.author;
  tally_.changes.push_back(std::move(change));
}

store::Tally TallyBuilder::finish(const ingest::SourceBatch& batch) {
  std::sort(counts_here_.begin(), counts_here_.end());
  for (auto from = counts_here_.begin(), to = from; from != counts_here_.end(); from = to) {
    to = std::find_if(from, counts_here_.end(), [&](const auto& key) { return key != *from; });
    tally_.counts.emplace_hint(tally_.counts.end(), *from, static_cast<std::uint64_t>(to - from));
  }
  std::sort(authors_here_.begin(), authors_here_.end());
  for (const auto& [key, fingerprint] : authors_here_)
    tally_.authors.try_emplace(tally_.authors.end(), key)->second.push_back(fingerprint);
  std::sort(mentions_here_.begin(), mentions_here_.end());
  for (const auto& row : mentions_here_) {
    auto& rows = tally_.mentions;
    if (!rows.empty() && rows.back().clock_s == row.clock_s && rows.back().service == row.service)
      rows.back().count += row.count;
    else
      rows.push_back(row);
  }
  tally_.positions = batch.positions;
  tally_.watermark_ms = batch.watermark_ms;
  store::Tally out = std::move(tally_);
  tally_ = {};
  seen_here_.clear();
  evidence_here_.clear();
  counts_here_.clear();
  authors_here_.clear();
  mentions_here_.clear();
  return out;
}

}  // namespace thap::app
