// The shapes of records: one function each, from a JSON object to a draft. A shape decides kind, operation
// and identity; it never throws and reads nothing but its arguments. Internal to ingest/.
#pragma once
#include <optional>
#include <string_view>

#include "ingest/draft.h"
#include "ingest/json.h"

namespace thap::ingest {

// The shape of an object that nobody declared; nullopt: none we know.
std::optional<Format> recognise(const json::Object& root, const Context& context);

// Reads `root` as `format`, which is not `automatic`.
Verdict read_shape(Format format, const json::Object& root, const Context& context, Draft& draft);

Verdict read_canonical(const json::Object& root, const Context& context, Draft& draft);
Verdict read_x_v2(const json::Object& root, const Context& context, Draft& draft);
Verdict read_x_v1(const json::Object& root, const Context& context, Draft& draft);
Verdict read_x_connect(const json::Object& root, const Context& context, Draft& draft);
Verdict read_jetstream(const json::Object& root, const Context& context, Draft& draft);
Verdict read_at_kafka(const json::Object& root, const Context& context, Draft& draft);
Verdict read_bsky_flat(const json::Object& root, const Context& context, Draft& draft);
Verdict read_mastodon(const json::Object& root, const Context& context, Draft& draft);
Verdict read_reddit(const json::Object& root, const Context& context, Draft& draft);
Verdict read_telegram(const json::Object& root, const Context& context, Draft& draft);
Verdict read_youtube(const json::Object& root, const Context& context, Draft& draft);
Verdict read_generic(const json::Object& root, const Context& context, Draft& draft);

// X's compliance events, in both spellings; nullopt: `root` is none.
std::optional<Verdict> read_x_compliance(const json::Object& root, Draft& draft);

// When X made the id, from the id itself; nullopt for ids that are not all digits or older than such ids.
std::optional<std::int64_t> x_id_time(std::string_view id);

bool is_official(const DecoderSettings& settings, Network network, std::string_view account);

}  // namespace thap::ingest
