// What is known of every partition we read: where to go on, how far its clock has come, whether its end is
// reached. Pure: offsets and times go in, positions and the watermark come out. Internal to ingest/.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ingest/post_source.h"

namespace thap::ingest {

// A partition's clock is the largest record time so far, so it never goes back. The watermark is the smallest
// clock of the partitions from which an earlier record may still come:
//   - one that is being read counts until it has stood at its end for `idle_after`, by fetches that were
//     answered: a record that its producer sent at the same moment as another partition's may still be on its
//     way, and while no broker answers nobody knows what lies there;
//   - one that has never given a record counts as 0, so nothing moves before every partition has been looked
//   at;
//   - one that was taken away counts as it stood: while another member holds it, nothing is decided.
// Where all have stood at their ends, the watermark is the largest clock.
//
// Threads: one.
class KafkaPartitions {
 public:
  using Instant = std::chrono::steady_clock::time_point;
  using Index = std::size_t;  // of a partition, for as long as this object lives

  // When brokers answered fetches. FetchWatch says it.
  struct Fetches {
    Instant steady_since;  // answered without a gap from here
    Instant last;          // to here; nothing is known of later
    bool are_answered{true};
  };

  // `stored`: positions of the store; those of other topics are passed over.
  KafkaPartitions(const std::vector<std::string>& topics, std::chrono::milliseconds idle_after,
                  const std::vector<SourcePosition>& stored);

  Index index(const std::string& topic, std::int32_t partition);  // from now on it is one of ours
  std::optional<Index> find(const std::string& topic, std::int32_t partition) const;
  const SourcePosition& position(Index at) const { return partitions_[at].position; }
  bool is_known(Index at) const { return partitions_[at].is_known; }  // position().next means something

  void assigned(Index at);
  // Before the first record, where the start was settled by other means (latest, a time).
  void starts_at(Index at, std::int64_t next);
  void revoked(Index at);
  void revoked_all();
  std::size_t assigned_count() const;
  std::vector<Index> assigned_ones() const;

  // The clock of the record, or nullopt: it was handed out before and has to be dropped. Gaps are normal:
  // compaction, transaction markers, aborted records.
  std::optional<std::int64_t> take(Index at, std::int64_t offset, std::optional<std::int64_t> time_ms);
  // Everything below `offset` has been read.
  void reached_end(Index at, std::int64_t offset, Instant now);

  std::int64_t watermark_ms(const Fetches& fetches) const;
  // When the watermark may move although no record comes, after `now`; nullopt: never.
  std::optional<Instant> idle_at(const Fetches& fetches, Instant now) const;

  // Of partitions that moved since the last call, in order of topic and partition.
  std::vector<SourcePosition> take_moved();
  // These have been written: they may be told to Kafka.
  void is_written(const std::vector<SourcePosition>& positions);
  // Written and not yet told, of assigned partitions; counts as told from then on.
  std::vector<SourcePosition> take_untold();

 private:
  struct Partition {
    SourcePosition position;
    bool is_known{false};
    bool is_assigned{false};
    bool has_moved{false};
    std::optional<Instant> at_end_since;
    std::int64_t written_next{-1}, told_next{-1};
  };

  std::vector<std::string> topics_;
  std::chrono::milliseconds idle_after_;
  std::vector<Partition> partitions_;
  std::map<std::pair<std::string, std::int32_t>, Index> indexes_;
};

}  // namespace thap::ingest
