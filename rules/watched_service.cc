#include "rules/watched_service.h"

#include <algorithm>
#include <cmath>

#include "rules/bytes.h"

namespace thap::rules {

namespace {
constexpr std::uint8_t format_version = 1;
constexpr double recent_s = 6 * 3600;

std::int64_t minute_of(double t) { return static_cast<std::int64_t>(std::floor(t / 60)); }
}  // namespace

std::string row_key(RowKind kind, nlp::ServiceId service) {
  std::string key(1, static_cast<char>(kind));
  put_key(key, static_cast<std::uint32_t>(service));
  return key;
}

WatchedService::WatchedService(nlp::ServiceId id, std::string name, const ClassRules& rules)
    : id_(id), name_(std::move(name)), rules_(&rules) {}

std::string WatchedService::key(RowKind kind) const { return row_key(kind, id_); }

void WatchedService::known_from(double t) {
  known_since_ = t;
  known_changed_ = true;
}

// Steps are the same whether a detector is asked every minute or after a month: whole minutes, and the edges
// of stalls.
void WatchedService::pass(double now, const FeedWatch& feed, std::vector<PhaseChange>& out) {
  auto& d = *detector_;
  const auto until = [&](double t, bool feed_ok) {
    if (t > d.last()) d.advance(t, feed_ok, out);
  };
  const auto& stalls = feed.ended();
  auto stall = std::partition_point(stalls.begin(), stalls.end(), [&](const FeedWatch::Stall& s) {
    return static_cast<double>(s.to) <= d.last();
  });
  for (; stall != stalls.end(); ++stall) {
    const auto from = static_cast<double>(stall->from), to = static_cast<double>(stall->to);
    if (from >= now) return until(now, true);
    until(from, true);
    until(std::min(now, to), false);
  }
  if (feed.stalls_at() != FeedWatch::never) {
    const auto from = static_cast<double>(feed.stalls_at());
    if (from < now) {
      until(from, true);
      return until(now, false);
    }
  }
  until(now, true);
}

void WatchedService::catch_up(double now, const FeedWatch& feed, std::vector<PhaseChange>& out) {
  if (!detector_) {
    if (!is_known()) known_from(now);
    detector_.emplace(rules_->parameters, rules_->shape, known_since_);
    detector_->advance(known_since_, true, out);
  }
  for (; taken_up_ < mentions_.size(); ++taken_up_) {
    const auto& next = mentions_[taken_up_];
    const auto minute_t = static_cast<double>(next.minute * 60);
    if (minute_t + 60 > now) break;
    pass(std::max(detector_->last(), minute_t), feed, out);
    detector_->mention(minute_t, next.count);
  }
  pass(now, feed, out);
}

void WatchedService::grow_older(double now, const FeedWatch& feed, std::vector<PhaseChange>& out) {
  if (dirty_) {
    kept_ = encode();
    dirty_ = false;
  }
  const auto before = out.size();
  catch_up(now, feed, out);
  if (out.size() != before) touched();
}

void WatchedService::touched() {
  dirty_ = true;
  for (; taken_up_ > 0; --taken_up_) {
    const auto& oldest = mentions_.front();
    changed_mentions_.erase(oldest.minute);
    if (oldest.stored) gone_mentions_.push_back(oldest.minute);
    mentions_.pop_front();
  }
}

bool WatchedService::mention(std::int64_t minute, std::uint32_t count) {
  if (!mentions_.empty() && mentions_.back().minute >= minute) {
    mentions_.back().count += count;
  } else {
    mentions_.push_back({minute, count, false});
  }
  changed_mentions_.insert(mentions_.back().minute);
  return mentions_.size() >= most_mentions;
}

int WatchedService::posts(std::int64_t minute) const {
  if (minute > posts_minute_ || minute <= posts_minute_ - posts_minutes) return 0;
  return posts_[static_cast<std::size_t>(minute & (posts_minutes - 1))];
}

void WatchedService::take_up_posts(std::int64_t minute) {
  if (minute - posts_minute_ >= posts_minutes)
    posts_ = {};
  else
    for (auto m = posts_minute_ + 1; m <= minute; ++m)
      posts_[static_cast<std::size_t>(m & (posts_minutes - 1))] = 0;
  posts_minute_ = std::max(posts_minute_, minute);
}

Admitted WatchedService::complaint(double now, const Arrival& arrival, const Recent& about,
                                   std::vector<Recent>& taken_back, std::vector<PhaseChange>& out) {
  const Admitted admitted = detector_->post(now, arrival, admission_, out);
  const auto minute = minute_of(std::min(now, arrival.event));
  take_up_posts(minute_of(now));
  if (!admitted.known && minute > posts_minute_ - posts_minutes) {
    auto& n = posts_[static_cast<std::size_t>(minute & (posts_minutes - 1))];
    if (n < 65'535) ++n;
  }
  for (int i = 0; i < admitted.backs; ++i) {
    const double back = admitted.back[static_cast<std::size_t>(i)];
    const auto found =
        std::find_if(recent_.rbegin(), recent_.rend(), [&](const Recent& r) { return r.event == back; });
    if (found == recent_.rend()) continue;
    // Numbers stay in a row: what came after moves up.
    const auto at = static_cast<std::size_t>(std::distance(recent_.begin(), found.base()) - 1);
    for (auto j = at; j < recent_.size(); ++j)
      changed_recent_.insert(recent_from_ + static_cast<std::uint32_t>(j));
    taken_back.push_back(std::move(recent_[at]));
    recent_.erase(recent_.begin() + static_cast<std::ptrdiff_t>(at));
  }
  if (admitted.counted) {
    if (recent_.size() == most_recent) {
      changed_recent_.insert(recent_from_++);
      recent_.pop_front();
    }
    changed_recent_.insert(recent_from_ + static_cast<std::uint32_t>(recent_.size()));
    recent_.push_back(about);
    recent_.back().event = std::min(now, arrival.event);
    if (recent_.back().places.size() > most_places) recent_.back().places.resize(most_places);
  }
  if (recent_.empty()) recent_from_ = 0;
  return admitted;
}

void WatchedService::recovery(double now, std::uint64_t author, std::vector<PhaseChange>& out) {
  detector_->recovery(now, author, out);
}

void WatchedService::expire(double now) {
  admission_.expire(rules_->parameters, now);
  while (!recent_.empty() && now - recent_.front().event > recent_s) {
    changed_recent_.insert(recent_from_++);
    recent_.pop_front();
  }
  if (recent_.empty()) recent_from_ = 0;
}

std::string WatchedService::encode() const {
  ByteWriter out;
  out.put(format_version);
  out.text(detector_->encode());
  out.text(current);
  out.put(posts_minute_);
  for (auto n : posts_) out.put(n);
  return out.take();
}

std::string WatchedService::encode(const Recent& recent) const {
  ByteWriter out;
  out.put(recent.event);
  out.put(recent.symptoms);
  out.put(recent.language);
  out.put(recent.network);
  out.put(static_cast<std::uint32_t>(recent.places.size()));
  for (auto place : recent.places) out.put(place);
  return out.take();
}

void WatchedService::write(std::vector<store::KeyedBytes>& out) {
  const auto put = [&](std::string row, std::optional<std::string> value) {
    out.push_back({store::Family::detectors, std::move(row), std::move(value)});
  };
  if (known_changed_) {
    ByteWriter value;
    value.put(known_since_);
    put(key(RowKind::known), value.take());
    known_changed_ = false;
  }
  if (dirty_) {
    put(key(RowKind::detector), encode());
  } else if (kept_) {
    put(key(RowKind::detector), std::move(*kept_));
  }
  dirty_ = false;
  kept_.reset();

  const auto mention_key = [&](std::int64_t minute) {
    auto row = key(RowKind::mention);
    put_key(row, static_cast<std::uint32_t>(minute));
    return row;
  };
  for (auto minute : gone_mentions_) put(mention_key(minute), std::nullopt);
  gone_mentions_.clear();
  for (auto minute : changed_mentions_) {
    const auto found = std::find_if(mentions_.rbegin(), mentions_.rend(),
                                    [&](const Mention& m) { return m.minute == minute; });
    if (found == mentions_.rend()) continue;
    ByteWriter value;
    value.put(found->count);
    put(mention_key(minute), value.take());
    found->stored = true;
  }
  changed_mentions_.clear();

  auto changes = admission_.take_changes();
  const auto order = [](const Admission::Change& a, const Admission::Change& b) {
    return std::pair(a.kind, a.key) < std::pair(b.kind, b.key);
  };
  std::sort(changes.begin(), changes.end(), order);
  for (auto from = changes.begin(), to = from; from != changes.end(); from = to) {
    to = std::find_if(from, changes.end(), [&](const auto& change) { return order(*from, change); });
    auto value = admission_.encode(*from);
    // What came and went between two batches has no row.
    if (!value && std::none_of(from, to, [](const auto& change) { return change.leaves_store; })) continue;
    auto row = key(RowKind::admission);
    put_key(row, static_cast<std::uint8_t>(from->kind));
    put_key(row, from->key);
    put(std::move(row), std::move(value));
  }

  for (auto number : changed_recent_) {
    auto row = key(RowKind::recent);
    put_key(row, number);
    const bool here = number >= recent_from_ && number - recent_from_ < recent_.size();
    put(std::move(row), here ? std::optional(encode(recent_[number - recent_from_])) : std::nullopt);
  }
  changed_recent_.clear();
}

ingest::Result<void> WatchedService::load(RowKind kind, std::string_view rest, std::string_view value) {
  const auto corrupt = [&](const char* what) {
    return ingest::fail(ingest::Code::corrupt, what, "service " + name_);
  };
  ByteReader in(value);
  switch (kind) {
    case RowKind::known:
      known_since_ = in.get<double>();
      break;
    case RowKind::detector: {
      const auto version = in.get<std::uint8_t>();
      if (version > format_version)
        return ingest::fail(ingest::Code::newer_format, "service row", "service " + name_);
      const auto state = in.text();
      current = in.text();
      in.get_into(posts_minute_);
      for (auto& n : posts_) in.get_into(n);
      if (!in.at_end() || version == 0) break;
      detector_.emplace(rules_->parameters, rules_->shape, 0.0);
      if (auto decoded = detector_->decode(state); !decoded) return decoded;
      break;
    }
    case RowKind::admission: {
      std::uint8_t entry_kind = 0;
      std::uint64_t hash = 0;
      if (!take_key(rest, entry_kind) || !take_key(rest, hash) || !rest.empty())
        return corrupt("admission key");
      return admission_.load(static_cast<Admission::Kind>(entry_kind), hash, value);
    }
    case RowKind::recent: {
      std::uint32_t number = 0;
      if (!take_key(rest, number)) return corrupt("recent key");
      Recent recent;
      in.get_into(recent.event);
      in.get_into(recent.symptoms);
      in.get_into(recent.language);
      in.get_into(recent.network);
      recent.places.resize(in.count(4));
      for (auto& place : recent.places) in.get_into(place);
      loaded_recent_.emplace_back(number, std::move(recent));
      break;
    }
    case RowKind::mention: {
      std::uint32_t minute = 0;
      if (!take_key(rest, minute)) return corrupt("mention key");
      mentions_.push_back({minute, in.get<std::uint32_t>(), true});
      break;
    }
    default:
      return corrupt("kind of row");
  }
  if (!in.at_end() || !rest.empty()) return corrupt("length of row");
  return {};
}

void WatchedService::finish_load() {
  admission_.finish_load();
  std::sort(mentions_.begin(), mentions_.end(),
            [](const Mention& a, const Mention& b) { return a.minute < b.minute; });
  std::sort(loaded_recent_.begin(), loaded_recent_.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  if (!loaded_recent_.empty()) recent_from_ = loaded_recent_.front().first;
  for (auto& [number, recent] : loaded_recent_) recent_.push_back(std::move(recent));
  loaded_recent_.clear();
}

}  // namespace thap::rules
