// Ids that are stored. A service or place is known by a 32-bit hash of its lexicon id, so that adding,
// removing or reordering lexicon entries never renumbers what is on disk. The lexicon refuses two ids with
// the same hash.
#pragma once
#include <cstdint>
#include <string_view>

namespace thap::nlp {

enum class ServiceId : std::uint32_t {};
enum class PlaceId : std::uint32_t {};

// FNV-1a, 32 bits.
constexpr std::uint32_t stable_hash(std::string_view text) {
  std::uint32_t hash = 2166136261u;
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash;
}
constexpr ServiceId service_id(std::string_view id) { return ServiceId{stable_hash(id)}; }
constexpr PlaceId place_id(std::string_view id) { return PlaceId{stable_hash(id)}; }

}  // namespace thap::nlp
