// Every service's detector, fed in one fixed order, and the incidents they open. Pure: rows, time and state
// go in, transitions and state come out; no clock, no store, no text.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ingest/result.h"
#include "nlp/lexicon.h"
#include "rules/incident.h"
#include "store/batch.h"

namespace thap::rules {

struct RuleSet;  // rules/rule_set.h: parameters by class of service, provider graph, version; load_rules()
                 // makes it

struct Step {
  std::vector<Transition> transitions;   // in order
  std::vector<store::KeyedBytes> bytes;  // state to be written with the rows that caused it
};

// What the engine needs to know of services, from the lexicon; app/ fills it.
struct ServiceFacts {
  std::string_view id;     // "whatsapp"
  std::string_view klass;  // "messaging"
};

// The services and states of places that a lexicon knows; the views live as long as the lexicon.
std::vector<std::pair<nlp::ServiceId, ServiceFacts>> service_facts(const nlp::Lexicon& lexicon);
std::map<nlp::PlaceId, std::string> place_regions(const nlp::Lexicon& lexicon);

// Threads: one thread. Feeding the same rows cut into other pieces at whole seconds gives the same
// transitions and, all steps applied, the same rows; so does a restart between any two steps.
class Engine {
 public:
  // `regions`: the state of a place as ISO 3166-2 ("IN-WB"), for places that lie in one.
  Engine(std::shared_ptr<const RuleSet> rules, std::vector<std::pair<nlp::ServiceId, ServiceFacts>> services,
         std::string lexicon_version, std::map<nlp::PlaceId, std::string> regions = {});
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  // Takes up one row that an earlier Step wrote (Family::detectors and Family::incidents), any order, before
  // the first advance. Rows of others in Family::incidents are passed over. Fails with `corrupt`,
  // `newer_format`.
  ingest::Result<void> load(store::Family family, std::string_view key, std::string_view value);

  // Hands over whole seconds of clock_ms: every row and mention with a clock below `until_ms` (a whole
  // second); then time itself passes to `until_ms`. A row or mention of a second that was handed over before
  // takes the first second that was not. Rows and mentions may come in any order: they are put into theirs
  // here.
  Step advance(std::span<const store::DetectorRow> rows, std::span<const store::MentionRow> mentions,
               std::int64_t until_ms);

  // A person's word, at the time where the engine stands: a transition with `reason`. A suspicion may be
  // confirmed or dismissed, what people were told of retracted, anything noted. Fails with `not_found`, or
  // with `usage` where the incident's state does not allow it.
  ingest::Result<Step> judge(const IncidentId& id, Verdict verdict, const std::string& reason);

  std::vector<Incident> incidents() const;  // suspicions too, oldest first; at most the last 20,000
  std::int64_t clock_ms() const;            // where time stands; 0 before the first row

  // Why a service stands where it stands; nullopt when nothing was ever said of it.
  struct Standing {
    std::string phase;
    double score{0}, threshold{0};
    double expected_per_minute{0};  // with margin and talk: what would not surprise
    double usual_per_minute{0};
    bool feed_ok{true};
  };
  std::optional<Standing> standing(nlp::ServiceId service) const;

  // Complaints that are usual between two times, at that time of day and the present level, without margin;
  // low and high: within two deviations. nullopt when nothing was ever said of it.
  struct Usual {
    double posts{0}, low{0}, high{0};
  };
  std::optional<Usual> usual(nlp::ServiceId service, std::int64_t from_ms, std::int64_t to_ms) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace thap::rules
