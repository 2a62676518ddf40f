#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/ingest/decode.h"

namespace thap::ingest {
namespace {

DecoderSettings vendor() {
  DecoderSettings settings = with_format(Format::generic);
  GenericMapping& mapping = settings.any_source.mapping;
  mapping.pointers[GenericMapping::id] = {"/doc/ref"};
  mapping.pointers[GenericMapping::text] = {"/doc/body", "/doc/title"};
  mapping.pointers[GenericMapping::author] = {"/doc/by/key"};
  mapping.pointers[GenericMapping::event_ms] = {"/doc/ts"};
  mapping.pointers[GenericMapping::language] = {"/doc/language"};
  mapping.pointers[GenericMapping::op] = {"/doc/action"};
  mapping.operations = {{"removed", Operation::remove}, {"changed", Operation::edit}};
  mapping.time_set_by = SetBy::platform;
  mapping.markup = Markup::html;
  return settings;
}

TEST(Generic, FollowsPointers) {
  const Post post = post_of(decode(
      R"({"doc":{"ref":9007199254740993,"title":"<p>Tarang &amp; more</p>","by":{"key":"k1"},"ts":1791792920,"language":"bn"}})",
      vendor()));
  EXPECT_EQ(post.id, "test/9007199254740993") << "the source's name keeps vendors apart";
  EXPECT_EQ(post.text, "Tarang & more") << "the first pointer that is present";
  EXPECT_EQ(post.event_ms, test_now);
  EXPECT_EQ(post.author, test_key().hash(Network::generic, "k1", test_now));
  EXPECT_THAT(post.languages_claimed, testing::ElementsAre("bn"));
}

TEST(Generic, OperationsInTheVendorsWords) {
  EXPECT_EQ(post_of(decode(R"({"doc":{"ref":"a","action":"removed"}})", vendor())).op, Operation::remove);
  EXPECT_EQ(post_of(decode(R"({"doc":{"ref":"a","action":"changed","body":"x"}})", vendor())).op,
            Operation::edit);
  EXPECT_EQ(post_of(decode(R"({"doc":{"ref":"a","action":"new","body":"x"}})", vendor())).op,
            Operation::create);
}

TEST(Generic, CopiesOfXHaveTheIdentityOfX) {
  DecoderSettings settings = vendor();
  settings.any_source.mapping.network = Network::x;
  const Post post = post_of(decode(R"({"doc":{"ref":"2109558523733102597","body":"x","ts":5}})", settings));
  EXPECT_EQ(post.key, post_key(Network::x, "2109558523733102597"));
  EXPECT_EQ(post.event_ms, test_now + 417);
}

TEST(Generic, WithoutIdThePlaceIsTheIdentity) {
  DecoderSettings settings = vendor();
  settings.any_source.mapping.pointers[GenericMapping::id].clear();
  Record record = record_of(R"({"doc":{"body":"x"}})");
  record.partition = 3;
  record.offset = 17;
  const Decoded decoded = decode(record, settings);
  EXPECT_EQ(post_of(decoded).id, "test/3/17");
  EXPECT_TRUE(decoded.repairs & undedupable);
  EXPECT_EQ(outcome(decode(R"({"doc":{"body":"x"}})", vendor())), "dead no_id") << "mapped but absent";
}

TEST(Generic, PointerWithoutAMatchIsAWarningOnce) {
  DecoderSettings settings = vendor();
  settings.any_source.mapping.pointers[GenericMapping::language] = {"/doc/lnaguage"};
  Decoder decoder(std::make_shared<DecoderSettings>(settings), test_key());
  constexpr std::string_view payload =
      R"({"doc":{"ref":"a","body":"x","title":"y","by":{"key":"k"},"ts":1791792920,"language":"bn","action":"new"}})";
  for (int i = 0; i < 999; ++i) decoder.decode(record_of(payload));
  EXPECT_THAT(decoder.take_warnings(), testing::IsEmpty());
  decoder.decode(record_of(payload));
  const auto warnings = decoder.take_warnings();
  EXPECT_THAT(warnings, testing::Contains(testing::HasSubstr("/doc/lnaguage")));
  EXPECT_THAT(warnings, testing::Not(testing::Contains(testing::HasSubstr("/doc/ref"))));
  EXPECT_THAT(decoder.take_warnings(), testing::IsEmpty());
}

TEST(Generic, MappingIsCheckedBeforeUse) {
  GenericMapping mapping;
  EXPECT_EQ(check(mapping).error().place, "map/text");
  mapping.pointers[GenericMapping::text] = {"/body"};
  EXPECT_TRUE(check(mapping));
  mapping.pointers[GenericMapping::id] = {"ref"};
  EXPECT_EQ(check(mapping).error().place, "map/id");
  mapping.pointers[GenericMapping::id] = {"/a~2"};
  EXPECT_EQ(check(mapping).error().code, Code::bad_setting);
}

}  // namespace
}  // namespace thap::ingest
