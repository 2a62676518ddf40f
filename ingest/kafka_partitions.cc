#include "ingest/kafka_partitions.h"

#include <algorithm>

namespace thap::ingest {

KafkaPartitions::KafkaPartitions(const std::vector<std::string>& topics, std::chrono::milliseconds idle_after,
                                 const std::vector<SourcePosition>& stored)
    : topics_(topics), idle_after_(idle_after) {
  for (const SourcePosition& position : stored) {
    if (std::find(topics_.begin(), topics_.end(), position.source) == topics_.end()) continue;
    Partition& partition = partitions_[index(position.source, position.partition)];
    partition.position = position;
    partition.is_known = true;
    partition.written_next = position.next;
  }
}

KafkaPartitions::Index KafkaPartitions::index(const std::string& topic, std::int32_t partition) {
  const auto [found, is_new] = indexes_.try_emplace({topic, partition}, partitions_.size());
  if (is_new) partitions_.push_back({{topic, partition, 0, 0}, false, false, false, std::nullopt, -1, -1});
  return found->second;
}

std::optional<KafkaPartitions::Index> KafkaPartitions::find(const std::string& topic,
                                                            std::int32_t partition) const {
  const auto found = indexes_.find({topic, partition});
  return found == indexes_.end() ? std::nullopt : std::optional(found->second);
}

void KafkaPartitions::assigned(Index at) {
  partitions_[at].is_assigned = true;
  partitions_[at].at_end_since.reset();
}

void KafkaPartitions::starts_at(Index at, std::int64_t next) {
  Partition& partition = partitions_[at];
  partition.position.next = next;
  partition.is_known = true;
  partition.has_moved = true;
}

void KafkaPartitions::revoked(Index at) {
  partitions_[at].is_assigned = false;
  partitions_[at].at_end_since.reset();
}

void KafkaPartitions::revoked_all() {
  for (Index at = 0; at < partitions_.size(); ++at)
    if (partitions_[at].is_assigned) revoked(at);
}

std::size_t KafkaPartitions::assigned_count() const {
  return static_cast<std::size_t>(std::count_if(partitions_.begin(), partitions_.end(),
                                                [](const Partition& one) { return one.is_assigned; }));
}

std::vector<KafkaPartitions::Index> KafkaPartitions::assigned_ones() const {
  std::vector<Index> out;
  for (Index at = 0; at < partitions_.size(); ++at)
    if (partitions_[at].is_assigned) out.push_back(at);
  return out;
}

std::optional<std::int64_t> KafkaPartitions::take(Index at, std::int64_t offset,
                                                  std::optional<std::int64_t> time_ms) {
  Partition& partition = partitions_[at];
  if (partition.is_known && offset < partition.position.next) return std::nullopt;
  partition.position.next = offset + 1;
  partition.position.clock_ms = std::max(partition.position.clock_ms, time_ms.value_or(0));
  partition.is_known = true;
  partition.has_moved = true;
  partition.at_end_since.reset();
  return partition.position.clock_ms;
}

void KafkaPartitions::reached_end(Index at, std::int64_t offset, Instant now) {
  Partition& partition = partitions_[at];
  if (!partition.is_known || offset > partition.position.next) starts_at(at, offset);
  if (!partition.at_end_since) partition.at_end_since = now;
}

std::int64_t KafkaPartitions::watermark_ms(const Fetches& fetches) const {
  if (partitions_.empty()) return 0;
  std::optional<std::int64_t> smallest;
  std::int64_t largest = 0;
  for (const Partition& one : partitions_) {
    largest = std::max(largest, one.position.clock_ms);
    const bool is_idle = fetches.are_answered && one.is_assigned && one.at_end_since &&
                         fetches.last >= std::max(*one.at_end_since, fetches.steady_since) + idle_after_;
    if (!is_idle) smallest = std::min(smallest.value_or(one.position.clock_ms), one.position.clock_ms);
  }
  return smallest.value_or(largest);
}

std::optional<KafkaPartitions::Instant> KafkaPartitions::idle_at(const Fetches& fetches, Instant now) const {
  std::optional<Instant> soonest;
  for (const Partition& one : partitions_) {
    if (!one.is_assigned || !one.at_end_since) continue;
    const Instant at = std::max(*one.at_end_since, fetches.steady_since) + idle_after_;
    if (at > now) soonest = std::min(soonest.value_or(at), at);
  }
  return soonest;
}

std::vector<SourcePosition> KafkaPartitions::take_moved() {
  std::vector<SourcePosition> out;
  for (const auto& [name, at] : indexes_) {
    Partition& one = partitions_[at];
    if (!one.has_moved) continue;
    one.has_moved = false;
    out.push_back(one.position);
  }
  return out;
}

void KafkaPartitions::is_written(const std::vector<SourcePosition>& positions) {
  for (const SourcePosition& position : positions)
    if (const auto at = find(position.source, position.partition))
      partitions_[*at].written_next = position.next;
}

std::vector<SourcePosition> KafkaPartitions::take_untold() {
  std::vector<SourcePosition> out;
  for (const auto& [name, at] : indexes_) {
    Partition& one = partitions_[at];
    if (!one.is_assigned || one.written_next < 0 || one.written_next == one.told_next) continue;
    one.told_next = one.written_next;
    out.push_back({one.position.source, one.position.partition, one.written_next, one.position.clock_ms});
  }
  return out;
}

}  // namespace thap::ingest
