// The server against clients that are slow, silent, wrong or hostile: they get a refusal or nothing, and
// others notice nothing.
#include "serve/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/serve/http_client.h"

namespace thap::serve {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

HttpSettings quick() {
  HttpSettings settings;
  settings.header_time = settings.body_time = milliseconds(200);
  settings.idle_time = milliseconds(400);
  return settings;
}

std::vector<Route> routes() {
  return {
      {"GET",
       "/plain",
       Role::read,
       {"n"},
       [](const HttpRequest& r) {
         return json_response({{"n", r.value("n").value_or("")}});
       }},
      {"GET", "/thing/{id}", Role::read, {}, [](const HttpRequest& r) { return json_response(r.parts[0]); }},
      {"POST", "/echo", Role::read, {}, [](const HttpRequest& r) { return json_response(r.body); }},
      {"GET",
       "/throws",
       Role::read,
       {},
       [](const HttpRequest&) -> HttpResponse { throw std::runtime_error("secret"); }},
      {"GET", "/healthy", Role::anyone, {}, [](const HttpRequest&) { return json_response("well"); }, true},
      {"GET",
       "/stream",
       Role::read,
       {"service"},
       [](const HttpRequest& r) {
         HttpResponse out;
         out.stream = StreamStart{"data: first\n\n", 0, {}};
         if (const auto service = r.value("service"))
           out.stream->wants = [s = *service](const StreamEvent& e) { return e.service == s; };
         return out;
       }},
  };
}

std::unique_ptr<HttpServer> serve(const HttpSettings& settings = {}) {
  auto server = HttpServer::open(settings, routes());
  EXPECT_TRUE(server) << ingest::to_string(server.error());
  return std::move(*server);
}

TEST(HttpServer, AnswersGetHeadAndPost) {
  const auto server = serve();
  const std::string got = RawClient(server->port()).get("/plain?n=a%20b%E0%A4%A0");
  EXPECT_THAT(got, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(got, HasSubstr("ETag: \""));
  EXPECT_THAT(got, HasSubstr("X-Content-Type-Options: nosniff"));
  EXPECT_THAT(got, HasSubstr("default-src 'none'"));
  EXPECT_EQ(body_of(got), "{\"n\":\"a bठ\"}\n");
  const std::string head = RawClient(server->port()).ask("HEAD /plain?n=a");
  EXPECT_THAT(head, HasSubstr("Content-Length: 10\r\n"));
  EXPECT_EQ(body_of(head), "");
  EXPECT_EQ(body_of(RawClient(server->port()).post("/echo", "hello")), "\"hello\"\n");
  EXPECT_EQ(body_of(RawClient(server->port()).get("/thing/a%2Fb")), "\"a/b\"\n")
      << "an escaped slash parts nothing";
}

TEST(HttpServer, KeepsAConnectionAndAnswersInOrder) {
  const auto server = serve();
  RawClient client(server->port());
  const std::string host = "Host: localhost\r\n\r\n";
  client.send("GET /plain?n=1 HTTP/1.1\r\n" + host + "GET /plain?n=2 HTTP/1.1\r\n" + host);
  const std::string got = client.read_until("\"2\"");
  EXPECT_LT(got.find("{\"n\":\"1\"}"), got.find("{\"n\":\"2\"}"));
}

TEST(HttpServer, SendsWhatIsKnownOnlyOnce) {
  const auto server = serve();
  const std::string first = RawClient(server->port()).get("/plain");
  const auto at = first.find("ETag: ") + 6;
  const std::string tag = first.substr(at, first.find("\r\n", at) - at);
  const std::string again =
      RawClient(server->port()).get("/plain", "If-None-Match: W/\"x\", " + tag + "\r\n");
  EXPECT_THAT(again, StartsWith("HTTP/1.1 304 "));
  EXPECT_EQ(body_of(again), "");
}

struct Bad {
  const char* name;
  std::string bytes;
  int status;
};
std::ostream& operator<<(std::ostream& out, const Bad& bad) { return out << bad.name; }
class Refused : public testing::TestWithParam<Bad> {};

TEST_P(Refused, AndOthersAreServed) {
  const auto server = serve();
  RawClient client(server->port());
  client.send(GetParam().bytes);
  const std::string got = client.read_to_end();
  EXPECT_THAT(got, StartsWith("HTTP/1.1 " + std::to_string(GetParam().status) + " "));
  EXPECT_TRUE(client.is_closed() || got.find("Connection: close") == std::string::npos);
  EXPECT_THAT(got, HasSubstr("application/problem+json"));
  EXPECT_EQ(got.find("HTTP/1.1", 9), std::string::npos) << "one answer: nothing in the body is a request";
  EXPECT_THAT(RawClient(server->port()).get("/plain"), StartsWith("HTTP/1.1 200"));
}

const std::string h = "Host: localhost\r\nConnection: close\r\n";
const Bad bad_requests[] = {
    {"no_host", "GET /plain HTTP/1.1\r\n\r\n", 421},
    {"foreign_host", "GET /plain HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421},
    {"foreign_port", "GET /plain HTTP/1.1\r\nHost: localhost:1\r\n\r\n", 421},
    {"two_hosts", "GET /plain HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400},
    {"no_http", "hello there\r\n\r\n", 400},
    {"version", "GET /plain HTTP/3.7\r\n" + h + "\r\n", 400},
    {"long_header", "GET /plain HTTP/1.1\r\n" + h + "X: " + std::string(9'000, 'a') + "\r\n\r\n", 431},
    {"long_target", "GET /" + std::string(9'000, 'a') + " HTTP/1.1\r\n" + h + "\r\n", 431},
    {"long_body", "POST /echo HTTP/1.1\r\n" + h + "Content-Length: 1048577\r\n\r\n", 413},
    {"chunked", "POST /echo HTTP/1.1\r\n" + h + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411},
    {"chunked_and_length",
     "POST /echo HTTP/1.1\r\n" + h +
         "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /plain HTTP/1.1\r\n\r\n",
     400},
    {"two_lengths", "POST /echo HTTP/1.1\r\n" + h + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
     400},
    {"wrong_length", "POST /echo HTTP/1.1\r\n" + h + "Content-Length: -1\r\n\r\n", 400},
    {"folded_header", "GET /plain HTTP/1.1\r\n" + h + "Content-Length\t: 3\r\n\r\nabc", 400},
    {"no_path", "GET http://localhost/plain HTTP/1.1\r\n" + h + "\r\n", 400},
    {"wrong_escape", "GET /plain?n=%zz HTTP/1.1\r\n" + h + "\r\n", 400},
    {"nul", "GET /thing/a%00b HTTP/1.1\r\n" + h + "\r\n", 400},
    {"newline", "GET /thing/a%0d%0aSet-Cookie:b HTTP/1.1\r\n" + h + "\r\n", 400},
    {"overlong_utf8", "GET /thing/%c0%ae%c0%ae HTTP/1.1\r\n" + h + "\r\n", 400},
    {"dots", "GET /thing/../../etc/passwd HTTP/1.1\r\n" + h + "\r\n", 404},
    {"unknown_path", "GET /nothing HTTP/1.1\r\n" + h + "\r\n", 404},
    {"unknown_query", "GET /plain?m=1 HTTP/1.1\r\n" + h + "\r\n", 400},
    {"wrong_method", "POST /plain HTTP/1.1\r\n" + h + "Content-Length: 0\r\n\r\n", 405},
    {"odd_method", "BREW /plain HTTP/1.1\r\n" + h + "\r\n", 405},
    {"handler_throws", "GET /throws HTTP/1.1\r\n" + h + "\r\n", 500},
};
INSTANTIATE_TEST_SUITE_P(Rows, Refused, testing::ValuesIn(bad_requests),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(HttpServer, SaysNothingOfAFaultInside) {
  const auto server = serve();
  EXPECT_THAT(RawClient(server->port()).get("/throws"), Not(HasSubstr("secret")));
}

TEST(HttpServer, ClosesWhoIsSilentOrTrickles) {
  const auto server = serve(quick());
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 200; ++i) {
    slow.push_back(std::make_unique<RawClient>(server->port()));
    if (i % 3 == 1) slow.back()->send("GET /pl");
    if (i % 3 == 2)
      slow.back()->send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nab");
  }
  EXPECT_THAT(RawClient(server->port()).get("/plain"), StartsWith("HTTP/1.1 200"));
  std::atomic<bool> is_over{false};
  std::thread trickle([&] {  // a byte now and then does not buy time
    while (!is_over) {
      for (std::size_t i = 1; i < slow.size(); i += 3) slow[i]->send("a");
      std::this_thread::sleep_for(milliseconds(40));
    }
  });
  std::size_t closed = 0;
  for (const auto& client : slow) {
    client->read_to_end();
    closed += client->is_closed();
  }
  is_over = true;
  trickle.join();
  EXPECT_EQ(closed, slow.size());
  EXPECT_GE(server->figures().timed_out, 200u);
}

TEST(HttpServer, IsFullRatherThanLarger) {
  HttpSettings settings;
  settings.connections = 3;
  const auto server = serve(settings);
  std::vector<std::unique_ptr<RawClient>> all;
  for (int i = 0; i < 3; ++i) {
    all.push_back(std::make_unique<RawClient>(server->port()));
    all.back()->send("GET /plain HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_THAT(all.back()->read_until("\"\"}"), HasSubstr("200"));
  }
  RawClient fourth(server->port());
  EXPECT_EQ(fourth.read_to_end(), "");
  EXPECT_TRUE(fourth.is_closed());
  EXPECT_EQ(server->figures().refused, 1u);
}

TEST(HttpServer, StreamsWhatWasMissedAndWhatComes) {
  const auto server = serve();
  RawClient all(server->port()), one(server->port());
  all.send("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
  one.send("GET /stream?service=jio HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(all.read_until("data: first"), HasSubstr("text/event-stream"));
  one.read_until("data: first");
  server->publish({1, "data: a\n\n", "upi", "IN", "confirmed"});
  server->publish({2, "data: b\n\n", "jio", "IN", "confirmed"});
  const std::string heard = all.read_until("data: b");
  EXPECT_LT(heard.find("data: a"), heard.find("data: b"));
  EXPECT_THAT(one.read_until("data: b"), Not(HasSubstr("data: a")));
  RawClient late(server->port());
  late.send("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(late.read_until("data: b"), HasSubstr("data: a")) << "what was published before it subscribed";
  EXPECT_EQ(server->figures().streams, 3u);
  server->stop();
  EXPECT_THAT(all.read_to_end(), HasSubstr("event: bye"));
}

TEST(HttpServer, LetsGoOfAListenerThatDoesNotRead) {
  HttpSettings settings;
  settings.events_a_stream = 8;
  const auto server = serve(settings);
  RawClient stuck(server->port()), fine(server->port());
  for (auto* client : {&stuck, &fine}) {
    client->send("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
    client->read_until("data: first");
  }
  const std::string large(100'000, 'x');
  for (std::uint64_t n = 1; n <= 400 && server->figures().streams_dropped == 0; ++n) {
    const std::string mark = "data: " + std::to_string(n) + " end\n\n";
    server->publish({n, ": " + large + "\n" + mark, "", "", ""});
    EXPECT_THAT(fine.read_until(mark), HasSubstr(mark));
    fine.forget();
  }
  EXPECT_EQ(server->figures().streams_dropped, 1u);
  EXPECT_THAT(stuck.read_to_end(), HasSubstr("event: error"));
}

TEST(HttpServer, StopsWithConnectionsOpen) {
  auto server = serve();
  RawClient idle(server->port()), half(server->port());
  half.send("GET /pl");
  server->stop();
  server.reset();
  idle.read_to_end();
  EXPECT_TRUE(idle.is_closed());
}

TEST(HttpServer, SaysWhyItCannotListen) {
  const auto server = serve();
  HttpSettings taken;
  taken.port = server->port();
  const auto second = HttpServer::open(taken, routes());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ingest::Code::io);
  EXPECT_THAT(ingest::to_string(second.error()), HasSubstr(std::to_string(server->port())));
  HttpSettings named;
  named.host = "localhost.example";
  ASSERT_FALSE(HttpServer::open(named, routes()));
}

TEST(Listen, IsAnAddressAndAPort) {
  EXPECT_EQ(parse_listen("8470").value(), (std::pair<std::string, std::uint16_t>("127.0.0.1", 8470)));
  EXPECT_EQ(parse_listen("0.0.0.0:80").value(), (std::pair<std::string, std::uint16_t>("0.0.0.0", 80)));
  EXPECT_EQ(parse_listen("[::1]:80").value(), (std::pair<std::string, std::uint16_t>("::1", 80)));
  for (const char* wrong : {"", "x", "1.2.3.4:", "1.2.3.4:65536", ":80", "80x"})
    EXPECT_FALSE(parse_listen(wrong)) << wrong;
}

TEST(Accept, PrefersWhatTheClientPrefers) {
  const std::vector<std::string_view> offered{"application/json", "text/csv"};
  EXPECT_EQ(best_type("", offered), "application/json");
  EXPECT_EQ(best_type("text/csv", offered), "text/csv");
  EXPECT_EQ(best_type("text/html, text/*;q=0.5, */*;q=0.1", offered), "text/csv");
  EXPECT_EQ(best_type("*/*", offered), "application/json");
  EXPECT_EQ(best_type("image/png", offered), "");
  EXPECT_EQ(best_type("text/csv;q=0, */*", offered), "application/json");
}

}  // namespace
}  // namespace thap::serve
