// The API against its contract: every path of serve/openapi.json answers, and every answer has the members
// that stand there and no others.
#include "serve/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "app/cli.h"
#include "serve/http_server.h"
#include "serve/incident_json.h"
#include "serve/incident_rows.h"
#include "tests/app/chain.h"

namespace thap::app {
namespace {

using nlohmann::json;
using serve::Api;
using serve::HttpRequest;
using serve::HttpResponse;
using testing::HasSubstr;
using testing::StartsWith;

// As much of JSON Schema as the contract uses. Returns the first fault, or nothing.
std::string fault_of(const json& value, const json& schema, const json& root, const std::string& at) {
  if (schema.contains("$ref"))
    return fault_of(value, root.at(json::json_pointer(schema["$ref"].get<std::string>().substr(1))), root,
                    at);
  if (schema.contains("anyOf")) {
    std::string fault;
    for (const auto& one : schema["anyOf"])
      if (fault = fault_of(value, one, root, at); fault.empty()) return {};
    return fault;
  }
  if (schema.contains("type")) {
    const auto is = [&](const std::string& type) {
      return type == "object"    ? value.is_object()
             : type == "array"   ? value.is_array()
             : type == "string"  ? value.is_string()
             : type == "integer" ? value.is_number_integer()
             : type == "number"  ? value.is_number()
             : type == "boolean" ? value.is_boolean()
             : type == "null"    ? value.is_null()
                                 : false;
    };
    bool fits = false;
    const json types = schema["type"].is_array() ? schema["type"] : json::array({schema["type"]});
    for (const auto& type : types) fits = fits || is(type.get<std::string>());
    if (!fits) return at + " is " + value.dump().substr(0, 60) + ", not " + schema["type"].dump();
  }
  if (schema.contains("enum") &&
      std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end())
    return at + " is " + value.dump() + ", none of " + schema["enum"].dump();
  if (value.is_object()) {
    const json properties = schema.value("properties", json::object());
    const json required = schema.value("required", json::array());
    for (const auto& name : required)
      if (!value.contains(name.get<std::string>())) return at + " lacks " + name.get<std::string>();
    for (const auto& [name, member] : value.items()) {
      if (!properties.contains(name)) {
        if (schema.value("additionalProperties", true) == false) return at + " has " + name;
        continue;
      }
      if (auto fault = fault_of(member, properties[name], root, at + "/" + name); !fault.empty())
        return fault;
    }
  }
  if (value.is_array() && schema.contains("items"))
    for (std::size_t k = 0; k < value.size(); ++k)
      if (auto fault = fault_of(value[k], schema["items"], root, at + "/" + std::to_string(k));
          !fault.empty())
        return fault;
  return {};
}

class ApiTest : public testing::Test {
 protected:
  // A day with one incident, read once for all tests.
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    store_ = store::open_or_fail(store::settings_in(*folder_ / "data"));
    auto pipeline = Pipeline::open(*store_, nlp::small_lexicon(), shipped_rules(), 1);
    const auto posts = eventful_day(7);
    MemorySource source(posts, 0, [] { return std::size_t{500}; });
    ASSERT_TRUE((*pipeline)->run(source, {}, {}));
  }
  static void TearDownTestSuite() {
    store_.reset();
    delete folder_;
  }

