#include "serve/operations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "serve/http_get.h"
#include "tests/serve/metrics_check.h"

namespace thap::serve {
namespace {

using testing::HasSubstr;

TEST(MetricsText, EscapesAndGroups) {
  MetricsText out;
  out.counter("a_total", "Counts\nmuch.", 3, {{"reason", "a \"b\" \\ c\nd"}});
  out.counter("a_total", "Counts\nmuch.", 4, {{"reason", "ठप"}, {"status", "200"}});
  out.gauge("b_seconds", "Of b.", 0.25);
  EXPECT_EQ(out.text(),
            "# HELP a_total Counts\\nmuch.\n# TYPE a_total counter\n"
            "a_total{reason=\"a \\\"b\\\" \\\\ c\\nd\"} 3\n"
            "a_total{reason=\"ठप\",status=\"200\"} 4\n"
            "# HELP b_seconds Of b.\n# TYPE b_seconds gauge\nb_seconds 0.25\n");
  EXPECT_EQ(check_metrics(out.text()).fault, "");
}

TEST(MetricsText, NumbersKeepTheirDigits) {
  MetricsText out;
  out.gauge("a", "A.", 1'666'680'000'123);
  out.gauge("b", "B.", 1'666'680'000.123);
  out.gauge("c", "C.", 1e18);
  out.gauge("d", "D.", -1.0 / 0.0);
  const auto read = check_metrics(out.text());
  EXPECT_EQ(read.fault, "");
  EXPECT_THAT(out.text(), HasSubstr("\na 1666680000123\n"));
  EXPECT_THAT(out.text(), HasSubstr("\nb 1666680000.123\n"));
  EXPECT_EQ(read.samples.at("c"), 1e18);
  EXPECT_THAT(out.text(), HasSubstr("\nd -Inf\n"));
}

TEST(MetricsCheck, FindsWhatAPrometheusWouldRefuse) {
  for (const char* text : {
           "a 1\n",                                           // no family
           "# HELP a A.\n# TYPE a gauge\na 1",                // cut
           "# HELP a A.\n# TYPE a gauge\na 1\na 2\n",         // twice
           "# HELP a A.\n# TYPE a counter\na 1\n",            // no _total
           "# HELP a A.\n# TYPE a gauge\na{b=\"c\"d\"} 1\n",  // a quote
           "# HELP a A.\n# TYPE a gauge\na{b=\"c\\d\"} 1\n",  // an escape
           "# HELP a A.\n# TYPE a gauge\na one\n",            // no number
           "# HELP a_ms A.\n# TYPE a_ms gauge\na_ms 1\n",     // no base unit
           "# HELP a A.\n# TYPE a gauge\na 1\n# HELP b B.\n# TYPE b gauge\nb 1\na 2\n",
       })
    EXPECT_NE(check_metrics(text).fault, "") << text;
}

struct Served {
  Readiness readiness;
  std::unique_ptr<HttpServer> server;
};

std::unique_ptr<Served> serve() {
  auto out = std::make_unique<Served>();
  auto routes = operations_routes([served = out.get()] { return served->readiness; },
                                  [served = out.get()] {
                                    MetricsText text;
                                    add_http_metrics(served->server->figures(), text);
                                    return text.text();
                                  });
  auto server = HttpServer::open({}, std::move(routes));
  EXPECT_TRUE(server);
  out->server = std::move(*server);
  return out;
}

constexpr std::chrono::seconds patience{10};

TEST(Operations, ReadyOrNotWithReasons) {
  const auto served = serve();
  const auto port = served->server->port();
  served->readiness.notices = {"no record for 70 s"};
  auto answer = http_get("127.0.0.1", port, "/-/ready", patience);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "ready\nnote: no record for 70 s\n");
  served->readiness.reasons = {"no broker answers", "2 records behind"};
  answer = http_get("0.0.0.0", port, "/-/ready", patience);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->body, "not ready\nno broker answers\n2 records behind\nnote: no record for 70 s\n");
  HttpRequest request;
  request.headers["accept"] = "application/json";
  EXPECT_EQ(ready_response(request, served->readiness).body,
            "{\"ready\":false,\"reasons\":[\"no broker answers\",\"2 records behind\"],\"notices\":[\"no "
            "record for 70 s\"]}\n");
}

TEST(Operations, MetricsOfTheServerItself) {
  const auto served = serve();
  ASSERT_TRUE(http_get("127.0.0.1", served->server->port(), "/-/healthy", patience));
  ASSERT_TRUE(http_get("127.0.0.1", served->server->port(), "/nothing", patience));
  const auto answer = http_get("127.0.0.1", served->server->port(), "/metrics", patience);
  ASSERT_TRUE(answer);
  const auto read = check_metrics(answer->body);
  EXPECT_EQ(read.fault, "");
  EXPECT_EQ(read.samples.at(R"(thap_http_answers_total{route="/-/healthy",status="200"})"), 1);
  EXPECT_EQ(read.samples.at(R"(thap_http_answers_total{route="",status="404"})"), 1);
}

TEST(HttpGet, SaysWhyThereIsNoAnswer) {
  std::uint16_t port = 0;
  {
    const auto served = serve();
    port = served->server->port();
  }
  const auto nobody = http_get("127.0.0.1", port, "/", patience);
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().code, ingest::Code::unavailable);
  EXPECT_THAT(nobody.error().text, HasSubstr("nobody answers"));
  EXPECT_EQ(http_get("localhost", 1, "/", patience).error().code, ingest::Code::usage);
}

}  // namespace
}  // namespace thap::serve
