// Who gets through the door: tokens, roles, limits, and that none of it grows without end.
#include "serve/gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "serve/client_address.h"

namespace thap::serve {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(Token, IsRandomAndKnownByItsHashOnly) {
  const std::string one = new_token(), two = new_token();
  EXPECT_EQ(one.size(), 5u + 43u);
  EXPECT_THAT(one, StartsWith("thap_"));
  EXPECT_NE(one, two);
  const TokenTable table({{"desk", Role::read, sha256(one), 0}, {"old", Role::admin, sha256(two), 1'000}});
  ASSERT_NE(table.find(one, 5'000), nullptr);
  EXPECT_EQ(table.find(one, 5'000)->name, "desk");
  EXPECT_EQ(table.find(two, 999)->role, Role::admin);
  EXPECT_EQ(table.find(two, 1'000), nullptr) << "expired";
  EXPECT_EQ(table.find(hex(sha256(one)), 5'000), nullptr) << "the hash is no token";
  EXPECT_EQ(table.find("", 5'000), nullptr);
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_from_hex(hex(sha256("abc"))), sha256("abc"));
  EXPECT_FALSE(sha256_from_hex("ab"));
}

TEST(RateTable, GrantsABurstAndThenARate) {
  RateTable table(20, 100);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(table.take("a", 1'000).is_granted) << i;
  const auto refused = table.take("a", 1'000);
  EXPECT_FALSE(refused.is_granted);
  EXPECT_NEAR(refused.wait_s, 0.05, 0.001);
  EXPECT_TRUE(table.take("b", 1'000).is_granted) << "others have their own";
  int granted = 0;
  for (int i = 0; i < 50; ++i) granted += table.take("a", 2'000).is_granted;
  EXPECT_EQ(granted, 20);
}

TEST(RateTable, IsBoundedAndForgetsOnlyWhatMakesNoDifference) {
  RateTable table(20, 100, 1'000);
  for (int i = 0; i < 100; ++i) table.take("greedy", 1'000);
  for (int i = 0; i < 100'000; ++i) table.take(std::to_string(i), 1'000);
  EXPECT_EQ(table.size(), 1'000u);
  EXPECT_FALSE(table.take("greedy", 1'000).is_granted) << "many others do not buy it a new bucket";
  EXPECT_FALSE(table.take("newcomer", 1'000).is_granted) << "those without room share one";
  EXPECT_TRUE(table.take("newcomer", 7'000).is_granted);
  EXPECT_LE(table.size(), 2u) << "full buckets are forgotten";
}

TEST(ClientAddress, IsWhatOnePersonHas) {
  EXPECT_EQ(address_for_limits("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(address_for_limits("::ffff:192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(address_for_limits("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(address_for_limits("2001:db8:1:2:ffff::"), "2001:db8:1:2::/64");
  EXPECT_TRUE(is_loopback("127.8.0.1") && is_loopback("::1") && is_loopback("::ffff:127.0.0.1"));
  EXPECT_FALSE(is_loopback("10.0.0.1") || is_loopback("::") || is_loopback("x"));
  const std::vector<std::string> proxies{"10.0.0.1", "10.0.0.2"};
  EXPECT_EQ(client_address("192.0.2.7", "198.51.100.1", proxies), "192.0.2.7") << "no proxy of ours";
  EXPECT_EQ(client_address("10.0.0.1", "203.0.113.9, 198.51.100.1", proxies), "198.51.100.1")
      << "what stands before the proxy's own entry anyone can write";
  EXPECT_EQ(client_address("10.0.0.1", "203.0.113.9, 10.0.0.2", proxies), "203.0.113.9");
  EXPECT_EQ(client_address("10.0.0.1", "unknown", proxies), "10.0.0.1");
  EXPECT_EQ(client_address("10.0.0.1", "", proxies), "10.0.0.1");
}

class GateTest : public testing::Test {
 protected:
  GateTest() {
    GateSettings settings;
    settings.proxies = {"10.0.0.1"};
    settings.now_ms = [this] { return now_ms_; };
    settings.most_clients = 1'000;
    gate_ = std::make_unique<Gate>(std::move(settings), table(Role::read));
  }
  static std::shared_ptr<const TokenTable> table(Role anonymous) {
    return std::make_shared<TokenTable>(std::vector<Token>{{"reader", Role::read, sha256("r"), 0},
                                                           {"desk", Role::evidence, sha256("e"), 0},
                                                           {"chief", Role::admin, sha256("a"), 0},
                                                           {"late", Role::admin, sha256("l"), 500}},
                                        anonymous);
  }
  int status(Role needed, const std::string& authorization, const std::string& peer = "192.0.2.7") {
    request_ = {};
    request_.peer = peer;
    if (!authorization.empty()) request_.headers["authorization"] = authorization;
    decision_ = gate_->admit(needed, request_);
    return decision_.refusal ? decision_.refusal->status : 200;
  }
  std::string header(const std::string& name) const {
    for (const auto& [key, value] : decision_.refusal ? decision_.refusal->headers : decision_.headers)
      if (key == name) return value;
    return "";
  }

  std::int64_t now_ms_{1'000};
  std::unique_ptr<Gate> gate_;
  HttpRequest request_;
  Gate::Decision decision_;
};

TEST_F(GateTest, ARoleIncludesThoseBeforeIt) {
  const std::vector<std::pair<std::string, Role>> callers{
      {"", Role::read}, {"Bearer r", Role::read}, {"Bearer e", Role::evidence}, {"bearer  a", Role::admin}};
  for (const auto& [authorization, role] : callers)
    for (const Role needed : {Role::anyone, Role::read, Role::evidence, Role::admin}) {
      const int expected = role >= needed ? 200 : authorization.empty() ? 401 : 403;
      EXPECT_EQ(status(needed, authorization), expected) << authorization << " for " << name(needed);
    }
  EXPECT_EQ(status(Role::evidence, "Bearer e"), 200);
  EXPECT_EQ(request_.caller.name, "desk");
  EXPECT_EQ(status(Role::read, "Basic eDp5"), 200) << "a proxy's own scheme is not ours";
  EXPECT_EQ(request_.caller.name, "");
}

TEST_F(GateTest, UnknownAndExpiredTokensAreRefusedEvenWhereNoneIsNeeded) {
  EXPECT_EQ(status(Role::read, "Bearer x"), 401);
  EXPECT_THAT(header("WWW-Authenticate"), HasSubstr("invalid_token"));
  EXPECT_EQ(status(Role::read, "Bearer l"), 401);
  EXPECT_EQ(status(Role::read, "Bearer "), 401);
  EXPECT_EQ(status(Role::anyone, "Bearer x"), 200) << "the page's own files and health";
}

TEST_F(GateTest, WithdrawnAndAnonymousAreSwitches) {
  EXPECT_EQ(status(Role::admin, "Bearer a"), 200);
  gate_->use(std::make_shared<TokenTable>(std::vector<Token>{}, Role::anyone));
  EXPECT_EQ(status(Role::admin, "Bearer a"), 401);
  EXPECT_EQ(status(Role::read, ""), 401);
  EXPECT_EQ(status(Role::anyone, ""), 200);
}

TEST_F(GateTest, TooManyRequestsAreToldWhenToComeBack) {
  for (int i = 0; i < 100; ++i) ASSERT_EQ(status(Role::read, ""), 200) << i;
  EXPECT_EQ(header("RateLimit"), "\"requests\";r=0;t=1");
  EXPECT_EQ(header("RateLimit-Policy"), "\"requests\";q=100;w=5");
  EXPECT_EQ(status(Role::read, ""), 429);
  EXPECT_EQ(header("Retry-After"), "1");
  EXPECT_EQ(status(Role::read, "", "192.0.2.8"), 200);
  EXPECT_EQ(status(Role::read, "Bearer r"), 200) << "a token is counted by itself";
  for (int i = 0; i < 1'000; ++i) EXPECT_EQ(status(Role::read, "", "127.0.0.1"), 200);
  EXPECT_EQ(gate_->figures().too_many_requests, 1u);
}

TEST_F(GateTest, GuessingIsSlowButLocksNobodyElseOut) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(status(Role::read, "Bearer guess" + std::to_string(i)), 401);
  EXPECT_EQ(status(Role::read, "Bearer guess"), 429);
  EXPECT_EQ(header("Retry-After"), "12");
  EXPECT_EQ(status(Role::read, "Bearer r"), 200) << "a colleague behind the same address";
  EXPECT_EQ(status(Role::read, "Bearer guess", "192.0.2.8"), 401);
  now_ms_ += 12'000;
  EXPECT_EQ(status(Role::read, "Bearer guess"), 401);
  EXPECT_EQ(gate_->figures().too_many_logins, 1u);
}

TEST_F(GateTest, ManyAddressesTakeNoMoreRoom) {
  for (int i = 0; i < 100'000; ++i)
    status(Role::read, "",
           "10." + std::to_string(1 + i / 65'536) + "." + std::to_string(i / 256 % 256) + "." +
               std::to_string(i % 256));
  EXPECT_LE(gate_->figures().clients, 1'000u);
}

}  // namespace
}  // namespace thap::serve
