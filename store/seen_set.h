// Which posts were counted lately: exact, in memory, one lookup a post. Rebuilt from the `seen` family at
// open. In: hour and post key. Out: yes or no. One thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "ingest/post.h"

namespace thap::store {

// Open addressing with linear probing over flat arrays: 20 bytes a slot, at most three quarters full. Expired
// posts are passed over at once and swept out when the table next has to grow.
class SeenSet {
 public:
  static constexpr std::size_t default_max_posts = 8'000'000;  // about 210 MB when full
  explicit SeenSet(std::size_t max_posts = default_max_posts);

  bool contains(const ingest::PostKey& post) const;
  // A post of an hour before the floor is not kept. At the cap the oldest hour makes room; if there is only
  // one hour, the post itself is not kept. Both are counted in evicted().
  void insert(std::uint32_t hour, const ingest::PostKey& post);
  void expire_before(std::uint32_t hour);  // never goes back

  std::size_t size() const { return live_; }
  std::uint64_t evicted() const { return evicted_; }  // posts forgotten before their time
  std::size_t memory_bytes() const {
    return slots_.capacity() * sizeof(ingest::PostKey) + hours_.capacity() * 4;
  }

 private:
  std::size_t find(const ingest::PostKey& post) const;  // its slot, or the empty one where it belongs
  bool make_room();
  void raise_floor(std::uint32_t hour);
  void rebuild(std::size_t capacity);

  std::size_t max_posts_;
  std::vector<ingest::PostKey> slots_;
  std::vector<std::uint32_t> hours_;  // hour + 1 of each slot; 0: empty
  std::size_t used_{0};               // slots not empty, expired ones included
  std::size_t live_{0};               // posts not expired
  std::uint32_t floor_{0};
  std::map<std::uint32_t, std::size_t> posts_of_hour_;  // live ones
  std::uint64_t evicted_{0};
};

}  // namespace thap::store
