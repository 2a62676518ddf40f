#include "rules/rule_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <set>
#include <sstream>
#include <variant>

namespace thap::rules {

const std::vector<std::pair<std::string_view, std::string_view>>& embedded_rules();  // generated

namespace {

using ingest::Code;
using nlohmann::json;

struct Bad {
  std::string text, place;
};

struct Field {
  const char* key;
  std::variant<double Parameters::*, int Parameters::*, bool Parameters::*> member;
  double low, high;
};

using P = Parameters;
const std::vector<Field>& fields() {
  static const std::vector<Field> table = {
      {"admission_window_s", &P::admission_window_s, 60, 86400},
      {"text_cap", &P::text_cap, 1, 4},
      {"short_text_words", &P::short_text_words, 0, 20},
      {"short_text_cap", &P::short_text_cap, 1, 4},
      {"near_copy_bits", &P::near_copy_bits, -1, 3},
      {"flood_author", &P::flood_author, 2, 100},
      {"flood_text", &P::flood_text, 2, 1000},
      {"take_back_once", &P::take_back_once, 0, 1},
      {"admission_cap", &P::admission_cap, 100, 1'000'000},
      {"prior_rate", &P::prior_rate, 1e-7, 10},
      {"prior_counts", &P::prior_counts, 0.1, 100},
      {"forget_weekday", &P::forget_weekday, 0.5, 0.999},
      {"forget_weekend", &P::forget_weekend, 0.5, 0.999},
      {"level_s", &P::level_s, 600, 86400},
      {"level_prior", &P::level_prior, 0.1, 100},
      {"level_low", &P::level_low, 0.01, 1},
      {"level_high", &P::level_high, 1, 100},
      {"level_lag_min", &P::level_lag_min, 0, 10},
      {"phi_prior", &P::phi_prior, 0, 10},
      {"phi_weight", &P::phi_weight, 0.1, 1000},
      {"phi_low", &P::phi_low, 0, 1},
      {"phi_high", &P::phi_high, 0.1, 100},
      {"learn_days", &P::learn_days, 1, 365},
      {"linear_dispersion", &P::linear_dispersion, 0, 10},
      {"floor_rate", &P::floor_rate, 1e-9, 1},
      {"guard_factor", &P::guard_factor, 0, 10},
      {"guard_full_minutes", &P::guard_full_minutes, 0, 1},
      {"learn_skips_stall", &P::learn_skips_stall, 0, 1},
      {"margin", &P::margin, 0, 20},
      {"phi_floor", &P::phi_floor, 0, 10},
      {"relative_rate", &P::relative_rate, 0.01, 10},
      {"score_cap", &P::score_cap, 10, 1000},
      {"late_s", &P::late_s, 0, 3600},
      {"false_alarms", &P::false_alarms, 1e-6, 100},
      {"threshold_base", &P::threshold_base, 0, 50},
      {"suspect_gap", &P::suspect_gap, 0, 50},
      {"suspect_posts", &P::suspect_posts, 1, 1000},
      {"confirm_posts", &P::confirm_posts, 1, 1000},
      {"diversity", &P::diversity, 0, 1},
      {"known_after_s", &P::known_after_s, 0, 30 * 86400},
      {"suspicion_s", &P::suspicion_s, 60, 86400},
      {"suspicion_dies_below", &P::suspicion_dies_below, 0, 50},
      {"drop", &P::drop, 1.5, 100},
      {"easing_at", &P::easing_at, 0.1, 100},
      {"relapse_below", &P::relapse_below, 0, 100},
      {"recovery_cap", &P::recovery_cap, 1, 1000},
      {"easing_hold_s", &P::easing_hold_s, 0, 7200},
      {"resolve_hold_s", &P::resolve_hold_s, 60, 86400},
      {"recovery_authors", &P::recovery_authors, 0, 1000},
      {"recovery_share", &P::recovery_share, 0, 1},
      {"recovery_hold_s", &P::recovery_hold_s, 60, 86400},
      {"closing_needs_feed", &P::closing_needs_feed, 0, 1},
      {"retract_within_s", &P::retract_within_s, 0, 86400},
      {"tail_factor", &P::tail_factor, 0, 100},
      {"tail_s", &P::tail_s, 60, 86400},
      {"reopen_s", &P::reopen_s, 0, 86400},
      {"lead_nats", &P::lead_nats, 0, 100},
      {"services_a_post", &P::services_a_post, 1, 100},
  };
  return table;
}

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t up = row[j + 1];
      row[j + 1] = std::min({up + 1, row[j] + 1, diagonal + (a[i] == b[j] ? 0 : 1)});
      diagonal = up;
    }
  }
  return row.back();
}

