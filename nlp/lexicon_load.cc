// JSON to tables. Every complaint names file#/json/pointer.
#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "nlp/inflection.h"
#include "nlp/lexicon_tables.h"

namespace thap::nlp {

const std::vector<std::pair<std::string_view, std::string_view>>& embedded_lexicon();  // generated

namespace {

using ingest::Code;
using ingest::Error;
using ingest::fail;
using ingest::Result;
using nlohmann::json;

constexpr std::size_t max_file_bytes = 4u << 20;
constexpr int single_word_reach = 5;

struct Bad {
  Error error;
};
[[noreturn]] void refuse(const std::string& place, std::string text) {
  throw Bad{Error{Code::bad_setting, std::move(text), place}};
}

// A JSON value and where it stands.
struct At {
  const json& value;
  std::string place;

  At operator[](std::string_view key) const {
    if (!has(key)) refuse(place, fmt::format("\"{}\" is missing", key));
    return {value.at(std::string(key)), fmt::format("{}/{}", place, key)};
  }
  At operator[](std::size_t index) const { return {value.at(index), fmt::format("{}/{}", place, index)}; }
  bool has(std::string_view key) const { return value.is_object() && value.contains(std::string(key)); }
};

int whole_number_at(const At& at) {
  if (!at.value.is_number_integer()) refuse(at.place, "must be a whole number");
  const auto n = at.value.get<std::int64_t>();
  if (n < 0 || n > 100) refuse(at.place, "must be 0 to 100");
  return static_cast<int>(n);
}
std::string text_at(const At& at) {
  if (!at.value.is_string()) refuse(at.place, "must be a string");
  return at.value.get<std::string>();
}
std::string text_or(const At& at, std::string_view key, std::string fallback) {
  return at.has(key) ? text_at(at[key]) : fallback;
}
std::vector<At> items(const At& at) {
  if (!at.value.is_array()) refuse(at.place, "must be a list");
  std::vector<At> out;
  for (std::size_t i = 0; i < at.value.size(); ++i) out.push_back(at[i]);
  return out;
}
std::vector<At> items(const At& at, std::string_view key) {
  return at.has(key) ? items(at[key]) : std::vector<At>{};
}

void check_keys(const At& at, std::initializer_list<std::string_view> known) {
  if (!at.value.is_object()) refuse(at.place, "must be an object");
  for (const auto& [key, value] : at.value.items())
    if (std::find(known.begin(), known.end(), key) == known.end())
      refuse(at.place + "/" + key, fmt::format("unknown key; known here: {}", fmt::join(known, ", ")));
}

Names names_at(const At& at, std::string_view prefix = "") {
  auto get = [&](std::string_view language) {
    const std::string key = std::string(prefix) + std::string(language);
    return text_or(at, key, prefix.empty() ? std::string() : text_or(at, language, ""));
  };
  return {get("en"), get("hi"), get("bn")};
}

std::vector<std::string> folded_words(std::string_view text) {
  ScannedText scanned;
  scan(text, scanned);
  std::vector<std::string> words;
  for (const auto& token : scanned.tokens)
    if (token.fold_length > 0) words.emplace_back(scanned.text_of(token));
  return words;
}

class Loader {
 public:
  explicit Loader(Lexicon::Tables& tables) : t_(tables) {}

