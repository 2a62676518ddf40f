// What the tests of app/ share: posts made in memory, a source that cuts them into batches, and everything a
// store holds as one text to compare.
#pragma once
#include <algorithm>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "app/pipeline.h"
#include "tests/nlp/small_lexicon.h"
#include "tests/store/store_testing.h"

namespace thap::app {

using store::TemporaryFolder;

// Monday 2026-10-12 00:00 IST.
inline constexpr std::int64_t monday_ms = 1'791'743'400'000;
inline constexpr std::int64_t minute_ms = 60'000, hour_ms = 60 * minute_ms;

inline ingest::Post make_post(std::string id, std::string text, std::int64_t at_ms,
                              std::uint64_t author = 1) {
  ingest::Post post;
  post.network = ingest::Network::generic;
  post.id = std::move(id);
  post.key = ingest::post_key(post.network, post.id);
  post.author = author;
  post.event_ms = post.clock_ms = at_ms;
  post.text = std::move(text);
  return post;
}

// Hands out `posts` from `next` on in batches as large as `cut` says. The clock may go back inside the list;
// the watermark then is the smallest clock that is still to come, or earlier by what `lag` says.
class MemorySource : public ingest::PostSource {
 public:
  MemorySource(
      const std::vector<ingest::Post>& posts, std::size_t next, std::function<std::size_t()> cut,
      std::function<std::int64_t()> lag = [] { return 0; })
      : posts_(posts),
        next_(next),
        cut_(std::move(cut)),
        lag_(std::move(lag)),
        still_to_come_(posts.size() + 1, INT64_MAX) {
    for (std::size_t i = posts.size(); i-- > 0;)
      still_to_come_[i] = std::min(still_to_come_[i + 1], posts[i].clock_ms);
  }
  ingest::Result<ingest::SourceBatch> next(const ingest::BatchLimits&) override {
    ingest::SourceBatch batch;
    const std::size_t end = std::min(posts_.size(), next_ + cut_());
    batch.posts.assign(posts_.begin() + static_cast<std::ptrdiff_t>(next_),
                       posts_.begin() + static_cast<std::ptrdiff_t>(end));
    batch.records = end - next_;
    next_ = end;
    batch.end = next_ == posts_.size();
    batch.positions = {{"memory", 0, static_cast<std::int64_t>(next_), 0}};
    if (!batch.end) watermark_ms_ = std::max(watermark_ms_, still_to_come_[next_] - lag_());
    batch.watermark_ms = watermark_ms_;
    return batch;
  }

