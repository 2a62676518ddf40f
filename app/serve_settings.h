// The parts of the section "serve" that are more than a value.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "app/settings.h"
#include "ingest/result.h"

namespace thap::app {

// A list of {name, role, sha256, expires}. `place`: file#/pointer. Fails with `bad_setting`.
ingest::Result<void> add_tokens(const nlohmann::json& list, const std::string& place,
                                ServeSettings& settings);

}  // namespace thap::app
