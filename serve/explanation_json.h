// What a text says and why, as `thap explain --json` and /api/v1/explain say it.
#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "nlp/lexicon.h"
#include "nlp/reader.h"

namespace thap::serve {

// "16:30". Of a time of day, 0 to 1,439 minutes.
std::string clock_text(int minute_of_day);

nlohmann::ordered_json explanation_json(const nlp::Explanation& explanation, const std::string& text,
                                        const nlp::Lexicon& lexicon);

}  // namespace thap::serve
