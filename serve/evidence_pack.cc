#include "serve/evidence_pack.h"

#include <fmt/format.h>

#include <algorithm>

#include "serve/incident_json.h"
#include "serve/incident_words.h"
#include "serve/sha256.h"

namespace thap::serve {

using nlohmann::ordered_json;

namespace {

constexpr store::Minute day_minutes = 1'440;
constexpr const char* about =
    "Counts are posts, not affected users. counts_hash is SHA-256 over the JSON text, without spaces, of "
    "incident, why, minutes and steps in one object in this order; hash is SHA-256 over counts_hash and "
    "posts "
    "likewise. A pack made earlier has the same counts_hash if it is of the same sequence. If only its hash "
    "differs, posts in it have gone since: deleted by their authors, edited, or kept for long enough. What "
    "was "
    "counted stays counted.";

ordered_json post_json(const store::Evidence& post) {
  ordered_json symptoms = ordered_json::array();
  for (int s = 0; s < nlp::symptom_count; ++s)
    if (const auto symptom = static_cast<nlp::Symptom>(s); post.symptoms.has(symptom))
      symptoms.push_back(nlp::name(symptom));
  return {{"post", fmt::format("{:016x}{:016x}", post.post.high, post.post.low)},
          {"at", utc_time(post.event_ms)},
          {"network", ingest::name(post.network)},
          {"link", post.link.empty() ? ordered_json(nullptr) : ordered_json(post.link)},
          {"language", nlp::name(post.language)},
          {"kind", nlp::name(post.kind)},
          {"status", nlp::name(post.status)},
          {"symptoms", symptoms}};
}

}  // namespace

ordered_json why_json(const rules::Incident& incident) {
  return {{"reason", incident.reason},
          {"score", incident.score},
          {"threshold", incident.threshold},
          {"peak_per_minute", incident.peak_per_minute},
          {"eased_by_silence", incident.eased_by_silence}};
}

ordered_json minutes_json(const rules::Incident& incident) {
  return {{"from", utc_time(static_cast<std::int64_t>(incident.first_minute) * 60'000)},
          {"observed", incident.minute_counts},
          {"expected", incident.minute_expected}};
}

ordered_json step_json(const rules::Transition& step, const nlp::Lexicon& lexicon) {
  const Headline words = step_text(step, lexicon);
  return {{"sequence", step.sequence},      {"at", utc_time(step.at_ms)},
          {"from", rules::name(step.from)}, {"to", rules::name(step.to)},
          {"relapse", step.relapse},        {"annotated", step.annotated},
          {"reason", step.reason},          {"text", {{"en", words.en}, {"hi", words.hi}, {"bn", words.bn}}}};
}

store::MinuteRange evidence_minutes(const rules::Incident& incident) {
  const auto from = store::minute_of(incident.started_ms);
  const auto to = store::minute_of(incident.resolved_ms ? incident.resolved_ms : incident.updated_ms) + 1;
  return {from, std::min(to, from + day_minutes)};
}

ordered_json evidence_pack(const rules::Incident& incident, const std::vector<rules::Transition>& steps,
                           const std::vector<store::Evidence>& posts, const nlp::Lexicon& lexicon) {
  ordered_json out;
  out["incident"] = incident_json(incident, lexicon, -1);
  out["why"] = why_json(incident);
  out["minutes"] = minutes_json(incident);
  out["steps"] = ordered_json::array();
  for (const auto& step : steps) out["steps"].push_back(step_json(step, lexicon));
  const std::string counts_hash = hex(sha256(out.dump()));
  ordered_json shown = {{"counts_hash", counts_hash}, {"posts", ordered_json::array()}};
  for (const auto& post : posts) shown["posts"].push_back(post_json(post));
  const std::string hash = hex(sha256(shown.dump()));
  out["posts"] = std::move(shown["posts"]);
  out["counts_hash"] = counts_hash;
  out["hash"] = hash;
  out["about"] = about;
  return out;
}

}  // namespace thap::serve
