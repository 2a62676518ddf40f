// Every route against every kind of caller, over real sockets: made from the route table, so that a new route
// cannot be forgotten.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/run_server.h"
#include "serve/api.h"
#include "serve/http_server.h"
#include "serve/operations.h"
#include "serve/page.h"
#include "tests/serve/http_client.h"

namespace thap::app {
namespace {

using serve::Role;
using testing::HasSubstr;

std::vector<serve::Route> all_routes(serve::Api& api) {
  auto routes = api.routes();
  for (auto& route : serve::page_routes()) routes.push_back(std::move(route));
  for (auto& route :
       serve::operations_routes([] { return serve::Readiness{}; }, [] { return std::string(); }))
    routes.push_back(std::move(route));
  return routes;
}

int status_of(const std::string& answer) { return answer.size() > 12 ? std::stoi(answer.substr(9, 3)) : 0; }

TEST(Access, EveryRouteAsksForItsRole) {
  serve::Api api({"1", "localhost", [] { return std::int64_t{0}; }});
  Settings settings;
  settings.serve.requests_per_second = settings.serve.requests_burst = 100'000;
  settings.serve.anonymous_read = false;
  settings.serve.tokens = {{"reader", Role::read, serve::sha256("r"), 0},
                           {"desk", Role::evidence, serve::sha256("e"), 0},
                           {"chief", Role::admin, serve::sha256("a"), 0},
                           {"expired", Role::admin, serve::sha256("x"), 1}};
  serve::HttpSettings http;
  auto server = serve::HttpServer::open(http, all_routes(api), gate_for(http, settings));
  ASSERT_TRUE(server);
  const std::vector<std::pair<std::string, Role>> callers{
      {"", Role::anyone}, {"r", Role::read}, {"e", Role::evidence}, {"a", Role::admin}};
  std::size_t asked = 0;
  for (const auto& route : all_routes(api)) {
    std::string target = route.pattern;
    for (auto at = target.find('{'); at != std::string::npos; at = target.find('{'))
      target.replace(at, target.find('}') - at + 1, "x");
    for (const auto& [token, role] : callers) {
      const std::string header = token.empty() ? "" : "Authorization: Bearer " + token + "\r\n";
      const auto answer = serve::RawClient((*server)->port())
                              .ask(route.method + " " + target, header + "Content-Length: 0\r\n");
      const int status = status_of(answer);
      const std::string where = route.method + " " + target + " as \"" + token + "\": " + answer;
      if (role < route.role)
        EXPECT_EQ(status, token.empty() ? 401 : 403) << where;
      else
        EXPECT_TRUE(status != 0 && status != 401 && status != 403 && status != 429) << where;
      ++asked;
    }
    const auto expired =
        serve::RawClient((*server)->port())
            .ask(route.method + " " + target, "Authorization: Bearer x\r\nContent-Length: 0\r\n");
    // After five, guesses are not even answered.
    EXPECT_EQ(status_of(expired) == 401 || status_of(expired) == 429, route.role != Role::anyone)
        << route.pattern;
  }
  EXPECT_GE(asked, 4 * 19u);
}

TEST(Access, LimitsCountWhoStandsBehindADeclaredProxy) {
  serve::Api api({"1", "localhost", [] { return std::int64_t{0}; }});
  Settings settings;
  settings.serve.requests_per_second = 1;
  settings.serve.requests_burst = 3;
  serve::HttpSettings http;
  http.proxies = {"127.0.0.1"};
  auto server = serve::HttpServer::open(http, all_routes(api), gate_for(http, settings));
  ASSERT_TRUE(server);
  const auto get = [&](const std::string& client) {
    return serve::RawClient((*server)->port())
        .get("/api/v1/openapi.json", "X-Forwarded-For: 203.0.113.99, " + client + "\r\n");
  };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(status_of(get("192.0.2.7")), 200);
  // Time passes meanwhile, one request a second.
  int refused = 0;
  std::string last;
  for (int i = 0; i < 20 && refused == 0; ++i)
    if (last = get("192.0.2.7"); status_of(last) == 429) ++refused;
  EXPECT_EQ(refused, 1);
  EXPECT_THAT(last, HasSubstr("Retry-After: 1\r\n"));
  EXPECT_THAT(last, HasSubstr("RateLimit: \"requests\";r=0;t=1\r\n"));
  EXPECT_EQ(status_of(get("192.0.2.8")), 200);
}

TEST(Access, PlainHttpForOthersHasToBeMeant) {
  const auto is_allowed = [](const std::string& host, const std::string& proxies, bool plain) {
    Settings settings;
    settings.serve.proxies = proxies;
    settings.serve.plain_http = plain;
    const auto http = http_settings(host + ":8470", settings);
    return http && check_exposure(*http, settings).has_value();
  };
  EXPECT_TRUE(is_allowed("127.0.0.1", "", false));
  EXPECT_TRUE(is_allowed("[::1]", "", false));
  EXPECT_FALSE(is_allowed("0.0.0.0", "", false));
  EXPECT_FALSE(is_allowed("[::]", "", false));
  EXPECT_TRUE(is_allowed("0.0.0.0", "10.0.0.1", false));
  EXPECT_TRUE(is_allowed("0.0.0.0", "", true));
  EXPECT_FALSE(is_allowed("127.0.0.1", "proxy.example", false)) << "a name is no address";
}

TEST(Access, TextsWithoutATokenOnlyWhereThisMachineAloneCanAsk) {
  const auto anonymous = [](const std::string& hosts, bool has_token, bool anonymous_read) {
    Settings settings;
    settings.serve.public_hosts = hosts;
    settings.serve.anonymous_read = anonymous_read;
    if (has_token) settings.serve.tokens = {{"desk", Role::read, {}, 0}};
    serve::HttpRequest request;
    request.peer = "127.0.0.1";
    gate_for(*http_settings("", settings), settings)->admit(Role::anyone, request);
    return request.caller.role;
  };
  EXPECT_EQ(anonymous("", false, true), Role::evidence);
  EXPECT_EQ(anonymous("", true, true), Role::read);
  EXPECT_EQ(anonymous("thap.example", false, true), Role::read);
  EXPECT_EQ(anonymous("", false, false), Role::anyone);
}

}  // namespace
}  // namespace thap::app
