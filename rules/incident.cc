#include "rules/incident.h"

#include "rules/bytes.h"

namespace thap::rules {

namespace {

constexpr std::uint8_t format_version = 1;

void put(ByteWriter& out, const Incident& i, bool with_minutes) {
  out.text(i.id);
  out.put(i.sequence);
  out.put(i.service);
  out.put(i.state);
  out.put(i.severity);
  out.put(i.confidence);
  out.text(i.region);
  out.text(i.previous);
  for (auto ms :
       {i.started_ms, i.suspected_ms, i.opened_ms, i.easing_ms, i.recovered_ms, i.resolved_ms, i.updated_ms})
    out.put(ms);
  out.put(i.observed_posts);
  out.put(i.observed_authors);
  out.put(i.observed_minutes);
  for (double x :
       {i.expected_posts, i.expected_low, i.expected_high, i.score, i.threshold, i.peak_per_minute})
    out.put(x);
  for (auto n : i.symptoms) out.put(n);
  for (auto n : i.languages) out.put(n);
  for (auto n : i.sources) out.put(n);
  out.put(static_cast<std::uint32_t>(i.places.size()));
  for (const auto& [place, n] : i.places) {
    out.put(place);
    out.put(n);
  }
  out.put(i.first_minute);
  const auto minutes = static_cast<std::uint32_t>(with_minutes ? i.minute_counts.size() : 0);
  out.put(minutes);
  for (std::uint32_t m = 0; m < minutes; ++m) {
    out.put(i.minute_counts[m]);
    out.put(i.minute_expected[m]);
  }
  out.put(i.cause);
  out.put(i.cause_posts);
  out.text(i.group);
  out.put(i.eased_by_silence);
  out.text(i.reason);
  out.text(i.rules_version);
  out.text(i.lexicon_version);
  out.text(i.baseline_version);
}

template <class Enum>
bool get_enum(ByteReader& in, Enum& value, std::uint8_t last) {
  const auto x = in.get<std::uint8_t>();
  value = static_cast<Enum>(x);
  return x <= last;
}

bool get(ByteReader& in, Incident& i) {
  i.id = in.text();
  in.get_into(i.sequence);
  in.get_into(i.service);
  bool good = get_enum(in, i.state, 4) && get_enum(in, i.severity, 2) && get_enum(in, i.confidence, 1);
  i.region = in.text();
  i.previous = in.text();
  for (auto* ms : {&i.started_ms, &i.suspected_ms, &i.opened_ms, &i.easing_ms, &i.recovered_ms,
                   &i.resolved_ms, &i.updated_ms})
    in.get_into(*ms);
  in.get_into(i.observed_posts);
  in.get_into(i.observed_authors);
  in.get_into(i.observed_minutes);
  for (double* x :
       {&i.expected_posts, &i.expected_low, &i.expected_high, &i.score, &i.threshold, &i.peak_per_minute})
    in.get_into(*x);
  for (auto& n : i.symptoms) in.get_into(n);
  for (auto& n : i.languages) in.get_into(n);
  for (auto& n : i.sources) in.get_into(n);
  for (auto n = in.count(8); n > 0; --n) {
    const auto place = in.get<nlp::PlaceId>();
    i.places[place] = in.get<std::uint32_t>();
  }
  in.get_into(i.first_minute);
  const auto minutes = in.count(6);
  i.minute_counts.resize(minutes);
  i.minute_expected.resize(minutes);
  for (std::uint32_t m = 0; m < minutes; ++m) {
    in.get_into(i.minute_counts[m]);
    in.get_into(i.minute_expected[m]);
  }
  in.get_into(i.cause);
  in.get_into(i.cause_posts);
  i.group = in.text();
  in.get_into(i.eased_by_silence);
  i.reason = in.text();
  i.rules_version = in.text();
  i.lexicon_version = in.text();
  i.baseline_version = in.text();
  return good && in.good();
}

ingest::Result<void> check_version(ByteReader& in, const char* what) {
  const auto version = in.get<std::uint8_t>();
  if (in.good() && version > format_version) return ingest::fail(ingest::Code::newer_format, what);
  if (!in.good() || version == 0) return ingest::fail(ingest::Code::corrupt, what);
  return {};
}

}  // namespace

std::string_view name(State state) {
  constexpr std::array<std::string_view, 5> names = {"suspected", "confirmed", "easing", "resolved",
                                                     "retracted"};
  return names[static_cast<std::size_t>(state)];
}

std::string_view name(Severity severity) {
  constexpr std::array<std::string_view, 3> names = {"minor", "major", "critical"};
  return names[static_cast<std::size_t>(severity)];
}

std::string_view name(Confidence confidence) { return confidence == Confidence::high ? "high" : "medium"; }

std::string_view name(Verdict verdict) {
  constexpr std::array<std::string_view, 4> names = {"confirm", "dismiss", "retract", "note"};
  return names[static_cast<std::size_t>(verdict)];
}

std::string_view word(Verdict verdict) {
  constexpr std::array<std::string_view, 4> words = {"opened", "dismissed", "withdrawn", "noted"};
  return words[static_cast<std::size_t>(verdict)];
}

std::optional<Verdict> verdict_from(std::string_view text) {
  for (const auto verdict : {Verdict::confirm, Verdict::dismiss, Verdict::retract, Verdict::note})
    if (text == name(verdict)) return verdict;
  return std::nullopt;
}

IncidentId incident_id(nlp::ServiceId service, std::int64_t onset_ms) {
  // splitmix64 over both numbers: every bit of either changes about half of the letters.
  auto mix = [](std::uint64_t x) {
    x += 0x9e3779b97f4a7c15ull;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
    return x ^ (x >> 31);
  };
  auto hash = mix(mix(static_cast<std::uint64_t>(service)) ^ static_cast<std::uint64_t>(onset_ms));
  IncidentId id = "inc_";
  for (int i = 0; i < 13; ++i, hash >>= 5) id.push_back("abcdefghijklmnopqrstuvwxyz234567"[hash & 31]);
  return id;
}

std::string incident_key(const IncidentId& id) { return std::string(incident_prefix) + id; }

std::string transition_key(const IncidentId& id, std::uint32_t sequence) {
  std::string key = std::string(transition_prefix) + id;
  put_key(key, sequence);
  return key;
}

std::string encode(const Incident& incident) {
  ByteWriter out;
  out.put(format_version);
  put(out, incident, true);
  return out.take();
}

std::string encode(const Transition& t) {
  ByteWriter out;
  out.put(format_version);
  out.text(t.incident);
  out.put(t.sequence);
  out.put(t.service);
  out.put(t.from);
  out.put(t.to);
  for (bool flag : {t.opened, t.relapse, t.annotated}) out.put(flag);
  out.put(t.at_ms);
  out.text(t.reason);
  put(out, t.after, false);
  return out.take();
}

ingest::Result<Incident> decode_incident(std::string_view bytes) {
  ByteReader in(bytes);
  if (auto version = check_version(in, "incident record"); !version) return tl::unexpected(version.error());
  Incident incident;
  if (!get(in, incident) || !in.at_end()) return ingest::fail(ingest::Code::corrupt, "incident record");
  return incident;
}

ingest::Result<Transition> decode_transition(std::string_view bytes) {
  ByteReader in(bytes);
  if (auto version = check_version(in, "transition"); !version) return tl::unexpected(version.error());
  Transition t;
  t.incident = in.text();
  in.get_into(t.sequence);
  in.get_into(t.service);
  const bool good = get_enum(in, t.from, 4) && get_enum(in, t.to, 4);
  for (bool* flag : {&t.opened, &t.relapse, &t.annotated}) in.get_into(*flag);
  in.get_into(t.at_ms);
  t.reason = in.text();
  if (!get(in, t.after) || !good || !in.at_end()) return ingest::fail(ingest::Code::corrupt, "transition");
  return t;
}

}  // namespace thap::rules
