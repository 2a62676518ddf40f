#include "rules/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <set>

#include "rules/bytes.h"
#include "rules/casebook.h"
#include "rules/feed_watch.h"
#include "rules/rule_set.h"
#include "rules/shared_cause.h"
#include "rules/watched_service.h"

namespace thap::rules {

namespace {

constexpr std::uint8_t format_version = 1;
constexpr std::size_t most_stalls = 256;  // remembered for detectors that sleep

bool speaks_for_people(nlp::Kind kind) {
  return kind != nlp::Kind::official && kind != nlp::Kind::news && kind != nlp::Kind::retrospective;
}
bool can_complain(nlp::Kind kind) {
  return kind == nlp::Kind::complaint || kind == nlp::Kind::question || kind == nlp::Kind::meme;
}

// 64 of the key's 128 bits, both halves in them.
std::uint64_t short_key(const ingest::PostKey& key) { return key.high * 0x9e3779b97f4a7c15ull ^ key.low; }

}  // namespace

struct Engine::Impl {
  struct Group {  // of incidents with one cause
    nlp::ServiceId provider;
    double first_onset;
    std::string id;
  };
  Impl(std::shared_ptr<const RuleSet> rule_set, std::vector<std::pair<nlp::ServiceId, ServiceFacts>> facts,
       std::string lexicon_version, std::map<nlp::PlaceId, std::string> regions)
      : rules(std::move(rule_set)),
        casebook(*rules, std::move(lexicon_version), std::move(regions)),
        cause(*rules) {
    for (const auto& [id, fact] : facts)
      services.try_emplace(id, id, std::string(fact.id), rules->of(fact.klass));
    for (const auto& provider : rules->providers) provider_names[provider.service] = provider.id;
  }

  WatchedService& service(nlp::ServiceId id) {
    return services
        .try_emplace(id, id, fmt::format("#{:08x}", static_cast<std::uint32_t>(id)), rules->of("default"))
        .first->second;
  }

  Step advance(std::span<const store::DetectorRow> rows, std::span<const store::MentionRow> mentions,
               std::int64_t until_ms);
  ingest::Result<Step> judge(const IncidentId& id, Verdict verdict, const std::string& reason);
  void take_up_loaded();
  void start(std::int64_t second);
  void pass_time(std::int64_t to_s);
  void whole_minute(std::int64_t minute);
  void sleepers_pass_stalls(double now);
  void take(const store::MentionRow& mention, std::int64_t second);
  void take(const store::DetectorRow& row, double now);
  std::vector<WatchedService*> complained_of(const store::DetectorRow& row, double now);
  void settle(WatchedService& service, std::vector<PhaseChange>& changes);
  void look_for_cause(double now);
  void write();
  std::string encode() const;
  ingest::Result<void> decode(std::string_view value);

