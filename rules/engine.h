// Every service's detector, fed in one fixed order, and the incidents they open. Pure: rows, time and state
// go in, transitions and state come out; no clock, no store, no text.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "ingest/result.h"
#include "rules/incident.h"
#include "store/batch.h"

namespace thap::rules {

struct RuleSet;  // rules/rule_set.h: parameters per service class, provider graph, version

struct Step {
  std::vector<Transition> transitions;   // in order
  std::vector<store::KeyedBytes> bytes;  // state to be written with the rows that caused it
};

// What the engine needs to know of services, from the lexicon; app/ fills it.
struct ServiceFacts {
  std::string_view id;     // "whatsapp"
  std::string_view klass;  // "messaging"
};

// Threads: one thread. Feeding the same rows cut into other pieces gives the same transitions and state.
class Engine {
 public:
  Engine(std::shared_ptr<const RuleSet> rules, std::vector<std::pair<nlp::ServiceId, ServiceFacts>> services,
         std::string lexicon_version);
  ~Engine();

  // Takes up one row that an earlier Step wrote (Family::detectors and Family::incidents), any order, before
  // the first advance. Fails with `corrupt`, `newer_format`.
  ingest::Result<void> load(store::Family family, std::string_view key, std::string_view value);

  // Hands over whole seconds of clock_ms: every row and mention with a clock below `until_ms` (a whole
  // second), in order; then time itself passes to `until_ms`.
  Step advance(std::span<const store::DetectorRow> rows, std::span<const store::MentionRow> mentions,
               std::int64_t until_ms);

  std::vector<Incident> incidents() const;  // all known, oldest first

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace thap::rules
