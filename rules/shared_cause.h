// Which provider explains that several services fail together: log-odds over the services that run on it, and
// people who name it. Services without an edge in the graph are never put together.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "rules/rule_set.h"

namespace thap::rules {

class ByteReader;
class ByteWriter;

// Times are detector seconds. Threads: one.
class SharedCause {
 public:
  static constexpr std::size_t most_named = 256;  // authors kept a provider

  struct Verdict {
    const Provider* provider{nullptr};
    double odds{0};
    int failing{0};  // services whose onsets lie within the window
    int named{0};    // distinct authors who name the provider
    double first_onset{0};
    std::vector<nlp::ServiceId> members;  // in order of their ids
  };

  explicit SharedCause(const RuleSet& rules) : rules_(&rules) {}

  void confirmed(nlp::ServiceId service, double onset, double now);
  void withdrawn(nlp::ServiceId service) { onsets_.erase(service); }
  // True if the provider is one of ours.
  bool named(nlp::ServiceId provider, std::uint64_t author, double now);
  int named_count(nlp::ServiceId provider, double now) const;
  // Forgets authors that no longer count.
  void expire(double now);

  // The best explanation, if it may be announced.
  std::optional<Verdict> best(double now) const;
  Verdict judge(const Provider& provider, double now) const;

  void put_onsets(ByteWriter& out) const;
  void get_onsets(ByteReader& in);
  // Providers whose authors changed since the last call, and their rows.
  std::set<nlp::ServiceId> take_changed() { return std::exchange(changed_, {}); }
  // False when there is nothing left to be kept.
  bool put_named(nlp::ServiceId provider, ByteWriter& out) const;
  void get_named(nlp::ServiceId provider, ByteReader& in);

 private:
  struct Author {
    std::uint64_t author;
    double t;
  };
  const RuleSet* rules_;
  std::map<nlp::ServiceId, double> onsets_;              // of the last hour
  std::map<nlp::ServiceId, std::vector<Author>> named_;  // oldest first
  std::set<nlp::ServiceId> changed_;
};

}  // namespace thap::rules