  void load(const std::vector<LexiconFile>& files) {
    const std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state(XXH3_createState(),
                                                                                XXH3_freeState);
    XXH3_state_t* hash = state.get();
    XXH3_64bits_reset(hash);
    std::vector<std::pair<std::string, json>> parsed;
    for (const auto& file : files) {
      XXH3_64bits_update(hash, file.name.data(), file.name.size());
      XXH3_64bits_update(hash, file.text.data(), file.text.size());
      if (file.text.size() > max_file_bytes) refuse(file.name, "larger than 4 MiB");
      try {
        parsed.emplace_back(file.name, json::parse(file.text));
      } catch (const json::parse_error& error) {
        refuse(fmt::format("{}:{}", file.name, line_of(file.text, error.byte)), error.what());
      } catch (const json::exception& error) {
        refuse(file.name, error.what());  // a number that no double holds
      }
    }
    t_.version = fmt::format("{:012x}", XXH3_64bits_digest(hash) >> 16);

    for (const char* wanted : {"words.json", "symptoms.json", "predicates.json", "cues.json", "places.json"})
      if (std::none_of(parsed.begin(), parsed.end(), [&](const auto& p) { return p.first == wanted; }))
        refuse(wanted, "the lexicon needs this file");

    auto each = [&](std::string_view name, auto&& take) {
      for (const auto& [file, value] : parsed)
        if (file == name) take(At{value, file + "#"});
    };
    each("languages.json", [&](const At& at) { words(at); });
    each("words.json", [&](const At& at) { words(at); });
    each("times.json", [&](const At& at) { time_words(at); });
    each("groups.json", [&](const At& at) { groups(at); });
    for (const auto& [file, value] : parsed)
      if (file.starts_with("services/"))
        for (const At& entry : items(At{value, file + "#"})) service(entry);
    each("places.json", [&](const At& at) {
      for (const At& entry : items(at)) place(entry);
    });
    each("symptoms.json", [&](const At& at) {
      for (const At& entry : items(at.value.is_array() ? at : at["symptoms"])) symptom(entry);
    });
    each("predicates.json", [&](const At& at) { predicates(at); });
    each("cues.json", [&](const At& at) { cues(at); });
    Phrase quoted;
    quoted.group = Group::symptom;
    quoted.symptom = Symptom::error;
    quoted.text = "(words of failure in quotation marks)";
    quoted.has_negator = true;
    t_.quoted_phrase = static_cast<std::uint32_t>(t_.phrase_list.size());
    t_.phrase_list.push_back(quoted);
    t_.names.freeze();
    t_.phrases.freeze();
    t_.vocabulary.freeze({[this](Symbol s) { return t_.names.begins_with(s); },
                          [this](Symbol s) { return t_.phrases.begins_with(s); }});
  }

 private:
  static std::size_t line_of(const std::string& text, std::size_t byte) {
    return 1 +
           static_cast<std::size_t>(std::count(
               text.begin(), text.begin() + static_cast<std::ptrdiff_t>(std::min(byte, text.size())), '\n'));
  }

  void words(const At& at) {
    check_keys(at, {"about", "classes", "groups"});
    const At classes = at["classes"];
    for (const auto& [name, members] : classes.value.items()) {
      const Symbol symbol = t_.vocabulary.word_class(name);
      auto& list = t_.classes[name];
      for (const At& member : items(classes[name])) {
        const auto folded = folded_words(text_at(member));
        if (folded.size() != 1) refuse(member.place, fmt::format("\"{}\" must be one word", text_at(member)));
        t_.vocabulary.add_reading(folded.front(), symbol);
        list.push_back(folded.front());
      }
    }
    t_.negator_en = t_.vocabulary.word_class("neg_en");
    t_.negator_hi = t_.vocabulary.word_class("neg");
    t_.negator_bn = t_.vocabulary.word_class("neg_bn");
    t_.particle = t_.vocabulary.word_class("particle");
    t_.connector = t_.vocabulary.word_class("connector");
    t_.habitual = t_.vocabulary.word_class("habitual");
    t_.technical = t_.vocabulary.word_class("technical");
    t_.failure = t_.vocabulary.word_class("failure");
    t_.shown = t_.vocabulary.word_class("shown");
    t_.in_progress = t_.vocabulary.word_class("in_progress");
    t_.fibre = t_.vocabulary.word_class("fibre");
    t_.net = t_.vocabulary.word_class("net");
    t_.stop = t_.vocabulary.word_class("stop");
    t_.authority = t_.vocabulary.word_class("authority");
    t_.mind = t_.vocabulary.word_class("mind");
    t_.machine = t_.vocabulary.word_class("machine");
    t_.asks_why = t_.vocabulary.word_class("asks_why");
    t_.back_then = t_.vocabulary.word_class("back_then");
    t_.arrival = t_.vocabulary.word_class("arrival");
    t_.function_en = t_.vocabulary.word_class("lang_en");
    t_.function_hi = t_.vocabulary.word_class("lang_hi");
    t_.function_bn = t_.vocabulary.word_class("lang_bn");
    if (const auto at_endings = t_.classes.find("handle_ending"); at_endings != t_.classes.end())
      t_.handle_endings.insert(at_endings->second.begin(), at_endings->second.end());
    if (at.has("groups")) groups(at);
  }

