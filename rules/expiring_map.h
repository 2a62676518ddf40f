// A hash map from 64-bit hashes whose entries leave in the order in which they came. Open addressing over a
// ring of nodes: no allocation a entry, and none at all for a service that is quiet.
#pragma once
#include <cassert>
#include <cstdint>
#include <utility>
#include <vector>

namespace thap::rules {

// Threads: one. Pointers to entries are valid until the next insert.
template <class Entry>
class ExpiringMap {
 public:
  struct Node {
    std::uint64_t key{0};
    Entry entry{};
  };

  std::size_t size() const { return tail_ - head_; }
  bool empty() const { return head_ == tail_; }
  std::uint32_t next_sequence() const { return tail_; }
  // Of an entry that is in the map: its place in the order of arrival.
  std::uint32_t sequence_of(std::uint64_t key) const { return index_[slot_of(key)]; }

  Entry* find(std::uint64_t key) {
    if (index_.empty()) return nullptr;
    const auto found = index_[slot_of(key)];
    return found == none ? nullptr : &node(found).entry;
  }
  const Entry* find(std::uint64_t key) const { return const_cast<ExpiringMap*>(this)->find(key); }

  // The key must not be in the map.
  Entry& insert(std::uint64_t key, Entry entry) {
    if (2 * (size() + 1) > index_.size()) grow();
    assert(index_[slot_of(key)] == none);
    index_[slot_of(key)] = tail_;
    auto& to = nodes_[tail_ & (nodes_.size() - 1)];
    to = {key, std::move(entry)};
    ++tail_;
    return to.entry;
  }

  const Node& front() const { return nodes_[head_ & (nodes_.size() - 1)]; }

  void pop_front() {
    const std::size_t mask = index_.size() - 1;
    std::size_t hole = slot_of(front().key);
    for (std::size_t next = (hole + 1) & mask; index_[next] != none; next = (next + 1) & mask) {
      const std::size_t home = hash(node(index_[next]).key) & mask;
      if (((next - home) & mask) >= ((next - hole) & mask)) {
        index_[hole] = index_[next];
        hole = next;
      }
    }
    index_[hole] = none;
    ++head_;
    if (empty()) head_ = tail_ = 0;  // so that a restart, which knows no past sequences, numbers the same
  }

  // Restores the order kept in stored sequences: called on an empty map before the first insert.
  void start_at(std::uint32_t sequence) { head_ = tail_ = sequence; }

 private:
  static constexpr std::uint32_t none = 0xffffffff;
  static std::uint64_t hash(std::uint64_t key) { return (key * 0x9e3779b97f4a7c15ull) >> 20; }
  Node& node(std::uint32_t sequence) { return nodes_[sequence & (nodes_.size() - 1)]; }
  const Node& node(std::uint32_t sequence) const { return nodes_[sequence & (nodes_.size() - 1)]; }

  std::size_t slot_of(std::uint64_t key) const {
    const std::size_t mask = index_.size() - 1;
    std::size_t slot = hash(key) & mask;
    while (index_[slot] != none && node(index_[slot]).key != key) slot = (slot + 1) & mask;
    return slot;
  }

  void grow() {
    const std::size_t capacity = nodes_.empty() ? 8 : nodes_.size() * 2;
    std::vector<Node> nodes(capacity);
    for (auto i = head_; i != tail_; ++i) nodes[i & (capacity - 1)] = std::move(node(i));
    nodes_ = std::move(nodes);
    index_.assign(capacity * 2, none);
    for (auto i = head_; i != tail_; ++i) index_[slot_of(node(i).key)] = i;
  }

  std::vector<Node> nodes_;
  std::vector<std::uint32_t> index_;
  std::uint32_t head_{0}, tail_{0};
};

}  // namespace thap::rules
