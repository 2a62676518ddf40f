// Everything that decides and is not code: parameters of the detector, severity, day shapes and who runs on
// whom. Data in rules/*.json, compiled into the binary and replaceable by a folder.
#pragma once
#include <array>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ingest/result.h"
#include "nlp/ids.h"

namespace thap::rules {

inline constexpr int bank_size = 5;
inline constexpr int slots_a_day = 96;

// One number or switch a line in parameters.json; the table in rule_set.cc gives bounds and help.
struct Parameters {
  // Admission: which complaints count.
  double
      admission_window_s;  // an author, text, conversation or id is remembered this long after its first post
  int text_cap;            // how often one text counts in that time
  int short_text_words;    // a text with fewer words ...
  int short_text_cap;      // ... counts this often: "jio down" is not a copied text
  int near_copy_bits;      // texts whose SimHashes differ in no more bits are copies; -1: equal hashes only
  int flood_author;        // an author's n-th post takes back what the author gave
  int flood_text;          // a text's n-th copy likewise
  bool take_back_once;     // a post is taken back for its author or for its text, not for both
  int admission_cap;       // entries a service and kind

  // Expected rate.
  double prior_rate;    // complaints a second of a service nobody has seen yet
  double prior_counts;  // weight of the day shape, in counts
  double forget_weekday, forget_weekend;
  double level_s, level_prior, level_low, level_high;
  int level_lag_min;  // minutes younger than this are not learned from
  double phi_prior, phi_weight, phi_low, phi_high, learn_days, linear_dispersion;
  double floor_rate;        // complaints a second below which no service is believed to be
  double guard_factor;      // of the mention guard
  bool guard_full_minutes;  // the guard looks at the three last full minutes
  bool learn_skips_stall;   // windows of 15 and 60 minutes that saw a stall teach nothing
  double margin, phi_floor;

  // Bank and threshold.
  std::array<double, bank_size> added_per_second;  // tested rates; a minute in the file
  double relative_rate;  // no tested rate is smaller than this share of the expected one
  double score_cap, late_s;
  double false_alarms, threshold_base, suspect_gap;
  int suspect_posts, confirm_posts;
  double diversity;
  double known_after_s;  // a service known for less is only suspected

  // The way out.
  double suspicion_s, suspicion_dies_below;
  double drop;  // recovery is looked for as a fall to 1/drop of the plateau
  double easing_at, relapse_below, recovery_cap;
  double easing_hold_s;  // easing is told once it has lasted this long
  double resolve_hold_s;
  int recovery_authors;     // so many who say that it works again make it easing; 0: not looked at
  double recovery_share;    // ... if they are this share of the last ten minutes' voices
  double recovery_hold_s;   // the shorter hold after that
  bool closing_needs_feed;  // nothing closes while the feed stands still, nor for 15 minutes after
  double retract_within_s;  // an incident whose posts are taken back this soon after opening is withdrawn; 0:
                            // never
  double tail_factor, tail_s;
  double reopen_s;      // a new excursion this soon after the end reopens the incident
  double lead_nats;     // a post that names several services counts for the one that leads by so much
  int services_a_post;  // a post that names more counts for none
};

// Expected share of the day by 15-minute slot, mean 1; [0] weekday, [1] weekend.
struct Shape {
  std::array<std::array<double, slots_a_day>, 2> slot;
};

struct SeverityRule {
  double ratio{0};       // peak over expected, at least
  double per_minute{0};  // and complaints a minute at the peak, at least
};

struct ClassRules {
  Parameters parameters;
  Shape shape;
  SeverityRule major, critical;
};

struct Provider {
  std::string id;  // as in the lexicon where it is a service too
  nlp::ServiceId service{};
  std::vector<nlp::ServiceId> dependants;  // sorted
};

struct SharedCauseRules {
  double hit, outages_a_month, window_s, onset_age_s, named_s, named_weight, prior;
  int named_cap, services_alone, services_named, named_at_least;
};

struct RuleSet {
  std::string version;  // 12 hex digits of a hash over the files and the set's name
  std::string set;      // "shipped" or "reference"
  std::map<std::string, ClassRules, std::less<>> classes;  // "default" is always there
  std::vector<Provider> providers;                         // sorted by id
  SharedCauseRules shared_cause;

  // Rules of a class; of "default" where the class has none of its own.
  const ClassRules& of(std::string_view klass) const;
};

using RuleFiles = std::vector<std::pair<std::string, std::string>>;  // file name, text

// The files that are compiled in.
RuleFiles embedded_rule_files();
// parameters.json and providers.json of a folder. Fails with `io`.
ingest::Result<RuleFiles> read_rule_files(const std::string& folder);

// Fails with `bad_setting`; the place is file#/json/pointer, and a wrong key is told the nearest known one.
ingest::Result<std::shared_ptr<const RuleSet>> load_rules(const RuleFiles& files,
                                                          std::string_view set = "shipped");

}  // namespace thap::rules
