#include <gtest/gtest.h>

#include "ingest/author_key.h"
#include "ingest/post.h"
#include "tests/ingest/rows.h"

namespace thap::ingest {
namespace {

constexpr std::string_view hex = "000102030405060708090a0b0c0d0e0f";
constexpr std::int64_t now = 1'791'792'920'000;

TEST(PostKey, IsPinnedBecauseItIsStored) {
  const PostKey key = post_key(Network::x, "2109558523733102597");
  EXPECT_EQ(key, post_key(Network::x, "2109558523733102597"));
  EXPECT_NE(key, post_key(Network::generic, "2109558523733102597")) << "ids of two networks never meet";
  EXPECT_NE(key, post_key(Network::x, "2109558523733102598"));
  EXPECT_EQ(key.high, 6960691631556958822u);
  EXPECT_EQ(key.low, 16614680548482927005u);
}

TEST(Names, ReadBack) {
  for (int i = 0; i < network_count; ++i)
    EXPECT_EQ(network_named(name(static_cast<Network>(i))), static_cast<Network>(i));
  EXPECT_FALSE(network_named("orkut"));
}

TEST(AuthorKey, HashIsPinnedAndDependsOnEveryInput) {
  AuthorKey key = AuthorKey::from_hex(hex).value();
  const std::uint64_t hash = key.hash(Network::x, "990000000000000041", now);
  EXPECT_EQ(hash, 13154149867223642815u);
  EXPECT_NE(hash, key.hash(Network::reddit, "990000000000000041", now));
  EXPECT_NE(hash, key.hash(Network::x, "990000000000000042", now));
  EXPECT_NE(hash, key.hash(Network::x, "990000000000000041", now + 30LL * 86'400'000)) << "another period";
  EXPECT_EQ(hash, key.hash(Network::x, "990000000000000041", now)) << "and back";
  AuthorKey other = AuthorKey::from_hex("ff0102030405060708090a0b0c0d0e0f").value();
  EXPECT_NE(hash, other.hash(Network::x, "990000000000000041", now));
}

TEST(AuthorKey, LongIdsThatBeginAlikeDiffer) {
  AuthorKey key = AuthorKey::from_hex(hex).value();
  const std::string base(500, 'a');
  EXPECT_NE(key.hash(Network::mastodon, base + "b", now), key.hash(Network::mastodon, base + "c", now));
}

TEST(AuthorKey, KnowsTheHashesOfThePeriodsBesideThisOne) {
  AuthorKey key = AuthorKey::from_hex(hex).value();
  const std::int64_t month = 30LL * 24 * 3600 * 1000;
  for (const std::int64_t clock : {std::int64_t{0}, now}) {
    const auto elsewhen = key.hashes_elsewhen(Network::bluesky, "did:plc:a", clock);
    ASSERT_EQ(elsewhen.size(), 2u);
    EXPECT_EQ(elsewhen[0], key.hash(Network::bluesky, "did:plc:a", clock - month));
    EXPECT_EQ(elsewhen[1], key.hash(Network::bluesky, "did:plc:a", clock + month));
    EXPECT_NE(elsewhen[0], elsewhen[1]);
  }
}

TEST(AuthorKey, PeriodTurnsAtMidnightInIndia) {
  const std::int64_t day = 86'400'000, ist = 19'800'000;
  EXPECT_EQ(author_period(30 * day - ist - 1), 0);
  EXPECT_EQ(author_period(30 * day - ist), 1);
  EXPECT_EQ(author_period(-ist - 1), -1);
}

struct HexRow {
  const char* name;
  std::string_view text;
  bool good;
  const char* why;
};
std::ostream& operator<<(std::ostream& out, const HexRow& row) { return out << row.name; }
class KeyText : public testing::TestWithParam<HexRow> {};
TEST_P(KeyText, IsReadOrRefused) {
  EXPECT_EQ(AuthorKey::from_hex(GetParam().text).has_value(), GetParam().good) << GetParam().why;
}
const HexRow hex_rows[] = {
    {"lower", hex, true, "as openssl rand -hex 16 writes it"},
    {"newline", "000102030405060708090A0B0C0D0E0F\n", true, "as echo writes it into a file"},
    {"short_one", "0001", false, "not 16 bytes"},
    {"no_hex", "zz0102030405060708090a0b0c0d0e0f", false, "not hexadecimal"},
    {"empty", "", false, "not set"},
};
INSTANTIATE_TEST_SUITE_P(Rows, KeyText, testing::ValuesIn(hex_rows), row_name);

}  // namespace
}  // namespace thap::ingest
