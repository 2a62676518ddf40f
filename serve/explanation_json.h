// What a text says and why, as `thap explain --json` and /api/v1/explain say it.
#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "nlp/lexicon.h"
#include "nlp/reader.h"

namespace thap::serve {

nlohmann::ordered_json explanation_json(const nlp::Explanation& explanation, const std::string& text,
                                        const nlp::Lexicon& lexicon);

}  // namespace thap::serve
