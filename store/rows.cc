#include "store/rows.h"

#include <algorithm>

namespace thap::store {
namespace {

constexpr std::uint8_t value_version = 1;
// 2: no id of the post any more, and a link only where it names nobody.
constexpr std::uint8_t evidence_version = 2;
constexpr std::uint8_t flag_sensitive = 1, flag_edited = 2;
constexpr std::size_t max_list = 65'535;

template <class Id>
void put_list(std::string& out, const std::vector<Id>& ids) {
  const auto size = std::min(ids.size(), max_list);
  put(out, static_cast<std::uint16_t>(size));
  for (std::size_t i = 0; i < size; ++i) put(out, static_cast<std::uint32_t>(ids[i]));
}

template <class Id>
void take_list(ByteReader& in, std::vector<Id>& ids) {
  const std::size_t size = in.take<std::uint16_t>();
  ByteReader items(in.take_bytes(size * sizeof(std::uint32_t)));
  if (!in.ok()) return;
  ids.reserve(size);
  for (std::size_t i = 0; i < size; ++i) ids.push_back(Id{items.take<std::uint32_t>()});
}

void put_text(std::string& out, std::string_view text) {
  put(out, static_cast<std::uint32_t>(text.size()));
  out.append(text);
}

std::string take_text(ByteReader& in) { return std::string(in.take_bytes(in.take<std::uint32_t>())); }

// The enumerator with this number, or nullopt if there is none below `count`.
template <class Enum>
bool take_enum(ByteReader& in, int count, Enum& to) {
  const auto number = in.take<std::uint8_t>();
  if (number >= count) return false;
  to = static_cast<Enum>(number);
  return true;
}

constexpr int status_count = 4;
constexpr std::uint32_t symptom_bits = (std::uint32_t{1} << nlp::symptom_count) - 1;

bool take_symptoms(ByteReader& in, nlp::SymptomSet& to) {
  const auto bits = in.take<std::uint32_t>();
  to = nlp::SymptomSet(bits);
  return (bits & ~symptom_bits) == 0;
}

}  // namespace

std::array<char, 8> encode_count(std::uint64_t count) {
  std::array<char, 8> bytes;
  put_at(bytes.data(), count);
  return bytes;
}

std::optional<std::uint64_t> decode_count(std::string_view bytes) {
  if (bytes.size() != 8) return std::nullopt;
  return ByteReader(bytes).take<std::uint64_t>();
}

std::string encode_position(const ingest::SourcePosition& position) {
  std::string out;
  put(out, value_version);
  put_signed(out, position.next);
  put_signed(out, position.clock_ms);
  return out;
}

std::optional<ingest::SourcePosition> decode_position(std::string_view key, std::string_view value) {
  auto name = parse_offset_key(key);
  ByteReader in(value);
  const auto version = in.take<std::uint8_t>();
  ingest::SourcePosition position;
  position.next = in.take_signed();
  position.clock_ms = in.take_signed();
  if (!name || version != value_version || !in.complete()) return std::nullopt;
  position.source = std::move(name->first);
  position.partition = name->second;
  return position;
}

std::string encode_row(const DetectorRow& row) {
  std::string out;
  out.reserve(64 +
              4 * (row.complaints.size() + row.recovered.size() + row.blamed.size() + row.places.size()));
  put(out, value_version);
  put_signed(out, row.event_ms);
  put(out, row.author);
  put(out, row.text_hash);
  put(out, row.simhash);
  put(out, row.conversation);
  put(out, row.words);
  put(out, static_cast<std::uint8_t>(row.kind));
  put(out, static_cast<std::uint8_t>(row.language));
  put(out, row.symptoms.bits());
  put_list(out, row.complaints);
  put_list(out, row.recovered);
  put_list(out, row.blamed);
  put_list(out, row.places);
  return out;
}

std::optional<DetectorRow> decode_row(const RowKey& key, std::string_view value) {
  ByteReader in(value);
  DetectorRow row;
  row.clock_ms = key.clock_ms;
  row.network = key.network;
  row.post = key.post;
  if (in.take<std::uint8_t>() != value_version) return std::nullopt;
  row.event_ms = in.take_signed();
  row.author = in.take<std::uint64_t>();
  row.text_hash = in.take<std::uint64_t>();
  row.simhash = in.take<std::uint64_t>();
  row.conversation = in.take<std::uint64_t>();
  row.words = in.take<std::uint16_t>();
  if (!take_enum(in, nlp::kind_count, row.kind)) return std::nullopt;
  if (!take_enum(in, nlp::language_count, row.language)) return std::nullopt;
  if (!take_symptoms(in, row.symptoms)) return std::nullopt;
  take_list(in, row.complaints);
  take_list(in, row.recovered);
  take_list(in, row.blamed);
  take_list(in, row.places);
  if (!in.complete()) return std::nullopt;
  return row;
}

std::string encode_evidence(const Evidence& evidence) {
  std::string out;
  out.reserve(44 + evidence.link.size() + evidence.text.size());
  put(out, evidence_version);
  put(out, static_cast<std::uint8_t>(evidence.network));
  put(out, evidence.author);
  put_signed(out, evidence.event_ms);
  put(out, static_cast<std::uint8_t>(evidence.status));
  put(out, evidence.symptoms.bits());
  put(out, static_cast<std::uint8_t>(evidence.language));
  put(out, static_cast<std::uint8_t>(evidence.kind));
  put(out, static_cast<std::uint8_t>((evidence.sensitive ? flag_sensitive : 0) |
                                     (evidence.edited ? flag_edited : 0)));
  put_list(out, evidence.blamed);
  put_text(out, evidence.link);
  put_text(out, evidence.text);
  return out;
}

std::optional<Evidence> decode_evidence(const EvidencePlace& place, std::string_view value) {
  ByteReader in(value);
  Evidence evidence;
  evidence.service = place.service;
  evidence.minute = place.minute;
  evidence.post = place.post;
  const auto version = in.take<std::uint8_t>();
  if (version != evidence_version && version != 1) return std::nullopt;
  if (!take_enum(in, ingest::network_count, evidence.network)) return std::nullopt;
  evidence.author = in.take<std::uint64_t>();
  evidence.event_ms = in.take_signed();
  if (!take_enum(in, status_count, evidence.status)) return std::nullopt;
  if (!take_symptoms(in, evidence.symptoms)) return std::nullopt;
  if (!take_enum(in, nlp::language_count, evidence.language)) return std::nullopt;
  if (!take_enum(in, nlp::kind_count, evidence.kind)) return std::nullopt;
  const auto flags = in.take<std::uint8_t>();
  if ((flags & ~(flag_sensitive | flag_edited)) != 0) return std::nullopt;
  evidence.sensitive = (flags & flag_sensitive) != 0;
  evidence.edited = (flags & flag_edited) != 0;
  take_list(in, evidence.blamed);
  if (version == 1) {
    take_text(in);  // the post's id and address as the source had them
    take_text(in);
  } else {
    evidence.link = take_text(in);
  }
  evidence.text = take_text(in);
  if (!in.complete()) return std::nullopt;
  return evidence;
}

void append_post(std::string& out, const ingest::PostKey& post) {
  put(out, post.high);
  put(out, post.low);
}

std::optional<std::vector<ingest::PostKey>> decode_posts(std::string_view bytes) {
  constexpr std::size_t post_size = 16;
  if (bytes.empty() || bytes.size() % post_size != 0) return std::nullopt;
  std::vector<ingest::PostKey> posts(bytes.size() / post_size);
  ByteReader in(bytes);
  for (auto& post : posts) {
    post.high = in.take<std::uint64_t>();
    post.low = in.take<std::uint64_t>();
  }
  return posts;
}

std::string encode_time(std::int64_t ms) {
  std::string out;
  put_signed(out, ms);
  return out;
}

std::optional<std::int64_t> decode_time(std::string_view bytes) {
  if (bytes.size() != 8) return std::nullopt;
  return ByteReader(bytes).take_signed();
}

std::string encode_u32(std::uint32_t value) {
  std::string out;
  put(out, value);
  return out;
}

std::optional<std::uint32_t> decode_u32(std::string_view bytes) {
  if (bytes.size() != 4) return std::nullopt;
  return ByteReader(bytes).take<std::uint32_t>();
}

}  // namespace thap::store
