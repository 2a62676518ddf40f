#include "nlp/reader.h"

#include <algorithm>

#include "nlp/analysis.h"
#include "nlp/inflection.h"

namespace thap::nlp {
namespace {

Analysis& scratch() {
  thread_local Analysis analysis;
  return analysis;
}

}  // namespace

Reading Reader::read(std::string_view text, ReadHints hints) const {
  Analysis& analysis = scratch();
  Reading reading;
  find_names_and_phrases(lexicon_->tables(), text, analysis, hints.only_if_named);
  if (hints.only_if_named && analysis.mentions.empty()) return reading;
  find_events(lexicon_->tables(), text, analysis);
  conclude(lexicon_->tables(), text, hints, analysis, reading, nullptr);
  return reading;
}

bool Reader::is_service_handle(std::string_view handle) const {
  return lexicon_->tables().handles.contains(fold_handle(handle));
}

Explanation Reader::explain(std::string_view text, ReadHints hints) const {
  const Lexicon::Tables& t = lexicon_->tables();
  Analysis& a = scratch();
  Explanation out;
  find_names_and_phrases(t, text, a);
  find_events(t, text, a);
  conclude(t, text, hints, a, out.reading, &out);
  tell(t, a, hints, out);

  for (const ReadToken& token : a.tokens) {
    if (token.token.fold_length == 0) continue;
    if (!out.folded.empty()) out.folded.push_back(' ');
    out.folded.append(a.scanned.text_of(token.token));
  }
  auto span_of = [&](std::size_t first, std::size_t last) {
    return std::pair<std::size_t, std::size_t>{a.tokens[first].token.begin, a.tokens[last - 1].token.end};
  };
  for (const Mention& m : a.mentions) {
    const auto [begin, end] = span_of(m.first, m.last);
    const std::string& id = t.services[m.service].id;
    const bool by_handle = m.alias == handle_alias;
    std::string note = id;
    if (m.role != Role::subject) note += ", " + std::string(name(m.role));
    out.spans.push_back({begin,
                         end,
                         {"service", by_handle ? "@" + id : t.aliases[m.alias].text,
                          by_handle ? "" : t.aliases[m.alias].place},
                         note});
  }
  for (const PlaceMention& p : a.places) {
    const auto [begin, end] = span_of(p.first, p.last);
    out.spans.push_back(
        {begin, end, {"place", t.aliases[p.alias].text, t.aliases[p.alias].place}, t.places[p.place].id});
  }
  auto add = [&](const PhraseHit& hit, std::string note) {
    const Phrase& phrase = t.phrase_list[hit.phrase];
    const auto [begin, end] = span_of(hit.first, hit.last);
    std::string group(name(phrase.group));
    if (phrase.group == Group::topic || phrase.group == Group::symptom)
      group += ":" + std::string(name(phrase.symptom));
    out.spans.push_back({begin, end, {group, phrase.text, phrase.place}, std::move(note)});
  };
  for (const PhraseHit& hit : a.states) {
    std::string note;
    for (const Event& event : a.events) {
      if (event.first != hit.first || event.last != hit.last) continue;
      note = event.says == Event::Says::fails ? "fails" : event.says == Event::Says::works ? "works" : "back";
      if (event.negated) note += ", negated";
      if (event.in_question) note += ", asked";
      if (event.is_void) note += ", void: " + std::string(name(event.voided_by));
      for (std::uint16_t m : a.bound(event)) note += " → " + t.services[a.mentions[m].service].id;
    }
    add(hit, note);
  }
  for (const PhraseHit& hit : a.cues) add(hit, "");
  std::stable_sort(out.spans.begin(), out.spans.end(),
                   [](const Span& x, const Span& y) { return x.begin < y.begin; });
  return out;
}

}  // namespace thap::nlp
