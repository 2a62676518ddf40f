#include "serve/event_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "serve/incident_json.h"

namespace thap::serve {

using ingest::Result;

namespace {

std::optional<std::tuple<std::int64_t, std::string, std::uint32_t>> parse_id(const std::string& text) {
  const auto first = text.find('.'), last = text.rfind('.');
  if (first == std::string::npos || last == first) return std::nullopt;
  std::int64_t at = 0;
  std::uint32_t sequence = 0;
  const char* end = text.data() + text.size();
  const auto a = std::from_chars(text.data(), text.data() + first, at);
  const auto b = std::from_chars(text.data() + last + 1, end, sequence);
  if (a.ec != std::errc{} || a.ptr != text.data() + first || b.ec != std::errc{} || b.ptr != end)
    return std::nullopt;
  return std::tuple{at, text.substr(first + 1, last - first - 1), sequence};
}

std::string id_of(const std::tuple<std::int64_t, std::string, std::uint32_t>& key) {
  return fmt::format("{}.{}.{}", std::get<0>(key), std::get<1>(key), std::get<2>(key));
}

bool is_told(const rules::Transition& transition) { return transition.after.opened_ms != 0; }

}  // namespace

void EventLog::append(const rules::Transition& t, const nlp::Lexicon& lexicon) {
  auto incident = incident_json(t.after, lexicon, 0);
  incident["data_age_s"] = nullptr;
  const nlohmann::ordered_json body{
      {"incident_id", t.incident},   {"sequence", t.sequence},  {"at", utc_time(t.at_ms)},
      {"from", rules::name(t.from)}, {"to", rules::name(t.to)}, {"annotated", t.annotated},
      {"relapse", t.relapse},        {"reason", t.reason},      {"incident", incident}};
  Entry entry{{t.at_ms, t.incident, t.sequence}, {}};
  entry.event.number = ++number_;
  entry.event.text =
      fmt::format("id: {}.{}.{}\nevent: transition\ndata: {}\n\n", t.at_ms, t.incident, t.sequence,
                  body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  entry.event.service = incident["service"].get<std::string>();
  entry.event.region = t.after.region;
  entry.event.state = rules::name(t.to);
  entries_.push_back(std::move(entry));
  if (entries_.size() > most_events) {
    entries_.pop_front();
    is_cut_ = true;
  }
}

Result<void> EventLog::begin(const store::WindowStore& store, const nlp::Lexicon& lexicon) {
  std::vector<rules::Transition> all;
  Result<void> fault;
  bool is_cut = false;
  const auto by_time = [](const auto& a, const auto& b) {
    return std::tie(a.at_ms, a.incident, a.sequence) < std::tie(b.at_ms, b.incident, b.sequence);
  };
  auto scanned = store.scan(store::Family::incidents, rules::transition_prefix,
                            [&](std::string_view, std::string_view value) {
                              auto read = rules::decode_transition(value);
                              if (!read) {
                                fault = tl::unexpected(read.error());
                                return false;
                              }
                              if (is_told(*read)) all.push_back(std::move(*read));
                              if (all.size() > 2 * most_events) {
                                std::sort(all.begin(), all.end(), by_time);
                                all.erase(all.begin(), all.end() - most_events);
                                is_cut = true;
                              }
                              return true;
                            });
  if (!scanned) return scanned;
  if (!fault) return fault;
  std::sort(all.begin(), all.end(), by_time);
  const std::lock_guard hold(mutex_);
  is_cut_ = is_cut;
  for (const auto& transition : all) append(transition, lexicon);
  return {};
}

std::vector<StreamEvent> EventLog::add(std::vector<rules::Transition> transitions,
                                       const nlp::Lexicon& lexicon) {
  std::sort(transitions.begin(), transitions.end(), [](const auto& a, const auto& b) {
    return std::tie(a.at_ms, a.incident, a.sequence) < std::tie(b.at_ms, b.incident, b.sequence);
  });
  std::vector<StreamEvent> out;
  const std::lock_guard hold(mutex_);
  for (const auto& t : transitions) {
    if (!is_told(t)) continue;
    // A person's word may come at the time of what was decided before it, and then out of order.
    const Key key{t.at_ms, t.incident, t.sequence};
    const auto same_time = std::find_if(entries_.rbegin(), entries_.rend(), [&](const Entry& entry) {
      return entry.key == key || std::get<0>(entry.key) < t.at_ms;
    });
    if (same_time != entries_.rend() && same_time->key == key) continue;
    if (!entries_.empty() && t.at_ms < std::get<0>(entries_.back().key)) continue;
    append(t, lexicon);
    out.push_back(entries_.back().event);
  }
  return out;
}

std::int64_t EventLog::newest_ms() const {
  const std::lock_guard hold(mutex_);
  return entries_.empty() ? 0 : std::get<0>(entries_.back().key);
}

bool EventLog::Filter::wants(const StreamEvent& event) const {
  return (service.empty() || event.service == service) && (region.empty() || event.region == region) &&
         (state.empty() || event.state == state);
}

StreamStart EventLog::start(const std::string& last_id, Filter filter) const {
  StreamStart out;
  const std::lock_guard hold(mutex_);
  out.after = number_;
  if (last_id.empty()) {
    // An id without data moves what a listener goes on from, so that whoever has heard nothing yet misses
    // nothing when the connection breaks.
    out.first = entries_.empty() ? std::string("id: 0.none.0\n\n")
                                 : fmt::format("id: {}\n\n", id_of(entries_.back().key));
  } else {
    const auto last = parse_id(last_id);
    const bool is_too_old = last && is_cut_ && !entries_.empty() && *last < entries_.front().key;
    if (!last || is_too_old)
      out.first = "event: reset\ndata: {\"reason\":\"the last event is not known any more: load anew\"}\n\n";
    else {
      const auto seen = std::find_if(entries_.begin(), entries_.end(),
                                     [&](const Entry& entry) { return entry.key == *last; });
      bool is_after = false;
      for (const auto& entry : entries_) {
        const bool is_new = seen == entries_.end() ? entry.key > *last : is_after;
        is_after = is_after || (seen != entries_.end() && &entry == &*seen);
        if (is_new && filter.wants(entry.event)) out.first += entry.event.text;
      }
    }
  }
  out.wants = [filter = std::move(filter)](const StreamEvent& event) { return filter.wants(event); };
  return out;
}

}  // namespace thap::serve
