// A settings file that is wrong says where and what was meant.
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/settings.h"

namespace thap::app {
namespace {

using ingest::Code;
using testing::HasSubstr;

TEST(Settings, DefaultsWithoutAFile) {
  const auto settings = load_settings("");
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->ingest.max_text_bytes, 16'384);
  EXPECT_EQ(settings->store.minute_days, 35);
  EXPECT_EQ(settings->rules.set, "shipped");
}

TEST(Settings, TakesValuesAndLeavesTheRest) {
  const auto settings = parse_settings(R"json({
    // How long we keep counts.
    "store": {"minute_days": 10 /* enough for us */},
    "rules": {"set": "reference"},
    "ingest": {}
  })json",
                                       "thap.json");
  ASSERT_TRUE(settings) << ingest::to_string(settings.error());
  EXPECT_EQ(settings->store.minute_days, 10);
  EXPECT_EQ(settings->rules.set, "reference");
  EXPECT_EQ(settings->store.hour_days, 400);
  EXPECT_EQ(settings->ingest.max_text_bytes, 16'384);
}

struct Row {
  const char* name;
  const char *text, *place, *says;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.name; }

const Row rows[] = {
    {"unknown_key", R"({"store": {"minute_day": 3}})", "thap.json#/store/minute_day",
     "did you mean \"minute_days\"?"},
    {"unknown_key_far", R"({"ingest": {"text_bytes": 3}})", "thap.json#/ingest/text_bytes",
     "did you mean \"max_text_bytes\"?"},
    {"key_of_other_section", R"({"store": {"set": "shipped"}})", "thap.json#/store/set", "unknown key"},
    {"flag_no_boolean", R"({"serve": {"plain_http": "no"}})", "thap.json#/serve/plain_http",
     "must be true or false"},
    {"token_role", R"({"serve": {"tokens": [{"name": "a", "role": "root", "sha256": ""}]}})",
     "thap.json#/serve/tokens/0/role", "read, evidence or admin"},
    {"token_hash", R"({"serve": {"tokens": [{"name": "a", "role": "read", "sha256": "00"}]}})",
     "thap.json#/serve/tokens/0/sha256", "64 hexadecimal digits"},
    {"token_without_role", R"({"serve": {"tokens": [{"name": "a"}]}})", "thap.json#/serve/tokens/0",
     "lacks \"role\""},
    {"unknown_section", R"({"stor": {}})", "thap.json#/stor", "did you mean \"store\"?"},
    {"section_no_object", R"({"store": 3})", "thap.json#/store", "must be an object"},
    {"too_small", R"({"store": {"minute_days": 0}})", "thap.json#/store/minute_days",
     "0 is outside 1 to 400"},
    {"too_large", R"({"store": {"evidence_days": 31}})", "thap.json#/store/evidence_days",
     "31 is outside 0 to 30"},
    {"huge", R"({"store": {"evidence_days": 18446744073709551615}})", "thap.json#/store/evidence_days",
     "is outside"},
    {"no_number", R"({"store": {"minute_days": "3"}})", "thap.json#/store/minute_days",
     "must be a whole number"},
    {"no_whole_number", R"({"store": {"minute_days": 3.5}})", "thap.json#/store/minute_days",
     "must be a whole number"},
    {"no_text", R"({"rules": {"set": 3}})", "thap.json#/rules/set", "must be a string"},
    {"no_object", "[]", "thap.json", "JSON object"},
    {"no_json", "{", "thap.json", "parse error"},
    {"empty", "", "thap.json", "parse error"},
    {"number_overflow", R"({"store": {"minute_days": 2e883}})", "thap.json", "number overflow"},
};
class WrongSettings : public testing::TestWithParam<Row> {};
TEST_P(WrongSettings, SayWhereAndWhat) {
  const auto settings = parse_settings(GetParam().text, "thap.json");
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().code, Code::bad_setting);
  EXPECT_EQ(settings.error().place, GetParam().place);
  EXPECT_THAT(settings.error().text, HasSubstr(GetParam().says));
}
INSTANTIATE_TEST_SUITE_P(Rows, WrongSettings, testing::ValuesIn(rows),
                         [](const auto& row) { return std::string(row.param.name); });

// The example file that `thap` prints is one it takes, and it holds the defaults.
TEST(Settings, TakesItsOwnDescription) {
  const std::string description = describe_settings();
  const auto settings = parse_settings(description, "described");
  ASSERT_TRUE(settings) << ingest::to_string(settings.error()) << "\n" << description;
  const Settings defaults;
  EXPECT_EQ(settings->ingest.max_batch_posts, defaults.ingest.max_batch_posts);
  EXPECT_EQ(settings->ingest.max_lateness_ms, defaults.ingest.max_lateness_ms);
  EXPECT_EQ(settings->store.seen_hours, defaults.store.seen_hours);
  EXPECT_EQ(settings->nlp.lexicon_folder, defaults.nlp.lexicon_folder);
  EXPECT_EQ(settings->rules.set, defaults.rules.set);
}

TEST(Settings, ComeFromAFile) {
  EXPECT_EQ(load_settings("/no/such/file").error().code, Code::io);
  char path[] = "/tmp/thap_settings_XXXXXX";
  const int file = mkstemp(path);
  ASSERT_GE(file, 0);
  close(file);
  std::ofstream(path) << R"({"store": {"hour_days": 7}})";
  const auto settings = load_settings(path);
  EXPECT_TRUE(settings && settings->store.hour_days == 7);
  std::ofstream(path) << R"({"store": {"hours": 7}})";
  EXPECT_EQ(load_settings(path).error().place, std::string(path) + "#/store/hours");
  std::remove(path);
}

}  // namespace
}  // namespace thap::app
