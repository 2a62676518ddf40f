// How often somebody has done something lately: one bucket a name, a bounded number of names.
#pragma once
#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>

namespace thap::serve {

// Threads: one.
class RateTable {
 public:
  // A bucket holds `burst` and gains `per_second`. Beyond `most_names` that are in use, newcomers share one.
  RateTable(double per_second, double burst, std::size_t most_names = 65'536)
      : per_second_(per_second), burst_(burst), most_names_(most_names) {}

  struct Verdict {
    bool is_granted{false};
    double left{0};    // whole ones that would be granted now
    double wait_s{0};  // until the next is granted
  };
  Verdict take(const std::string& name, std::int64_t now_ms);

  std::size_t size() const { return by_name_.size(); }

 private:
  struct Bucket {
    std::string name;
    double tokens{0};
    std::int64_t at_ms{0};
  };
  double filled(const Bucket& bucket, std::int64_t now_ms) const;
  Verdict verdict(double tokens, bool is_granted) const;
  Bucket& bucket_of(const std::string& name, std::int64_t now_ms);

  const double per_second_, burst_;
  const std::size_t most_names_;
  std::list<Bucket> buckets_;  // least recently used first
  std::unordered_map<std::string, std::list<Bucket>::iterator> by_name_;
  Bucket shared_;
};

}  // namespace thap::serve
