#include "store/seen_set.h"

#include <algorithm>
#include <bit>

namespace thap::store {
namespace {
constexpr std::size_t first_capacity = 1024;

bool too_full(std::size_t used, std::size_t capacity) { return used + 1 > capacity / 4 * 3; }
}  // namespace

SeenSet::SeenSet(std::size_t max_posts) : max_posts_(std::max<std::size_t>(max_posts, 1)) {
  slots_.resize(first_capacity);
  hours_.resize(first_capacity);
}

std::size_t SeenSet::find(const ingest::PostKey& post) const {
  // Post keys are hashes already; the multiplication only spreads keys that tests make up.
  const std::uint64_t hash = (post.low ^ std::rotl(post.high, 32)) * 0x9e3779b97f4a7c15u;
  __extension__ using Wide = unsigned __int128;
  auto slot = static_cast<std::size_t>((Wide{hash} * slots_.size()) >> 64);
  while (hours_[slot] != 0 && slots_[slot] != post)
    if (++slot == slots_.size()) slot = 0;
  return slot;
}

bool SeenSet::contains(const ingest::PostKey& post) const {
  const auto hour = hours_[find(post)];
  return hour != 0 && hour - 1 >= floor_;
}

void SeenSet::insert(std::uint32_t hour, const ingest::PostKey& post) {
  if (hour < floor_ || hour == ~std::uint32_t{0}) return;
  auto slot = find(post);
  if (hours_[slot] != 0) {
    const auto before = hours_[slot] - 1;
    if (before >= hour) return;
    if (before >= floor_) {
      const auto old = posts_of_hour_.find(before);
      if (--old->second == 0) posts_of_hour_.erase(old);
      --live_;
    }
  } else {
    if (!make_room() || hour < floor_) {
      ++evicted_;
      return;
    }
    slot = find(post);
    slots_[slot] = post;
    ++used_;
  }
  hours_[slot] = hour + 1;
  ++posts_of_hour_[hour];
  ++live_;
}

void SeenSet::expire_before(std::uint32_t hour) {
  if (hour > floor_) raise_floor(hour);
}

void SeenSet::raise_floor(std::uint32_t hour) {
  floor_ = hour;
  const auto end = posts_of_hour_.lower_bound(hour);
  for (auto it = posts_of_hour_.begin(); it != end; ++it) live_ -= it->second;
  posts_of_hour_.erase(posts_of_hour_.begin(), end);
}

bool SeenSet::make_room() {
  if (live_ >= max_posts_) {
    if (posts_of_hour_.size() < 2) return false;
    evicted_ += posts_of_hour_.begin()->second;
    raise_floor(posts_of_hour_.begin()->first + 1);
  }
  if (!too_full(used_, slots_.size())) return true;
  // Sweep; grow as well unless at least a third of the slots in use are expired.
  const bool sweeping_is_enough = live_ < used_ / 3 * 2;
  const auto full_size = max_posts_ / 3 * 4 + 16;
  auto capacity = slots_.size();
  if (!sweeping_is_enough) capacity = std::max(std::min(capacity * 2, full_size), capacity);
  if (too_full(live_, capacity)) capacity = live_ / 3 * 4 + 16;
  rebuild(capacity);
  return true;
}

void SeenSet::rebuild(std::size_t capacity) {
  std::vector<ingest::PostKey> slots(capacity);
  std::vector<std::uint32_t> hours(capacity);
  slots.swap(slots_);
  hours.swap(hours_);
  used_ = 0;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (hours[i] == 0 || hours[i] - 1 < floor_) continue;
    const auto slot = find(slots[i]);
    slots_[slot] = slots[i];
    hours_[slot] = hours[i];
    ++used_;
  }
}

}  // namespace thap::store
