#include "rules/rule_set.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <numeric>

namespace thap::rules {
namespace {

using nlohmann::json;

json embedded(const char* name) {
  for (const auto& [file, text] : embedded_rule_files())
    if (file == name) return json::parse(text, nullptr, true, true);
  return {};
}

RuleFiles files_with(const json& parameters, const json& providers) {
  return {{"parameters.json", parameters.dump()}, {"providers.json", providers.dump()}};
}

TEST(RuleSet, EmbeddedFilesLoadInBothSets) {
  const auto shipped = load_rules(embedded_rule_files());
  const auto reference = load_rules(embedded_rule_files(), "reference");
  ASSERT_TRUE(shipped) << to_string(shipped.error());
  ASSERT_TRUE(reference) << to_string(reference.error());
  EXPECT_EQ((*shipped)->of("bank").parameters.margin, 4);
  EXPECT_EQ((*reference)->of("bank").parameters.margin, 2);
  EXPECT_EQ((*reference)->of("bank").parameters.near_copy_bits, -1);
  EXPECT_EQ((*shipped)->version.size(), 12u);
  EXPECT_NE((*shipped)->version, (*reference)->version);
  EXPECT_EQ(&(*shipped)->of("no such class"), &(*shipped)->of("default"));
}

TEST(RuleSet, ShapesHaveMeanOne) {
  const auto rules = load_rules(embedded_rule_files()).value();
  for (const auto& [name, klass] : rules->classes)
    for (const auto& day : klass.shape.slot)
      EXPECT_NEAR(std::accumulate(day.begin(), day.end(), 0.0) / slots_a_day, 1.0, 1e-9) << name;
}

TEST(RuleSet, ProvidersAreKnownByTheIdsOfTheLexicon) {
  const auto rules = load_rules(embedded_rule_files()).value();
  const auto upi = std::find_if(rules->providers.begin(), rules->providers.end(),
                                [](const auto& p) { return p.id == "upi"; });
  ASSERT_NE(upi, rules->providers.end());
  EXPECT_TRUE(std::binary_search(upi->dependants.begin(), upi->dependants.end(), nlp::service_id("phonepe")));
}

TEST(RuleSet, AnyChangeOfAFileIsAnotherVersion) {
  auto parameters = embedded("parameters.json");
  const auto providers = embedded("providers.json");
  const auto before = load_rules(files_with(parameters, providers)).value()->version;
  parameters["shipped"]["margin"] = 3;
  EXPECT_NE(load_rules(files_with(parameters, providers)).value()->version, before);
}

TEST(RuleSet, ClassesOverrideTheShippedSetOnly) {
  auto parameters = embedded("parameters.json");
  parameters["classes"]["bank"]["parameters"]["margin"] = 3;
  const auto files = files_with(parameters, embedded("providers.json"));
  EXPECT_EQ(load_rules(files).value()->of("bank").parameters.margin, 3);
  EXPECT_EQ(load_rules(files).value()->of("ott").parameters.margin, 4);
  EXPECT_EQ(load_rules(files, "reference").value()->of("bank").parameters.margin, 2);
}

struct Row {
  const char* name;
  const char* pointer;  // into parameters.json, or providers.json if it begins with "providers:"
  json value;           // what to put there; null: remove
  std::string place, text;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.name; }

class BadRules : public testing::TestWithParam<Row> {};

TEST_P(BadRules, AreRefusedByName) {
  auto parameters = embedded("parameters.json"), providers = embedded("providers.json");
  std::string pointer = GetParam().pointer;
  const bool in_providers = pointer.starts_with("providers:");
  if (in_providers) pointer = pointer.substr(10);
  auto& file = in_providers ? providers : parameters;
  const json::json_pointer at(pointer);
  if (GetParam().value.is_null())
    file[at.parent_pointer()].erase(at.back());
  else
    file[at] = GetParam().value;
  const auto loaded = load_rules(files_with(parameters, providers));
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ingest::Code::bad_setting);
  EXPECT_EQ(loaded.error().place, GetParam().place);
  EXPECT_NE(loaded.error().text.find(GetParam().text), std::string::npos) << loaded.error().text;
}

const Row rows[] = {
    {"misspelt", "/shipped/margn", 3, "parameters.json#/shipped/margn", "nearest known key is \"margin\""},
    {"missing", "/reference/margin", nullptr, "parameters.json#/reference", "\"margin\" is missing"},
    {"out_of_bounds", "/shipped/margin", -1, "parameters.json#/shipped/margin", "outside 0 to 20"},
    {"not_a_number", "/shipped/margin", "4", "parameters.json#/shipped/margin", "must be a number"},
    {"not_a_switch", "/shipped/take_back_once", 1, "parameters.json#/shipped/take_back_once",
     "true or false"},
    {"no_such_shape", "/classes/bank/shape", "bankng", "parameters.json#/classes/bank/shape/bankng",
     "\"banking\""},
    {"short_bank", "/shipped/added_per_minute", json::array({1, 2}),
     "parameters.json#/shipped/added_per_minute", "5"},
    {"short_day", "/shapes/all/weekend", json::array({1}), "parameters.json#/shapes/all/weekend", "24"},
    {"itself", "providers:/providers/upi/0", "upi", "providers.json#/providers/upi/0", "itself"},
    {"twice", "providers:/providers/upi/0", "paytm", "providers.json#/providers/upi/7", "twice"},
    {"weight", "providers:/shared_cause/hits", 1, "providers.json#/shared_cause/hits", "\"hit\""},
};
INSTANTIATE_TEST_SUITE_P(Rows, BadRules, testing::ValuesIn(rows),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(RuleSet, TextThatIsNoJsonIsRefused) {
  const auto loaded = load_rules({{"parameters.json", "{"}, {"providers.json", "{}"}});
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().place, "parameters.json");
}

TEST(RuleSet, AFolderWithoutFilesCannotBeRead) {
  const auto files = read_rule_files("/nonexistent");
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().code, ingest::Code::io);
}

}  // namespace
}  // namespace thap::rules