[[noreturn]] void unknown_key(const std::string& key, const std::vector<std::string>& known,
                              const std::string& place) {
  std::string nearest;
  std::size_t best = key.size() / 2 + 2;
  for (const auto& name : known)
    if (const auto d = distance(key, name); d < best) best = d, nearest = name;
  throw Bad{fmt::format("unknown key \"{}\"{}", key,
                        nearest.empty() ? "" : fmt::format(", nearest known key is \"{}\"", nearest)),
            place + "/" + key};
}

void only_keys(const json& object, const std::vector<std::string>& known, const std::string& place) {
  if (!object.is_object()) throw Bad{"must be an object", place};
  for (const auto& [key, value] : object.items())
    if (std::find(known.begin(), known.end(), key) == known.end()) unknown_key(key, known, place);
}

double number(const json& value, double low, double high, const std::string& place) {
  if (!value.is_number()) throw Bad{"must be a number", place};
  const double x = value.get<double>();
  if (!(x >= low && x <= high)) throw Bad{fmt::format("{} is outside {} to {}", x, low, high), place};
  return x;
}

// Overlays `object` on `into`; `complete` demands every key.
void read_parameters(const json& object, Parameters& into, bool complete, const std::string& place) {
  std::vector<std::string> known;
  for (const auto& field : fields()) known.emplace_back(field.key);
  known.emplace_back("added_per_minute");
  only_keys(object, known, place);
  if (complete)
    for (const auto& key : known)
      if (!object.contains(key)) throw Bad{fmt::format("key \"{}\" is missing", key), place};
  for (const auto& field : fields()) {
    const auto found = object.find(field.key);
    if (found == object.end()) continue;
    const std::string at = place + "/" + field.key;
    if (const auto* flag = std::get_if<bool Parameters::*>(&field.member)) {
      if (!found->is_boolean()) throw Bad{"must be true or false", at};
      into.*(*flag) = found->get<bool>();
    } else if (const auto* whole = std::get_if<int Parameters::*>(&field.member)) {
      if (!found->is_number_integer()) throw Bad{"must be a whole number", at};
      into.*(*whole) = static_cast<int>(number(*found, field.low, field.high, at));
    } else {
      into.*std::get<double Parameters::*>(field.member) = number(*found, field.low, field.high, at);
    }
  }
  if (const auto found = object.find("added_per_minute"); found != object.end()) {
    const std::string at = place + "/added_per_minute";
    if (!found->is_array() || found->size() != bank_size)
      throw Bad{fmt::format("must be a list of {} numbers", bank_size), at};
    for (std::size_t j = 0; j < bank_size; ++j)
      into.added_per_second[j] = number((*found)[j], 1e-3, 1e4, fmt::format("{}/{}", at, j)) / 60.0;
  }
}

// 24 hourly values, each of the middle of its hour; between them a line, round the clock; mean 1.
std::array<double, slots_a_day> spread(const json& hours, const std::string& place) {
  if (!hours.is_array() || hours.size() != 24) throw Bad{"must be a list of 24 numbers, one an hour", place};
  std::array<double, 24> value{};
  for (std::size_t h = 0; h < 24; ++h)
    value[h] = number(hours[h], 0.001, 1000, fmt::format("{}/{}", place, h));
  std::array<double, slots_a_day> out{};
  double sum = 0;
  for (int i = 0; i < slots_a_day; ++i) {
    const double at = (i + 0.5) / 4 - 0.5;  // hours, 0 in the middle of the first
    const int below = at < 0 ? 23 : static_cast<int>(at);
    const double part = at < 0 ? at + 1 : at - below;
    out[static_cast<std::size_t>(i)] = value[static_cast<std::size_t>(below)] * (1 - part) +
                                       value[static_cast<std::size_t>((below + 1) % 24)] * part;
    sum += out[static_cast<std::size_t>(i)];
  }
  for (auto& x : out) x *= slots_a_day / sum;
  return out;
}

