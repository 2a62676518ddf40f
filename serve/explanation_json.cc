#include "serve/explanation_json.h"

#include <fmt/format.h>

#include "serve/incident_json.h"

namespace thap::serve {

namespace {

// "2022-10-25T07:00:00Z" if the moment is known, else "12:30"; null for a length of time before an unknown
// moment.
nlohmann::ordered_json when_json(const nlp::When& when) {
  if (when.at_ms) return utc_time(*when.at_ms);
  if (when.minute_of_day) return clock_text(*when.minute_of_day);
  return nullptr;
}

template <class Value>
nlohmann::ordered_json or_null(const std::optional<Value>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
}

}  // namespace

std::string clock_text(int minute_of_day) {
  return fmt::format("{:02}:{:02}", minute_of_day / 60, minute_of_day % 60);
}

nlohmann::ordered_json explanation_json(const nlp::Explanation& e, const std::string& text,
                                        const nlp::Lexicon& lexicon) {
  nlohmann::ordered_json out;
  out["language"] = nlp::name(e.reading.language);
  out["kind"] = nlp::name(e.reading.kind);
  out["services"] = nlohmann::ordered_json::array();
  for (const auto& s : e.reading.services)
    out["services"].push_back(
        {{"id", lexicon.service(s.service)->id}, {"status", nlp::name(s.status)}, {"blamed", s.blamed}});
  out["symptoms"] = nlohmann::ordered_json::array();
  for (int i = 0; i < nlp::symptom_count; ++i)
    if (e.reading.symptoms.has(static_cast<nlp::Symptom>(i)))
      out["symptoms"].push_back(nlp::name(static_cast<nlp::Symptom>(i)));
  out["places"] = nlohmann::ordered_json::array();
  for (const auto p : e.reading.places) out["places"].push_back(lexicon.place(p)->id);
  out["events"] = nlohmann::ordered_json::array();
  for (const auto& event : e.events) {
    nlohmann::ordered_json told = {{"service", lexicon.service(event.service)->id},
                                   {"status", nlp::name(event.status)}};
    told["at"] = event.when ? when_json(*event.when) : nlohmann::ordered_json(nullptr);
    told["approximate"] = event.when && event.when->approximate;
    told["begin"] = event.begin;
    told["end"] = event.end;
    out["events"].push_back(std::move(told));
  }
  out["onset"] = nullptr;
  if (e.onset)
    out["onset"] = {{"at", when_json(*e.onset)},
                    {"approximate", e.onset->approximate},
                    {"minutes_before", or_null(e.onset->minutes_before)}};
  out["lasted_min"] = or_null(e.lasted_min);
  out["cause"] = e.cause.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(e.cause);
  out["spans"] = nlohmann::ordered_json::array();
  for (const auto& span : e.spans)
    out["spans"].push_back({{"begin", span.begin},
                            {"end", span.end},
                            {"text", text.substr(span.begin, span.end - span.begin)},
                            {"group", span.entry.group},
                            {"phrase", span.entry.text},
                            {"entry", span.entry.place},
                            {"note", span.note}});
  out["reasons"] = e.reasons;
  out["folded"] = e.folded;
  out["lexicon"] = lexicon.version();
  return out;
}

}  // namespace thap::serve
