// The page is served whole, and may load and run nothing but itself.
#include "serve/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace thap::serve {
namespace {

using testing::HasSubstr;
using testing::Not;

HttpResponse get(const std::string& path) {
  for (const auto& route : page_routes())
    if (route.pattern == path) return route.handle({});
  ADD_FAILURE() << "nothing at " << path;
  return {};
}

std::string header(const HttpResponse& response, std::string_view name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return value;
  return {};
}

TEST(Page, LoadsOnlyWhatIsServed) {
  const auto page = get("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.type, HasSubstr("text/html"));
  EXPECT_THAT(page.body, HasSubstr("src=\"./page.js\""));
  EXPECT_THAT(page.body, HasSubstr("href=\"./page.css\""));
  EXPECT_THAT(page.body, Not(HasSubstr("http")));
  EXPECT_THAT(get("/page.js").type, HasSubstr("javascript"));
  EXPECT_THAT(get("/page.js").body, HasSubstr("/api/v1/services"));
  EXPECT_THAT(get("/page.css").type, HasSubstr("css"));
}

TEST(Page, ComesSmallToWhoTakesThat) {
  std::size_t bytes = 0;
  for (const auto& route : page_routes()) {
    HttpRequest request;
    request.headers["accept-encoding"] = "gzip, br";
    const auto small = route.handle(request);
    EXPECT_EQ(header(small, "Content-Encoding"), "gzip") << route.pattern;
    EXPECT_EQ(header(small, "Vary"), "Accept-Encoding") << route.pattern;
    EXPECT_THAT(header(small, "Content-Security-Policy"), HasSubstr("default-src 'none'"));
    bytes += small.body.size();
  }
  EXPECT_LE(bytes, 60'000u);
}

TEST(Page, MayRunNothingElse) {
  for (const char* path : {"/", "/page.js", "/page.css"}) {
    const auto policy = header(get(path), "Content-Security-Policy");
    EXPECT_THAT(policy, HasSubstr("default-src 'none'")) << path;
    EXPECT_THAT(policy, Not(HasSubstr("unsafe"))) << path;
    EXPECT_EQ(header(get(path), "X-Content-Type-Options"), "nosniff") << path;
  }
}

}  // namespace
}  // namespace thap::serve
