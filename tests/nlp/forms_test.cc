// The plain forms in which people say that a service fails, and those that look alike and say that it does
// not, each with several services: forms.json.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "nlp/reader.h"

namespace thap::nlp {
namespace {

TEST(Forms, AreReadWhicheverServiceTheyNameAndInEveryVariety) {
  std::ifstream file(THAP_TEST_DATA "/forms.json");
  ASSERT_TRUE(file) << THAP_TEST_DATA "/forms.json";
  const auto forms = nlohmann::json::parse(file);
  const auto lexicon = Lexicon::embedded();
  ASSERT_TRUE(lexicon) << ingest::to_string(lexicon.error());
  const Reader reader(*lexicon);
  int read = 0;
  for (const auto& [variety, of] : forms.items())
    for (const bool fails : {true, false})
      for (const auto& form : of.at(fails ? "fails" : "does_not_fail"))
        for (const auto& service : of.at("services")) {
          auto text = form.get<std::string>();
          text.replace(text.find("{}"), 2, service.get<std::string>());
          const Reading reading = reader.read(text);
          const bool is_present =
              std::any_of(reading.services.begin(), reading.services.end(),
                          [](const ServiceReading& one) { return is_present_outage(one.status); });
          EXPECT_EQ(is_present, fails) << variety << ": " << text;
          ++read;
        }
  EXPECT_GT(read, 1'000);
}

}  // namespace
}  // namespace thap::nlp