  // Words of times are no part of the vocabulary: only explanations ask for them, and many are small words
  // that every post is full of.
  void time_words(const At& at) {
    check_keys(at, {"about", "classes"});
    using TimeWords = Lexicon::Tables::TimeWords;
    using TimeWord = Lexicon::Tables::TimeWord;
    static constexpr std::pair<TimeWord TimeWords::*, std::string_view> time_words[] = {
        {&TimeWords::half, "half"},
        {&TimeWords::quarter_past, "quarter_past"},
        {&TimeWords::quarter_to, "quarter_to"},
        {&TimeWords::one, "one"},
        {&TimeWords::one_and_half, "one_and_half"},
        {&TimeWords::two_and_half, "two_and_half"},
        {&TimeWords::oclock, "oclock"},
        {&TimeWords::oclock_bn, "oclock_bn"},
        {&TimeWords::two_hours, "two_hours"},
        {&TimeWords::am, "am"},
        {&TimeWords::pm, "pm"},
        {&TimeWords::the_time, "the_time"},
        {&TimeWords::dawn, "dawn"},
        {&TimeWords::morning, "morning"},
        {&TimeWords::noon, "noon"},
        {&TimeWords::afternoon, "afternoon"},
        {&TimeWords::evening, "evening"},
        {&TimeWords::night, "night"},
        {&TimeWords::minute, "minute"},
        {&TimeWords::hour, "hour"},
        {&TimeWords::from, "from"},
        {&TimeWords::since, "since"},
        {&TimeWords::after, "after"},
        {&TimeWords::after_first, "after_first"},
        {&TimeWords::about, "about"}};
    TimeWord next = 1;
    std::map<std::string, TimeWord, std::less<>> known;
    for (const auto& [member, name] : time_words) known.emplace(name, t_.times.*member = next++);
    for (std::size_t n = 0; n < t_.times.numbers.size(); ++n)
      known.emplace(std::to_string(n + 2), t_.times.numbers[n] = next++);
    const At classes = at["classes"];
    for (const auto& [name, members] : classes.value.items()) {
      const auto found = known.find(name);
      if (found == known.end()) refuse(classes.place + "/" + name, "unknown class of words of times");
      for (const At& member : items(classes[name])) {
        const auto folded = folded_words(text_at(member));
        if (folded.size() != 1) refuse(member.place, fmt::format("\"{}\" must be one word", text_at(member)));
        t_.times.classes_of[folded.front()] |= std::uint64_t{1} << found->second;
      }
    }
  }

  void groups(const At& at) {
    if (!at.has("groups")) return;
    const At all = at["groups"];
    for (const auto& [name, members] : all.value.items()) {
      const std::uint32_t context = context_named(name);
      for (const At& member : items(all[name])) context_word(member, context);
    }
  }
  std::uint32_t context_named(const std::string& name) {
    const auto [at, is_new] = group_contexts_.try_emplace(name, t_.context_count);
    if (is_new) ++t_.context_count;
    return at->second;
  }
  void context_word(const At& at, std::uint32_t context) {
    if (folded_words(text_at(at)).empty()) {
      t_.findings.push_back({at.place, fmt::format("\"{}\" holds no letter and never matches", text_at(at))});
      return;
    }
    Phrase phrase;
    phrase.group = Group::context;
    phrase.context = context;
    phrase.text = text_at(at);
    phrase.place = at.place;
    add_phrase(std::move(phrase), true);
  }
  // @groups of a condition are contexts of their own; its words become one more.
  std::vector<std::uint32_t> contexts_of(const At& entry, std::string_view key, Condition& condition) {
    std::vector<std::uint32_t> contexts;
    std::uint32_t own = 0;
    for (const At& word : items(entry, key)) {
      const std::string text = text_at(word);
      if (text == "@symptom") {
        condition.near_symptom = true;
      } else if (text == "@service") {
        condition.near_service = true;
      } else if (text.starts_with("@")) {
        contexts.push_back(known_group(text, word.place));
      } else {
        if (own == 0) contexts.push_back(own = t_.context_count++);
        context_word(word, own);
      }
    }
    return contexts;
  }
  std::uint32_t known_group(const std::string& name, const std::string& place) {
    const auto at = group_contexts_.find(name.substr(1));
    if (at == group_contexts_.end()) refuse(place, fmt::format("unknown word group \"{}\"", name));
    return at->second;
  }

