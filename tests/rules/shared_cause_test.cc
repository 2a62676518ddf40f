#include "rules/shared_cause.h"

#include <gtest/gtest.h>

#include <cmath>

namespace thap::rules {
namespace {

nlp::ServiceId id(const std::string& name) { return nlp::service_id(name); }

// upi with eight services, cdn with three of them; nobody runs on lone.
RuleSet graph() {
  RuleSet rules = *load_rules(embedded_rule_files()).value();
  rules.providers.clear();
  for (const auto& [provider, services] : std::map<std::string, std::vector<std::string>>{
           {"upi", {"a", "b", "c", "d", "e", "f", "g", "h"}}, {"cdn", {"a", "x", "y"}}}) {
    Provider p{provider, id(provider), {}};
    for (const auto& service : services) p.dependants.push_back(id(service));
    std::sort(p.dependants.begin(), p.dependants.end());
    rules.providers.push_back(p);
  }
  return rules;
}

TEST(SharedCause, OddsAreThoseOfTheFormula) {
  const auto rules = graph();
  SharedCause cause(rules);
  for (const char* service : {"a", "b", "c"}) cause.confirmed(id(service), 1000, 1100);
  cause.named(id("upi"), 1, 1100);
  cause.named(id("upi"), 2, 1100);
  cause.named(id("upi"), 2, 1150);
  const auto verdict = cause.judge(rules.providers[1], 1200);
  const double p0 = 3 * 600 / (30 * 86'400.0);
  EXPECT_NEAR(verdict.odds, 3 * std::log(0.7 / p0) + 5 * std::log(0.3 / (1 - p0)) + 2 * 1.5 - 9, 1e-9);
  EXPECT_EQ(verdict.failing, 3);
  EXPECT_EQ(verdict.named, 2);
}

TEST(SharedCause, ThreeServicesOrTwoAndTwoVoices) {
  const auto rules = graph();
  SharedCause cause(rules);
  cause.confirmed(id("x"), 1000, 1000);
  cause.confirmed(id("y"), 1200, 1200);
  EXPECT_FALSE(cause.best(1300));
  cause.named(id("cdn"), 1, 1300);
  EXPECT_FALSE(cause.best(1300));
  cause.named(id("cdn"), 2, 1310);
  ASSERT_TRUE(cause.best(1310));
  EXPECT_EQ(cause.best(1310)->provider->id, "cdn");
  EXPECT_EQ(cause.best(1310)->first_onset, 1000);
  EXPECT_FALSE(cause.best(1310 + 1800)) << "voices are forgotten after half an hour";
  cause.confirmed(id("a"), 1500, 3100);
  ASSERT_TRUE(cause.best(3110));
  EXPECT_EQ(cause.best(3110)->members.size(), 3u);
}

TEST(SharedCause, OnsetsHaveToLieTogetherAndServicesOnTheGraph) {
  const auto rules = graph();
  SharedCause cause(rules);
  for (int i = 0; i < 3; ++i)
    cause.confirmed(id(std::string(1, static_cast<char>('a' + i))), 1000 + 700 * i, 2500);
  for (const char* service : {"p", "q", "r", "s", "t"}) cause.confirmed(id(service), 1000, 2500);
  EXPECT_FALSE(cause.best(2500));
  EXPECT_FALSE(cause.named(id("lone"), 1, 2500));
}

TEST(SharedCause, TheBetterProviderIsNamed) {
  const auto rules = graph();
  SharedCause cause(rules);
  for (const char* service : {"a", "x", "y"}) cause.confirmed(id(service), 1000, 1100);
  ASSERT_TRUE(cause.best(1100));
  EXPECT_EQ(cause.best(1100)->provider->id, "cdn");
  for (const char* service : {"b", "c", "d", "e", "f", "g"}) cause.confirmed(id(service), 1000, 1100);
  EXPECT_EQ(cause.best(1100)->provider->id, "upi");
}

TEST(SharedCause, NamedAuthorsAreBoundedAndForgotten) {
  const auto rules = graph();
  SharedCause cause(rules);
  for (std::uint64_t author = 1; author <= 1000; ++author) cause.named(id("upi"), author, 100);
  EXPECT_EQ(cause.named_count(id("upi"), 100), 256);
  cause.expire(5000);
  EXPECT_EQ(cause.take_changed().size(), 1u);
  EXPECT_EQ(cause.named_count(id("upi"), 100), 0);
}

}  // namespace
}  // namespace thap::rules