SeverityRule read_severity(const json& object, const std::string& place) {
  only_keys(object, {"ratio", "per_minute"}, place);
  SeverityRule rule;
  rule.ratio = number(object.value("ratio", json(0)), 0, 1e6, place + "/ratio");
  rule.per_minute = number(object.value("per_minute", json(0)), 0, 1e6, place + "/per_minute");
  return rule;
}

json parse(const RuleFiles& files, std::string_view name) {
  for (const auto& [file, text] : files) {
    if (file != name) continue;
    try {
      return json::parse(text, nullptr, true, true);
    } catch (const json::exception& error) {  // a number beyond a double is no parse_error
      throw Bad{error.what(), file};
    }
  }
  throw Bad{"file is missing", std::string(name)};
}

const json& part(const json& object, const char* key, const std::string& place) {
  const auto found = object.find(key);
  if (found == object.end()) throw Bad{fmt::format("key \"{}\" is missing", key), place};
  return *found;
}

void read_parameters_file(const json& file, std::string_view set, RuleSet& rules) {
  const std::string root = "parameters.json#";
  only_keys(file, {"reference", "shipped", "shapes", "classes"}, root);
  Parameters base{};
  read_parameters(part(file, "reference", root), base, true, root + "/reference");
  Parameters shipped = base;
  read_parameters(part(file, "shipped", root), shipped, false, root + "/shipped");
  if (set != "shipped" && set != "reference")
    throw Bad{fmt::format("unknown set \"{}\": shipped, reference", set), root};
  if (set == "shipped") base = shipped;

  std::map<std::string, Shape> shapes;
  std::vector<std::string> shape_names;
  for (const auto& [name, object] : part(file, "shapes", root).items()) {
    const std::string at = root + "/shapes/" + name;
    only_keys(object, {"weekday", "weekend"}, at);
    shapes[name] = {{spread(part(object, "weekday", at), at + "/weekday"),
                     spread(part(object, "weekend", at), at + "/weekend")}};
    shape_names.push_back(name);
  }

  const json& classes = part(file, "classes", root);
  const std::string at_default = root + "/classes/default";
  const json& fallback = part(classes, "default", root + "/classes");
  for (const auto& [name, object] : classes.items()) {
    const std::string at = root + "/classes/" + name;
    only_keys(object, {"shape", "severity", "parameters"}, at);
    const auto either = [&, &object = object](const char* key) -> const json& {
      return object.contains(key) ? object[key] : part(fallback, key, at_default);
    };
    ClassRules rule{base, {}, {}, {}};
    // Class overrides belong to the shipped set: the reference knows one set for all.
    if (object.contains("parameters")) {
      Parameters own = base;
      read_parameters(object["parameters"], own, false, at + "/parameters");
      if (set == "shipped") rule.parameters = own;
    }
    const json& shape = either("shape");
    if (!shape.is_string()) throw Bad{"must be the name of a shape", at + "/shape"};
    const auto found = shapes.find(shape.get<std::string>());
    if (found == shapes.end()) unknown_key(shape.get<std::string>(), shape_names, at + "/shape");
    rule.shape = found->second;
    const json& severity = either("severity");
    only_keys(severity, {"major", "critical"}, at + "/severity");
    rule.major = read_severity(part(severity, "major", at + "/severity"), at + "/severity/major");
    rule.critical = read_severity(part(severity, "critical", at + "/severity"), at + "/severity/critical");
    rules.classes[name] = rule;
  }
}