  int condition(const At& entry) {
    Condition condition;
    condition.near = contexts_of(entry, "near", condition);
    Condition ignored;
    condition.after = contexts_of(entry, "after", ignored);
    condition.unless = contexts_of(entry, "unless", ignored);
    if (entry.has("within")) condition.within = whole_number_at(entry["within"]);
    const std::string letter_case = text_or(entry, "case", "");
    if (letter_case == "upper")
      condition.letter_case = Condition::Case::upper;
    else if (letter_case == "capital")
      condition.letter_case = Condition::Case::capital;
    else if (!letter_case.empty())
      refuse(entry.place + "/case", "must be \"upper\" or \"capital\"");
    t_.conditions.push_back(condition);
    return static_cast<int>(t_.conditions.size()) - 1;
  }

  void alias(const At& at, Alias::Of of, std::uint32_t entry, int condition) {
    Alias alias;
    alias.of = of;
    alias.entry = entry;
    alias.condition = condition;
    alias.text = text_at(at);
    alias.place = at.place;
    const auto folded = folded_words(alias.text);
    if (folded.empty()) refuse(at.place, fmt::format("\"{}\" holds no letter", alias.text));
    for (const auto& word : folded) alias.letters += word.size();
    const auto id = static_cast<std::uint32_t>(t_.aliases.size());
    t_.names.add_name(folded, id);
    if (of != Alias::Of::nothing) {
      inflect_name(t_.vocabulary, folded.back(),
                   of == Alias::Of::place || (condition < 0 && alias.letters >= 5));
      if (folded.size() > 1) {
        std::string joined;
        for (const auto& word : folded) joined += word;
        inflect_name(t_.vocabulary, joined, of == Alias::Of::place || condition < 0);
      }
    }
    if (of == Alias::Of::service && condition < 0) {
      const std::string stem = fold_handle(alias.text);
      if (stem.size() >= 4) t_.handle_stems.try_emplace(stem, entry);
    }
    // The same spelling twice is a mistake unless conditions tell the two apart.
    if (of == Alias::Of::service) {
      std::string key;
      for (const auto& word : folded) key += word;
      const auto [seen, is_new] = alias_owner_.try_emplace(key, id);
      if (!is_new) {
        const Alias& other = t_.aliases[seen->second];
        if (other.entry == entry) {
          if (other.condition == condition && condition < 0 && other.text != alias.text) {
            // Two spellings that fold to one: harmless, said by check as a tidy-up.
          }
        } else if (other.condition < 0 || condition < 0) {
          t_.findings.push_back({at.place, fmt::format("\"{}\" already names {} ({})", alias.text,
                                                       t_.services[other.entry].id, other.place)});
        }
      }
    }
    t_.aliases.push_back(std::move(alias));
  }

  void names_of(const At& at, Alias::Of of, std::uint32_t entry) {
    for (const At& a : items(at, "aliases")) alias(a, of, entry, -1);
    for (const At& a : items(at, "ambiguous")) {
      check_keys(a, {"aliases", "near", "within", "after", "unless", "case", "about"});
      const int c = condition(a);
      for (const At& spelling : items(a, "aliases")) alias(spelling, of, entry, c);
    }
    for (const At& a : items(at, "not")) alias(a, Alias::Of::nothing, entry, -1);
    if (at.has("examples"))
      examples(at["examples"], of == Alias::Of::service ? Example::Of::service : Example::Of::place, entry);
  }

  void examples(const At& at, Example::Of of, std::uint32_t entry) {
    check_keys(at, {"yes", "no"});
    for (const char* key : {"yes", "no"})
      for (const At& text : items(at, key))
        t_.examples.push_back({of, entry, std::string_view(key) == "yes", text_at(text), text.place});
  }

  void service(const At& at) {
    check_keys(
        at, {"id", "name", "class", "owner", "handles", "aliases", "ambiguous", "not", "examples", "about"});
    Service service;
    service.id = text_at(at["id"]);
    service.number = service_id(service.id);
    service.names = names_at(at["name"]);
    service.klass = text_at(at["class"]);
    service.owner = text_or(at, "owner", "");
    const auto index = static_cast<std::uint32_t>(t_.services.size());
    const auto [seen, is_new] =
        t_.service_by_number.try_emplace(static_cast<std::uint32_t>(service.number), index);
    if (!is_new)
      refuse(at.place + "/id", service.id == t_.services[seen->second].id
                                   ? fmt::format("\"{}\" stands twice", service.id)
                                   : fmt::format("\"{}\" and \"{}\" have the same 32-bit hash: rename one",
                                                 service.id, t_.services[seen->second].id));
    t_.services.push_back(service);
    for (const At& handle : items(at, "handles")) {
      t_.services.back().handles.push_back(text_at(handle));
      t_.handles.try_emplace(fold_handle(text_at(handle)), index);
    }
    names_of(at, Alias::Of::service, index);
  }

