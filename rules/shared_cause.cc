#include "rules/shared_cause.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "rules/bytes.h"

namespace thap::rules {

void SharedCause::confirmed(nlp::ServiceId service, double onset, double now) {
  std::erase_if(onsets_,
                [&](const auto& entry) { return now - entry.second >= rules_->shared_cause.onset_age_s; });
  onsets_[service] = onset;
}

bool SharedCause::named(nlp::ServiceId provider, std::uint64_t author, double now) {
  const auto& all = rules_->providers;
  if (std::none_of(all.begin(), all.end(), [&](const Provider& p) { return p.service == provider; }))
    return false;
  auto& list = named_[provider];
  std::erase_if(
      list, [&](const Author& a) { return a.author == author || now - a.t >= rules_->shared_cause.named_s; });
  if (list.size() == most_named) list.erase(list.begin());
  list.push_back({author, now});
  changed_.insert(provider);
  return true;
}

int SharedCause::named_count(nlp::ServiceId provider, double now) const {
  const auto found = named_.find(provider);
  if (found == named_.end()) return 0;
  return static_cast<int>(std::count_if(found->second.begin(), found->second.end(), [&](const Author& a) {
    return now - a.t < rules_->shared_cause.named_s;
  }));
}

void SharedCause::expire(double now) {
  for (auto entry = named_.begin(); entry != named_.end();) {
    const auto gone = std::erase_if(
        entry->second, [&](const Author& a) { return now - a.t >= rules_->shared_cause.named_s; });
    if (gone > 0) changed_.insert(entry->first);
    entry = entry->second.empty() ? named_.erase(entry) : std::next(entry);
  }
}

SharedCause::Verdict SharedCause::judge(const Provider& provider, double now) const {
  const auto& rule = rules_->shared_cause;
  std::vector<std::pair<double, nlp::ServiceId>> failing;
  for (const auto service : provider.dependants)
    if (const auto found = onsets_.find(service);
        found != onsets_.end() && now - found->second < rule.onset_age_s)
      failing.emplace_back(found->second, service);
  std::sort(failing.begin(), failing.end());
  Verdict verdict;
  verdict.provider = &provider;
  for (auto from = failing.begin(); from != failing.end(); ++from) {
    const auto to = std::find_if(from, failing.end(),
                                 [&](const auto& f) { return f.first > from->first + rule.window_s; });
    if (to - from <= verdict.failing) continue;
    verdict.failing = static_cast<int>(to - from);
    verdict.first_onset = from->first;
    verdict.members.clear();
    for (auto i = from; i != to; ++i) verdict.members.push_back(i->second);
  }
  std::sort(verdict.members.begin(), verdict.members.end());
  verdict.named = named_count(provider.service, now);
  // Each dependant fails with `hit` if the provider does, and by itself with p0.
  const double p0 = rule.outages_a_month * rule.window_s / (30 * 86'400.0);
  const auto all = static_cast<double>(provider.dependants.size());
  verdict.odds = verdict.failing * std::log(rule.hit / p0) +
                 (all - verdict.failing) * std::log((1 - rule.hit) / (1 - p0)) +
                 std::min(verdict.named, rule.named_cap) * rule.named_weight + rule.prior;
  return verdict;
}

std::optional<SharedCause::Verdict> SharedCause::best(double now) const {
  const auto& rule = rules_->shared_cause;
  std::optional<Verdict> best;
  const auto rank = [](const Verdict& v) { return std::tie(v.odds, v.failing, v.named, v.provider->id); };
  for (const auto& provider : rules_->providers)
    if (auto verdict = judge(provider, now); !best || rank(*best) < rank(verdict)) best = std::move(verdict);
  if (!best || best->odds <= 0) return std::nullopt;
  const bool enough = best->failing >= rule.services_alone ||
                      (best->failing >= rule.services_named && best->named >= rule.named_at_least);
  return enough ? best : std::nullopt;
}

void SharedCause::put_onsets(ByteWriter& out) const {
  out.put(static_cast<std::uint32_t>(onsets_.size()));
  for (const auto& [service, onset] : onsets_) {
    out.put(service);
    out.put(onset);
  }
}

void SharedCause::get_onsets(ByteReader& in) {
  for (auto n = in.count(12); n > 0; --n) {
    const auto service = in.get<nlp::ServiceId>();
    onsets_[service] = in.get<double>();
  }
}

bool SharedCause::put_named(nlp::ServiceId provider, ByteWriter& out) const {
  const auto found = named_.find(provider);
  const std::uint32_t size = found == named_.end() ? 0 : static_cast<std::uint32_t>(found->second.size());
  out.put(size);
  for (std::uint32_t i = 0; i < size; ++i) {
    out.put(found->second[i].author);
    out.put(found->second[i].t);
  }
  return size > 0;
}

void SharedCause::get_named(nlp::ServiceId provider, ByteReader& in) {
  auto& list = named_[provider];
  list.resize(in.count(16));
  for (auto& entry : list) {
    in.get_into(entry.author);
    in.get_into(entry.t);
  }
}

}  // namespace thap::rules
