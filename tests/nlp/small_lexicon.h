// A lexicon of six invented services with a word or two of everything: tests of what code does with a lexicon
// read this one, so that they stand still while the real one grows.
#pragma once
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "nlp/lexicon.h"

namespace thap::nlp {

// tarang is an ordinary word, too (wave), megh runs others, pankh belongs to lahar.
inline std::vector<LexiconFile> small_lexicon_files() {
  return {
      {"times.json", R"({"classes": {"minute": ["minute"], "from": ["se"]}})"},
      {"services/all.json", R"json([
{"id": "lahar", "name": {"en": "Lahar", "hi": "लहर", "bn": "লহর"}, "class": "messaging",
 "handles": ["LaharHelp"], "aliases": ["lahar", "lahar chat", "लहर", "লহর"],
 "examples": {"yes": ["lahar is down"]}},
{"id": "pankh", "name": {"en": "Pankh", "hi": "पंख", "bn": "পাখা"}, "class": "social", "owner": "lahar",
 "aliases": ["pankh"], "examples": {"yes": ["on pankh"]}},
{"id": "tarang", "name": {"en": "Tarang", "hi": "तरंग", "bn": "তরঙ্গ"}, "class": "telecom",
 "handles": ["TarangCare"], "aliases": ["tarang fiber", "तरंग", "তরঙ্গ"],
 "ambiguous": [{"aliases": ["tarang"], "near": ["@telecom", "@service"], "within": 4, "after": ["ka"], "unless": ["nritya"]}],
 "not": ["tarang talkies"], "examples": {"yes": ["tarang sim"], "no": ["tarang", "tarang talkies sim"]}},
{"id": "act", "name": {"en": "ACT"}, "class": "broadband",
 "ambiguous": [{"aliases": ["act"], "case": "upper", "near": ["@telecom"]}],
 "examples": {"yes": ["ACT net"], "no": ["Act of sim"]}},
{"id": "paisapay", "name": {"en": "PaisaPay"}, "class": "payment", "aliases": ["paisa pay"],
 "examples": {"yes": ["paisapay"]}},
{"id": "megh", "name": {"en": "Megh Cloud"}, "class": "infrastructure", "aliases": ["megh"],
 "examples": {"yes": ["megh"]}}
])json"},
      {"words.json", R"json({"classes": {
"neg": ["nahi", "nahin", "नहीं"], "neg_bn": ["না", "na"], "neg_en": ["not", "isnt", "cant"],
"raha": ["raha", "rahi", "रहा"], "particle": ["hi", "ही"], "connector": ["and", "aur", "ও"],
"lang_en": ["the", "is", "for", "since", "my"], "lang_hi": ["ka", "hai", "raha", "nahi"], "lang_bn": ["cholche", "na", "keno"],
"handle_ending": ["care", "official", "india"]},
"groups": {"telecom": ["net", "sim", "নেট"]}})json"},
      {"places.json", R"json([
{"id": "IN-WestBengal", "iso": "IN-WB", "kind": "state", "name": {"en": "West Bengal", "in_en": "in West Bengal", "hi": "पश्चिम बंगाल", "in_hi": "पश्चिम बंगाल में", "bn": "পশ্চিমবঙ্গ", "in_bn": "পশ্চিমবঙ্গে"}, "aliases": ["west bengal"]},
{"id": "IN-Kolkata", "iso": "IN-WB", "kind": "city", "name": {"en": "Kolkata", "in_en": "in Kolkata"},
 "aliases": ["kolkata", "কলকাতা"], "localities": ["salt lake"], "not": ["kolkata knights"],
 "examples": {"yes": ["in salt lake"], "no": ["kolkata knights"]}},
{"id": "IN-Patna", "iso": "IN-BR", "kind": "city", "name": {"en": "Patna"}, "aliases": ["patna", "पटना"]}
])json"},
      {"symptoms.json", R"json({"symptoms": [
{"id": "down", "name": {"en": "outage", "hi": "ठप", "bn": "বন্ধ", "in_en": "service failures", "in_hi": "सेवा ठप होने", "in_bn": "পরিষেবা বন্ধ থাকা"}},
{"id": "slow", "name": {"en": "slowness"}},
{"id": "crash", "name": {"en": "crashes"}},
{"id": "login", "name": {"en": "login", "in_en": "login failures"}, "topics": ["login", "লগইন"], "phrases": ["logged me? out"]},
{"id": "message", "name": {"en": "messages", "hi": "मैसेज", "bn": "মেসেজ", "in_en": "message failures", "in_hi": "मैसेज न जाने", "in_bn": "মেসেজ না যাওয়া"},
 "topics": ["message", "मैसेज"], "phrases": ["single tick", {"phrase": "messages late", "status": "degraded"}],
 "examples": {"yes": ["message nahi ho raha", "single tick"], "no": ["message karo"]}},
{"id": "internet", "name": {"en": "internet"}, "topics": ["net", "নেট"]},
{"id": "call", "name": {"en": "calls"}, "topics": ["call"]}
]})json"},
      {"predicates.json", R"json({"groups": {
"outage": ["down", "ठप", "ডাউন", "not working", "server issue"],
"fails": ["{neg} ho {raha}", "হচ্ছে {neg_bn}", "cant * open"],
"slow": ["slow"], "crash": ["crash"], "partial": ["for some"],
"works": ["working", "chal {raha}"], "back": ["is back", "theek ho gaya"], "not_back": ["kab theek hoga", "will be back"]
}})json"},
      {"cues.json", R"json({"groups": {
"masks": {"phrases": ["sit down", "shut down"]},
"negation_lookalike": {"phrases": ["ya nahi"]},
"now": {"phrases": ["now", "ab"]}, "since": {"phrases": ["since morning"]},
"retrospective": {"phrases": ["last year"]}, "past_marker": {"phrases": ["was", "tha"]},
"planned": {"phrases": ["scheduled maintenance"]}, "hypothetical": {"phrases": ["if {service}"]},
"advice": {"phrases": ["how to fix"]}, "wish": {"phrases": ["i wish"]}, "simile": {"phrases": ["like my"]},
"metaphor": {"phrases": ["my heart"]}, "deny": {"phrases": ["who said"]},
"own_trouble": {"phrases": ["my recharge", "mera phone"]}, "own_ruled_out": {"phrases": ["phone is fine"]},
"others_too": {"phrases": ["anyone else"]}, "question": {"phrases": ["kya"]}, "government": {"phrases": ["by order of"]},
"company_news": {"phrases": ["shares fell"]}, "news": {"phrases": ["according to"]}, "official": {"phrases": ["we are aware"]},
"blame_before": {"phrases": ["{service} ki wajah se"]}, "blame_after": {"phrases": ["because of {service}"]},
"refuge": {"phrases": ["came to {service}"]}, "speaker": {"phrases": ["{service} said"]},
"deactivated": {"phrases": ["i deleted"]}, "meme": {"phrases": ["be like"]}, "emoji_anger": {"phrases": ["😡"]}
}})json"},
  };
}

// Replaces the file of that name, or adds one.
inline std::vector<LexiconFile> with(std::vector<LexiconFile> files, const std::string& name,
                                     std::string text) {
  const auto at =
      std::find_if(files.begin(), files.end(), [&](const LexiconFile& file) { return file.name == name; });
  if (at == files.end())
    files.push_back({name, std::move(text)});
  else
    at->text = std::move(text);
  return files;
}

inline Lexicon::Pointer lexicon_or_fail(std::vector<LexiconFile> files) {
  auto lexicon = Lexicon::from_files(std::move(files));
  if (!lexicon) {
    std::cerr << ingest::to_string(lexicon.error()) << '\n';
    std::abort();
  }
  return *lexicon;
}

inline const Lexicon::Pointer& small_lexicon() {
  static const Lexicon::Pointer lexicon = lexicon_or_fail(small_lexicon_files());
  return lexicon;
}

}  // namespace thap::nlp
