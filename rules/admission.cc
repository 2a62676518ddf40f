#include "rules/admission.h"

#include <algorithm>
#include <bit>

#include "rules/bytes.h"

namespace thap::rules {

template <class Map>
void Admission::purge(const Parameters& p, Map& map, Kind kind, double now) {
  while (!map.empty()) {
    const auto& oldest = map.front();
    const bool expired = now - oldest.entry.first > p.admission_window_s;
    if (!expired && map.size() <= static_cast<std::size_t>(p.admission_cap)) break;
    if (!expired) ++evicted_;
    changes_.push_back({kind, oldest.key, oldest.entry.stored});
    if constexpr (std::is_same_v<Map, ExpiringMap<Text>>)
      if (oldest.entry.near) forget_near(oldest.key, oldest.entry.simhash);
    map.pop_front();
  }
}

void Admission::expire(const Parameters& p, double now) {
  purge(p, authors_, Kind::author, now);
  purge(p, texts_, Kind::text, now);
  purge(p, conversations_, Kind::conversation, now);
  purge(p, posts_, Kind::post, now);
}

namespace {
std::uint32_t piece(std::uint64_t simhash, std::uint32_t i) {
  return i << 16 | static_cast<std::uint32_t>(simhash >> (16 * i) & 0xffff);
}
}  // namespace

void Admission::index_near(std::uint64_t key, std::uint64_t simhash) {
  for (std::uint32_t i = 0; i < 4; ++i) near_[piece(simhash, i)].push_back(key);
}

void Admission::forget_near(std::uint64_t key, std::uint64_t simhash) {
  for (std::uint32_t i = 0; i < 4; ++i) {
    const auto found = near_.find(piece(simhash, i));
    if (found == near_.end()) continue;
    std::erase(found->second, key);
    if (found->second.empty()) near_.erase(found);
  }
}

// The entry of the same text or of one it is nearly a copy of (the nearest, then the one that came first), or
// a new one.
Admission::Text& Admission::text_of(const Parameters& p, double now, const Arrival& arrival,
                                    std::uint64_t& key) {
  if (Text* same = texts_.find(key)) return *same;
  const bool near = p.near_copy_bits >= 0 && arrival.words >= p.short_text_words;
  if (near) {
    std::uint64_t best = 0;
    std::pair<int, std::uint32_t> best_rank{p.near_copy_bits + 1, 0};
    for (std::uint32_t i = 0; i < 4; ++i) {
      const auto found = near_.find(piece(arrival.simhash, i));
      if (found == near_.end()) continue;
      for (const auto other : found->second) {
        const int bits = std::popcount(texts_.find(other)->simhash ^ arrival.simhash);
        if (bits > p.near_copy_bits) continue;
        const std::pair rank{bits, texts_.sequence_of(other)};
        if (rank < best_rank) best_rank = rank, best = other;
      }
    }
    if (best_rank.first <= p.near_copy_bits) {
      key = best;
      return *texts_.find(best);
    }
    index_near(key, arrival.simhash);
  }
  Text text;
  text.first = now;
  text.simhash = arrival.simhash;
  text.near = near;
  return texts_.insert(key, text);
}

Admitted Admission::admit(const Parameters& p, double now, double event, const Arrival& arrival) {
  expire(p, now);
  Admitted answer;
  if (posts_.find(arrival.post)) {
    answer.known = true;
    return answer;
  }
  posts_.insert(arrival.post, {now});
  changes_.push_back({Kind::post, arrival.post});

  Author* author = authors_.find(arrival.author);
  if (!author) author = &authors_.insert(arrival.author, {now, 0, false, false, {}});
  std::uint64_t text_key = arrival.text;
  Text& text = text_of(p, now, arrival, text_key);
  changes_.push_back({Kind::author, arrival.author});
  changes_.push_back({Kind::text, text_key});
  ++author->posts;
  ++text.copies;

  const auto flood_author = static_cast<std::uint32_t>(p.flood_author);
  if (!arrival.repost && author->posts <= flood_author)
    answer.seen = author->posts < flood_author ? 1 : 1 - p.flood_author;

  if (author->posts == flood_author && author->has_counted) {
    answer.back[static_cast<std::size_t>(answer.backs++)] = author->counted.event;
    author->has_counted = false;
    if (p.take_back_once) {
      if (Text* other = texts_.find(author->counted.other)) {
        const auto end = other->counted.begin() + other->counts;
        const auto found = std::find_if(other->counted.begin(), end,
                                        [&](const Counted& c) { return c.other == arrival.author; });
        if (found != end) {
          std::copy(found + 1, end, found);
          --other->counts;
          changes_.push_back({Kind::text, author->counted.other});
        }
      }
    }
  }
  if (text.copies == static_cast<std::uint32_t>(p.flood_text)) {
    for (std::uint8_t i = 0; i < text.counts; ++i) {
      answer.back[static_cast<std::size_t>(answer.backs++)] = text.counted[i].event;
      if (!p.take_back_once) continue;
      Author* other = authors_.find(text.counted[i].other);
      if (other && other->has_counted && other->counted.other == text_key) {
        other->has_counted = false;
        changes_.push_back({Kind::author, text.counted[i].other});
      }
    }
    text.counts = 0;
  }

  bool known_thread = false;
  if (arrival.conversation != 0) {
    known_thread = conversations_.find(arrival.conversation) != nullptr;
    if (!known_thread) {
      conversations_.insert(arrival.conversation, {now});
      changes_.push_back({Kind::conversation, arrival.conversation});
    }
  }
  const int cap = arrival.words < p.short_text_words ? p.short_text_cap : p.text_cap;
  if (author->posts > 1 || text.copies > static_cast<std::uint32_t>(cap) || known_thread) return answer;
  author->has_counted = true;
  author->counted = {event, text_key};
  if (text.counts < text.counted.size()) text.counted[text.counts++] = {event, arrival.author};
  answer.counted = true;
  return answer;
}

std::optional<std::string> Admission::encode(const Change& change) {
  ByteWriter out;
  const auto plain = [&](ExpiringMap<Plain>& map) -> std::optional<std::string> {
    Plain* entry = map.find(change.key);
    if (!entry) return std::nullopt;
    entry->stored = true;
    out.put(map.sequence_of(change.key));
    out.put(entry->first);
    return out.take();
  };
  switch (change.kind) {
    case Kind::author: {
      Author* entry = authors_.find(change.key);
      if (!entry) return std::nullopt;
      entry->stored = true;
      out.put(authors_.sequence_of(change.key));
      out.put(entry->first);
      out.put(entry->posts);
      out.put(entry->has_counted);
      out.put(entry->counted.event);
      out.put(entry->counted.other);
      return out.take();
    }
    case Kind::text: {
      Text* entry = texts_.find(change.key);
      if (!entry) return std::nullopt;
      entry->stored = true;
      out.put(texts_.sequence_of(change.key));
      out.put(entry->first);
      out.put(entry->simhash);
      out.put(entry->copies);
      out.put(entry->near);
      out.put(entry->counts);
      for (std::uint8_t i = 0; i < entry->counts; ++i) {
        out.put(entry->counted[i].event);
        out.put(entry->counted[i].other);
      }
      return out.take();
    }
    case Kind::conversation:
      return plain(conversations_);
    case Kind::post:
      return plain(posts_);
  }
  return std::nullopt;
}

ingest::Result<void> Admission::load(Kind kind, std::uint64_t key, std::string_view value) {
  ByteReader in(value);
  const auto sequence = in.get<std::uint32_t>();
  switch (kind) {
    case Kind::author: {
      Author entry;
      entry.stored = true;
      in.get_into(entry.first);
      in.get_into(entry.posts);
      in.get_into(entry.has_counted);
      in.get_into(entry.counted.event);
      in.get_into(entry.counted.other);
      loaded_authors_.push_back({sequence, key, entry});
      break;
    }
    case Kind::text: {
      Text entry;
      entry.stored = true;
      in.get_into(entry.first);
      in.get_into(entry.simhash);
      in.get_into(entry.copies);
      in.get_into(entry.near);
      in.get_into(entry.counts);
      if (entry.counts > entry.counted.size()) return ingest::fail(ingest::Code::corrupt, "admission entry");
      for (std::uint8_t i = 0; i < entry.counts; ++i) {
        in.get_into(entry.counted[i].event);
        in.get_into(entry.counted[i].other);
      }
      loaded_texts_.push_back({sequence, key, entry});
      break;
    }
    case Kind::conversation:
    case Kind::post: {
      const Plain entry{in.get<double>(), true};
      (kind == Kind::post ? loaded_posts_ : loaded_conversations_).push_back({sequence, key, entry});
      break;
    }
    default:
      return ingest::fail(ingest::Code::corrupt, "kind of admission entry");
  }
  if (!in.at_end()) return ingest::fail(ingest::Code::corrupt, "length of admission entry");
  return {};
}

void Admission::finish_load() {
  const auto fill = [](auto& map, auto& loaded) {
    std::sort(loaded.begin(), loaded.end(),
              [](const auto& a, const auto& b) { return a.sequence < b.sequence; });
    if (!loaded.empty()) map.start_at(loaded.front().sequence);
    for (auto& entry : loaded) map.insert(entry.key, entry.entry);
    loaded.clear();
    loaded.shrink_to_fit();
  };
  for (const auto& text : loaded_texts_)
    if (text.entry.near) index_near(text.key, text.entry.simhash);
  fill(authors_, loaded_authors_);
  fill(texts_, loaded_texts_);
  fill(conversations_, loaded_conversations_);
  fill(posts_, loaded_posts_);
}

}  // namespace thap::rules
