#include "serve/explanation_json.h"

namespace thap::serve {

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
