// Incidents and every step of their lives: what a detector's change of state means for people.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "rules/incident.h"
#include "rules/shared_cause.h"
#include "rules/watched_service.h"

namespace thap::rules {

// State of a place as ISO 3166-2 ("IN-WB"); places of no state are left out.
using Regions = std::map<nlp::PlaceId, std::string>;

// Times are detector seconds and minutes. Threads: one.
class Casebook {
 public:
  static constexpr std::size_t most_minutes = 3 * 1440;  // of counts kept with an incident
  static constexpr std::size_t most_incidents = 20'000;  // in memory; the store keeps all

  Casebook(const RuleSet& rules, std::string lexicon_version, Regions regions);

  void load(Incident incident) { incidents_[incident.id] = std::move(incident); }
  const std::map<IncidentId, Incident>& incidents() const { return incidents_; }
  // nullptr: it has none, or none that is open.
  Incident* open_incident(const WatchedService& service);
  Incident* find(const IncidentId& id);  // nullptr: none in memory
  // A person's word on an incident that no detector stands behind any more, or a note.
  void say(Incident& incident, State to, double now, std::string reason, std::vector<Transition>& out);

  void apply(WatchedService& service, const PhaseChange& change, std::vector<Transition>& out);
  void admitted(const WatchedService& service, const Recent& recent);
  void taken_back(const WatchedService& service, const Recent& recent);
  // A whole minute has passed: counts, peak, severity and confidence of an open incident.
  void minute(const WatchedService& service, double now, std::vector<Transition>& out);
  // The incident belongs to a group with one cause.
  void set_cause(Incident& incident, nlp::ServiceId cause, int posts, const std::string& group,
                 std::string reason, double now, std::vector<Transition>& out);
  void set_cause_posts(Incident& incident, int posts);

  // Appends records and transitions that have changed since the last call; bounds what is kept in memory.
  void write(const std::vector<Transition>& transitions, std::vector<store::KeyedBytes>& out);

 private:
  Incident& begin(WatchedService& service, const PhaseChange& change);
  void fill(Incident& incident, const WatchedService& service);
  void observe(Incident& incident, const WatchedService& service, double now);
  void count_minutes(Incident& incident, const WatchedService& service);
  bool grade(Incident& incident, const WatchedService& service);
  void emit(Incident& incident, State to, double t, std::string reason, std::vector<Transition>& out,
            bool relapse = false);
  std::string evidence(const Incident& incident) const;
  void add(Incident& incident, const Recent& recent, int by);
  std::string region_of(const Incident& incident, const WatchedService& service) const;

  const RuleSet* rules_;
  std::string lexicon_version_;
  Regions regions_;
  std::map<IncidentId, Incident> incidents_;
  std::set<IncidentId> changed_;
};

}  // namespace thap::rules
