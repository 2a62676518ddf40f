// One incident for the file: what was counted against what is usual, each step and why, in words of three
// languages, the posts by their hashes, versions, and hashes over it. And the parts of it that the API shows.
#pragma once
#include <cstddef>
#include <nlohmann/json.hpp>
#include <vector>

#include "nlp/lexicon.h"
#include "rules/incident.h"
#include "store/tally.h"

namespace thap::serve {

// Why it opened: {"reason", "score", "threshold", "peak_per_minute", "eased_by_silence"}.
nlohmann::ordered_json why_json(const rules::Incident& incident);
// What was counted each minute from "from" on: {"from", "observed", "expected"}.
nlohmann::ordered_json minutes_json(const rules::Incident& incident);
// One step of its life.
nlohmann::ordered_json step_json(const rules::Transition& step, const nlp::Lexicon& lexicon);

// The same for the same incident, whoever makes it and when. Holds no text and no author: a copy of it cannot
// be taken back, and a post's author may still delete the post. "counts_hash" is SHA-256 of the JSON text of
// "incident", "why", "minutes" and "steps" in one object in this order; "hash" is SHA-256 of "counts_hash"
// and "posts" likewise. After a deletion counts_hash is what it was, hash is not, and the posts say which is
// gone.
nlohmann::ordered_json evidence_pack(const rules::Incident& incident,
                                     const std::vector<rules::Transition>& steps,
                                     const std::vector<store::Evidence>& posts, const nlp::Lexicon& lexicon);

// The posts of an incident are those of its first day: up to three a minute.
store::MinuteRange evidence_minutes(const rules::Incident& incident);
inline constexpr std::size_t most_pack_posts = 3 * 1'440;

}  // namespace thap::serve
