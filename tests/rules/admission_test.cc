#include "rules/admission.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "rules/rule_set.h"

namespace thap::rules {
namespace {

const Parameters& set(const char* name) {
  static const auto shipped = load_rules(embedded_rule_files()).value();
  static const auto reference = load_rules(embedded_rule_files(), "reference").value();
  return (std::string_view(name) == "shipped" ? shipped : reference)->of("default").parameters;
}

Arrival arrival(std::uint64_t post, std::uint64_t author, std::uint64_t text, int words = 8) {
  Arrival a;
  a.post = post;
  a.author = author;
  a.text = text;
  a.simhash = text * 0x9e3779b97f4a7c15ull;
  a.words = words;
  return a;
}

class BothSets : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Sets, BothSets, testing::Values("reference", "shipped"));

TEST_P(BothSets, AnAuthorATextAndAThreadCountOnce) {
  const auto& p = set(GetParam());
  Admission admission;
  EXPECT_TRUE(admission.admit(p, 0, 0, arrival(1, 1, 1)).counted);
  EXPECT_TRUE(admission.admit(p, 1, 1, arrival(1, 1, 1)).known) << "the same post again";
  EXPECT_FALSE(admission.admit(p, 2, 2, arrival(2, 1, 2)).counted) << "the same author";
  EXPECT_FALSE(admission.admit(p, 3, 3, arrival(3, 3, 1)).counted) << "the same text";
  auto reply = arrival(4, 4, 4);
  reply.conversation = 9;
  EXPECT_TRUE(admission.admit(p, 4, 4, reply).counted);
  reply = arrival(5, 5, 5);
  reply.conversation = 9;
  EXPECT_FALSE(admission.admit(p, 5, 5, reply).counted) << "the same thread";
  EXPECT_TRUE(admission.admit(p, 3601, 3601, arrival(6, 1, 7)).counted) << "the hour is over";
}

TEST_P(BothSets, TheThirdPostOfAnAuthorTakesTheFirstBack) {
  const auto& p = set(GetParam());
  Admission admission;
  EXPECT_EQ(admission.admit(p, 0, 0.5, arrival(1, 1, 1)).seen, 1);
  EXPECT_EQ(admission.admit(p, 1, 1, arrival(2, 1, 2)).seen, 1);
  const auto third = admission.admit(p, 2, 2, arrival(3, 1, 3));
  EXPECT_EQ(third.seen, -2);
  ASSERT_EQ(third.backs, 1);
  EXPECT_EQ(third.back[0], 0.5);
  EXPECT_EQ(admission.admit(p, 3, 3, arrival(4, 1, 4)).seen, 0);
}

// An author found out gave a text its count; then the text is found out too.
int taken_back_for_both(const Parameters& p) {
  Admission admission;
  std::uint64_t id = 0;
  int backs = admission.admit(p, 0, 0, arrival(++id, 1, 1)).backs;
  for (std::uint64_t text : {2, 3}) backs += admission.admit(p, 1, 1, arrival(++id, 1, text)).backs;
  for (std::uint64_t author = 2; author < 8; ++author)
    backs += admission.admit(p, 2, 2, arrival(++id, author, 1)).backs;
  return backs;
}

TEST(Admission, APostIsTakenBackOnce) {
  EXPECT_EQ(taken_back_for_both(set("reference")), 2) << "a flaw of the reference";
  EXPECT_EQ(taken_back_for_both(set("shipped")), 1);
}

TEST(Admission, ATextFoundOutIsNotTakenBackForItsAuthorAgain) {
  const auto& p = set("shipped");
  Admission admission;
  std::uint64_t id = 0;
  int backs = 0;
  for (std::uint64_t author = 1; author < 8; ++author)
    backs += admission.admit(p, 0, 0, arrival(++id, author, 1)).backs;
  EXPECT_EQ(backs, 1);
  for (std::uint64_t text : {2, 3}) backs += admission.admit(p, 1, 1, arrival(++id, 1, text)).backs;
  EXPECT_EQ(backs, 1);
}

TEST(Admission, ShortTextsCountThreeTimes) {
  Admission admission;
  const auto& p = set("shipped");
  int counted = 0;
  for (std::uint64_t i = 1; i <= 4; ++i) counted += admission.admit(p, 0, 0, arrival(i, i, 77, 2)).counted;
  EXPECT_EQ(counted, 3);
  const auto fifth = admission.admit(p, 0, 0, arrival(5, 5, 77, 2));
  EXPECT_EQ(fifth.backs, 3) << "but a text copied five times is none of people's own";
  Admission reference;
  counted = 0;
  for (std::uint64_t i = 1; i <= 4; ++i)
    counted += reference.admit(set("reference"), 0, 0, arrival(i, i, 77, 2)).counted;
  EXPECT_EQ(counted, 1);
}

TEST(Admission, NearCopiesAreCopies) {
  const auto& p = set("shipped");
  Admission admission;
  auto first = arrival(1, 1, 1), near = arrival(2, 2, 2), far = arrival(3, 3, 3);
  first.simhash = 0x0123456789abcdefull;
  near.simhash = first.simhash ^ 0x8000000100000001ull;  // three bits, in three of the four pieces
  far.simhash = first.simhash ^ 0x8001000100000001ull;   // four
  EXPECT_TRUE(admission.admit(p, 0, 0, first).counted);
  EXPECT_FALSE(admission.admit(p, 1, 1, near).counted);
  EXPECT_TRUE(admission.admit(p, 2, 2, far).counted);
}

// Against a plain list of what was seen: any mix of posts, restored now and then.
TEST(Admission, AgreesWithASlowOneOverRestarts) {
  const auto& p = set("shipped");
  std::mt19937_64 random(5);
  Admission admission;
  std::map<std::pair<Admission::Kind, std::uint64_t>, std::string> rows;
  double now = 0;
  for (int i = 0; i < 20'000; ++i) {
    now += static_cast<double>(random() % 2000) / 100;
    auto a = arrival(random() % 3000, random() % 40, random() % 60);
    a.conversation = random() % 3 == 0 ? 1 + random() % 20 : 0;
    // First in the hour that began with each one's own first post.
    static std::map<std::uint64_t, std::pair<double, int>> authors, texts, threads, ids;
    const auto step = [&](auto& map, std::uint64_t key) {
      auto& [first, n] = map[key];
      if (n == 0 || now - first > 3600) first = now, n = 0;
      return ++n;
    };
    bool expected = false;
    if (step(ids, a.post) == 1) {
      const int author = step(authors, a.author), text = step(texts, a.text);
      const bool thread = a.conversation == 0 || step(threads, a.conversation) == 1;
      expected = author == 1 && text == 1 && thread;
    }
    EXPECT_EQ(admission.admit(p, now, now, a).counted, expected) << i;
    for (const auto& change : admission.take_changes()) {
      if (const auto value = admission.encode(change))
        rows[{change.kind, change.key}] = *value;
      else if (change.leaves_store)
        rows.erase({change.kind, change.key});
      else
        ASSERT_FALSE(rows.contains({change.kind, change.key}));
    }
    ASSERT_EQ(rows.size(), admission.size());
    if (random() % 50 != 0) continue;
    Admission restored;
    for (const auto& [key, value] : rows) ASSERT_TRUE(restored.load(key.first, key.second, value));
    restored.finish_load();
    admission = std::move(restored);
  }
}

TEST(Admission, EntriesAreBounded) {
  auto p = set("shipped");
  p.admission_cap = 100;
  Admission admission;
  for (std::uint64_t i = 1; i <= 1000; ++i) admission.admit(p, 0, 0, arrival(i, i, i));
  EXPECT_LE(admission.size(), 3 * 101u);
  EXPECT_EQ(admission.evicted(), 3 * 899u);
}

TEST(Admission, BadRowsAreRefused) {
  Admission admission;
  EXPECT_FALSE(admission.load(Admission::Kind::author, 1, "short"));
  EXPECT_FALSE(admission.load(static_cast<Admission::Kind>(9), 1, std::string(12, '\0')));
}

}  // namespace
}  // namespace thap::rules
