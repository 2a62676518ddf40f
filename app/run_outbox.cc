#include "app/run_outbox.h"

#include <fmt/format.h>

#include <set>

#include <nlohmann/json.hpp>

#include "serve/incident_json.h"

namespace thap::app {

using ingest::Code;
using ingest::fail;
using ingest::Result;

store::KeyedBytes owed_row(const rules::Transition& transition, serve::EventType type,
                           const nlp::Lexicon& lexicon) {
  const auto incident = serve::incident_json(transition.after, lexicon, 0);
  const nlohmann::ordered_json row{
      {"v", 1},
      {"type", fmt::format("thap.incident.{}", serve::name(type))},
      {"subject", fmt::format("{}/{}", incident["service"].get<std::string>(), transition.after.region)},
      {"time", serve::utc_time(transition.at_ms)},
      {"body", incident.dump()}};
  return {store::Family::incidents,
          fmt::format("{}{}/{:010}", owed_prefix, transition.incident, transition.sequence), row.dump()};
}

Result<ingest::TopicRecord> event_record(std::string_view key, std::string_view value,
                                         const std::string& topic, const std::string& deployment) {
  const auto slash = key.rfind('/');
  const auto row = nlohmann::json::parse(value, nullptr, false);
  if (!key.starts_with(owed_prefix) || slash < owed_prefix.size() || !row.is_object() || !row.contains("v"))
    return fail(Code::corrupt, "what is owed does not read back", std::string(key));
  if (row["v"] != 1)
    return fail(Code::newer_format, "what is owed was written by a newer thap", std::string(key));
  const std::string id(key.substr(owed_prefix.size(), slash - owed_prefix.size()));
  std::string sequence(key.substr(slash + 1));
  sequence.erase(0, std::min(sequence.find_first_not_of('0'), sequence.size() - 1));
  ingest::TopicRecord record;
  record.topic = topic;
  record.key = id;
  record.value = row.value("body", "");
  record.headers = {{"ce_specversion", "1.0"},
                    {"ce_id", id + ":" + sequence},
                    {"ce_source", "urn:thap:" + deployment},
                    {"ce_type", row.value("type", "")},
                    {"ce_subject", row.value("subject", "")},
                    {"ce_time", row.value("time", "")},
                    {"content-type", "application/json"}};
  return record;
}

Result<std::size_t> Outbox::take_up() {
  std::set<std::string_view> on_their_way;
  for (const auto& [ticket, row] : sent_) on_their_way.insert(row.first);
  unsent_.clear();
  auto scanned =
      store_.scan(store::Family::incidents, owed_prefix, [&](std::string_view key, std::string_view value) {
        if (!on_their_way.contains(key)) unsent_.emplace(key, value);
        return true;
      });
  if (!scanned) return tl::unexpected(scanned.error());
  const std::size_t count = unsent_.size();
  if (auto sent = send_unsent(); !sent) return tl::unexpected(sent.error());
  return count;
}

std::vector<store::KeyedBytes> Outbox::owed(const std::vector<rules::Transition>& transitions) {
  std::vector<store::KeyedBytes> rows;
  for (const auto& transition : transitions)
    if (const auto type = serve::event_type(transition)) {
      rows.push_back(owed_row(transition, *type, *lexicon_));
      unsent_.emplace(rows.back().key, *rows.back().value);
    }
  return rows;
}

Result<void> Outbox::work() {
  if (auto sent = send_unsent(); !sent) return sent;
  return forget_delivered();
}

Result<void> Outbox::finish(std::chrono::milliseconds deadline) {
  if (auto sent = send_unsent(); !sent) return sent;
  if (sent_.empty()) return {};
  static_cast<void>(writer_.flush(deadline));
  return forget_delivered();
}

Result<void> Outbox::send_unsent() {
  while (!unsent_.empty()) {
    const auto first = unsent_.begin();
    const auto record = event_record(first->first, first->second, topic_, deployment_);
    if (!record) return tl::unexpected(record.error());
    const auto ticket = writer_.send(*record);
    if (!ticket) return {};  // no room: with the next batch
    sent_.emplace(*ticket, *first);
    unsent_.erase(first);
  }
  return {};
}

Result<void> Outbox::forget_delivered() {
  store::Batch batch;
  for (const auto& delivery : writer_.take_deliveries()) {
    const auto found = sent_.find(delivery.ticket);
    if (found == sent_.end()) continue;
    refused_ = delivery.failed;
    if (delivery.failed)
      unsent_.insert(found->second);
    else
      batch.bytes.push_back({store::Family::incidents, found->second.first, std::nullopt});
    sent_.erase(found);
  }
  if (batch.bytes.empty()) return {};
  if (auto written = store_.write(batch); !written) return tl::unexpected(written.error());
  return {};
}

}  // namespace thap::app
