// Formats of sources in the settings file: what is read, and where a mistake is said to stand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/settings.h"

namespace thap::app {
namespace {

using testing::HasSubstr;

TEST(SourceSettings, MapsAVendorsShape) {
  const auto settings = parse_settings(R"({"ingest": {
    "sources": [{"source": "vendor.posts", "format": "generic", "map": {"id": "/doc/ref", "text": ["/doc/body", "/doc/title"]},
                 "time_set_by": "platform", "text_markup": "html", "ops": {"removed": "delete"}, "network": "x"}],
    "official_accounts": ["x:4711"]}})",
                                       "s.json");
  ASSERT_TRUE(settings) << ingest::to_string(settings.error());
  const auto decoder = decoder_settings(*settings);
  const auto& format = decoder.sources.at("vendor.posts");
  EXPECT_EQ(format.format, ingest::Format::generic);
  EXPECT_EQ(format.mapping.pointers[ingest::GenericMapping::text],
            (std::vector<std::string>{"/doc/body", "/doc/title"}));
  EXPECT_EQ(format.mapping.network, ingest::Network::x);
  EXPECT_EQ(format.mapping.operations.at("removed"), ingest::Operation::remove);
  EXPECT_TRUE(decoder.official_accounts.contains({ingest::Network::x, "4711"}));
}

struct Row {
  const char* name;
  const char* ingest;
  const char* place;
  const char* text;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.name; }
class BadSource : public testing::TestWithParam<Row> {};

TEST_P(BadSource, IsRefusedWithItsPlace) {
  const auto settings = parse_settings(std::string(R"({"ingest": )") + GetParam().ingest + "}", "s.json");
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().place, GetParam().place);
  EXPECT_THAT(settings.error().text, HasSubstr(GetParam().text));
}

const Row rows[] = {
    {"unknown_format", R"({"sources": [{"source": "a", "format": "xml"}]})",
     "s.json#/ingest/sources/0/format", "no format"},
    {"unknown_field", R"({"sources": [{"source": "a", "format": "generic", "map": {"txt": "/t"}}]})",
     "s.json#/ingest/sources/0/map/txt", "unknown field"},
    {"unknown_key", R"({"sources": [{"source": "a", "formt": "auto"}]})", "s.json#/ingest/sources/0/formt",
     "unknown key"},
    {"twice", R"({"sources": [{"source": "a"}, {"source": "a"}]})", "s.json#/ingest/sources/1/source",
     "twice"},
    {"no_source", R"({"sources": [{"format": "auto"}]})", "s.json#/ingest/sources/0", "source"},
    {"account", R"({"official_accounts": ["4711"]})", "s.json#/ingest/official_accounts/0",
     "NETWORK:AUTHOR_ID"},
};
INSTANTIATE_TEST_SUITE_P(Rows, BadSource, testing::ValuesIn(rows),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(SourceSettings, StandInTheDescription) {
  const auto settings = parse_settings(describe_settings(), "described");
  ASSERT_TRUE(settings) << ingest::to_string(settings.error());
}

}  // namespace
}  // namespace thap::app