  std::shared_ptr<const RuleSet> rules;
  std::map<nlp::ServiceId, WatchedService> services;
  std::map<nlp::ServiceId, std::string> provider_names;
  Casebook casebook;
  SharedCause cause;
  FeedWatch feed;
  std::vector<Group> groups;
  std::int64_t clock_s{-1};        // detector seconds; everything before is handed over
  std::set<nlp::ServiceId> awake;  // detectors to which minutes matter
  std::set<nlp::ServiceId> changed;
  bool loaded{false}, knows_all{false};
  Step step;
};

// --- input ---

// Second by second: its mentions, then its rows in their order.
Step Engine::Impl::advance(std::span<const store::DetectorRow> rows,
                           std::span<const store::MentionRow> mentions, std::int64_t until_ms) {
  step = {};
  std::vector<const store::DetectorRow*> sorted_rows;
  for (const auto& row : rows) sorted_rows.push_back(&row);
  std::sort(sorted_rows.begin(), sorted_rows.end(), [](const auto* a, const auto* b) { return *a < *b; });
  std::vector<const store::MentionRow*> sorted_mentions;
  for (const auto& mention : mentions) sorted_mentions.push_back(&mention);
  std::sort(sorted_mentions.begin(), sorted_mentions.end(),
            [](const auto* a, const auto* b) { return *a < *b; });

  // A straggler takes the first second that is not handed over, and there its place by its own clock.
  const auto first_open_s = clock_s;
  const auto second_of = [&](std::int64_t unix_s) {
    return std::max(unix_s + epoch_offset_ms / 1000, first_open_s);
  };
  auto row = sorted_rows.begin();
  auto mention = sorted_mentions.begin();
  constexpr auto never = std::numeric_limits<std::int64_t>::max();
  const auto row_second = [&] {
    return row == sorted_rows.end() ? never : second_of((*row)->clock_ms / 1000);
  };
  const auto mention_second = [&] {
    return mention == sorted_mentions.end() ? never : second_of((*mention)->clock_s);
  };
  while (row != sorted_rows.end() || mention != sorted_mentions.end()) {
    const auto second = std::min(row_second(), mention_second());
    start(second);
    pass_time(second);
    feed.record(second);
    for (; mention_second() == second; ++mention) take(**mention, second);
    for (; row_second() == second; ++row)
      take(**row, std::max(detector_seconds((*row)->clock_ms), static_cast<double>(clock_s)));
  }
  if (clock_s >= 0) pass_time((until_ms + epoch_offset_ms) / 1000);
  write();
  return std::move(step);
}

// Silence counts from here on for every service of the lexicon; a service added later is watched from its
// addition.
void Engine::Impl::start(std::int64_t second) {
  if (clock_s < 0) clock_s = second;
  if (knows_all) return;
  knows_all = true;
  for (auto& [id, watched] : services) {
    if (watched.is_known()) continue;
    watched.known_from(static_cast<double>(second));
    changed.insert(id);
  }
}

void Engine::Impl::take(const store::MentionRow& mention, std::int64_t second) {
  if (mention.service == store::every_record) return;
  auto& watched = service(mention.service);
  changed.insert(mention.service);
  if (!watched.is_known()) watched.known_from(static_cast<double>(second));
  if (!watched.mention(second / 60, mention.count)) return;
  std::vector<PhaseChange> changes;
  watched.catch_up(static_cast<double>(second), feed, changes);
  settle(watched, changes);
}

// One post, one service: the one whose score stands highest, if it leads; until one does, all that it names.
std::vector<WatchedService*> Engine::Impl::complained_of(const store::DetectorRow& row, double now) {
  std::vector<WatchedService*> named;
  if (!can_complain(row.kind)) return named;
  for (const auto id : row.complaints)
    if (auto* watched = &service(id); std::find(named.begin(), named.end(), watched) == named.end())
      named.push_back(watched);
  if (named.empty()) return named;
  const auto& p = named.front()->rules().parameters;
  if (named.size() > static_cast<std::size_t>(p.services_a_post)) return {};
  std::vector<PhaseChange> changes;
  for (auto* watched : named) {
    watched->catch_up(now, feed, changes);
    settle(*watched, changes);
  }
  if (named.size() < 2) return named;
  std::vector<WatchedService*> by_score = named;
  std::stable_sort(by_score.begin(), by_score.end(), [](const auto* a, const auto* b) {
    return a->detector().score() > b->detector().score();
  });
  if (by_score[0]->detector().score() - by_score[1]->detector().score() >= p.lead_nats) return {by_score[0]};
  return named;
}

void Engine::Impl::take(const store::DetectorRow& row, double now) {
  std::vector<PhaseChange> changes;
  Arrival arrival;
  arrival.event = detector_seconds(row.event_ms);
  arrival.post = short_key(row.post);
  arrival.author = row.author != 0 ? row.author : arrival.post;  // unknown: each somebody else
  arrival.text = row.text_hash;
  arrival.simhash = row.simhash;
  arrival.conversation = row.conversation;
  arrival.words = row.words;
  const Recent about{arrival.event, row.symptoms.bits(), row.language, row.network, row.places};
  for (auto* watched : complained_of(row, now)) {
    std::vector<Recent> taken_back;
    const auto admitted = watched->complaint(now, arrival, about, taken_back, changes);
    for (const auto& recent : taken_back) casebook.taken_back(*watched, recent);
    if (admitted.counted) casebook.admitted(*watched, about);
    settle(*watched, changes);
  }
  if (!speaks_for_people(row.kind)) return;
  for (const auto id : row.recovered) {
    const auto found = services.find(id);
    if (found == services.end() || !casebook.open_incident(found->second)) continue;
    found->second.catch_up(now, feed, changes);
    found->second.recovery(now, arrival.author, changes);
    settle(found->second, changes);
  }
  bool named = false;
  for (const auto id : row.blamed) named |= cause.named(id, arrival.author, now);
  if (named) look_for_cause(now);
}

// --- a person's word ---

// Fails where the state does not allow the verdict.
ingest::Result<void> check_verdict(const Incident& incident, Verdict verdict) {
  const bool is_suspicion = incident.state == State::suspected;
  const bool was_told = incident.opened_ms != 0 && incident.state != State::retracted;
  const bool fits = verdict == Verdict::note || (verdict == Verdict::retract ? was_told : is_suspicion);
  if (fits) return {};
  return ingest::fail(ingest::Code::usage,
                      fmt::format("cannot {} what is {}", name(verdict), name(incident.state)));
}

ingest::Result<Step> Engine::Impl::judge(const IncidentId& id, Verdict verdict, const std::string& reason) {
  step = {};
  auto* incident = casebook.find(id);
  if (!incident) return ingest::fail(ingest::Code::not_found, fmt::format("no incident \"{}\"", id));
  if (auto fits = check_verdict(*incident, verdict); !fits) return tl::unexpected(fits.error());
  const auto now = static_cast<double>(clock_s);
  auto& watched = service(incident->service);
  const bool is_watched = watched.current == id && watched.has_detector() && verdict != Verdict::note &&
                          incident->state != State::resolved;
  if (!is_watched) {
    casebook.say(*incident, verdict == Verdict::note ? incident->state : State::retracted, now, reason,
                 step.transitions);
    write();
    return std::move(step);
  }
  std::vector<PhaseChange> changes;
  watched.catch_up(now, feed, changes);
  settle(watched, changes);
  // Time may have decided meanwhile.
  if (auto fits = check_verdict(*incident, verdict); !fits) {
    write();
    return std::move(step);
  }
  if (verdict == Verdict::confirm)
    watched.confirm(now, changes);
  else
    watched.withdraw(now, changes);
  for (auto& change : changes) change.said = reason;
  settle(watched, changes);
  write();
  return std::move(step);
}

// --- time ---

void Engine::Impl::pass_time(std::int64_t to_s) {
  for (auto minute = clock_s / 60 + 1; minute * 60 <= to_s; ++minute) {
    if (awake.empty()) {  // nothing to be done but on the hour
      const auto hour = (minute + 59) / 60 * 60;
      if (hour * 60 > to_s) break;
      minute = hour;
    }
    whole_minute(minute);
  }
  clock_s = std::max(clock_s, to_s);
}

void Engine::Impl::whole_minute(std::int64_t minute) {
  const auto now = static_cast<double>(minute * 60);
  std::vector<PhaseChange> changes;
  const auto ids = std::vector(awake.begin(), awake.end());
  for (const auto id : ids) {
    auto& watched = service(id);
    watched.grow_older(now, feed, changes);
    if (!changes.empty()) settle(watched, changes);
    if (watched.detector().idle()) awake.erase(id);
    casebook.minute(watched, now, step.transitions);
    changed.insert(id);
  }
  for (const auto& group : groups) {
    const int posts = cause.named_count(group.provider, now);
    for (const auto id : ids)
      if (auto* incident = casebook.open_incident(service(id)); incident && incident->group == group.id)
        casebook.set_cause_posts(*incident, posts);
  }
  if (minute % 60 != 0) return;
  for (auto& [id, watched] : services) {
    watched.expire(now);
    changed.insert(id);
  }
  cause.expire(now);
  std::erase_if(groups, [&](const Group& group) { return now - group.first_onset > 86'400; });
  if (feed.ended().size() >= most_stalls) sleepers_pass_stalls(now);
}

// So that stalls need not be remembered for ever.
void Engine::Impl::sleepers_pass_stalls(double now) {
  std::vector<PhaseChange> changes;
  for (auto& [id, watched] : services) {
    if (!watched.has_detector()) continue;
    watched.catch_up(now, feed, changes);
    settle(watched, changes);
  }
  feed.forget_ended();
}

// --- consequences ---

void Engine::Impl::settle(WatchedService& watched, std::vector<PhaseChange>& changes) {
  watched.touched();
  changed.insert(watched.id());
  if (watched.detector().idle())
    awake.erase(watched.id());
  else
    awake.insert(watched.id());
  bool look = false;
  for (const auto& change : changes) {
    casebook.apply(watched, change, step.transitions);
    if (change.how == PhaseChange::How::step && change.to == Phase::confirmed) {
      cause.confirmed(watched.id(), change.onset, change.t);
      look = true;
    } else if (change.how == PhaseChange::How::retracted || change.how == PhaseChange::How::withdrawn) {
      cause.withdrawn(watched.id());
    }
  }
  const double now = changes.empty() ? 0 : changes.back().t;
  changes.clear();
  if (look) look_for_cause(now);
}

void Engine::Impl::look_for_cause(double now) {
  const auto verdict = cause.best(now);
  if (!verdict) return;
  const auto provider = verdict->provider->service;
  auto group = std::find_if(groups.begin(), groups.end(), [&](const Group& g) {
    return g.provider == provider &&
           std::abs(g.first_onset - verdict->first_onset) <= rules->shared_cause.onset_age_s;
  });
  if (group == groups.end()) {
    // Hash of provider and first onset, like an incident's id.
    auto id = "grp_" + incident_id(provider, unix_ms(verdict->first_onset)).substr(4);
    group = groups.insert(groups.end(), {provider, verdict->first_onset, std::move(id)});
  }
  const auto reason =
      fmt::format("{} services that run on {} began to fail within {:.0f} minutes{}", verdict->failing,
                  verdict->provider->id, rules->shared_cause.window_s / 60,
                  verdict->named > 0 ? fmt::format(", {} accounts blame it", verdict->named) : "");
  auto members = verdict->members;
  members.push_back(provider);  // heads the group if it has an incident of its own
  for (const auto id : members) {
    const auto found = services.find(id);
    auto* incident = found == services.end() ? nullptr : casebook.open_incident(found->second);
    if (!incident || !incident->group.empty()) continue;
    if (id == provider && std::abs(detector_seconds(incident->started_ms) - verdict->first_onset) >
                              rules->shared_cause.onset_age_s)
      continue;
    casebook.set_cause(*incident, id == provider ? nlp::ServiceId{} : provider,
                       id == provider ? 0 : verdict->named, group->id, reason, now, step.transitions);
  }
}

// --- rows ---

void Engine::Impl::write() {
  for (const auto id : changed) service(id).write(step.bytes);
  changed.clear();
  for (const auto provider : cause.take_changed()) {
    ByteWriter out;
    out.put(format_version);
    const bool any = cause.put_named(provider, out);
    step.bytes.push_back({store::Family::detectors, row_key(RowKind::named, provider),
                          any ? std::optional(out.take()) : std::nullopt});
  }
  casebook.write(step.transitions, step.bytes);
  if (clock_s >= 0)
    step.bytes.push_back(
        {store::Family::detectors, std::string(1, static_cast<char>(RowKind::engine)), encode()});
}

std::string Engine::Impl::encode() const {
  ByteWriter out;
  out.put(format_version);
  out.put(clock_s);
  feed.put(out);
  cause.put_onsets(out);
  out.put(static_cast<std::uint32_t>(groups.size()));
  for (const auto& group : groups) {
    out.put(group.provider);
    out.put(group.first_onset);
    out.text(group.id);
  }
  return out.take();
}

ingest::Result<void> Engine::Impl::decode(std::string_view value) {
  ByteReader in(value);
  const auto version = in.get<std::uint8_t>();
  if (version > format_version) return ingest::fail(ingest::Code::newer_format, "engine row");
  in.get_into(clock_s);
  feed.get(in);
  cause.get_onsets(in);
  groups.resize(in.count(16));
  for (auto& group : groups) {
    in.get_into(group.provider);
    in.get_into(group.first_onset);
    group.id = in.text();
  }
  if (!in.at_end() || version == 0) return ingest::fail(ingest::Code::corrupt, "engine row");
  return {};
}

void Engine::Impl::take_up_loaded() {
  if (!std::exchange(loaded, false)) return;
  for (auto& [id, watched] : services) {
    watched.finish_load();
    if (watched.has_detector() && !watched.detector().idle()) awake.insert(id);
  }
}

// --- outside ---

Engine::Engine(std::shared_ptr<const RuleSet> rules,
               std::vector<std::pair<nlp::ServiceId, ServiceFacts>> services, std::string lexicon_version,
               std::map<nlp::PlaceId, std::string> regions)
    : impl_(std::make_unique<Impl>(std::move(rules), std::move(services), std::move(lexicon_version),
                                   std::move(regions))) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

ingest::Result<void> Engine::load(store::Family family, std::string_view key, std::string_view value) {
  impl_->loaded = true;
  if (family == store::Family::incidents) {
    if (!key.starts_with(incident_prefix)) return {};
    auto incident = decode_incident(value);
    if (!incident) return tl::unexpected(incident.error());
    impl_->casebook.load(std::move(*incident));
    return {};
  }
  if (family != store::Family::detectors) return {};
  if (key.empty()) return ingest::fail(ingest::Code::corrupt, "empty key");
  const auto kind = static_cast<RowKind>(key.front());
  key.remove_prefix(1);
  if (kind == RowKind::engine) return impl_->decode(value);
  std::uint32_t id = 0;
  if (!take_key(key, id)) return ingest::fail(ingest::Code::corrupt, "key without service");
  if (kind != RowKind::named) return impl_->service(nlp::ServiceId{id}).load(kind, key, value);
  ByteReader in(value);
  if (in.get<std::uint8_t>() > format_version) return ingest::fail(ingest::Code::newer_format, "named row");
  impl_->cause.get_named(nlp::ServiceId{id}, in);
  if (!in.at_end()) return ingest::fail(ingest::Code::corrupt, "named row");
  return {};
}

Step Engine::advance(std::span<const store::DetectorRow> rows, std::span<const store::MentionRow> mentions,
                     std::int64_t until_ms) {
  impl_->take_up_loaded();
  return impl_->advance(rows, mentions, until_ms);
}

ingest::Result<Step> Engine::judge(const IncidentId& id, Verdict verdict, const std::string& reason) {
  impl_->take_up_loaded();
  return impl_->judge(id, verdict, reason);
}

std::vector<Incident> Engine::incidents() const {
  std::vector<Incident> all;
  for (const auto& [id, incident] : impl_->casebook.incidents()) all.push_back(incident);
  std::sort(all.begin(), all.end(), [](const Incident& a, const Incident& b) {
    return std::tie(a.started_ms, a.id) < std::tie(b.started_ms, b.id);
  });
  return all;
}

std::int64_t Engine::clock_ms() const {
  return impl_->clock_s < 0 ? 0 : impl_->clock_s * 1000 - epoch_offset_ms;
}

std::optional<Engine::Standing> Engine::standing(nlp::ServiceId service) const {
  const auto found = impl_->services.find(service);
  if (found == impl_->services.end() || !found->second.has_detector()) return std::nullopt;
  const auto& detector = found->second.detector();
  const auto now = static_cast<double>(impl_->clock_s);
  Standing standing;
  standing.phase = name(detector.phase());
  standing.score = detector.score();
  standing.threshold = detector.threshold();
  standing.expected_per_minute = detector.expected(now) * 60;
  standing.usual_per_minute = detector.usual(now) * 60;
  standing.feed_ok = impl_->feed.stalls_at() > impl_->clock_s;
  return standing;
}

std::optional<Engine::Usual> Engine::usual(nlp::ServiceId service, std::int64_t from_ms,
                                           std::int64_t to_ms) const {
  const auto found = impl_->services.find(service);
  if (found == impl_->services.end() || !found->second.has_detector()) return std::nullopt;
  const auto& detector = found->second.detector();
  Usual out;
  for (std::int64_t at = from_ms; at < to_ms; at += 60'000)
    out.posts += detector.usual(detector_seconds(at)) *
                 static_cast<double>(std::min<std::int64_t>(60'000, to_ms - at)) / 1'000;
  const double spread = 2 * std::sqrt(out.posts + detector.swing() * out.posts * out.posts);
  out.low = std::max(0.0, out.posts - spread);
  out.high = out.posts + spread;
  return out;
}

std::vector<std::pair<nlp::ServiceId, ServiceFacts>> service_facts(const nlp::Lexicon& lexicon) {
  std::vector<std::pair<nlp::ServiceId, ServiceFacts>> out;
  for (const auto& service : lexicon.services()) out.push_back({service.number, {service.id, service.klass}});
  return out;
}

std::map<nlp::PlaceId, std::string> place_regions(const nlp::Lexicon& lexicon) {
  std::map<nlp::PlaceId, std::string> out;
  for (const auto& place : lexicon.places())
    if (place.iso.size() > 2) out.emplace(place.number, place.iso);
  return out;
}

}  // namespace thap::rules
