// The bytes of every value. Each compound value begins with a version byte; decoding trusts no length and
// answers nullopt to bytes that are not exactly one value.
//
//   windows, hours, pending 'm'   count u64                           added up by the merge operator
//   authors                       sketch                              see sketch.h
//   offsets                       1 u8 | next i64 | clock_ms i64
//   pending 'r'                   1 u8 | event_ms i64 | author u64 | text_hash u64 | simhash u64 |
//   conversation u64
//                                 | words u16 | kind u8 | language u8 | symptoms u32
//                                 | complaints list | recovered list | blamed list | places list
//   evidence                      2 u8 | network u8 | author u64 | event_ms i64 | status u8 | symptoms u32
//                                 | language u8 | kind u8 | flags u8 (1: sensitive, 2: edited) | blamed list
//                                 | link text | text text
//                                 with 1 u8 in front instead of link: id text | address text, both passed
//                                 over
//   evidence_index 't', 'u'       asked_ms i64                        'a', 'p': empty
//   seen                          post...                             all of one hour and batch, at least one
//   meta                          integers of fixed width
//
//   list = size u16 | u32...; text = size u32 | bytes.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/keys.h"
#include "store/tally.h"

namespace thap::store {

std::array<char, 8> encode_count(std::uint64_t count);
std::optional<std::uint64_t> decode_count(std::string_view bytes);
constexpr std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) {
  return a + b < a ? ~std::uint64_t{0} : a + b;
}

std::string encode_position(const ingest::SourcePosition& position);
std::optional<ingest::SourcePosition> decode_position(std::string_view key, std::string_view value);

std::string encode_row(const DetectorRow& row);  // clock, network and post are in the key
std::optional<DetectorRow> decode_row(const RowKey& key, std::string_view value);

std::string encode_evidence(const Evidence& evidence);  // service, minute and post are in the key
std::optional<Evidence> decode_evidence(const EvidencePlace& place, std::string_view value);

void append_post(std::string& out, const ingest::PostKey& post);
std::optional<std::vector<ingest::PostKey>> decode_posts(std::string_view bytes);

std::string encode_time(std::int64_t ms);
std::optional<std::int64_t> decode_time(std::string_view bytes);

std::string encode_u32(std::uint32_t value);
std::optional<std::uint32_t> decode_u32(std::string_view bytes);

}  // namespace thap::store
