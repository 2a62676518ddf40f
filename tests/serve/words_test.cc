#include "serve/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

namespace thap::serve {
namespace {

std::set<std::string> keys(Tongue tongue) {
  std::set<std::string> out;
  for (const auto& [key, text] : catalog(tongue)) out.insert(key);
  return out;
}
TEST(Words, CatalogsHaveTheSameKeysAndArguments) {
  for (const auto tongue : {Tongue::hi, Tongue::bn}) {
    EXPECT_EQ(keys(tongue), keys(Tongue::en)) << name(tongue);
    for (const auto& [key, pattern] : catalog(Tongue::en))
      EXPECT_EQ(arguments_of(tongue, key), arguments_of(Tongue::en, key)) << name(tongue) << " " << key;
  }
}

TEST(Words, NumbersAreGroupedAsInIndiaWithLatinDigits) {
  for (const auto tongue : all_tongues) {
    EXPECT_EQ(grouped(tongue, 1'234'567), "12,34,567") << name(tongue);
    const auto text =
        sentence(tongue, "counts", {{"posts", 1'234'567}, {"minutes", 5}, {"expected", grouped(tongue, 6)}});
    EXPECT_THAT(text, testing::HasSubstr("12,34,567")) << name(tongue);
  }
}

TEST(Words, PluralsFollowTheLanguage) {
  const auto counts = [](Tongue tongue, int posts, int minutes) {
    return sentence(tongue, "counts", {{"posts", posts}, {"minutes", minutes}, {"expected", "few"}});
  };
  EXPECT_EQ(counts(Tongue::en, 1, 1), "1 post in 1 minute; less than 1 is usual.");
  EXPECT_EQ(counts(Tongue::en, 0, 2), "0 posts in 2 minutes; less than 1 is usual.");
  EXPECT_EQ(counts(Tongue::hi, 1, 2), "2 मिनट में 1 पोस्ट; आम तौर पर 1 से कम।");
  EXPECT_EQ(counts(Tongue::bn, 1, 2), "2 মিনিটে 1টি পোস্ট; সাধারণত 1টিরও কম।");
}

TEST(Words, WhatIsMissingIsAFaultOfOurs) {
  EXPECT_THROW(sentence(Tongue::en, "no such key"), std::logic_error);
  EXPECT_THROW(sentence(Tongue::en, "counts", {{"posts", 1}}), std::logic_error);
}

TEST(Words, BracesInAnArgumentStayText) {
  EXPECT_EQ(
      sentence(Tongue::en, "retracted", {{"service", "A{b}"}, {"time", "10:00"}, {"reason", "it's {posts}"}}),
      "Withdrawn: our 10:00 IST alert on A{b} was wrong. it's {posts}");
}

TEST(Words, LanguagesAreKnownByName) {
  EXPECT_EQ(tongue_of("hi"), Tongue::hi);
  EXPECT_FALSE(tongue_of("fr"));
}

}  // namespace
}  // namespace thap::serve
