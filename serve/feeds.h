// Incidents as Atom 1.0 and JSON Feed 1.1: one entry each, under an id that never changes.
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "nlp/lexicon.h"
#include "rules/incident.h"

namespace thap::serve {

struct FeedSettings {
  std::string host{"localhost"};  // in tag: URIs
  std::string self{"/"};          // path and query of the feed
  std::string language{"en"};     // en, hi or bn
};

// Newest first, as given. An incident that was withdrawn stays and says so.
std::string atom_feed(const std::vector<rules::Incident>& incidents, const nlp::Lexicon& lexicon,
                      const FeedSettings& settings);
nlohmann::ordered_json json_feed(const std::vector<rules::Incident>& incidents, const nlp::Lexicon& lexicon,
                                 const FeedSettings& settings);

}  // namespace thap::serve
