// The bytes on disk, pinned. A change here is a new format version and a migration or a refusal to open.
#include <gtest/gtest.h>

#include "store/keys.h"
#include "store/rows.h"
#include "store/sketch.h"

namespace thap::store {
namespace {

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    constexpr const char* digits = "0123456789abcdef";
    text += digits[static_cast<unsigned char>(c) >> 4];
    text += digits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

std::string unhex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    bytes.push_back(static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  return bytes;
}

constexpr nlp::ServiceId service{0x01020304};
constexpr ingest::PostKey post{0x1112131415161718, 0x2122232425262728};
const EvidencePlace place{service, 0x0a0b0c0d, post};

DetectorRow a_row() {
  DetectorRow row;
  row.clock_ms = 0x0102030405;
  row.event_ms = 0x0102030400;
  row.network = ingest::Network::bluesky;
  row.post = post;
  row.author = 0xa1;
  row.text_hash = 0xa2;
  row.simhash = 0xa3;
  row.conversation = 0xa4;
  row.words = 0xa5;
  row.kind = nlp::Kind::question;
  row.language = nlp::Language::bn_latn;
  row.symptoms.add(nlp::Symptom::crash);
  row.complaints = {nlp::ServiceId{1}, nlp::ServiceId{2}};
  row.blamed = {nlp::ServiceId{3}};
  row.places = {nlp::PlaceId{4}};
  return row;
}

Evidence some_evidence() {
  Evidence evidence;
  evidence.service = service;
  evidence.minute = place.minute;
  evidence.post = post;
  evidence.network = ingest::Network::x;
  evidence.author = 0xb1;
  evidence.event_ms = -1;
  evidence.link = "x:17";
  evidence.text = "\xe0\xa4\xa0\xe0\xa4\xaa";
  evidence.status = nlp::Status::degraded;
  evidence.symptoms.add(nlp::Symptom::slow);
  evidence.language = nlp::Language::hi;
  evidence.kind = nlp::Kind::meme;
  evidence.blamed = {nlp::ServiceId{5}};
  evidence.edited = true;
  return evidence;
}

std::string a_posts() {
  std::string bytes;
  append_post(bytes, post);
  return bytes;
}

struct Row {
  const char* name;
  std::string bytes;
  const char* golden;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.name; }

class Formats : public testing::TestWithParam<Row> {};

TEST_P(Formats, StayAsTheyAre) { EXPECT_EQ(hex(GetParam().bytes), GetParam().golden); }

std::string sketch_of(std::vector<std::uint32_t> fingerprints) {
  std::string bytes;
  encode_sketch(fingerprints, bytes);
  return bytes;
}

const Row rows[] = {
    {"window_key", std::string(view(window_key({service, {FacetKind::place, 0x05060708}, 0x0a0b0c0d}))),
     "0102030407050607080a0b0c0d"},
    {"series_prefix", std::string(view(series_prefix(service, {FacetKind::complaints, 0}))),
     "010203040100000000"},
    {"seen_key", std::string(view(seen_key(0x0a0b0c0d, 0x0102))), "0a0b0c0d0000000000000102"},
    {"offset_key", offset_key("ab", 7), "61620000000007"},
    {"mention_key", mention_key(0x65, service), "6d800000000000006501020304"},
    {"mention_key_before_1970", mention_key(-1, service), "6d7fffffffffffffff01020304"},
    {"row_key", row_key(0x0102, ingest::Network::reddit, post),
     "7280000000000001020411121314151617182122232425262728"},
    {"evidence_key", evidence_key(place), "010203040a0b0c0d11121314151617182122232425262728"},
    {"author_index_key", author_index_key(0xb1, place),
     "6100000000000000b111121314151617182122232425262728010203040a0b0c0d"},
    {"post_index_key", post_index_key(place), "7011121314151617182122232425262728010203040a0b0c0d"},
    {"post_tombstone_key", post_tombstone_key(post), "7411121314151617182122232425262728"},
    {"author_tombstone_key", author_tombstone_key(0xb1), "7500000000000000b1"},
    {"own_meta_key", own_meta_key("ab"), "006162"},
    {"count", std::string(view(encode_count(0x0102))), "0000000000000102"},
    {"time", encode_time(0x0102), "8000000000000102"},
    {"number", encode_u32(0x0102), "00000102"},
    {"position", encode_position({"s", 1, 0x10, 0x20}), "0180000000000000108000000000000020"},
    {"row", encode_row(a_row()),
     "018000000102030400"
     "00000000000000a100000000000000a200000000000000a300000000000000a4"
     "00a5010500000002"
     "00020000000100000002"
     "0000"
     "000100000003"
     "000100000004"},
    {"evidence", encode_evidence(some_evidence()),
     "020100000000000000b17fffffffffffffff"
     "0200002000020602"
     "000100000005"
     "00000004783a3137"
     "00000006e0a4a0e0a4aa"},
    {"posts", a_posts(), "11121314151617182122232425262728"},
    {"exact_sketch", sketch_of({9, 1, 9, 0x01020304}), "01000000010000000901020304"},
};
INSTANTIATE_TEST_SUITE_P(Rows, Formats, testing::ValuesIn(rows),
                         [](const auto& param) { return std::string(param.param.name); });

// As format 1 wrote it: with the id and the address of the post.
TEST(Formats, OfEarlierEvidenceReadWithoutWhatNamedTheAuthor) {
  auto expected = some_evidence();
  expected.link.clear();
  EXPECT_EQ(decode_evidence(place, unhex("010100000000000000b17fffffffffffffff"
                                         "0200002000020602"
                                         "000100000005"
                                         "000000023137"
                                         "00000004783a3137"
                                         "00000006e0a4a0e0a4aa")),
            expected);
}

TEST(Formats, OfALargeSketchStaysAsItIs) {
  std::vector<std::uint32_t> fingerprints(33);
  for (std::uint32_t i = 0; i < 33; ++i) fingerprints[i] = i;
  const auto bytes = sketch_of(fingerprints);
  ASSERT_EQ(bytes.size(), 1 + AuthorSketch::packed_size);
  EXPECT_EQ(bytes[0], 2);
  std::uint64_t hash = 14695981039346656037u;  // FNV-1a
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  EXPECT_EQ(hash, 3752514914299012211u);
}

TEST(Keys, ReadBack) {
  const WindowKey window{service, {FacetKind::symptom, 3}, 99};
  EXPECT_EQ(parse_window_key(view(window_key(window))), window);
  EXPECT_EQ(minute_in_window_key(view(window_key(window))), 99u);
  EXPECT_EQ(hour_in_seen_key(view(seen_key(5, 7))), 5u);
  EXPECT_EQ(parse_offset_key(offset_key("topic", -1)), std::pair(std::string("topic"), -1));
  EXPECT_EQ(parse_mention_key(mention_key(-5, service)), std::pair(std::int64_t{-5}, service));
  const auto row = parse_row_key(row_key(-5, ingest::Network::youtube, post));
  ASSERT_TRUE(row);
  EXPECT_EQ(row->clock_ms, -5);
  EXPECT_EQ(row->network, ingest::Network::youtube);
  EXPECT_EQ(row->post, post);
  EXPECT_EQ(parse_evidence_key(evidence_key(place)), place);
  EXPECT_EQ(parse_index_key(author_index_key(1, place)), place);
  EXPECT_EQ(parse_index_key(post_index_key(place)), place);
}

TEST(Keys, OfOtherLengthsDoNotReadBack) {
  const std::string keys[] = {std::string(view(window_key({}))),
                              std::string(view(seen_key(1, 2))),
                              mention_key(1, service),
                              row_key(1, ingest::Network::x, post),
                              evidence_key(place),
                              author_index_key(1, place),
                              post_index_key(place)};
  for (const auto& key : keys) {
    for (const auto& wrong : {key + "x", key.substr(0, key.size() - 1), std::string()}) {
      EXPECT_FALSE(parse_index_key(wrong)) << hex(wrong);
      if (key.size() == wrong.size() + 1) {
        EXPECT_FALSE(parse_row_key(wrong)) << hex(wrong);
      }
    }
  }
  EXPECT_FALSE(parse_offset_key("abc"));
  EXPECT_FALSE(parse_offset_key("abcdefgh"));
  EXPECT_FALSE(parse_index_key(post_tombstone_key(post)));
  EXPECT_FALSE(parse_row_key(mention_key(1, service)));
  EXPECT_FALSE(parse_mention_key(row_key(1, ingest::Network::x, post)));
}

TEST(Keys, SortAsTheirNumbers) {
  EXPECT_LT(mention_key(-1, service), mention_key(0, service));
  EXPECT_LT(row_key(255, ingest::Network::x, post), row_key(256, ingest::Network::generic, post));
  EXPECT_LT(row_key(256, ingest::Network::generic, post), row_key(256, ingest::Network::x, {0, 0}));
  EXPECT_LT(view(window_key({service, {}, 255})), view(window_key({service, {}, 256})));
}

TEST(Keys, KnowWhatComesAfterAPrefix) {
  EXPECT_EQ(after_prefix("ab"), "ac");
  EXPECT_EQ(after_prefix("a\xff\xff"), "b");
  EXPECT_EQ(after_prefix("\xff"), "");
  EXPECT_EQ(after_prefix(""), "");
}

TEST(Values, ReadBack) {
  EXPECT_EQ(decode_count(view(encode_count(~0ull))), ~0ull);
  EXPECT_EQ(decode_time(encode_time(-7)), -7);
  EXPECT_EQ(decode_u32(encode_u32(7)), 7u);
  std::string posts;
  append_post(posts, post);
  append_post(posts, {3, 4});
  EXPECT_EQ(decode_posts(posts), (std::vector{post, ingest::PostKey{3, 4}}));
  const ingest::SourcePosition position{"s", 3, 1 << 30, -1};
  EXPECT_EQ(decode_position(offset_key("s", 3), encode_position(position)), position);
  const auto row = a_row();
  EXPECT_EQ(decode_row({row.clock_ms, row.network, row.post}, encode_row(row)), row);
  EXPECT_EQ(decode_evidence(place, encode_evidence(some_evidence())), some_evidence());
}

// Every cut and every lengthened value is refused, never read past its end.
TEST(Values, CutOrLengthenedDoNotReadBack) {
  const auto row = encode_row(a_row());
  const auto evidence = encode_evidence(some_evidence());
  for (std::size_t size = 0; size < row.size(); ++size)
    EXPECT_FALSE(decode_row({}, std::string_view(row).substr(0, size))) << size;
  for (std::size_t size = 0; size < evidence.size(); ++size)
    EXPECT_FALSE(decode_evidence({}, std::string_view(evidence).substr(0, size))) << size;
  EXPECT_FALSE(decode_row({}, row + "x"));
  EXPECT_FALSE(decode_evidence({}, evidence + "x"));
  EXPECT_FALSE(decode_count("1234567"));
  EXPECT_FALSE(decode_count("123456789"));
  EXPECT_FALSE(decode_position(offset_key("s", 0), "1234"));
  EXPECT_FALSE(decode_posts(""));
  EXPECT_FALSE(decode_posts("123456789012345"));
}

struct Damage {
  const char* name;
  std::size_t at;
  const char* bytes;
  const char* why;
};
std::ostream& operator<<(std::ostream& out, const Damage& damage) { return out << damage.name; }

class DamagedEvidence : public testing::TestWithParam<Damage> {};

TEST_P(DamagedEvidence, DoesNotReadBack) {
  auto bytes = encode_evidence(some_evidence());
  const auto damage = unhex(GetParam().bytes);
  bytes.replace(GetParam().at, damage.size(), damage);
  EXPECT_FALSE(decode_evidence(place, bytes)) << GetParam().why;
}

const Damage damages[] = {
    {"version", 0, "03", "a newer value"},
    {"network", 1, "07", "no such network"},
    {"status", 18, "04", "no such status"},
    {"symptom", 19, "80002000", "no such symptom"},
    {"language", 23, "06", "no such language"},
    {"kind", 24, "08", "no such kind"},
    {"flags", 25, "04", "no such flag"},
    {"list_size", 26, "ffff", "a list longer than the value"},
    {"text_size", 32, "ffffffff", "a text longer than the value"},
};
INSTANTIATE_TEST_SUITE_P(Rows, DamagedEvidence, testing::ValuesIn(damages),
                         [](const auto& param) { return std::string(param.param.name); });

}  // namespace
}  // namespace thap::store
