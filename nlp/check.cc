// What `thap check` says of a lexicon: every entry's own examples, and entries that cannot be meant.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "nlp/analysis.h"

namespace thap::nlp {
namespace {

class Checker {
 public:
  Checker(const Lexicon::Tables& tables, std::vector<Finding>& findings) : t_(tables), findings_(findings) {}

  void run() {
    examples();
    ordinary_words();
    equal_phrases();
    services_without_examples();
  }

 private:
  void say(const std::string& place, std::string text) { findings_.push_back({place, std::move(text)}); }

  void examples() {
    Analysis analysis;
    for (const Example& example : t_.examples) {
      find_names_and_phrases(t_, example.text, analysis);
      switch (example.of) {
        case Example::Of::service: {
          const bool named = std::any_of(analysis.mentions.begin(), analysis.mentions.end(),
                                         [&](const Mention& m) { return m.service == example.entry; });
          if (named != example.yes)
            say(example.place, fmt::format("\"{}\" {} {}", example.text, named ? "names" : "does not name",
                                           t_.services[example.entry].id));
          break;
        }
        case Example::Of::place: {
          const bool named = std::any_of(analysis.places.begin(), analysis.places.end(),
                                         [&](const PlaceMention& p) { return p.place == example.entry; });
          if (named != example.yes)
            say(example.place, fmt::format("\"{}\" {} {}", example.text, named ? "names" : "does not name",
                                           t_.places[example.entry].id));
          break;
        }
        case Example::Of::symptom: {
          // An example need not name a service: what its events say fails is what counts.
          find_events(t_, example.text, analysis);
          const auto symptom = static_cast<Symptom>(example.entry);
          const bool found = std::any_of(analysis.events.begin(), analysis.events.end(), [&](const Event& e) {
            return !e.is_void && e.says == Event::Says::fails &&
                   (e.symptoms.has(symptom) || (symptom == Symptom::down && e.is_generic));
          });
          if (found != example.yes)
            say(example.place, fmt::format("\"{}\" {} as symptom {}", example.text,
                                           example.yes ? "does not read" : "reads", name(symptom)));
          break;
        }
        case Example::Of::cue: {
          const auto group = static_cast<Group>(example.entry);
          const bool found = is_state(group) ? std::any_of(analysis.states.begin(), analysis.states.end(),
                                                           [&](const PhraseHit& hit) {
                                                             return t_.phrase_list[hit.phrase].group == group;
                                                           })
                                             : analysis.has(group);
          if (found != example.yes)
            say(example.place, fmt::format("\"{}\" {} as {}", example.text,
                                           example.yes ? "does not read" : "reads", name(group)));
          break;
        }
      }
    }
  }

  // A name that is a function word of one of the languages would name the service in every other post.
  void ordinary_words() {
    std::set<std::string_view> function_words;
    for (const char* list :
         {"lang_en", "lang_hi", "lang_bn", "particle", "connector", "neg", "neg_en", "neg_bn"})
      if (const auto at = t_.classes.find(list); at != t_.classes.end())
        function_words.insert(at->second.begin(), at->second.end());
    for (const Alias& alias : t_.aliases) {
      if (alias.condition >= 0 || alias.of == Alias::Of::nothing) continue;
      if (function_words.contains(fold_word(alias.text)))
        say(alias.place,
            fmt::format("\"{}\" is an ordinary word: it needs a condition (\"ambiguous\")", alias.text));
    }
  }

  // Two state phrases with the same words in two groups: one of them never wins.
  void equal_phrases() {
    std::map<std::string, const Phrase*> seen;
    for (const Phrase& phrase : t_.phrase_list) {
      if (!is_state(phrase.group)) continue;
      ScannedText scanned;
      std::string key;
      if (phrase.text.find_first_of("{(|?*") == std::string::npos)
        key = fold_word(phrase.text);
      else
        key = phrase.text;
      const auto [at, is_new] = seen.try_emplace(key, &phrase);
      if (is_new) continue;
      const Phrase& other = *at->second;
      if (other.group == phrase.group && other.symptom == phrase.symptom)
        say(phrase.place, fmt::format("\"{}\" stands already at {}", phrase.text, other.place));
      else
        say(phrase.place, fmt::format("\"{}\" can never win: it stands as {} at {}", phrase.text,
                                      name(other.group), other.place));
    }
  }

  void services_without_examples() {
    std::set<std::uint32_t> with;
    for (const Example& example : t_.examples)
      if (example.of == Example::Of::service && example.yes) with.insert(example.entry);
    for (std::uint32_t i = 0; i < t_.services.size(); ++i)
      if (!with.contains(i)) say(t_.services[i].id, "has no example of a text that names it");
  }

  const Lexicon::Tables& t_;
  std::vector<Finding>& findings_;
};

}  // namespace

std::vector<Finding> Lexicon::check() const {
  std::vector<Finding> findings = tables_->findings;
  Checker(*tables_, findings).run();
  return findings;
}

}  // namespace thap::nlp
