#include "serve/alerts/desk.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <iostream>

#include "serve/incident_rows.h"

namespace thap::serve {

using ingest::Code;
using ingest::fail;
using ingest::Result;

namespace {

constexpr std::int64_t day_ms = 86'400'000, hour_ms = 3'600'000, keep_attempts_ms = 30 * day_ms,
                       keep_known_ms = 2 * day_ms;
constexpr int gone = 410;

bool is_end(EventType type) { return type == EventType::resolved || type == EventType::retracted; }
bool is_step(EventType type) { return type == EventType::updated || type == EventType::easing; }

// A tenth to either side, so that what failed together does not come back together; from the id, since
// nothing here is random.
std::int64_t with_jitter(std::int64_t delay_ms, const std::string& id, std::uint32_t attempt) {
  const auto spread = std::hash<std::string>{}(id + std::to_string(attempt)) % 2'001;
  return delay_ms + delay_ms * (static_cast<std::int64_t>(spread) - 1'000) / 10'000;
}

rules::Transition as_it_stands(const rules::Incident& incident) {
  rules::Transition out;
  out.incident = incident.id;
  out.sequence = incident.sequence;
  out.service = incident.service;
  out.to = incident.state;
  out.at_ms = incident.updated_ms;
  out.reason = incident.reason;
  out.after = incident;
  return out;
}

// It was told of the incident, or may have been: we may have died between a first notice and its answer, and
// the conversation is settled on before the first notice goes out.
bool may_know(const Ledger& ledger, const OwedKey& key) {
  const auto known = ledger.known.find({key.receiver, key.incident});
  return known != ledger.known.end() && (known->second.at_ms != 0 || !known->second.thread.empty());
}

Result<std::optional<rules::Incident>> incident_in(const store::WindowStore& store, const std::string& id) {
  const auto bytes = store.get(store::Family::incidents, rules::incident_key(id));
  if (!bytes) return tl::unexpected(bytes.error());
  if (!*bytes) return std::nullopt;
  auto read = rules::decode_incident(**bytes);
  if (!read) return tl::unexpected(read.error());
  return std::move(*read);
}

}  // namespace

Answer write_line(const Receiver& receiver, const std::string& line) {
  Answer out;
  if (receiver.format == Format::output) {
    std::cout << line << '\n' << std::flush;
    out.status = std::cout ? 200 : 0;
    if (!std::cout) out.failure = "standard output is closed";
    return out;
  }
  const int file = ::open(receiver.path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
  const std::string text = line + "\n";
  // One write, so that lines of several writers do not mix.
  const bool is_written = file >= 0 &&
                          ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                          ::fdatasync(file) == 0;
  if (is_written)
    out.status = 200;
  else
    out.failure = fmt::format("{}: {}", receiver.path, std::generic_category().message(errno));
  if (file >= 0) ::close(file);
  return out;
}

AlertDesk::AlertDesk(store::WindowStore& store, AlertSettings settings, nlp::Lexicon::Pointer lexicon,
                     Say say)
    : store_(store), site_(std::move(settings.site)), lexicon_(std::move(lexicon)), say_(std::move(say)) {
  desks_.reserve(settings.receivers.size());  // feeds point into it
  for (auto& receiver : settings.receivers) {
    if (!receiver.urls.empty() && !courier_) courier_ = std::make_unique<Courier>();
    Desk desk;
    desk.figures.name = receiver.name;
    desk.figures.format = receiver.format;
    desk.receiver = std::move(receiver);
    desks_.push_back(std::move(desk));
    Desk& placed = desks_.back();
    if (placed.receiver.format == Format::alertmanager)
      placed.feed = std::make_unique<AlertmanagerFeed>(placed.receiver, site_);
  }
}

Result<std::unique_ptr<AlertDesk>> AlertDesk::open(store::WindowStore& store, AlertSettings settings,
                                                   nlp::Lexicon::Pointer lexicon, std::int64_t now_ms,
                                                   Say say) {
  std::unique_ptr<AlertDesk> out(
      new AlertDesk(store, std::move(settings), std::move(lexicon), std::move(say)));
  if (auto taken = out->take_up(now_ms); !taken) return tl::unexpected(taken.error());
  return out;
}

Result<void> AlertDesk::take_up(std::int64_t now_ms) {
  auto ledger = read_ledger(store_);
  if (!ledger) return tl::unexpected(ledger.error());
  ledger_ = std::move(*ledger);
  std::set<std::string> names;
  for (const auto& desk : desks_) names.insert(desk.receiver.name);
  store::Batch dropped;
  std::erase_if(ledger_.owed, [&](const auto& one) {
    if (names.contains(one.first.receiver)) return false;
    dropped.bytes.push_back(no_longer_owed(one.first));
    return true;
  });
  if (!dropped.bytes.empty() && say_)
    say_(fmt::format("{} messages were owed to receivers that the settings no longer have: dropped",
                     dropped.bytes.size()));
  std::erase_if(ledger_.known, [&](const auto& one) {
    if (names.contains(one.first.first)) return false;
    dropped.bytes.push_back(forgotten_row(one.first.first, one.first.second));
    return true;
  });
  if (!dropped.bytes.empty())
    if (auto written = store_.write(dropped); !written) return tl::unexpected(written.error());
  const auto incidents = incidents_in(store_);
  if (!incidents) return tl::unexpected(incidents.error());
  const auto lately_ms = store_.newest_clock_ms() - AlertmanagerFeed::repeat_ended.count();
  for (const auto& incident : *incidents) {
    if (!incident.group.empty()) group_of_[incident.id] = incident.group;
    if (!rules::is_open(incident.state) && incident.updated_ms < lately_ms) continue;
    for (auto& desk : desks_)
      if (desk.feed) desk.feed->take_up(incident, *lexicon_, now_ms);
  }
  return {};
}

std::vector<store::KeyedBytes> AlertDesk::owed(const std::vector<rules::Transition>& transitions,
                                               std::int64_t now_ms) {
  std::vector<store::KeyedBytes> out;
  for (const auto& transition : transitions) {
    if (!transition.after.group.empty()) group_of_[transition.incident] = transition.after.group;
    const auto type = event_type(transition);
    if (!type) continue;
    for (auto& desk : desks_) {
      if (desk.feed) {
        if (!is_muted_ || !is_muted_(transition.after, now_ms) || is_end(*type))
          desk.feed->apply(transition, *lexicon_, now_ms);
      } else if (!desk.figures.is_disabled) {
        owe(desk, transition, *type, now_ms, out);
      }
    }
  }
  return out;
}

void AlertDesk::owe(Desk& desk, const rules::Transition& transition, EventType type, std::int64_t now_ms,
                    std::vector<store::KeyedBytes>& out) {
  const OwedKey key{desk.receiver.name, transition.incident, transition.sequence};
  Owed owed;
  owed.type = type;
  owed.severity = transition.after.severity;
  owed.is_relapse = transition.relapse;
  owed.is_live = is_caught_up_;
  owed.at_ms = transition.at_ms;
  owed.due_ms = now_ms;
  const auto known = ledger_.known.find({key.receiver, key.incident});
  if (known == ledger_.known.end()) {
    if (!rules::is_open(transition.after.state)) return;
    if (unwanted_because(desk.receiver, transition.after, *lexicon_)) return;
    owed.type = EventType::opened;
    owed.due_ms += desk.receiver.group_wait.count();
    ledger_.known[{key.receiver, key.incident}] = {};
    out.push_back(known_row(key.receiver, key.incident, {}));
  } else if (is_step(type) && !desk.receiver.wants_updates && !transition.relapse) {
    return;
  }
  // What is newer says all that an untried step would have said.
  for (auto old = ledger_.owed.lower_bound({key.receiver, key.incident, 0});
       old != ledger_.owed.end() && old->first.receiver == key.receiver &&
       old->first.incident == key.incident && old->first.sequence < key.sequence;) {
    const bool is_under_way = desk.in_flight && desk.in_flight->key == old->first;
    if (is_step(old->second.type) && old->second.attempts == 0 && !is_under_way) {
      out.push_back(no_longer_owed(old->first));
      old = ledger_.owed.erase(old);
    } else {
      ++old;
    }
  }
  const auto placed = ledger_.owed.emplace(key, owed).first;
  out.push_back(owed_row(key, placed->second));
}

Result<void> AlertDesk::work(std::int64_t now_ms, bool is_caught_up) {
  is_caught_up_ = is_caught_up_ || is_caught_up;
  if (courier_)
    if (auto taken = take_answers(now_ms); !taken) return taken;
  for (std::size_t i = 0; i < desks_.size(); ++i) {
    Desk& desk = desks_[i];
    if (desk.feed && is_caught_up_)
      for (auto& sending : desk.feed->due(now_ms))
        sent_[courier_->send(std::move(sending.request))] = {i, sending.member};
    if (desk.feed) continue;
    if (auto served = serve_one(desk, now_ms); !served) return served;
  }
  if (now_ms - tidied_ms_ >= hour_ms) return tidy(now_ms);
  return {};
}

Result<void> AlertDesk::finish(std::chrono::milliseconds deadline, std::int64_t now_ms) {
  if (!courier_) return {};
  static_cast<void>(courier_->wait(deadline));
  return take_answers(now_ms);
}

Result<void> AlertDesk::take_answers(std::int64_t now_ms) {
  for (const auto& answer : courier_->take_answers()) {
    const auto found = sent_.find(answer.ticket);
    if (found == sent_.end()) continue;
    const Sent sent = found->second;
    sent_.erase(found);
    Desk& desk = desks_[sent.desk];
    if (sent.member) {
      desk.feed->answered(*sent.member, answer, now_ms);
      ++(answer.is_success() ? desk.figures.delivered : desk.figures.failed);
      desk.figures.last_failure =
          answer.is_success()  ? ""
          : answer.status == 0 ? answer.failure
                               : fmt::format("answered {}: {}", answer.status, answer.body.substr(0, 300));
      continue;
    }
    if (!desk.in_flight) continue;
    const InFlight flown = *std::exchange(desk.in_flight, std::nullopt);
    if (auto settled = settle(desk, flown, answer, now_ms); !settled) return settled;
  }
  return {};
}

Result<void> AlertDesk::settle(Desk& desk, const InFlight& flown, const Answer& answer, std::int64_t now_ms) {
  const auto place = ledger_.owed.find(flown.key);
  if (place == ledger_.owed.end()) return {};
  Owed& owed = place->second;
  store::Batch batch;
  Attempt attempt;
  attempt.at_ms = now_ms;
  attempt.key = flown.key;
  attempt.type = owed.type;
  attempt.status = answer.status;
  attempt.number = ++owed.attempts;
  if (answer.is_success()) {
    auto& known = ledger_.known[{flown.key.receiver, flown.key.incident}];
    known.thread = flown.thread;
    known.at_ms = owed.at_ms;
    known.is_ended = is_end(owed.type);
    if (known.message_id.empty()) known.message_id = message_id_in(desk.receiver, answer.body);
    batch.bytes.push_back(known_row(flown.key.receiver, flown.key.incident, known));
    batch.bytes.push_back(no_longer_owed(flown.key));
    ledger_.owed.erase(place);
    ++desk.figures.delivered;
    desk.figures.last_failure.clear();
  } else {
    attempt.failure = answer.status == 0 ? answer.failure : fmt::format("answered {}", answer.status);
    desk.figures.last_failure = attempt.failure;
    ++desk.figures.failed;
    const bool is_asked_to_wait = (answer.status == 429 || answer.status == 503) && answer.retry_after_s;
    if (answer.status == gone || owed.attempts > std::size(retry_delays)) {
      attempt.is_given_up = true;
      ++desk.figures.given_up;
      batch.bytes.push_back(no_longer_owed(flown.key));
      ledger_.owed.erase(place);
      if (answer.status == gone) disable(desk, batch);
    } else {
      const std::chrono::milliseconds delay =
          is_asked_to_wait ? std::chrono::seconds(std::min<std::int64_t>(*answer.retry_after_s, 86'400))
                           : retry_delays[owed.attempts - 1];
      owed.due_ms = now_ms + with_jitter(delay.count(), delivery_id(flown.key), owed.attempts);
      if (is_asked_to_wait) owed.due_ms = std::max(owed.due_ms, now_ms + delay.count());
      if (is_asked_to_wait) desk.free_ms = std::max(desk.free_ms, now_ms + delay.count());
      batch.bytes.push_back(owed_row(flown.key, owed));
    }
    if (say_)
      say_(fmt::format("receiver {}: {} {}", desk.receiver.name, attempt.failure,
                       attempt.is_given_up ? "and is given up" : "and is tried again"));
  }
  batch.bytes.push_back(attempt_row(attempt));
  if (auto written = store_.write(batch); !written) return tl::unexpected(written.error());
  return {};
}

// It said that it is gone for good: nothing is owed to it until the next start.
void AlertDesk::disable(Desk& desk, store::Batch& batch) {
  desk.figures.is_disabled = true;
  std::erase_if(ledger_.owed, [&](const auto& one) {
    if (one.first.receiver != desk.receiver.name) return false;
    batch.bytes.push_back(no_longer_owed(one.first));
    return true;
  });
  if (say_)
    say_(fmt::format("receiver {} answered 410, it is gone: nothing more is sent to it until the next start",
                     desk.receiver.name));
}

Result<void> AlertDesk::serve_one(Desk& desk, std::int64_t now_ms) {
  if (desk.in_flight || desk.figures.is_disabled || now_ms < desk.free_ms) return {};
  store::Batch dropped;
  const auto place = next_due(desk, now_ms, dropped);
  if (!dropped.bytes.empty())
    if (auto written = store_.write(dropped); !written) return tl::unexpected(written.error());
  return place ? deliver(desk, *place, now_ms) : Result<void>{};
}

// The oldest that may go now. Of one incident only the first in order, so that an end never comes before what
// it ends.
std::optional<AlertDesk::OwedPlace> AlertDesk::next_due(Desk& desk, std::int64_t now_ms,
                                                        store::Batch& dropped) {
  std::optional<OwedPlace> best;
  const std::string* last = nullptr;
  for (auto i = ledger_.owed.lower_bound({desk.receiver.name, "", 0});
       i != ledger_.owed.end() && i->first.receiver == desk.receiver.name;) {
    if (last && *last == i->first.incident) {
      ++i;
      continue;
    }
    if (is_held(desk, i, now_ms)) {
      const std::string incident = i->first.incident;
      if (drop_if_over(i, dropped)) {
        i = ledger_.owed.upper_bound({desk.receiver.name, incident, UINT32_MAX});
        continue;
      }
    } else if (i->second.due_ms <= now_ms && (!best || i->second.at_ms < (*best)->second.at_ms)) {
      best = i;
    }
    last = &i->first.incident;
    ++i;
  }
  return best;
}

bool AlertDesk::is_held(const Desk& desk, const OwedPlace& place, std::int64_t now_ms) const {
  const auto& [key, owed] = *place;
  if (owed.severity < rules::Severity::critical && desk.receiver.quiet &&
      desk.receiver.quiet->contains(now_ms))
    return true;
  if (may_know(ledger_, key)) return false;
  if (!is_caught_up_ && !owed.is_live) return true;
  if (!is_muted_) return false;
  const auto incident = incident_in(store_, key.incident);
  return incident && *incident && is_muted_(**incident, now_ms);
}

// Nobody was told, and it has ended while the first notice was held: nobody needs to hear of it.
bool AlertDesk::drop_if_over(const OwedPlace& place, store::Batch& dropped) {
  const OwedKey first = place->first;
  if (may_know(ledger_, first) || place->second.attempts != 0) return false;
  const auto end = ledger_.owed.upper_bound({first.receiver, first.incident, UINT32_MAX});
  if (!is_end(std::prev(end)->second.type)) return false;
  for (auto i = place; i != end; ++i) dropped.bytes.push_back(no_longer_owed(i->first));
  dropped.bytes.push_back(forgotten_row(first.receiver, first.incident));
  ledger_.known.erase({first.receiver, first.incident});
  ledger_.owed.erase(place, end);
  return true;
}

std::string AlertDesk::thread_for(const Desk& desk, const std::string& incident) const {
  const auto group = group_of_.find(incident);
  if (group == group_of_.end()) return incident;
  for (const auto& [key, known] : ledger_.known) {
    if (key.first != desk.receiver.name || key.second == incident) continue;
    if (known.at_ms == 0 || known.is_ended || known.thread != key.second) continue;
    const auto other = group_of_.find(key.second);
    if (other != group_of_.end() && other->second == group->second) return key.second;
  }
  return incident;
}

Result<void> AlertDesk::deliver(Desk& desk, OwedPlace place, std::int64_t now_ms) {
  const OwedKey key = place->first;
  auto& known = ledger_.known[{key.receiver, key.incident}];
  store::Batch batch;
  if (known.at_ms == 0) {
    // Decided once, and kept, so that a retry after a kill goes the same way.
    if (known.thread.empty()) {
      known.thread = thread_for(desk, key.incident);
      batch.bytes.push_back(known_row(key.receiver, key.incident, known));
    }
    // A first notice says how it stands now: steps that have come meanwhile are in it.
    for (auto i = std::next(place); i != ledger_.owed.end() && i->first.receiver == key.receiver &&
                                    i->first.incident == key.incident && is_step(i->second.type);) {
      batch.bytes.push_back(no_longer_owed(i->first));
      i = ledger_.owed.erase(i);
    }
  }
  if (known.thread.empty()) known.thread = key.incident;
  if (!batch.bytes.empty())
    if (auto written = store_.write(batch); !written) return tl::unexpected(written.error());
  const auto notice = compose(desk, key, place->second, known.thread);
  if (!notice) return tl::unexpected(notice.error());
  desk.free_ms = now_ms + desk.receiver.interval.count();
  const InFlight flown{key, known.thread};
  if (desk.receiver.urls.empty())
    return settle(desk, flown, write_line(desk.receiver, json_line(*notice, delivery_id(key))), now_ms);
  desk.in_flight = flown;
  const auto at = static_cast<std::size_t>(&desk - desks_.data());
  sent_[courier_->send(outgoing(desk.receiver, *notice, delivery_id(key), now_ms / 1'000))] = {at,
                                                                                               std::nullopt};
  return {};
}

Result<Notice> AlertDesk::compose(const Desk& desk, const OwedKey& key, const Owed& owed,
                                  const std::string& thread) const {
  const auto bytes = store_.get(store::Family::incidents, rules::transition_key(key.incident, key.sequence));
  if (!bytes) return tl::unexpected(bytes.error());
  if (!*bytes)
    return fail(Code::not_found, "the step that a receiver is owed is not in the store", delivery_id(key));
  auto step = rules::decode_transition(**bytes);
  if (!step) return tl::unexpected(step.error());
  const auto now = incident_in(store_, key.incident);
  if (!now) return tl::unexpected(now.error());
  if (owed.type == EventType::opened && *now && rules::is_open((*now)->state)) step = as_it_stands(**now);
  const bool is_joined = thread != key.incident;
  Notice out = notice_of(*step, owed.type, desk.receiver, *lexicon_, site_);
  if (is_joined) {
    // One notification for one cause: the conversation goes on under its head. Programs hear of the incident
    // itself: what happened to it, and that it is of this thread.
    const auto head = incident_in(store_, thread);
    if (!head) return tl::unexpected(head.error());
    if (*head) {
      const auto own = out;
      out = notice_of(as_it_stands(**head), EventType::updated, desk.receiver, *lexicon_, site_);
      out.type = own.type;
      out.data = own.data;
      out.at_ms = step->at_ms;
      out.severity = std::max(out.severity, step->after.severity);
    }
    out.thread = thread;
    out.is_end = false;
  }
  if (const auto head = ledger_.known.find({key.receiver, thread}); head != ledger_.known.end())
    out.message_id = head->second.message_id;
  for (const auto& [other, known] : ledger_.known) {
    if (other.first != key.receiver || known.thread != thread || other.second == thread) continue;
    const auto member = incident_in(store_, other.second);
    if (!member) return tl::unexpected(member.error());
    if (!*member) continue;
    const auto member_step = as_it_stands(**member);
    const auto type = event_type(member_step).value_or(EventType::updated);
    for (std::size_t i = 0; i < out.texts.size(); ++i) {
      const auto tongue = desk.receiver.tongues[i];
      out.texts[i].lines.push_back(
          sentence(tongue, "shared", {{"title", incident_text(member_step, type, *lexicon_, tongue).title}}));
    }
  }
  return out;
}

Result<void> AlertDesk::send_again(const OwedKey& key, std::int64_t now_ms,
                                   std::vector<store::KeyedBytes> rows) {
  const auto desk = std::find_if(desks_.begin(), desks_.end(),
                                 [&](const Desk& one) { return one.receiver.name == key.receiver; });
  if (desk == desks_.end() || desk->feed)
    return fail(Code::not_found, "no receiver with a queue has this name", key.receiver);
  const auto bytes = store_.get(store::Family::incidents, rules::transition_key(key.incident, key.sequence));
  if (!bytes) return tl::unexpected(bytes.error());
  if (!*bytes) return fail(Code::not_found, "no such step of an incident", delivery_id(key));
  const auto step = rules::decode_transition(**bytes);
  if (!step) return tl::unexpected(step.error());
  const auto type = event_type(*step);
  if (!type) return fail(Code::not_found, "nobody is told of a mere suspicion", delivery_id(key));
  Owed owed;
  owed.type = *type;
  owed.severity = step->after.severity;
  owed.is_relapse = step->relapse;
  owed.at_ms = step->at_ms;
  owed.due_ms = now_ms;
  store::Batch batch;
  batch.bytes = std::move(rows);
  batch.bytes.push_back(owed_row(key, owed));
  batch.has_transition = true;  // synced: who was told that it is on its way must not find it lost
  if (auto written = store_.write(batch); !written) return tl::unexpected(written.error());
  ledger_.owed[key] = owed;
  return {};
}

Result<void> AlertDesk::tidy(std::int64_t now_ms) {
  tidied_ms_ = now_ms;
  auto old = old_attempts(store_, now_ms - keep_attempts_ms);
  if (!old) return tl::unexpected(old.error());
  store::Batch batch;
  batch.bytes = std::move(*old);
  const auto clock_ms = store_.newest_clock_ms();
  std::erase_if(ledger_.known, [&](const auto& one) {
    if (!one.second.is_ended || clock_ms - one.second.at_ms < keep_known_ms) return false;
    batch.bytes.push_back(forgotten_row(one.first.first, one.first.second));
    return true;
  });
  if (batch.bytes.empty()) return {};
  if (auto written = store_.write(batch); !written) return tl::unexpected(written.error());
  return {};
}

std::vector<ReceiverFigures> AlertDesk::figures() const {
  std::vector<ReceiverFigures> out;
  std::map<std::string, std::size_t> owed;
  for (const auto& [key, one] : ledger_.owed) ++owed[key.receiver];
  for (const auto& desk : desks_) {
    out.push_back(desk.figures);
    out.back().owed = owed.contains(desk.receiver.name) ? owed.at(desk.receiver.name) : 0;
  }
  return out;
}

}  // namespace thap::serve
