#include "store/sketch.h"

#include <algorithm>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace thap::store {
namespace {

// Distinct, in no order: multiplying by an odd number is a bijection.
std::vector<std::uint32_t> fingerprints(std::size_t count, std::uint32_t seed) {
  std::vector<std::uint32_t> all(count);
  for (std::size_t i = 0; i < count; ++i)
    all[i] = (static_cast<std::uint32_t>(i) + seed * 1'000'003) * 2654435761u;
  std::shuffle(all.begin(), all.end(), std::mt19937(seed));
  return all;
}

std::string encoded(const AuthorSketch& sketch) {
  std::string bytes;
  sketch.encode(bytes);
  return bytes;
}

TEST(AuthorSketch, IsExactToThirtyTwo) {
  AuthorSketch sketch;
  EXPECT_EQ(sketch.estimate(), 0u);
  for (std::uint32_t i = 0; i < 32; ++i) {
    sketch.add(i * 7919);
    sketch.add(i * 7919);
    EXPECT_EQ(sketch.estimate(), i + 1);
  }
}

TEST(AuthorSketch, IsNearAboveThat) {
  // 1.6 % is one standard error; the mean of 40 sketches has to be far nearer than one of them.
  for (const std::size_t count : {33u, 100u, 1'000u, 10'000u, 100'000u}) {
    double sum = 0, worst = 0;
    constexpr int tries = 40;
    for (std::uint32_t seed = 0; seed < tries; ++seed) {
      AuthorSketch sketch;
      for (const auto fingerprint : fingerprints(count, seed)) sketch.add(fingerprint);
      const double error = static_cast<double>(sketch.estimate()) / static_cast<double>(count) - 1;
      sum += error;
      worst = std::max(worst, std::abs(error));
    }
    EXPECT_LT(std::abs(sum / tries), 0.01) << count;
    EXPECT_LT(worst, 0.065) << count;
  }
}

TEST(AuthorSketch, OfPartsInAnyGroupingIsTheSketchOfAll) {
  std::mt19937 random(7);
  for (const std::size_t count : {0u, 1u, 20u, 32u, 33u, 60u, 3'000u}) {
    const auto all = fingerprints(count, 1);
    AuthorSketch whole;
    for (const auto fingerprint : all) whole.add(fingerprint);
    for (int round = 0; round < 20; ++round) {
      std::vector<std::string> parts(1 + random() % 9);
      std::vector<AuthorSketch> sketches(parts.size());
      for (const auto fingerprint : all) {
        sketches[random() % sketches.size()].add(fingerprint);
        if (random() % 4 == 0) sketches[random() % sketches.size()].add(fingerprint);  // repeats do no harm
      }
      for (std::size_t i = 0; i < parts.size(); ++i) parts[i] = encoded(sketches[i]);
      while (parts.size() > 1) {  // join two, any two, until one is left
        const auto a = random() % parts.size();
        auto b = random() % (parts.size() - 1);
        if (b >= a) ++b;
        AuthorSketch joined;
        ASSERT_TRUE(joined.merge(parts[a]) && joined.merge(parts[b]));
        parts[a] = encoded(joined);
        parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(b));
      }
      ASSERT_EQ(parts[0], encoded(whole)) << count;
    }
  }
}

TEST(AuthorSketch, RefusesOtherBytes) {
  AuthorSketch sketch;
  EXPECT_FALSE(sketch.merge(""));
  EXPECT_FALSE(sketch.merge(std::string_view("\0", 1)));
  EXPECT_FALSE(sketch.merge("\3"));
  EXPECT_FALSE(sketch.merge("\1abc")) << "not whole fingerprints";
  EXPECT_FALSE(sketch.merge("\1" + std::string(33 * 4, 'x'))) << "too many for a list";
  EXPECT_FALSE(sketch.merge("\2" + std::string(AuthorSketch::packed_size - 1, '\0')));
  EXPECT_FALSE(sketch.merge("\2" + std::string(AuthorSketch::packed_size, '\xff'))) << "rank 63";
  EXPECT_TRUE(sketch.merge("\2" + std::string(AuthorSketch::packed_size, '\0')));
}

TEST(AuthorSketch, SurvivesFullRegisters) {
  AuthorSketch sketch;
  std::string bytes(1, '\2');
  for (std::size_t i = 0; i < AuthorSketch::register_count / 4; ++i)
    bytes += "\xd7\x5d\x75";  // rank 53 four times
  ASSERT_TRUE(sketch.merge(bytes));
  EXPECT_GT(sketch.estimate(), 0u);
}

}  // namespace
}  // namespace thap::store
