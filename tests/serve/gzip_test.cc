// What is compressed comes out the same through another program's gzip; who does not want it gets it plain.
#include "serve/gzip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <random>

namespace thap::serve {
namespace {

using testing::Contains;
using testing::Pair;

std::string unpacked(const std::string& packed) {
  const std::string path = testing::TempDir() + "thap_gzip_test.gz";
  std::ofstream(path, std::ios::binary) << packed;
  std::string out;
  FILE* pipe = popen(("gzip -dc " + path).c_str(), "r");
  std::array<char, 65'536> buffer;
  for (std::size_t n = 0; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    out.append(buffer.data(), n);
  EXPECT_EQ(pclose(pipe), 0) << "gzip found a fault";
  std::remove(path.c_str());
  return out;
}

TEST(Gzip, GzipReadsIt) {
  std::mt19937 random(1);
  for (const std::size_t size : {0, 1, 1'000, 70'000, 500'000}) {
    std::string words, noise;
    while (words.size() < size) words += "whatsapp " + std::to_string(random() % 100);
    while (noise.size() < size) noise += static_cast<char>(random());
    EXPECT_EQ(unpacked(gzipped(words)), words) << size;
    EXPECT_EQ(unpacked(gzipped(noise)), noise) << size;
  }
}

TEST(Gzip, AcceptEncoding) {
  for (const char* yes : {"gzip", "gzip, deflate, br", "br;q=1.0, gzip;q=0.8", "*", "deflate , gzip ; q=0.1"})
    EXPECT_TRUE(accepts_gzip(yes)) << yes;
  for (const char* no : {"", "br", "gzip;q=0", "gzip;q=0.0, *", "*;q=0", "xgzip"})
    EXPECT_FALSE(accepts_gzip(no)) << no;
}

class CompressTest : public testing::Test {
 protected:
  HttpResponse answer(const std::string& accept, std::string body = std::string(2'000, 'a')) {
    HttpRequest request;
    request.method = "GET";
    if (!accept.empty()) request.headers["accept-encoding"] = accept;
    HttpResponse out;
    out.body = std::move(body);
    out.headers = {{"Vary", "Accept"}};
    add_etag(request, out);
    compress_if_wanted(request, out);
    return out;
  }
};

TEST_F(CompressTest, OnlyWhereItIsWantedAndWorthIt) {
  const auto packed = answer("gzip");
  EXPECT_LT(packed.body.size(), 100u);
  EXPECT_THAT(packed.headers, Contains(Pair("Content-Encoding", "gzip")));
  EXPECT_THAT(packed.headers, Contains(Pair("Vary", "Accept, Accept-Encoding")));
  const auto plain = answer("");
  EXPECT_EQ(plain.body.size(), 2'000u);
  EXPECT_THAT(plain.headers, Contains(Pair("Vary", "Accept, Accept-Encoding")));
  EXPECT_EQ(answer("gzip", "short").body, "short");
}

TEST_F(CompressTest, EachFormHasATagAndBothAreKnownAgain) {
  const auto tag = [](const HttpResponse& response) {
    for (const auto& [name, value] : response.headers)
      if (name == "ETag") return value;
    return std::string();
  };
  const std::string packed = tag(answer("gzip")), plain = tag(answer(""));
  EXPECT_NE(packed, plain);
  for (const auto& known : {packed, plain, "W/" + packed}) {
    HttpRequest request;
    request.method = "GET";
    request.headers["if-none-match"] = known;
    HttpResponse out;
    out.body = std::string(2'000, 'a');
    add_etag(request, out);
    EXPECT_EQ(out.status, 304) << known;
  }
}

}  // namespace
}  // namespace thap::serve
