// Settings of what posts look like where they come from: formats, mappings, official accounts.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "ingest/result.h"
#include "ingest/source_format.h"

namespace thap::app {

// One entry of `ingest.sources`:
//   {"source": "vendor.posts", "format": "generic", "map": {"id": "/doc/ref", "text": ["/doc/body",
//   "/doc/title"]},
//    "time_set_by": "platform", "text_markup": "html", "ops": {"removed": "delete"}, "network": "x"}
// `source` is a topic or a file's path as it is given, "*" is every source without an entry of its own.
// Fails with `bad_setting`; the place begins with `place`, the entry's own.
ingest::Result<void> add_source(const nlohmann::json& entry, const std::string& place,
                                ingest::DecoderSettings& settings);

// One entry of `ingest.official_accounts`: "x:4711", network and author id.
ingest::Result<void> add_official_account(const nlohmann::json& entry, const std::string& place,
                                          ingest::DecoderSettings& settings);

}  // namespace thap::app