  void place(const At& at) {
    check_keys(
        at, {"id", "iso", "kind", "name", "aliases", "localities", "ambiguous", "not", "examples", "about"});
    Place place;
    place.id = text_at(at["id"]);
    place.number = place_id(place.id);
    place.iso = text_or(at, "iso", place.id.substr(0, 2));
    place.kind = text_or(at, "kind", "city");
    place.names = names_at(at["name"]);
    place.in_names = names_at(at["name"], "in_");
    const auto index = static_cast<std::uint32_t>(t_.places.size());
    if (!t_.place_by_number.try_emplace(static_cast<std::uint32_t>(place.number), index).second)
      refuse(at.place + "/id", fmt::format("\"{}\" stands twice, or has another place's hash", place.id));
    t_.places.push_back(place);
    names_of(at, Alias::Of::place, index);
    for (const At& a : items(at, "localities")) alias(a, Alias::Of::place, index, -1);
  }

  // A phrase is a string or an object with options.
  void phrase(const At& at, Phrase phrase, bool inflects = false) {
    phrase.place = at.place;
    if (at.value.is_object()) {
      check_keys(at, {"phrase", "status", "near", "about"});
      phrase.text = text_at(at["phrase"]);
      if (at.has("status")) {
        const auto status = status_named(text_at(at["status"]));
        if (!status) refuse(at.place + "/status", "must be \"down\" or \"degraded\"");
        phrase.status = *status;
      }
      if (at.has("near")) phrase.near = whole_number_at(at["near"]);
    } else {
      phrase.text = text_at(at);
    }
    add_phrase(std::move(phrase), inflects);
  }

  void add_phrase(Phrase phrase, bool inflects) {
    phrase.has_negator = phrase.has_negator || phrase.text.find("{neg") != std::string::npos;
    // One word alone has too many other senses to count far from a service's name.
    const bool one_word = phrase.text.find_first_of(" ") == std::string::npos ||
                          (phrase.text.front() == '(' && phrase.text.find(')') + 1 == phrase.text.size());
    if (one_word && phrase.group >= Group::outage && phrase.group <= Group::not_back &&
        phrase.group != Group::partial) {
      if (phrase.near == 0) phrase.near = single_word_reach;
      const bool fails = phrase.group != Group::works && phrase.group != Group::back;
      phrase.reaches_by_topic = fails && phrase.near > 1;  // 1: of what was just named
    }
    if (phrase.group == Group::not_back && phrase.near == 0) phrase.near = single_word_reach;
    if (phrase.group == Group::fails) phrase.needs_topic = needs_topic(phrase.text);
    const auto id = static_cast<std::uint32_t>(t_.phrase_list.size());
    if (auto added = t_.phrases.add(phrase.text, id); !added) refuse(phrase.place, added.error().text);
    if (inflects && phrase.text.find_first_of("{(|?*") == std::string::npos) {
      const auto folded = folded_words(phrase.text);
      if (!folded.empty()) {
        inflect_topic(t_.vocabulary, folded.back());
        if (folded.size() > 1) t_.phrases.add_name(folded, id);
      }
    } else if (phrase.text.find_first_of("{(|?*") == std::string::npos) {
      const auto folded = folded_words(phrase.text);
      if (folded.size() > 1) t_.phrases.add_name(folded, id);
    }
    t_.phrase_list.push_back(std::move(phrase));
  }

  // Predicates that only deny something: a negator alone, "nahi hai", habit and past ("nahi aata", "aaya
  // nahi").
  bool needs_topic(const std::string& text) const {
    const auto folded = folded_words(text);
    if (folded.size() == 1 && text.find('{') == std::string::npos)
      for (const char* list : {"neg", "neg_bn", "neg_en", "neg_cant", "neg_wont"})
        if (const auto at = t_.classes.find(list);
            at != t_.classes.end() &&
            std::find(at->second.begin(), at->second.end(), folded.front()) != at->second.end())
          return true;
    for (const char* part : {"{stem_ta}", "{stem_ya}", "{stem_bn}", "{neg_stem_bn}", "neg_x_asheni"})
      if (text.find(part) != std::string::npos) return true;
    return text == "{neg} {hi}? {hai}" || text == "{neg} {hai}";
  }

