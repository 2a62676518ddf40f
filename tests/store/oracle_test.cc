// The store beside maps: however a tally is cut into batches, and wherever the store is reopened in between,
// the windows, hours, sketches, rows and posts seen are the same.
#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "store/sketch.h"
#include "tests/store/store_testing.h"

namespace thap::store {
namespace {

struct Post {
  std::int64_t clock_ms;
  WindowKey window;
  std::uint32_t author;
  ingest::PostKey key;
  bool mentions_only;
};

constexpr nlp::ServiceId services[] = {whatsapp, jio, nlp::service_id("irctc")};
constexpr Minute minutes = 600;

std::vector<Post> random_posts(std::uint32_t seed, std::size_t count) {
  std::mt19937_64 random(seed);
  std::vector<Post> posts;
  std::int64_t clock_ms = ms_of(day_start);
  for (std::size_t i = 0; i < count; ++i) {
    clock_ms += static_cast<std::int64_t>(random() % (minutes * 60'000 * 2 / count));
    const auto late = random() % 50 == 0 ? random() % 300 : random() % 3;
    const auto minute = std::max(minute_of(clock_ms), day_start + 300) - static_cast<Minute>(late);
    const Facet facet =
        random() % 3 == 0 ? complaints : Facet{FacetKind::symptom, static_cast<std::uint32_t>(random() % 4)};
    posts.push_back({clock_ms,
                     {services[random() % 3], facet, minute},
                     static_cast<std::uint32_t>(random() % 500),
                     {random(), random()},
                     random() % 2 == 0});
  }
  return posts;
}

// What the store should hold, kept in maps.
struct Oracle {
  std::map<WindowKey, std::uint64_t> windows, hours;
  std::map<WindowKey, std::set<std::uint32_t>> authors;
  std::map<std::pair<std::int64_t, nlp::ServiceId>, std::uint32_t> mentions;
  std::set<DetectorRow> rows;

  void add(const Post& post) {
    ++windows[post.window];
    ++hours[{post.window.service, post.window.facet, post.window.minute / 60}];
    authors[post.window].insert(post.author);
  }
};

DetectorRow row_of(const Post& post) {
  DetectorRow row;
  row.clock_ms = post.clock_ms;
  row.post = post.key;
  row.author = post.author;
  row.complaints = {post.window.service};
  return row;
}

class Cuts : public testing::TestWithParam<std::uint32_t> {};

TEST_P(Cuts, ChangeNothing) {
  std::mt19937 random(GetParam());
  const auto posts = random_posts(GetParam() / 3, 3'000);  // the same posts, cut three ways
  const std::size_t largest = std::vector<std::size_t>{1 + random() % 10, 300, 4'000}[GetParam() % 3];

  const TemporaryFolder folder;
  auto store = open_or_fail(settings_in(folder / "data"));
  Oracle oracle;
  std::vector<DetectorRow> waiting;
  std::size_t at = 0;
  while (at < posts.size()) {
    const auto end = std::min(posts.size(), at + 1 + random() % largest);
    Batch batch;
    auto& tally = batch.tally;
    for (; at < end; ++at) {
      const auto& post = posts[at];
      oracle.add(post);
      ++tally.counts[post.window];
      tally.authors[post.window].push_back(post.author);
      tally.seen.emplace_back(post.window.minute / 60, post.key);
      tally.newest_clock_ms = std::max(tally.newest_clock_ms, post.clock_ms);
      if (post.mentions_only) {
        tally.mentions.push_back({post.clock_ms / 1000, post.window.service, 1});
        ++oracle.mentions[{post.clock_ms / 1000, post.window.service}];
      } else {
        tally.rows.push_back(row_of(post));
        oracle.rows.insert(row_of(post));
      }
    }
    tally.positions = {{"posts", 0, static_cast<std::int64_t>(at), tally.newest_clock_ms}};
    if (random() % 2 == 0) {  // hand over what is older than the newest second
      const auto until = tally.newest_clock_ms / 1000 * 1000;
      while (!oracle.rows.empty() && oracle.rows.begin()->clock_ms < until) {
        batch.handed_rows.push_back(*oracle.rows.begin());
        oracle.rows.erase(oracle.rows.begin());
      }
      while (!oracle.mentions.empty() && oracle.mentions.begin()->first.first < until / 1000) {
        const auto& [key, count] = *oracle.mentions.begin();
        batch.handed_mentions.push_back({key.first, key.second, count});
        oracle.mentions.erase(oracle.mentions.begin());
      }
    }
    ASSERT_OK(store->write(batch));
    if (random() % (3'000 / largest + 3) == 0) {
      store.reset();
      store = open_or_fail(settings_in(folder / "data"));
    }
  }

  const MinuteRange all{day_start, day_start + 1440};
  std::map<WindowKey, std::uint64_t> windows, hours;
  for (const auto service : services)
    for (const Facet facet : {complaints, Facet{FacetKind::symptom, 0}, Facet{FacetKind::symptom, 1},
                              Facet{FacetKind::symptom, 2}, Facet{FacetKind::symptom, 3}}) {
      const auto series = store->series(service, facet, all);
      ASSERT_OK(series);
      for (Minute i = 0; i < series->counts.size(); ++i)
        if (series->counts[i] != 0) windows[{service, facet, all.start + i}] = series->counts[i];
      const auto hourly = store->hourly_series(service, facet, all);
      ASSERT_OK(hourly);
      for (Minute i = 0; i < hourly->counts.size(); ++i)
        if (hourly->counts[i] != 0) hours[{service, facet, all.start / 60 + i}] = hourly->counts[i];

      AuthorSketch sketch;
      for (const auto& [key, authors] : oracle.authors)
        if (key.service == service && key.facet == facet)
          for (const auto author : authors) sketch.add(author);
      EXPECT_EQ(*store->distinct_authors(service, facet, all), sketch.estimate());
    }
  EXPECT_EQ(windows, oracle.windows);
  EXPECT_EQ(hours, oracle.hours);
  EXPECT_EQ(*store->pending_rows(), std::vector<DetectorRow>(oracle.rows.begin(), oracle.rows.end()));
  std::vector<MentionRow> mentions;
  for (const auto& [key, count] : oracle.mentions) mentions.push_back({key.first, key.second, count});
  EXPECT_EQ(*store->pending_mentions(), mentions);
  for (const auto& post : posts) EXPECT_TRUE(store->seen(post.key));
  EXPECT_EQ(store->positions().front().next, static_cast<std::int64_t>(posts.size()));
}
INSTANTIATE_TEST_SUITE_P(Seeds, Cuts, testing::Range(0u, 9u));

}  // namespace
}  // namespace thap::store
