#include "store/keys.h"

namespace thap::store {
namespace {

void put_post(std::string& out, const ingest::PostKey& post) {
  put(out, post.high);
  put(out, post.low);
}

ingest::PostKey take_post(ByteReader& in) {
  ingest::PostKey post;
  post.high = in.take<std::uint64_t>();
  post.low = in.take<std::uint64_t>();
  return post;
}

nlp::ServiceId take_service(ByteReader& in) { return nlp::ServiceId{in.take<std::uint32_t>()}; }

}  // namespace

SeriesPrefix series_prefix(nlp::ServiceId service, Facet facet) {
  SeriesPrefix bytes;
  put_at(bytes.data(), static_cast<std::uint32_t>(service));
  put_at(bytes.data() + 4, static_cast<std::uint8_t>(facet.kind));
  put_at(bytes.data() + 5, facet.value);
  return bytes;
}

WindowKeyBytes window_key(const WindowKey& key) {
  WindowKeyBytes bytes;
  put_at(bytes.data(), static_cast<std::uint32_t>(key.service));
  put_at(bytes.data() + 4, static_cast<std::uint8_t>(key.facet.kind));
  put_at(bytes.data() + 5, key.facet.value);
  put_at(bytes.data() + 9, key.minute);
  return bytes;
}

std::optional<WindowKey> parse_window_key(std::string_view bytes) {
  ByteReader in(bytes);
  WindowKey key;
  key.service = take_service(in);
  key.facet.kind = static_cast<FacetKind>(in.take<std::uint8_t>());
  key.facet.value = in.take<std::uint32_t>();
  key.minute = in.take<std::uint32_t>();
  if (!in.complete()) return std::nullopt;
  return key;
}

std::optional<std::uint32_t> minute_in_window_key(std::string_view bytes) {
  if (bytes.size() != window_key_size) return std::nullopt;
  return ByteReader(bytes.substr(series_prefix_size)).take<std::uint32_t>();
}

SeenKeyBytes seen_key(std::uint32_t hour, std::uint64_t batch) {
  SeenKeyBytes bytes;
  put_at(bytes.data(), hour);
  put_at(bytes.data() + 4, batch);
  return bytes;
}

std::optional<std::uint32_t> hour_in_seen_key(std::string_view bytes) {
  if (bytes.size() != seen_key_size) return std::nullopt;
  return ByteReader(bytes).take<std::uint32_t>();
}

std::string offset_key(std::string_view source, std::int32_t partition) {
  std::string key(source);
  key.push_back('\0');
  put(key, static_cast<std::uint32_t>(partition));
  return key;
}

std::optional<std::pair<std::string, std::int32_t>> parse_offset_key(std::string_view bytes) {
  if (bytes.size() < 5 || bytes[bytes.size() - 5] != '\0') return std::nullopt;
  ByteReader in(bytes.substr(bytes.size() - 4));
  return std::pair(std::string(bytes.substr(0, bytes.size() - 5)),
                   static_cast<std::int32_t>(in.take<std::uint32_t>()));
}

std::string mention_key(std::int64_t clock_s, nlp::ServiceId service) {
  std::string key(1, mention_kind);
  put_signed(key, clock_s);
  put(key, static_cast<std::uint32_t>(service));
  return key;
}

std::optional<std::pair<std::int64_t, nlp::ServiceId>> parse_mention_key(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.take_bytes(1) != std::string_view(&mention_kind, 1)) return std::nullopt;
  const auto clock_s = in.take_signed();
  const auto service = take_service(in);
  if (!in.complete()) return std::nullopt;
  return std::pair(clock_s, service);
}

std::string row_key(std::int64_t clock_ms, ingest::Network network, const ingest::PostKey& post) {
  std::string key(1, row_kind);
  put_signed(key, clock_ms);
  put(key, static_cast<std::uint8_t>(network));
  put_post(key, post);
  return key;
}

std::optional<RowKey> parse_row_key(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.take_bytes(1) != std::string_view(&row_kind, 1)) return std::nullopt;
  RowKey key;
  key.clock_ms = in.take_signed();
  const auto network = in.take<std::uint8_t>();
  key.network = static_cast<ingest::Network>(network);
  key.post = take_post(in);
  if (!in.complete() || network >= ingest::network_count) return std::nullopt;
  return key;
}

std::string evidence_prefix(nlp::ServiceId service, Minute minute) {
  std::string key;
  put(key, static_cast<std::uint32_t>(service));
  put(key, minute);
  return key;
}

std::string evidence_key(const EvidencePlace& place) {
  std::string key = evidence_prefix(place.service, place.minute);
  put_post(key, place.post);
  return key;
}

std::optional<EvidencePlace> parse_evidence_key(std::string_view bytes) {
  ByteReader in(bytes);
  EvidencePlace place;
  place.service = take_service(in);
  place.minute = in.take<std::uint32_t>();
  place.post = take_post(in);
  if (!in.complete()) return std::nullopt;
  return place;
}

std::string author_index_prefix(std::uint64_t author) {
  std::string key(1, index_by_author);
  put(key, author);
  return key;
}

std::string author_index_key(std::uint64_t author, const EvidencePlace& place) {
  std::string key = author_index_prefix(author);
  put_post(key, place.post);
  key += evidence_prefix(place.service, place.minute);
  return key;
}

std::string post_index_prefix(const ingest::PostKey& post) {
  std::string key(1, index_by_post);
  put_post(key, post);
  return key;
}

std::string post_index_key(const EvidencePlace& place) {
  return post_index_prefix(place.post) + evidence_prefix(place.service, place.minute);
}

std::string post_tombstone_key(const ingest::PostKey& post) {
  std::string key(1, tombstone_of_post);
  put_post(key, post);
  return key;
}

std::string author_tombstone_key(std::uint64_t author) {
  std::string key(1, tombstone_of_author);
  put(key, author);
  return key;
}

std::optional<EvidencePlace> parse_index_key(std::string_view bytes) {
  ByteReader in(bytes);
  const auto kind = in.take<std::uint8_t>();
  if (kind == index_by_author)
    in.take<std::uint64_t>();
  else if (kind != index_by_post)
    return std::nullopt;
  EvidencePlace place;
  place.post = take_post(in);
  place.service = take_service(in);
  place.minute = in.take<std::uint32_t>();
  if (!in.complete()) return std::nullopt;
  return place;
}

std::string own_meta_key(std::string_view name) { return std::string(1, own_meta).append(name); }

std::string after_prefix(std::string_view prefix) {
  std::string key(prefix);
  while (!key.empty() && static_cast<unsigned char>(key.back()) == 0xff) key.pop_back();
  if (!key.empty()) key.back() = static_cast<char>(static_cast<unsigned char>(key.back()) + 1);
  return key;
}

}  // namespace thap::store
