// Settings of receivers, addresses, signatures.
#include "serve/alerts/receiver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "serve/alerts/address_guard.h"
#include "serve/alerts/signature.h"

namespace thap::serve {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const char* variables(const char* name) {
  const std::string text = name;
  if (text == "SECRET") return "whsec_bm90LWEtc2VjcmV0LW9ubHktYS10ZXN0LXZlY3RvciE=";
  if (text == "BAD_SECRET") return "hunter2-hunter2";
  if (text == "HOOK") return "https://hooks.example/T0/B0/very-secret";
  return nullptr;
}
ingest::Result<Receiver> parsed(const json& entry) {
  return receiver_from(entry, "s.json#/alerts/receivers/0", variables);
}
std::string refusal(const json& entry) {
  const auto read = parsed(entry);
  return read ? "accepted" : ingest::to_string(read.error());
}

TEST(Receiver, TakesWhatItsFormatNeeds) {
  const auto desk = parsed({{"name", "desk"},
                            {"url", "https://desk.example/hook"},
                            {"secret_env", "SECRET"},
                            {"languages", {"hi", "en"}},
                            {"classes", "telecom"},
                            {"least_severity", "major"},
                            {"quiet_hours", "23:00-06:30"}});
  ASSERT_TRUE(desk) << ingest::to_string(desk.error());
  EXPECT_EQ(desk->format, Format::webhook);
  EXPECT_EQ(desk->tongues, (std::vector{Tongue::hi, Tongue::en}));
  EXPECT_EQ(desk->least, rules::Severity::major);
  const auto slack = parsed({{"name", "slack"}, {"format", "slack"}, {"url_env", "HOOK"}});
  ASSERT_TRUE(slack) << ingest::to_string(slack.error());
  EXPECT_EQ(slack->urls.at(0), "https://hooks.example/T0/B0/very-secret");
}

TEST(Receiver, AMistakeIsNamedWithItsPlaceAndNeverWithASecret) {
  EXPECT_THAT(refusal({{"name", "Desk 1"}, {"format", "output"}}), HasSubstr("/0/name"));
  EXPECT_THAT(refusal({{"name", "a"}, {"format", "fax"}}), HasSubstr("slack"));
  EXPECT_THAT(refusal({{"name", "a"}, {"url", "https://desk.example"}}), HasSubstr("secret_env"));
  EXPECT_THAT(refusal({{"name", "a"}, {"url", "https://desk.example"}, {"secret_env", "NOT_SET"}}),
              HasSubstr("NOT_SET is not set"));
  const auto bad = refusal({{"name", "a"}, {"url", "https://desk.example"}, {"secret_env", "BAD_SECRET"}});
  EXPECT_THAT(bad, HasSubstr("whsec_"));
  EXPECT_THAT(bad, testing::Not(HasSubstr("hunter2")));
  EXPECT_THAT(refusal({{"name", "a"}, {"format", "output"}, {"quite_hours", "23:00-06:00"}}),
              HasSubstr("/0/quite_hours"));
  EXPECT_THAT(refusal({{"name", "a"}, {"format", "output"}, {"quiet_hours", "25:00-06:00"}}),
              HasSubstr("quiet_hours"));
  EXPECT_THAT(refusal({{"name", "a"}, {"format", "telegram"}, {"url", "https://t.example/bot1"}}),
              HasSubstr("chat_id"));
}

TEST(Receiver, QuietHoursPassMidnightInIndia) {
  const QuietHours quiet{23 * 60, 6 * 60 + 30};
  const std::int64_t midnight_ist = 1'800'000'000'000 / 86'400'000 * 86'400'000 - 19'800'000;
  const auto at = [&](int hour, int minute) { return midnight_ist + (hour * 60 + minute) * 60'000LL; };
  EXPECT_FALSE(quiet.contains(at(22, 59)));
  EXPECT_TRUE(quiet.contains(at(23, 0)));
  EXPECT_TRUE(quiet.contains(at(0, 0)));
  EXPECT_TRUE(quiet.contains(at(6, 29)));
  EXPECT_FALSE(quiet.contains(at(6, 30)));
  EXPECT_EQ(quiet.end_after(at(23, 10)), at(30, 30));
}

TEST(AddressGuard, RefusesEverySpellingOfAPrivatePlace) {
  // Spellings of loopback, of the metadata service, of private nets: as curl and inet_aton read them.
  const char* hosts[] = {"127.0.0.1",
                         "127.1",
                         "127.0.1",
                         "0x7f.1",
                         "0x7f000001",
                         "2130706433",
                         "017700000001",
                         "0177.0.0.1",
                         "0x7f.0x0.0x0.0x1",
                         "127.255.255.254",
                         "0.0.0.0",
                         "0",
                         "10.0.0.1",
                         "10.1",
                         "0xa.0.0.1",
                         "172.16.0.1",
                         "172.31.255.255",
                         "192.168.0.1",
                         "192.168.1",
                         "0xc0a80001",
                         "3232235521",
                         "169.254.169.254",
                         "0xa9fea9fe",
                         "2852039166",
                         "0251.0376.0251.0376",
                         "100.64.0.1",
                         "100.127.255.254",
                         "224.0.0.1",
                         "239.1.2.3",
                         "255.255.255.255",
                         "240.0.0.1",
                         "192.0.0.8",
                         "198.18.0.1",
                         "192.0.2.1",
                         "[::1]",
                         "[::]",
                         "[0:0:0:0:0:0:0:1]",
                         "[::ffff:127.0.0.1]",
                         "[::ffff:7f00:1]",
                         "[::ffff:10.0.0.1]",
                         "[::127.0.0.1]",
                         "[fe80::1]",
                         "[fc00::1]",
                         "[fd12:3456::1]",
                         "[ff02::1]",
                         "[64:ff9b::7f00:1]",
                         "[64:ff9b::a9fe:a9fe]",
                         "[2002:7f00:1::]",
                         "[2002:a00:1::]",
                         "[2001:db8::1]",
                         "[2001::1]",
                         "[::ffff:169.254.169.254]",
                         "[::ffff:0:7f00:1]",
                         "[fec0::1]",
                         "[100::1]",
                         "[64:ff9b:1::1]",
                         "[5f00::1]",
                         "[3fff::1]",
                         "[2001:10::1]",
                         "[::ffff:192.168.0.1]"};
  EXPECT_GE(std::size(hosts), 60U);
  for (const char* host : hosts)
    EXPECT_TRUE(wrong_with_url(std::string("https://") + host + "/hook", false)) << host;
}

TEST(AddressGuard, RefusesWhatIsNoPlainAddress) {
  for (const char* url : {"http://desk.example/", "ftp://desk.example/", "file:///etc/passwd", "gopher://x/",
                          "https://user@desk.example/", "https://user:pass@desk.example/", "https://", "desk",
                          "https://desk.example/a b", "https://desk.example/\r\nx: y",
                          "https://desk.example/#a", "javascript:alert(1)"})
    EXPECT_TRUE(wrong_with_url(url, false)) << url;
  EXPECT_TRUE(wrong_with_url("ftp://127.0.0.1/", true)) << "not even on the own network";
  EXPECT_FALSE(wrong_with_url("https://desk.example/hook?a=b", false));
  EXPECT_FALSE(wrong_with_url("https://8.8.8.8/hook", false));
  EXPECT_FALSE(wrong_with_url("http://127.0.0.1:9093", true));
}

TEST(AddressGuard, KnowsPublicAddresses) {
  for (const char* address : {"8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1",
                              "2606:4700::1111", "2a00:1450::1", "64:ff9b::808:808", "::ffff:8.8.8.8"})
    EXPECT_TRUE(is_public(address)) << address;
  for (const char* address : {"127.0.0.1", "::1", "fe80::1", "10.9.8.7", "::ffff:10.0.0.1", "no address", ""})
    EXPECT_FALSE(is_public(address)) << address;
}

// The vector of the webhook documents: any library that follows Standard Webhooks gives the same.
TEST(Signature, MatchesThePublishedVector) {
  EXPECT_EQ(webhook_signature(
                {variables("SECRET")}, "msg_inc_01_1", 1'791'793'440,
                R"({"type":"incident.opened","timestamp":"2026-10-12T08:24:00Z","data":{"id":"inc_01"}})"),
            "v1,RlbfnMJFU9AWkONO2LkO0PE+USOFy9CM1QuVF5+SEGA=");
}

TEST(Signature, WhileASecretIsRotatedBothSign) {
  const std::string one = variables("SECRET"), two = "whsec_" + std::string(32, 'A');
  const auto both = webhook_signature({two, one}, "id", 1, "{}");
  EXPECT_EQ(both, webhook_signature({two}, "id", 1, "{}") + " " + webhook_signature({one}, "id", 1, "{}"));
}

TEST(Signature, AKeyHas24To64Bytes) {
  EXPECT_TRUE(signing_key("whsec_" + std::string(32, 'A')));   // 24
  EXPECT_FALSE(signing_key("whsec_" + std::string(28, 'A')));  // 21
  EXPECT_FALSE(signing_key("whsec_" + std::string(92, 'A')));  // 69
  EXPECT_FALSE(signing_key("whsec_not*base64*not*base64*not*base64*"));
  EXPECT_FALSE(signing_key(std::string(32, 'A')));
  EXPECT_EQ(signing_key(variables("SECRET")), "not-a-secret-only-a-test-vector!");
}

}  // namespace
}  // namespace thap::serve