 private:
  const std::vector<ingest::Post>& posts_;
  std::size_t next_;
  std::function<std::size_t()> cut_;
  std::function<std::int64_t()> lag_;
  std::vector<std::int64_t> still_to_come_;
  std::int64_t watermark_ms_{0};
};

// A quiet day, then half an hour in which lahar fails in many words, a provider is blamed and people say that
// it is back. Among it everything that counts in its own way: reposts, bots, official voices, repeats, late
// posts, edits, deletes, talk. The same seed gives the same posts.
inline std::vector<ingest::Post> eventful_day(std::uint32_t seed, bool with_changes = true) {
  std::mt19937 random(seed);
  static const std::vector<std::string> words = [] {
    static constexpr std::string_view consonants = "bdfgjklmrstvz", vowels = "aeiou";
    std::vector<std::string> made;
    for (const char a : consonants)
      for (const char b : vowels)
        for (const char c : consonants) made.push_back({a, b, c, 'u', 'x'});
    return made;
  }();
  auto text = [&](const std::string& begin) {
    std::string out = begin;
    for (int n = 0; n < 6; ++n) out += " " + words[random() % words.size()];
    return out;
  };
  std::vector<ingest::Post> posts;
  std::uint64_t author = 1'000;
  auto add = [&](std::int64_t at, const std::string& begin) -> ingest::Post& {
    posts.push_back(make_post(fmt::format("p{}", posts.size()), text(begin), at, ++author));
    posts.back().network = static_cast<ingest::Network>(random() % 3);
    posts.back().key = ingest::post_key(posts.back().network, posts.back().id);
    return posts.back();
  };
  auto between = [&](std::int64_t from, std::int64_t to) {
    return from + static_cast<std::int64_t>(random() % static_cast<std::uint32_t>(to - from));
  };
  static const std::vector<std::string> usual = {
      "lahar is nice", "pankh down",   "lahar message nahi ho raha", "tarang sim",
      "hello",         "megh is down", "paisapay slow in patna",     "lahar working now"};
  for (int i = 0; i < 500; ++i)
    add(between(monday_ms, monday_ms + 26 * hour_ms), usual[random() % usual.size()]);
  const std::int64_t outage = monday_ms + 25 * hour_ms;
  static const std::vector<std::string> fails = {
      "lahar is down",  "lahar message nahi ho raha", "lahar not working",    "লহর ডাউন",
      "is lahar down?", "lahar down in kolkata",      "lahar pe single tick", "lahar down because of megh"};
  for (int i = 0; i < 240; ++i) add(between(outage, outage + 24 * minute_ms), fails[random() % fails.size()]);
  for (int i = 0; i < 30; ++i)
    add(between(outage + 22 * minute_ms, outage + 40 * minute_ms), "lahar is back");
  for (int i = 0; i < 40; ++i)
    add(between(outage, outage + 30 * minute_ms), "lahar is down").kind = ingest::PostKind::repost;
  for (int i = 0; i < 10; ++i) add(between(outage, outage + 30 * minute_ms), "lahar is down").bot = true;
  for (int i = 0; i < 5; ++i)
    add(between(outage, outage + 30 * minute_ms), "we are aware lahar is down").author_is_official = true;
  for (int i = 0; i < 20; ++i) {
    auto& late = add(between(outage, outage + 30 * minute_ms), "lahar is down");
    late.event_ms -= between(0, 3 * hour_ms);
  }
  std::sort(posts.begin(), posts.end(), [](const auto& a, const auto& b) { return a.clock_ms < b.clock_ms; });
  std::vector<ingest::Post> out;
  for (std::size_t i = 0; i < posts.size(); ++i) {
    out.push_back(posts[i]);
    if (i < 20 || random() % 12 != 0) continue;
    ingest::Post again = posts[i - random() % 20];
    again.clock_ms = posts[i].clock_ms;
    if (with_changes && random() % 2 == 0) {
      again.op = random() % 2 == 0 ? ingest::Operation::edit : ingest::Operation::remove;
      if (again.op == ingest::Operation::remove)
        again.text.clear();
      else
        again.text = text("lahar is down edited");
    }
    out.push_back(again);
  }
  // Several partitions: the clock jumps back by up to twenty seconds.
  for (std::size_t i = 1; i < out.size(); ++i)
    if (out[i].clock_ms - out[i - 1].clock_ms < 20'000 && random() % 3 == 0) std::swap(out[i], out[i - 1]);
  return out;
}

inline std::shared_ptr<const rules::RuleSet> shipped_rules() {
  static const auto rules = rules::load_rules(rules::embedded_rule_files()).value();
  return rules;
}

inline std::unique_ptr<Pipeline> pipeline_on(store::WindowStore& store, int threads = 1) {
  auto pipeline = Pipeline::open(store, nlp::small_lexicon(), shipped_rules(), threads);
  if (!pipeline) ADD_FAILURE() << ingest::to_string(pipeline.error()), std::abort();
  return std::move(*pipeline);
}

inline std::string hex(std::string_view bytes) {
  std::string out;
  for (unsigned char c : bytes)
    out += c >= 0x20 && c < 0x7F ? std::string(1, static_cast<char>(c)) : fmt::format("\\{:02x}", c);
  return out;
}

// Everything that can be asked of a store, a line each, in order.
inline std::vector<std::string> contents_of(const store::WindowStore& store) {
  std::vector<std::string> out;
  const store::MinuteRange all{store::minute_of(monday_ms - 24 * hour_ms),
                               store::minute_of(monday_ms + 30 * hour_ms)};
  const store::MinuteRange day{store::minute_of(monday_ms + 6 * hour_ms),
                               store::minute_of(monday_ms + 30 * hour_ms)};
  auto series = [&](nlp::ServiceId service, const std::string& label, store::Facet facet) {
    const auto counts = store.series(service, facet, all).value().counts;
    for (std::size_t i = 0; i < counts.size(); ++i)
      if (counts[i] > 0) out.push_back(fmt::format("{} minute {}: {}", label, i, counts[i]));
    const auto hours = store.hourly_series(service, facet, all).value().counts;
    for (std::size_t i = 0; i < hours.size(); ++i)
      if (hours[i] > 0) out.push_back(fmt::format("{} hour {}: {}", label, i, hours[i]));
    out.push_back(fmt::format("{} authors: {}", label, store.distinct_authors(service, facet, day).value()));
  };
  for (const auto& service : nlp::small_lexicon()->services()) {
    for (int kind = 1; kind <= 9; ++kind) {
      const auto facet_kind = static_cast<store::FacetKind>(kind);
      const std::string label = service.id + " " + std::string(store::name(facet_kind));
      if (kind <= 4) {
        series(service.number, label, {facet_kind, 0});
      } else {
        const auto values = store.breakdown(service.number, facet_kind, all).value();
        for (const auto& [value, count] : values) {
          out.push_back(fmt::format("{} {}: {}", label, value, count));
          series(service.number, fmt::format("{} {}", label, value), {facet_kind, value});
        }
      }
    }
    const auto kept = store.evidence(service.number, all, 100'000).value();
    for (const auto& e : kept)
      out.push_back(fmt::format("evidence {} {} {} {} {}", service.id, e.minute, e.link, e.edited, e.text));
  }
  for (const auto family : {store::Family::detectors, store::Family::incidents, store::Family::meta})
    EXPECT_TRUE(store.scan(family, "", [&](std::string_view key, std::string_view value) {
      out.push_back(fmt::format("row {} {} = {}", static_cast<int>(family), hex(key), hex(value)));
      return true;
    }));
  for (const auto& p : store.positions()) out.push_back(fmt::format("position {} {}", p.partition, p.next));
  out.push_back(fmt::format("pending {} {}", store.pending_rows().value().size(),
                            store.pending_mentions().value().size()));
  out.push_back(fmt::format("newest {}", store.newest_clock_ms()));
  return out;
}

// What stands in one and not in the other; empty if they are the same.
inline std::string difference(const std::vector<std::string>& expected,
                              const std::vector<std::string>& found) {
  std::string out;
  for (std::size_t i = 0, lines = 0; i < std::max(expected.size(), found.size()) && lines < 20; ++i) {
    const std::string a = i < expected.size() ? expected[i] : "(nothing)",
                      b = i < found.size() ? found[i] : "(nothing)";
    if (a == b) continue;
    out += "expected " + a + "\n   found " + b + "\n";
    ++lines;
  }
  return out;
}

}  // namespace thap::app
