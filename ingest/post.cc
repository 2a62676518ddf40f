#include "ingest/post.h"

#include <xxhash.h>

namespace thap::ingest {

namespace {
constexpr std::array<std::string_view, network_count> network_names{
    "generic", "x", "bluesky", "mastodon", "reddit", "telegram", "youtube"};
}

std::string_view name(Network network) {
  const auto index = static_cast<std::size_t>(network);
  return index < network_names.size() ? network_names[index] : "unknown";
}

std::optional<Network> network_named(std::string_view text) {
  for (std::size_t i = 0; i < network_names.size(); ++i)
    if (network_names[i] == text) return static_cast<Network>(i);
  return std::nullopt;
}

std::string_view name(PostKind kind) {
  switch (kind) {
    case PostKind::original:
      return "original";
    case PostKind::repost:
      return "repost";
    case PostKind::quote:
      return "quote";
    case PostKind::reply:
      return "reply";
  }
  return "unknown";
}

std::string_view name(Operation op) {
  switch (op) {
    case Operation::create:
      return "create";
    case Operation::edit:
      return "edit";
    case Operation::remove:
      return "delete";
    case Operation::remove_author:
      return "author_delete";
  }
  return "unknown";
}

// The network is the seed rather than a prefix: no copy of the id, and ids of two networks never meet.
PostKey post_key(Network network, std::string_view id) {
  const XXH128_hash_t hash =
      XXH3_128bits_withSeed(id.data(), id.size(), static_cast<XXH64_hash_t>(network) + 1);
  return {hash.high64, hash.low64};
}

}  // namespace thap::ingest
