#include "rules/casebook.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace thap::rules {

namespace {

using How = PhaseChange::How;

// Detector minutes begin with the epoch of baseline.h, which is a whole number of minutes before 1970.
constexpr std::int64_t minute_offset = epoch_offset_ms / 60'000;
static_assert(epoch_offset_ms % 60'000 == 0);

constexpr std::int64_t before_onset_min = 30, late_min = 10, window_min = 60;
constexpr double sure_nats = 6;              // this far above the threshold is high confidence
constexpr std::uint32_t network_agrees = 2;  // admitted posts on a second network
constexpr std::uint32_t most_places = 64;
const std::string baseline_version = "1", all_of_india = "IN";

std::int64_t minute_of(double t) { return static_cast<std::int64_t>(std::floor(t / 60)); }

std::string counted(std::uint64_t n, const char* one, const char* many) {
  return fmt::format("{} {}", n, n == 1 ? one : many);
}

}  // namespace

Casebook::Casebook(const RuleSet& rules, std::string lexicon_version, Regions regions)
    : rules_(&rules), lexicon_version_(std::move(lexicon_version)), regions_(std::move(regions)) {}

Incident* Casebook::open_incident(const WatchedService& service) {
  const auto found = incidents_.find(service.current);
  return found != incidents_.end() && is_open(found->second.state) ? &found->second : nullptr;
}

Incident* Casebook::find(const IncidentId& id) {
  const auto found = incidents_.find(id);
  return found == incidents_.end() ? nullptr : &found->second;
}

void Casebook::say(Incident& incident, State to, double now, std::string reason,
                   std::vector<Transition>& out) {
  if (to == State::retracted) incident.resolved_ms = unix_ms(now);
  emit(incident, to, now, std::move(reason), out);
}

void Casebook::emit(Incident& incident, State to, double t, std::string reason, std::vector<Transition>& out,
                    bool relapse) {
  Transition step;
  step.opened = incident.sequence == 0;
  step.from = step.opened ? to : incident.state;
  step.to = to;
  step.annotated = !step.opened && incident.state == to;
  step.relapse = relapse;
  step.at_ms = unix_ms(t);
  step.incident = incident.id;
  step.service = incident.service;
  step.sequence = ++incident.sequence;
  step.reason = reason;
  incident.state = to;
  incident.updated_ms = step.at_ms;
  incident.reason = std::move(reason);
  step.after = incident;
  changed_.insert(incident.id);
  out.push_back(std::move(step));
}

void Casebook::add(Incident& incident, const Recent& recent, int by) {
  const auto change = [&](std::uint32_t& n) { n = by > 0 ? n + 1 : n > 0 ? n - 1 : 0; };
  for (int i = 0; i < nlp::symptom_count; ++i)
    if (recent.symptoms >> i & 1) change(incident.symptoms[static_cast<std::size_t>(i)]);
  change(incident.languages[static_cast<std::size_t>(recent.language)]);
  change(incident.sources[static_cast<std::size_t>(recent.network)]);
  for (const auto place : recent.places) {
    const auto found = incident.places.find(place);
    if (found != incident.places.end()) {
      change(found->second);
      if (found->second == 0) incident.places.erase(found);
    } else if (by > 0 && incident.places.size() < most_places) {
      incident.places[place] = 1;
    }
  }
  changed_.insert(incident.id);
}

// The state named by at least 60 % of the posts that name a place, and by four; else all of India. A state
// that an incident has is given up when ten posts name places and fewer than half of them name it.
std::string Casebook::region_of(const Incident& incident, const WatchedService& service) const {
  const double since = detector_seconds(incident.started_ms) - 60;
  std::map<std::string, int> states;
  int with_place = 0;
  for (const auto& recent : service.recent()) {
    if (recent.event < since || recent.places.empty()) continue;
    ++with_place;
    std::set<std::string> named;
    for (const auto place : recent.places)
      if (const auto found = regions_.find(place); found != regions_.end()) named.insert(found->second);
    for (const auto& state : named) ++states[state];
  }
  for (const auto& [state, n] : states)
    if (n >= 4 && n >= 0.6 * with_place) return state;
  if (incident.region == all_of_india) return all_of_india;
  return with_place >= 10 && states[incident.region] < 0.5 * with_place ? all_of_india : incident.region;
}

Incident& Casebook::begin(WatchedService& service, const PhaseChange& change) {
  const auto onset_ms = unix_ms(change.onset);
  const auto id = incident_id(service.id(), onset_ms);
  const bool is_new = !incidents_.contains(id);
  auto& incident = incidents_[id];
  if (is_new) {
    incident.id = id;
    incident.service = service.id();
    const auto before = incidents_.find(service.current);
    if (before != incidents_.end() && before->second.state == State::resolved &&
        unix_ms(change.t) - before->second.resolved_ms <= 86'400'000)
      incident.previous = before->first;
  }
  // A suspicion that died and comes back with the same onset is the same one.
  incident.started_ms = onset_ms;
  incident.suspected_ms = unix_ms(change.t);
  incident.resolved_ms = 0;
  incident.rules_version = rules_->version;
  incident.lexicon_version = lexicon_version_;
  incident.baseline_version = baseline_version;
  service.current = id;
  return incident;
}

// Shares and minutes from before: complaints admitted since the onset, and what was usual.
void Casebook::fill(Incident& incident, const WatchedService& service) {
  incident.symptoms = {};
  incident.languages = {};
  incident.sources = {};
  incident.places.clear();
  const double since = detector_seconds(incident.started_ms) - 60;
  for (const auto& recent : service.recent())
    if (recent.event >= since) add(incident, recent, 1);
  const auto& detector = service.detector();
  const auto from = std::max(minute_of(detector_seconds(incident.started_ms)) - before_onset_min,
                             detector.minute() - Detector::ring_minutes + 1);
  incident.first_minute = static_cast<store::Minute>(from - minute_offset);
  incident.minute_counts.clear();
  incident.minute_expected.clear();
  incident.peak_per_minute = 0;
}

void Casebook::count_minutes(Incident& incident, const WatchedService& service) {
  const auto& detector = service.detector();
  const auto first = std::int64_t{incident.first_minute} + minute_offset;
  const auto have = static_cast<std::int64_t>(incident.minute_counts.size());
  // Late posts still change the last minutes.
  for (auto m = std::max(first, first + have - late_min); m < detector.minute(); ++m) {
    const auto i = static_cast<std::size_t>(m - first);
    if (i >= most_minutes) break;
    if (i >= incident.minute_counts.size()) {
      incident.minute_counts.resize(i + 1);
      incident.minute_expected.resize(i + 1);
      incident.minute_expected[i] = static_cast<float>(detector.usual(static_cast<double>(m * 60)) * 60);
    }
    incident.minute_counts[i] = static_cast<std::uint16_t>(std::max(0, detector.counted(m)));
  }
  changed_.insert(incident.id);
}

void Casebook::observe(Incident& incident, const WatchedService& service, double now) {
  const auto& detector = service.detector();
  const double onset = detector_seconds(incident.started_ms);
  const auto last = minute_of(now);
  const auto first = std::max(minute_of(onset), last - window_min + 1);
  std::uint64_t posts = 0, authors = 0;
  for (auto m = first; m <= last; ++m) {
    posts += static_cast<std::uint64_t>(service.posts(m));
    authors += static_cast<std::uint64_t>(std::max(0, detector.counted(m)));
  }
  incident.observed_authors = authors;
  incident.observed_posts = std::max(posts, authors);
  const double seconds = std::clamp(now - onset, 60.0, window_min * 60.0);
  incident.observed_minutes = static_cast<std::uint32_t>(std::lround(seconds / 60));
  double usual = 0;
  for (auto m = first; m <= last; ++m) usual += detector.usual(static_cast<double>(m * 60));
  usual *= seconds / static_cast<double>(last - first + 1);
  const double spread = 2 * std::sqrt(usual + detector.swing() * usual * usual);
  incident.expected_posts = usual;
  incident.expected_low = std::max(0.0, usual - spread);
  incident.expected_high = usual + spread;
  incident.score = detector.score();
  incident.threshold = detector.threshold();
  changed_.insert(incident.id);
}

// Peak, severity and confidence only grow. True if severity did.
bool Casebook::grade(Incident& incident, const WatchedService& service) {
  const auto& detector = service.detector();
  const auto minute = detector.minute();
  // Of three minutes, the running one included or not.
  const double peak = (std::max(detector.counted(minute), detector.counted(minute - 3)) +
                       detector.counted(minute - 1) + detector.counted(minute - 2)) /
                      3.0;
  incident.peak_per_minute = std::max(incident.peak_per_minute, peak);
  const double usual = detector.usual(static_cast<double>(minute * 60)) * 60;
  const auto reaches = [&](const SeverityRule& rule) {
    return peak >= rule.per_minute && peak >= rule.ratio * usual;
  };
  const auto severity = reaches(service.rules().critical) ? Severity::critical
                        : reaches(service.rules().major)  ? Severity::major
                                                          : Severity::minor;
  std::uint32_t networks = 0;
  for (const auto n : incident.sources) networks += n >= network_agrees;
  if (detector.score() >= detector.threshold() + sure_nats || networks >= 2)
    incident.confidence = Confidence::high;
  if (severity <= incident.severity) return false;
  incident.severity = severity;
  return true;
}

std::string Casebook::evidence(const Incident& i) const {
  return fmt::format("{} by {} in {} where {:.1f} are usual; score {:.1f} {} threshold {:.1f}",
                     counted(i.observed_posts, "post", "posts"),
                     counted(i.observed_authors, "account", "accounts"),
                     counted(i.observed_minutes, "minute", "minutes"), i.expected_posts, i.score,
                     i.score >= i.threshold ? "over" : "under", i.threshold);
}

void Casebook::apply(WatchedService& service, const PhaseChange& change, std::vector<Transition>& out) {
  const auto at = unix_ms(change.t);
  const auto found = incidents_.find(service.current);
  Incident* last = found == incidents_.end() ? nullptr : &found->second;
  const bool reopens =
      last && last->state == State::resolved &&
      at - last->resolved_ms <= static_cast<std::int64_t>(service.rules().parameters.reopen_s * 1000);
  const auto last_minutes = [&] {
    int n = 0;
    for (auto m = service.detector().minute() - 10; m < service.detector().minute(); ++m)
      n += service.detector().counted(m);
    return n;
  };

  if (change.to == Phase::suspected) {
    if (reopens) return;  // if it is confirmed it is the same incident again
    auto& incident = begin(service, change);
    observe(incident, service, change.t);
    incident.score = change.score;
    emit(incident, State::suspected, change.t, evidence(incident), out);
    return;
  }
  if (change.to == Phase::confirmed && change.how == How::step) {
    auto& incident = last && (reopens || last->state == State::suspected) ? *last : begin(service, change);
    if (reopens) {
      incident.resolved_ms = incident.recovered_ms = incident.easing_ms = 0;
      incident.eased_by_silence = false;
      observe(incident, service, change.t);
    } else {
      incident.started_ms = unix_ms(change.onset);
      incident.opened_ms = at;
      fill(incident, service);
      count_minutes(incident, service);
      observe(incident, service, change.t);
      incident.region = region_of(incident, service);
    }
    incident.score = change.score;
    incident.threshold = change.threshold;
    grade(incident, service);
    emit(incident, State::confirmed, change.t,
         change.said.empty() ? evidence(incident) : change.said + "; " + evidence(incident), out, reopens);
    return;
  }
  if (!last) return;

  auto& incident = *last;
  if (change.to == Phase::easing) {
    incident.easing_ms = at;
    incident.recovered_ms = unix_ms(change.recovered_at);
    incident.eased_by_silence = !change.by_posts;
    emit(incident, State::easing, change.t,
         change.by_posts
             ? fmt::format("at least {} say that it works again; {} of complaint in the last 10 minutes",
                           counted(static_cast<std::uint64_t>(service.rules().parameters.recovery_authors),
                                   "account", "accounts"),
                           counted(static_cast<std::uint64_t>(last_minutes()), "post", "posts"))
             : fmt::format("complaints are stopping: {} in the last 10 minutes, {:.1f} a minute at the peak",
                           last_minutes(), incident.peak_per_minute),
         out);
  } else if (change.how == How::relapse) {
    incident.easing_ms = incident.recovered_ms = 0;
    emit(incident, State::confirmed, change.t,
         fmt::format("complaints are back: {} in the last 10 minutes", last_minutes()), out, true);
  } else if (change.how == How::resolved) {
    incident.resolved_ms = at;
    incident.recovered_ms = unix_ms(change.recovered_at);
    incident.eased_by_silence = !change.by_posts;
    emit(incident, State::resolved, change.t,
         fmt::format("{} in the last 10 minutes, {:.1f} a minute at the peak",
                     counted(static_cast<std::uint64_t>(last_minutes()), "post", "posts"),
                     incident.peak_per_minute),
         out);
  } else if (change.how == How::cleared && incident.state == State::suspected) {
    incident.resolved_ms = at;
    emit(incident, State::retracted, change.t,
         fmt::format("the suspicion died: score {:.1f}, threshold {:.1f}", change.score, change.threshold),
         out);
  } else if (change.how == How::withdrawn) {
    say(incident, State::retracted, change.t, change.said, out);
  } else if (change.how == How::retracted) {
    incident.resolved_ms = at;
    emit(incident, State::retracted, change.t,
         fmt::format("a few authors or one text made it up: {} left after theirs were taken back",
                     counted(static_cast<std::uint64_t>(change.authors), "post is", "posts are")),
         out);
  }
}

void Casebook::admitted(const WatchedService& service, const Recent& recent) {
  if (auto* incident = open_incident(service)) add(*incident, recent, 1);
}

void Casebook::taken_back(const WatchedService& service, const Recent& recent) {
  auto* incident = open_incident(service);
  if (incident && recent.event >= detector_seconds(incident->started_ms) - 60) add(*incident, recent, -1);
}

void Casebook::minute(const WatchedService& service, double now, std::vector<Transition>& out) {
  auto* incident = open_incident(service);
  if (!incident) return;
  count_minutes(*incident, service);
  observe(*incident, service, now);
  if (auto region = region_of(*incident, service); region != incident->region) {
    auto reason =
        fmt::format("region now {}, was {}: named by most posts that name a place", region, incident->region);
    incident->region = std::move(region);
    emit(*incident, incident->state, now, std::move(reason), out);
  }
  if (grade(*incident, service))
    emit(*incident, incident->state, now,
         fmt::format("now {}: {:.1f} complaints a minute", name(incident->severity),
                     incident->peak_per_minute),
         out);
}

void Casebook::set_cause(Incident& incident, nlp::ServiceId cause, int posts, const std::string& group,
                         std::string reason, double now, std::vector<Transition>& out) {
  incident.cause = cause;
  incident.cause_posts = static_cast<std::uint32_t>(posts);
  incident.group = group;
  emit(incident, incident.state, now, std::move(reason), out);
}

void Casebook::set_cause_posts(Incident& incident, int posts) {
  const auto n = static_cast<std::uint32_t>(posts);
  if (n <= incident.cause_posts) return;
  incident.cause_posts = n;
  changed_.insert(incident.id);
}

void Casebook::write(const std::vector<Transition>& transitions, std::vector<store::KeyedBytes>& out) {
  for (const auto& step : transitions)
    out.push_back({store::Family::incidents, transition_key(step.incident, step.sequence), encode(step)});
  for (const auto& id : changed_)
    out.push_back({store::Family::incidents, incident_key(id), encode(incidents_[id])});
  changed_.clear();
  if (incidents_.size() <= most_incidents) return;
  std::vector<std::pair<std::int64_t, IncidentId>> closed;
  for (const auto& [id, incident] : incidents_)
    if (incident.state == State::resolved || incident.state == State::retracted)
      closed.emplace_back(incident.updated_ms, id);
  std::sort(closed.begin(), closed.end());
  // A tenth more than needed, so that this is rare.
  const auto surplus = std::min(closed.size(), incidents_.size() - most_incidents + most_incidents / 10);
  for (std::size_t i = 0; i < surplus; ++i) incidents_.erase(closed[i].second);
}

}  // namespace thap::rules