void read_providers_file(const json& file, RuleSet& rules) {
  const std::string root = "providers.json#";
  only_keys(file, {"shared_cause", "providers"}, root);
  const json& rule = part(file, "shared_cause", root);
  const std::string at = root + "/shared_cause";
  const std::vector<std::string> known = {
      "hit",   "outages_a_month", "window_s",       "onset_age_s",    "named_s",       "named_weight",
      "prior", "named_cap",       "services_alone", "services_named", "named_at_least"};
  only_keys(rule, known, at);
  const auto get = [&](const char* key, double low, double high) {
    return number(part(rule, key, at), low, high, at + "/" + key);
  };
  auto& s = rules.shared_cause;
  s.hit = get("hit", 0.01, 0.99);
  s.outages_a_month = get("outages_a_month", 0.001, 1000);
  s.window_s = get("window_s", 1, 86400);
  s.onset_age_s = get("onset_age_s", 1, 86400);
  s.named_s = get("named_s", 1, 86400);
  s.named_weight = get("named_weight", 0, 100);
  s.prior = get("prior", -100, 100);
  s.named_cap = static_cast<int>(get("named_cap", 0, 256));
  s.services_alone = static_cast<int>(get("services_alone", 1, 1000));
  s.services_named = static_cast<int>(get("services_named", 1, 1000));
  s.named_at_least = static_cast<int>(get("named_at_least", 0, 1000));

  const json& providers = part(file, "providers", root);
  if (!providers.is_object()) throw Bad{"must be an object", root + "/providers"};
  for (const auto& [id, list] : providers.items()) {  // in the order of their ids
    const std::string where = root + "/providers/" + id;
    if (!list.is_array() || list.empty()) throw Bad{"must be a list of service ids", where};
    Provider provider{id, nlp::service_id(id), {}};
    std::set<std::string> seen;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string item = fmt::format("{}/{}", where, i);
      if (!list[i].is_string() || list[i].get<std::string>().empty()) throw Bad{"must be a service id", item};
      const auto service = list[i].get<std::string>();
      if (service == id) throw Bad{"a provider does not depend on itself", item};
      if (!seen.insert(service).second) throw Bad{fmt::format("\"{}\" is listed twice", service), item};
      provider.dependants.push_back(nlp::service_id(service));
    }
    std::sort(provider.dependants.begin(), provider.dependants.end());
    rules.providers.push_back(std::move(provider));
  }
}

std::uint64_t fnv64(std::string_view text, std::uint64_t hash = 14695981039346656037ull) {
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  return hash;
}

}  // namespace

const ClassRules& RuleSet::of(std::string_view klass) const {
  const auto found = classes.find(klass);
  return found != classes.end() ? found->second : classes.find("default")->second;
}

RuleFiles embedded_rule_files() {
  RuleFiles files;
  for (const auto& [name, text] : embedded_rules()) files.emplace_back(name, text);
  return files;
}

ingest::Result<RuleFiles> read_rule_files(const std::string& folder) {
  RuleFiles files;
  for (const char* name : {"parameters.json", "providers.json"}) {
    std::ifstream in(folder + "/" + name, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in || !text) return ingest::fail(Code::io, "cannot be read", folder + "/" + name);
    files.emplace_back(name, std::move(text).str());
  }
  return files;
}

ingest::Result<std::shared_ptr<const RuleSet>> load_rules(const RuleFiles& files, std::string_view set) {
  try {
    auto rules = std::make_shared<RuleSet>();
    rules->set = set;
    read_parameters_file(parse(files, "parameters.json"), set, *rules);
    read_providers_file(parse(files, "providers.json"), *rules);
    auto sorted = files;
    std::sort(sorted.begin(), sorted.end());
    std::uint64_t hash = fnv64(set);
    for (const auto& [name, text] : sorted) hash = fnv64(text, fnv64(name, hash));
    rules->version = fmt::format("{:012x}", hash >> 16);
    return rules;
  } catch (const Bad& bad) {
    return ingest::fail(Code::bad_setting, bad.text, bad.place);
  } catch (const json::exception& error) {
    return ingest::fail(Code::bad_setting, error.what(), "parameters.json");
  }
}

}  // namespace thap::rules
