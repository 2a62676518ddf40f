// Which complaints count: each author, text and conversation once an hour, and what a flood gave is taken
// back. One per service. In: posts in the order of their clock. Out: whether a post counts, and what no
// longer does.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ingest/result.h"
#include "rules/expiring_map.h"
#include "rules/rule_set.h"

namespace thap::rules {

// What the detector is told of a post; hashes of 0 stand for none (conversation) or unknown.
struct Arrival {
  double event{0};  // detector seconds
  std::uint64_t post{0}, author{0}, text{0}, simhash{0}, conversation{0};
  int words{0};
  bool repost{false};
};

struct Admitted {
  bool known{false};  // its id had come before: nothing changed
  bool counted{false};
  int seen{0};                   // change of the number of posts by authors not known as flooders
  std::array<double, 8> back{};  // event times to be taken back
  int backs{0};
};

// Threads: one.
class Admission {
 public:
  // Stored in keys: never renumber.
  enum class Kind : std::uint8_t { author = 1, text = 2, conversation = 3, post = 4 };
  struct Change {
    Kind kind;
    std::uint64_t key;
    bool leaves_store{false};  // gone, and had been encoded: its row has to go
  };

  // `event` is what is remembered as the time of a counted post; `arrival.event` as it came is not looked at.
  Admitted admit(const Parameters& p, double now, double event, const Arrival& arrival);
  // Forgets what is older than the window. admit() does so by itself.
  void expire(const Parameters& p, double now);

  std::size_t size() const { return authors_.size() + texts_.size() + conversations_.size() + posts_.size(); }
  std::uint64_t evicted() const { return evicted_; }  // before their time, because of the cap

  // Entries made, changed or gone since the last call; may repeat.
  std::vector<Change> take_changes() { return std::exchange(changes_, {}); }
  // The stored form of an entry, which counts as stored from then on; nullopt when it is gone.
  std::optional<std::string> encode(const Change& entry);
  // Takes up a stored entry, any order; finish_load() once after the last.
  ingest::Result<void> load(Kind kind, std::uint64_t key, std::string_view value);
  void finish_load();

 private:
  struct Counted {
    double event;
    std::uint64_t other;  // the text of an author's post, the author of a text's post
  };
  struct Author {
    double first{0};
    std::uint32_t posts{0};
    bool has_counted{false};
    bool stored{false};
    Counted counted{};
  };
  struct Text {
    double first{0};
    std::uint64_t simhash{0};
    std::uint32_t copies{0};
    bool near{false};  // long enough for near copies
    bool stored{false};
    std::uint8_t counts{0};
    std::array<Counted, 4> counted{};
  };
  struct Plain {
    double first{0};
    bool stored{false};
  };
  template <class Entry>
  struct Loaded {
    std::uint32_t sequence;
    std::uint64_t key;
    Entry entry;
  };

  template <class Map>
  void purge(const Parameters& p, Map& map, Kind kind, double now);
  Text& text_of(const Parameters& p, double now, const Arrival& arrival, std::uint64_t& key);
  void index_near(std::uint64_t key, std::uint64_t simhash);
  void forget_near(std::uint64_t key, std::uint64_t simhash);

  ExpiringMap<Author> authors_;
  ExpiringMap<Text> texts_;
  ExpiringMap<Plain> conversations_, posts_;
  // Near copies differ in at most 3 bits, so at least one of four 16-bit pieces is equal.
  std::unordered_map<std::uint32_t, std::vector<std::uint64_t>> near_;
  std::vector<Change> changes_;
  std::uint64_t evicted_{0};

  std::vector<Loaded<Author>> loaded_authors_;
  std::vector<Loaded<Text>> loaded_texts_;
  std::vector<Loaded<Plain>> loaded_conversations_, loaded_posts_;
};

}  // namespace thap::rules