  ApiTest()
      : api_({.program_version = "1.2.3",
              .host = "thap.example",
              .now_ms = [] { return store_->newest_clock_ms() + 5'000; },
              .cap = {.sender = "desk@thap.example"}}) {
    api_.use({store_, nlp::small_lexicon(), shipped_rules()});
    EXPECT_TRUE(api_.log().begin(*store_, *nlp::small_lexicon()));
    contract_ = json::parse(get("/api/v1/openapi.json").body);
    const auto all = serve::incidents_in(*store_).value();
    for (const auto& i : all)
      if (i.opened_ms != 0) incident_ = i.id;
  }

  HttpResponse ask(HttpRequest request) {
    const serve::Router router(api_.routes());
    const auto found = router.find(request);
    return found.route ? found.route->handle(request) : found.refusal;
  }
  HttpResponse get(const std::string& target, const std::string& accept = {}) {
    HttpRequest request;
    request.method = "GET";
    request.target = target;
    if (!accept.empty()) request.headers["accept"] = accept;
    return ask(request);
  }
  HttpResponse post(const std::string& target, const std::string& body, const std::string& type) {
    HttpRequest request;
    request.method = "POST";
    request.target = target;
    request.body = body;
    request.headers["content-type"] = type;
    return ask(request);
  }
  json read(const std::string& target) {
    const auto answer = get(target);
    EXPECT_EQ(answer.status, 200) << target << ": " << answer.body;
    return json::parse(answer.body);
  }

  static TemporaryFolder* folder_;
  static std::shared_ptr<store::WindowStore> store_;
  Api api_;
  json contract_;
  std::string incident_;
};
TemporaryFolder* ApiTest::folder_ = nullptr;
std::shared_ptr<store::WindowStore> ApiTest::store_;

TEST_F(ApiTest, EveryRouteStandsInTheContractAndTheOtherWayRound) {
  std::set<std::string> routes, promised;
  for (const auto& route : api_.routes()) {
    std::string line = route.method + " " + route.pattern;
    for (const auto& name : std::set<std::string>(route.query.begin(), route.query.end())) line += " " + name;
    routes.insert(line);
  }
  for (const auto& [path, methods] : contract_["paths"].items())
    for (const auto& [method, operation] : methods.items()) {
      std::set<std::string> names;
      for (const auto& parameter : operation["parameters"])
        if (parameter["in"] == "query") names.insert(parameter["name"].get<std::string>());
      std::string line = method + " " + path;
      for (std::size_t i = 0; i < method.size(); ++i) line[i] = static_cast<char>(line[i] - 'a' + 'A');
      for (const auto& name : names) line += " " + name;
      promised.insert(line);
    }
  EXPECT_EQ(routes, promised);
}

TEST_F(ApiTest, EveryAnswerHasWhatTheContractSays) {
  ASSERT_FALSE(incident_.empty());
  int checked = 0;
  for (const auto& [path, methods] : contract_["paths"].items())
    for (const auto& [method, operation] : methods.items()) {
      // Changes are made by the desk: tests/app/desk_test.cc.
      if (method == "delete" || (method == "post" && path != "/api/v1/explain")) continue;
      std::string target = path;
      if (const auto at = target.find("{id}"); at != std::string::npos)
        target.replace(at, 4, path.find("services") != std::string::npos ? "lahar" : incident_);
      if (path == "/api/v1/series") target += "?service=lahar,tarang";
      const auto answer =
          method == "get" ? get(target) : post(target, "lahar is down in kolkata", "text/plain");
      ASSERT_EQ(answer.status, 200) << target << ": " << answer.body;
      if (answer.stream) continue;
      const std::string type = answer.type.substr(0, answer.type.find(';'));
      const auto& content = operation["responses"]["200"]["content"];
      ASSERT_TRUE(content.contains(type)) << target << " gives " << type;
      if (type.find("json") == std::string::npos) continue;
      EXPECT_EQ(fault_of(json::parse(answer.body), content[type]["schema"], contract_, target), "");
      ++checked;
    }
  EXPECT_EQ(checked, 19);
}

TEST_F(ApiTest, TheCheckOfSchemasFindsFaults) {
  json list = read("/api/v1/incidents");
  const json schema = {{"$ref", "#/components/schemas/IncidentList"}};
  ASSERT_EQ(fault_of(list, schema, contract_, ""), "");
  json more = list, less = list, wrong = list, other = list;
  more["incidents"][0]["colour"] = "blue";
  less["incidents"][0].erase("region");
  wrong["incidents"][0]["observed"]["posts"] = "many";
  other["incidents"][0]["state"] = "burning";
  const std::vector<json> all_bad{more, less, wrong, other};
  for (const auto& bad : all_bad) EXPECT_NE(fault_of(bad, schema, contract_, ""), "");
}

TEST_F(ApiTest, ServicesThatFailedMostComeFirst) {
  const json all = read("/api/v1/services");
  ASSERT_EQ(all["services"].size(), 6u);
  EXPECT_EQ(all["services"][0]["id"], "lahar");
  EXPECT_EQ(all["services"][0]["last_incident"], incident_);
  EXPECT_EQ(all["services"][0]["sparkline"].size(), 48u);
  std::uint64_t sum = 0;
  for (const auto& n : all["services"][0]["sparkline"]) sum += n.get<std::uint64_t>();
  EXPECT_EQ(all["services"][0]["complaints_24h"], sum);
  EXPECT_GT(sum, 100u);
  EXPECT_EQ(all["data"]["age_s"], 5);
}

TEST_F(ApiTest, FiltersAndCursors) {
  EXPECT_EQ(read("/api/v1/incidents?service=lahar&state=resolved,easing")["incidents"].size(), 1u);
  EXPECT_EQ(read("/api/v1/incidents?service=tarang")["incidents"].size(), 0u);
  EXPECT_EQ(read("/api/v1/incidents?severity=minor,major,critical")["incidents"].size(), 1u);
  EXPECT_EQ(read("/api/v1/incidents?to=2020-01-01")["incidents"].size(), 0u);
  // With suspicions there are several, so a page of one has a next.
  const std::string all = "/api/v1/incidents?state=suspected,confirmed,easing,resolved,retracted";
  const json whole = read(all);
  ASSERT_GT(whole["incidents"].size(), 1u);
  std::vector<std::string> paged, expected;
  for (const auto& i : whole["incidents"]) expected.push_back(i["id"]);
  std::string cursor;
  for (std::size_t pages = 0; pages <= expected.size(); ++pages) {
    const json page = read(all + "&limit=1" + cursor);
    for (const auto& i : page["incidents"]) paged.push_back(i["id"]);
    if (page["next_cursor"].is_null()) break;
    cursor = "&cursor=" + page["next_cursor"].get<std::string>();
  }
  EXPECT_EQ(paged, expected);
  cursor[cursor.size() - 1] = cursor.back() == '0' ? '1' : '0';
  EXPECT_EQ(get(all + cursor).status, 400) << "an altered cursor";
}

TEST_F(ApiTest, GapsAreNullAndNeverZero) {
  const std::int64_t newest = store_->newest_clock_ms();
  const json series =
      read(fmt::format("/api/v1/series?service=lahar&step=30&from=2h&to={}", newest + 3'600'000));
  const auto& points = series["lines"][0]["points"];
  EXPECT_TRUE(points[0]["observed"].is_number());
  EXPECT_TRUE(points.back()["observed"].is_null()) << "after the newest record nobody knows";
  EXPECT_TRUE(points[0]["expected"].is_number());
  EXPECT_LE(points[0]["lo"].get<double>(), points[0]["expected"].get<double>());
  const auto csv = get("/api/v1/series?service=lahar&by=language&from=1h&step=60", "text/csv");
  EXPECT_THAT(csv.type, StartsWith("text/csv"));
  EXPECT_THAT(csv.body, StartsWith("time,service,language,count\n"));
  EXPECT_THAT(get("/api/v1/series?service=lahar", "application/x-ndjson").body, HasSubstr("\"count\":"));
}

TEST_F(ApiTest, AnIncidentIsToldAsItWasKnownThen) {
  const std::string path = "/api/v1/incidents/" + incident_;
  const auto life = serve::transitions_of(*store_, incident_).value();
  ASSERT_GE(life.size(), 3u);
  for (const auto& t : life) {
    const json then = read(fmt::format("{}?as_of={}", path, t.at_ms));
    EXPECT_EQ(then["state"], rules::name(t.to)) << t.sequence;
    EXPECT_EQ(then["sequence"], t.sequence);
    EXPECT_EQ(then["observed"]["posts"], t.after.observed_posts);
    EXPECT_TRUE(then["data_age_s"].is_null());
    EXPECT_LE(then["minutes"]["observed"].size(), read(path)["minutes"]["observed"].size());
    const auto first = rules::decode_incident(
        *store_->get(store::Family::incidents, rules::incident_key(incident_)).value());
    EXPECT_LE(first->first_minute * std::int64_t{60'000} + then["minutes"]["observed"].size() * 60'000,
              t.at_ms)
        << "a minute that was not over was not known";
  }
  EXPECT_EQ(get(fmt::format("{}?as_of={}", path, life.front().at_ms - 1)).status, 404);
  const auto listed = [&](std::int64_t at_ms) {
    return read(fmt::format("/api/v1/incidents?as_of={}", at_ms))["incidents"].size();
  };
  EXPECT_EQ(listed(life.front().at_ms), 0u) << "only suspected";
  const json newest = read(path), at_last = read(fmt::format("{}?as_of={}", path, life.back().at_ms));
  EXPECT_EQ(at_last["headline"], newest["headline"]);
  EXPECT_EQ(listed(life.back().at_ms), 1u);
  EXPECT_EQ(get(path + "?as_of=yesterday").status, 400);

  // thap asof says the same.
  Common common;
  common.data = *folder_ / "data";
  common.json = true;
  const auto told = [&](std::int64_t at_ms) {
    testing::internal::CaptureStdout();
    EXPECT_EQ(list_incidents_as_of(common, Settings{}, serve::utc_time(at_ms)), ExitCode::ok);
    return testing::internal::GetCapturedStdout();
  };
  EXPECT_EQ(told(life.front().at_ms), "");
  const std::string last = told(life.back().at_ms + 1'000);  // times are told to the second
  EXPECT_EQ(json::parse(last)["id"], incident_);
  EXPECT_EQ(json::parse(last)["sequence"], life.back().sequence);
}

TEST_F(ApiTest, PlacesStandUnderTheirStates) {
  const json service = read("/api/v1/services/lahar");
  std::map<std::string, std::uint64_t> of_places, of_regions;
  for (const auto& place : service["places"])
    of_places[place["region"].get<std::string>()] += place["posts"].get<std::uint64_t>();
  for (const auto& region : service["regions"]) {
    EXPECT_TRUE(of_regions.emplace(region["id"], region["posts"].get<std::uint64_t>()).second);
    EXPECT_FALSE(region["name"]["hi"].get<std::string>().empty());
  }
  EXPECT_GT(of_regions.at("IN-WB"), 0u);
  for (const auto& [iso, posts] : of_places) {
    if (!iso.starts_with("IN-")) continue;
    EXPECT_EQ(of_regions.at(iso), posts) << iso;
  }
}

TEST_F(ApiTest, WrongRequestsAreToldWhatIsWrong) {
  const std::vector<std::pair<std::string, int>> rows = {
      {"/api/v1/incidents/inc_nothing", 404},
      {"/api/v1/incidents/inc_nothing/timeline", 404},
      {"/api/v1/services/nothing", 404},
      {"/api/v1/incidents?state=burning", 400},
      {"/api/v1/incidents?limit=0", 400},
      {"/api/v1/incidents?limit=1001", 400},
      {"/api/v1/incidents?cursor=1.x.y", 400},
      {"/api/v1/incidents?colour=blue", 400},
      {"/api/v1/incidents?from=yesterday", 400},
      {"/api/v1/series", 400},
      {"/api/v1/series?service=nothing", 400},
      {"/api/v1/series?service=lahar&by=mood", 400},
      {"/api/v1/series?service=lahar&step=0", 400},
      {"/api/v1/series?service=lahar&from=2026-10-12&to=2026-10-11", 400},
      {"/api/v1/series?service=lahar&from=40d&step=1440", 400},
      {"/feeds/incidents.atom?lang=fr", 400},
      {"/api/v1/stream?service=nothing", 400}};
  for (const auto& [target, status] : rows) {
    const auto answer = get(target);
    EXPECT_EQ(answer.status, status) << target << ": " << answer.body;
    EXPECT_EQ(answer.type, "application/problem+json") << target;
    EXPECT_EQ(
        fault_of(json::parse(answer.body), {{"$ref", "#/components/schemas/Problem"}}, contract_, target),
        "");
  }
  EXPECT_EQ(post("/api/v1/explain", "{\"txt\":1}", "application/json").status, 400);
  EXPECT_EQ(post("/api/v1/explain", std::string(16'385, 'a'), "text/plain").status, 413);
  EXPECT_EQ(post("/api/v1/explain", "\xff", "text/plain").status, 400);
  EXPECT_EQ(
      post("/api/v1/explain", "{\"text\":\"lahar\",\"written_at\":\"today\"}", "application/json").status,
      400);
  EXPECT_EQ(post("/api/v1/explain", "{\"text\":\"lahar\",\"written_at\":5}", "application/json").status, 400);
  EXPECT_THAT(post("/api/v1/explain", "{\"text\":\"lahar down\"}", "application/json").body,
              HasSubstr("lahar"));
  const auto told =
      post("/api/v1/explain",
           "{\"text\":\"lahar down 20 minute se\",\"written_at\":\"2026-10-12T10:00:00+05:30\"}",
           "application/json");
  EXPECT_EQ(json::parse(told.body)["onset"],
            json::parse("{\"at\":\"2026-10-12T04:10:00Z\",\"approximate\":true,\"minutes_before\":20}"));
  EXPECT_EQ(
      fault_of(json::parse(told.body), {{"$ref", "#/components/schemas/Explanation"}}, contract_, "explain"),
      "");
}

TEST_F(ApiTest, BeforeTheStoreIsOpenItSaysSo) {
  Api early({"1", "localhost", [] { return std::int64_t{0}; }});
  HttpRequest request;
  request.method = "GET";
  request.target = "/api/v1/services";
  const serve::Router router(early.routes());
  EXPECT_EQ(router.find(request).route->handle(request).status, 503);
}

TEST_F(ApiTest, TextsOnlyForWhomTheyAreMeant) {
  HttpRequest request;
  request.method = "GET";
  request.target = "/api/v1/incidents/" + incident_ + "/evidence";
  request.caller.role = serve::Role::read;
  EXPECT_TRUE(json::parse(ask(request).body)["evidence"][0]["text"].is_null());
  request.caller.role = serve::Role::evidence;
  EXPECT_TRUE(json::parse(ask(request).body)["evidence"][0]["text"].is_string());
}

TEST_F(ApiTest, APackSaysWhatWentFromItAndKeepsItsCounts) {
  const std::string path = "/api/v1/incidents/" + incident_ + "/pack";
  const json before = read(path);
  EXPECT_EQ(read(path), before) << "the same whenever it is made";
  ASSERT_GT(before["posts"].size(), 3u);
  EXPECT_FALSE(before["steps"].empty());
  const auto evidence =
      store_->evidence(nlp::small_lexicon()->service("lahar")->number, {0, UINT32_MAX}, 10'000);
  ASSERT_TRUE(evidence);
  for (const auto& post : *evidence) EXPECT_EQ(before.dump().find(post.text), std::string::npos) << post.text;

  store::Batch deletion;
  store::EvidenceChange change;
  for (const auto& post : *evidence)
    if (fmt::format("{:016x}{:016x}", post.post.high, post.post.low) == before["posts"][0]["post"])
      change.post = post.post;
  deletion.tally.changes.push_back(change);
  ASSERT_TRUE(store_->write(deletion));
  const json after = read(path);
  EXPECT_EQ(after["counts_hash"], before["counts_hash"]);
  EXPECT_NE(after["hash"], before["hash"]);
  EXPECT_EQ(after["posts"].size(), before["posts"].size() - 1);
  EXPECT_THAT(after["about"].get<std::string>(), HasSubstr("deleted by their authors"));
}

TEST_F(ApiTest, CapIsThereOnlyForWhomItWasSwitchedOn) {
  const std::string path = "/api/v1/incidents/" + incident_ + "/cap";
  const auto answer = get(path);
  EXPECT_EQ(answer.type, "application/cap+xml; charset=utf-8");
  EXPECT_THAT(answer.body, HasSubstr("<sender>desk@thap.example</sender>"));
  EXPECT_EQ(get("/api/v1/incidents/inc_none/cap").status, 404);

  Api without({.program_version = "1", .now_ms = [] { return std::int64_t{0}; }});
  without.use({store_, nlp::small_lexicon(), shipped_rules()});
  HttpRequest request;
  request.method = "GET";
  request.target = path;
  const auto refused = serve::Router(without.routes()).find(request).route->handle(request);
  EXPECT_EQ(refused.status, 404);
  EXPECT_THAT(refused.body, HasSubstr("cap_sender"));
}

TEST_F(ApiTest, CountsMayBeKeptUntilTheNextMinute) {
  const auto answer = get("/api/v1/series?service=lahar");
  const std::int64_t left_s = 59 - (store_->newest_clock_ms() + 5'000) / 1'000 % 60;
  EXPECT_THAT(answer.headers,
              testing::Contains(testing::Pair("Cache-Control", fmt::format("private, max-age={}", left_s))));
}

TEST_F(ApiTest, SpeaksTheShapesOfGrafanaAndStatuspage) {
  const json notes = read("/api/v1/incidents?format=annotations&service=lahar");
  EXPECT_EQ(fault_of(notes, contract_["components"]["schemas"]["Annotations"], contract_, ""), "");
  ASSERT_EQ(notes.size(), read("/api/v1/incidents?service=lahar")["incidents"].size());
  EXPECT_EQ(notes[0]["tags"][0], "lahar");
  EXPECT_LT(notes[0]["time"].get<std::int64_t>(), notes[0]["timeEnd"].get<std::int64_t>());
  EXPECT_EQ(get("/api/v1/incidents?format=xml").status, 400);

  const json list = read("/api/v2/incidents.json");
  ASSERT_FALSE(list["incidents"].empty());
  const json& one = list["incidents"][0];
  EXPECT_EQ(one["id"], incident_);
  EXPECT_EQ(one["status"], "resolved");
  EXPECT_EQ(one["incident_updates"][0]["status"], "resolved") << "newest first";
  EXPECT_EQ(one["incident_updates"].back()["status"], "investigating");
  EXPECT_EQ(read("/api/v2/status.json")["status"]["indicator"], "none");
  EXPECT_TRUE(read("/api/v2/summary.json")["components"].empty()) << "nothing is claimed to be well";
}

TEST_F(ApiTest, FeedsKeepTheirIds) {
  const auto atom = get("/feeds/incidents.atom?lang=hi");
  EXPECT_THAT(atom.body, HasSubstr("<id>tag:thap.example,2026:incident/" + incident_ + "</id>"));
  EXPECT_THAT(atom.body, HasSubstr("xml:lang=\"hi\""));
  const json feed = read("/feeds/incidents.json?service=lahar");
  EXPECT_EQ(feed["items"][0]["id"], "tag:thap.example,2026:incident/" + incident_);
  EXPECT_EQ(read("/feeds/incidents.json?service=tarang")["items"].size(), 0u);
}

TEST_F(ApiTest, AStreamGoesOnWhereItStoodWithoutGapOrRepeat) {
  auto start = [&](const std::string& last) { return api_.log().start(last, {}); };
  const std::string begin = start("").first;
  EXPECT_THAT(begin, StartsWith("id: "));
  EXPECT_EQ(begin.find("data:"), std::string::npos) << "without an id it begins with what comes";
  EXPECT_EQ(start(begin.substr(4, begin.size() - 6)).first, "") << "and that is its end";
  EXPECT_EQ(serve::EventLog().start("", {}).first, "id: 0.none.0\n\n");
  const std::string whole = start("0.x.0").first;
  std::vector<std::string> ids;
  for (std::size_t at = 0; (at = whole.find("id: ", at)) != std::string::npos; ++at)
    if (at == 0 || whole[at - 1] == '\n') ids.push_back(whole.substr(at + 4, whole.find('\n', at) - at - 4));
  ASSERT_GE(ids.size(), 3u);
  EXPECT_THAT(ids[0], HasSubstr(incident_));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::string rest = start(ids[i]).first;
    EXPECT_EQ(rest.find("id: " + ids[i] + "\n"), std::string::npos);
    if (i + 1 < ids.size())
      EXPECT_THAT(rest, StartsWith("id: " + ids[i + 1] + "\n"));
    else
      EXPECT_EQ(rest, "");
  }
  EXPECT_THAT(start("rubbish").first, StartsWith("event: reset\n"));
  EXPECT_EQ(api_.log().start("0.x.0", {"tarang", "", ""}).first, "");
  // What the store has already is not published again.
  auto life = serve::transitions_of(*store_, incident_).value();
  EXPECT_TRUE(api_.log().add(life, *nlp::small_lexicon()).empty());
  life.back().at_ms += 1;
  life.back().sequence += 1;
  EXPECT_EQ(api_.log().add({life.back()}, *nlp::small_lexicon()).size(), 1u);
}

}  // namespace
}  // namespace thap::app