  void symptom(const At& at) {
    check_keys(at, {"id", "name", "topics", "phrases", "examples", "about"});
    const auto symptom = symptom_named(text_at(at["id"]));
    if (!symptom)
      refuse(at.place + "/id", fmt::format("\"{}\" is not one of the 18 symptoms", text_at(at["id"])));
    const auto index = static_cast<std::size_t>(*symptom);
    t_.symptom_names[index] = names_at(at["name"]);
    t_.symptom_phrases[index] = names_at(at["name"], "in_");
    Phrase base;
    base.symptom = *symptom;
    for (const At& a : items(at, "topics")) {
      base.group = Group::topic;
      phrase(a, base, true);
    }
    for (const At& a : items(at, "phrases")) {
      base.group = Group::symptom;
      phrase(a, base);
    }
    if (at.has("examples")) examples(at["examples"], Example::Of::symptom, static_cast<std::uint32_t>(index));
  }

  void predicates(const At& at) {
    static const std::map<std::string, Group, std::less<>> known = {
        {"outage", Group::outage}, {"fails", Group::fails},      {"slow", Group::slow},
        {"crash", Group::crash},   {"partial", Group::partial},  {"works", Group::works},
        {"back", Group::back},     {"not_back", Group::not_back}};
    const At all = at.has("groups") ? at["groups"] : at;
    for (const auto& [name, value] : all.value.items()) {
      if (name == "about") continue;
      const auto group = known.find(name);
      if (group == known.end()) refuse(all.place + "/" + name, "unknown group of predicates");
      Phrase base;
      base.group = group->second;
      if (base.group == Group::slow) base.symptom = Symptom::slow, base.status = Status::degraded;
      if (base.group == Group::crash) base.symptom = Symptom::crash;
      const At group_at = all[name];
      for (const At& a : group_at.value.is_array() ? items(group_at) : items(group_at, "phrases"))
        phrase(a, base);
    }
  }

  void cues(const At& at) {
    const At all = at["groups"];
    for (const auto& [name, value] : all.value.items()) {
      const auto group = cue_group_named(name);
      if (!group) refuse(all.place + "/" + name, "unknown group of cues");
      const At group_at = all[name];
      check_keys(group_at, {"about", "phrases", "examples"});
      Phrase base;
      base.group = *group;
      for (const At& a : items(group_at, "phrases")) phrase(a, base);
      if (group_at.has("examples"))
        examples(group_at["examples"], Example::Of::cue, static_cast<std::uint32_t>(*group));
    }
  }

  Lexicon::Tables& t_;
  std::map<std::string, std::uint32_t> group_contexts_;
  std::map<std::string, std::uint32_t> alias_owner_;
};

}  // namespace

std::string fold_handle(std::string_view handle) {
  std::string out;
  for (char c : fold_word(handle))
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out.push_back(c);
  return out;
}

Result<Lexicon::Pointer> Lexicon::from_files(std::vector<LexiconFile> files) {
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  auto tables = std::make_unique<Tables>();
  try {
    Loader(*tables).load(files);
  } catch (const Bad& bad) {
    return tl::unexpected(bad.error);
  } catch (const json::exception& error) {
    return fail(Code::bad_setting, error.what(), "lexicon");
  }
  return Pointer(new Lexicon(std::move(tables)));
}

Result<Lexicon::Pointer> Lexicon::embedded() {
  std::vector<LexiconFile> files;
  for (const auto& [name, text] : embedded_lexicon()) {
    constexpr std::string_view prefix = "lexicon/";
    files.push_back(
        {std::string(name.starts_with(prefix) ? name.substr(prefix.size()) : name), std::string(text)});
  }
  return from_files(std::move(files));
}

Result<Lexicon::Pointer> Lexicon::from_folder(const std::string& folder) {
  namespace fs = std::filesystem;
  std::vector<LexiconFile> files;
  std::error_code error;
  if (!fs::is_directory(folder, error)) return fail(Code::io, "is not a folder", folder);
  for (const auto& entry : fs::recursive_directory_iterator(folder, error)) {
    if (!entry.is_regular_file() || entry.path().extension() != ".json") continue;
    if (entry.file_size() > max_file_bytes)
      return fail(Code::bad_setting, "larger than 4 MiB", entry.path().string());
    std::ifstream in(entry.path(), std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) return fail(Code::io, "cannot be read", entry.path().string());
    files.push_back({fs::relative(entry.path(), folder).generic_string(), std::move(text).str()});
  }
  if (error) return fail(Code::io, error.message(), folder);
  return from_files(std::move(files));
}

}  // namespace thap::nlp
