// Is the feed alive? Finds silences in the records' own time: a gap longer than the hour's usual rate of
// records lets happen once a week is a stall. While it lasts nothing may be concluded from the absence of
// complaints.
#pragma once
#include <array>
#include <cstdint>
#include <limits>
#include <vector>

namespace thap::rules {

class ByteReader;
class ByteWriter;

// Times are whole detector seconds (baseline.h). Threads: one.
class FeedWatch {
 public:
  struct Stall {
    std::int64_t from{0}, to{0};  // from: when it was noticed; to: the next record
  };
  static constexpr std::int64_t shortest_s = 60, unlearned_s = 600;
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

  // There is a record of this second; seconds do not go back.
  void record(std::int64_t second);

  // When the present silence becomes a stall; `never` before the first record.
  std::int64_t stalls_at() const { return last_ < 0 ? never : last_ + limit_; }
  // Stalls that have ended, oldest first.
  const std::vector<Stall>& ended() const { return ended_; }
  // Forgets them; only when every detector has passed them.
  void forget_ended() { ended_.clear(); }

  // The longest gap in seconds that is no stall at this time of day.
  std::int64_t limit_at(std::int64_t second) const;

  void put(ByteWriter& out) const;
  void get(ByteReader& in);

 private:
  struct Hour {  // IST; decayed by 0.9 a day on which it was seen
    double seconds{0}, with_records{0};
    std::int64_t day{-1};
  };
  static bool is_learned(const Hour& hour) { return hour.seconds >= 5400 && hour.with_records >= 8; }

  std::array<Hour, 24> hours_{};
  std::int64_t last_{-1}, limit_{unlearned_s};
  std::vector<Stall> ended_;
};

}  // namespace thap::rules
