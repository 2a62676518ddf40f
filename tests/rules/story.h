// Made-up rows for the engine: quiet days with outages, floods, talk and gaps put into them. The same seed
// gives the same story.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "rules/engine.h"
#include "rules/rule_set.h"

namespace thap::rules::test {

// Monday 2026-10-12 00:00 IST.
inline constexpr std::int64_t monday_ms = 1'791'743'400'000;
inline constexpr std::int64_t minute_ms = 60'000, hour_ms = 60 * minute_ms, day_ms = 24 * hour_ms;

inline nlp::ServiceId id(std::string_view name) { return nlp::service_id(name); }

class Story {
 public:
  explicit Story(std::uint64_t seed) : random_(seed) {}

  std::vector<store::DetectorRow> rows;
  std::vector<store::MentionRow> mentions;

  // Poisson complaints about `services` from `from` to `to`; `edit` may change each row.
  template <class Edit>
  void complaints(std::vector<nlp::ServiceId> services, std::int64_t from, std::int64_t to, double per_minute,
                  Edit edit) {
    for (auto t = next(from, per_minute); t < to; t = next(t, per_minute)) {
      auto row = post(t);
      row.complaints = services;
      row.symptoms.add(nlp::Symptom::down);
      edit(row);
      rows.push_back(row);
    }
  }
  void complaints(std::vector<nlp::ServiceId> services, std::int64_t from, std::int64_t to,
                  double per_minute) {
    complaints(std::move(services), from, to, per_minute, [](store::DetectorRow&) {});
  }
  void recoveries(nlp::ServiceId service, std::int64_t from, std::int64_t to, double per_minute) {
    for (auto t = next(from, per_minute); t < to; t = next(t, per_minute)) {
      auto row = post(t);
      row.kind = nlp::Kind::recovery;
      row.recovered = {service};
      rows.push_back(row);
    }
  }
  void talk(nlp::ServiceId service, std::int64_t from, std::int64_t to, double per_minute) {
    for (auto t = next(from, per_minute); t < to; t = next(t, per_minute))
      mentions.push_back({t / 1000, service, 1});
  }
  // Nothing arrives from `from` to `to`.
  void gap(std::int64_t from, std::int64_t to) {
    std::erase_if(rows, [&](const auto& r) { return r.clock_ms >= from && r.clock_ms < to; });
    std::erase_if(mentions, [&](const auto& m) { return m.clock_s * 1000 >= from && m.clock_s * 1000 < to; });
  }
  void sort() {
    std::sort(rows.begin(), rows.end());
    std::map<std::pair<std::int64_t, nlp::ServiceId>, std::uint32_t> sums;
    for (const auto& m : mentions) sums[{m.clock_s, m.service}] += m.count;
    mentions.clear();
    for (const auto& [key, n] : sums) mentions.push_back({key.first, key.second, n});
  }
  std::uint64_t number() { return random_(); }
  double uniform() { return static_cast<double>(random_() >> 11) * 0x1p-53; }

  store::DetectorRow post(std::int64_t t) {
    store::DetectorRow row;
    row.clock_ms = t;
    row.event_ms = t - static_cast<std::int64_t>(uniform() * 5000);
    row.network = ingest::Network::x;
    row.post = {random_(), random_()};
    row.author = random_();
    row.text_hash = random_();
    row.simhash = random_();
    row.words = 9;
    row.language = nlp::Language::hi_latn;
    return row;
  }

 private:
  std::int64_t next(std::int64_t t, double per_minute) {
    return t + 1 + static_cast<std::int64_t>(-std::log(1 - uniform()) / per_minute * 60'000);
  }
  std::mt19937_64 random_;
};

using Rows = std::map<std::pair<store::Family, std::string>, std::string>;

// What came out of a whole run, steps applied as the store would.
struct Outcome {
  std::vector<Transition> transitions;
  Rows rows;
  std::vector<Incident> incidents;
  std::size_t bytes_written{0};
};

inline Engine make_engine(std::string_view set = "shipped") {
  static const std::vector<std::pair<std::string_view, std::string_view>> all = {
      {"jio", "telecom"},
      {"airtel", "telecom"},
      {"whatsapp", "messaging"},
      {"paytm", "payment"},
      {"phonepe", "payment"},
      {"googlepay", "payment"},
      {"sbi", "bank"},
      {"hdfc", "bank"},
      {"zomato", "food"},
      {"hotstar", "ott"},
      {"cloudflare", "infrastructure"},
      {"akamai", "infrastructure"},
      {"sonyliv", "ott"},
      {"irctc", "travel"}};
  std::vector<std::pair<nlp::ServiceId, ServiceFacts>> services;
  for (const auto& [name, klass] : all) services.push_back({id(name), {name, klass}});
  return Engine(load_rules(embedded_rule_files(), set).value(), services, "lexicon-1",
                {{nlp::place_id("IN-Mumbai"), "IN-MH"},
                 {nlp::place_id("IN-Pune"), "IN-MH"},
                 {nlp::place_id("IN-Delhi"), "IN-DL"}});
}

// Plays the story up to `end`; `next_cut(t)` names the whole second after t at which the next piece ends, and
// `restart()` says whether the engine is made anew from the rows in between.
template <class Cut, class Restart>
Outcome play(const Story& story, std::int64_t begin, std::int64_t end, Cut next_cut, Restart restart) {
  Outcome outcome;
  auto engine = make_engine();
  auto row = story.rows.begin();
  auto mention = story.mentions.begin();
  for (auto t = begin; t < end;) {
    t = std::min(end, next_cut(t));
    const auto last_row = std::find_if(row, story.rows.end(), [&](const auto& r) { return r.clock_ms >= t; });
    const auto last_mention =
        std::find_if(mention, story.mentions.end(), [&](const auto& m) { return m.clock_s * 1000 >= t; });
    auto step = engine.advance({row, last_row}, {mention, last_mention}, t);
    row = last_row;
    mention = last_mention;
    for (auto& transition : step.transitions) outcome.transitions.push_back(std::move(transition));
    for (auto& bytes : step.bytes) {
      outcome.bytes_written += bytes.key.size() + (bytes.value ? bytes.value->size() : 0);
      if (bytes.value)
        outcome.rows[{bytes.family, bytes.key}] = *bytes.value;
      else
        outcome.rows.erase({bytes.family, bytes.key});
    }
    if (t >= end || !restart()) continue;
    engine = make_engine();
    for (const auto& [key, value] : outcome.rows)
      if (!engine.load(key.first, key.second, value)) throw std::runtime_error("row cannot be loaded");
  }
  outcome.incidents = engine.incidents();
  return outcome;
}

inline Outcome play(const Story& story, std::int64_t begin, std::int64_t end) {
  return play(
      story, begin, end, [&](std::int64_t) { return end; }, [] { return false; });
}

}  // namespace thap::rules::test
