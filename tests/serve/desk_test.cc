// Who is told what, when, and how often: with a store that is closed and opened, and receivers that
// misbehave.
#include "serve/alerts/desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "tests/nlp/small_lexicon.h"
#include "tests/serve/example_incident.h"
#include "tests/serve/fake_receiver.h"
#include "tests/store/store_testing.h"

namespace thap::serve {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t start = onset + 10 * minute;

struct DeskTest : testing::Test {
  const store::TemporaryFolder folder;
  std::unique_ptr<store::WindowStore> store = store::open_or_fail(store::settings_in(folder / "data"));
  std::unique_ptr<AlertDesk> desk;
  std::int64_t now = start;
  std::vector<std::string> said;

  Receiver to_file(const std::string& name) const {
    Receiver out;
    out.name = name;
    out.format = Format::file;
    out.path = folder / (name + ".jsonl");
    out.interval = out.group_wait = std::chrono::milliseconds(0);
    return out;
  }
  Receiver to_hook(const std::string& name, const FakeReceiver& receiver) const {
    Receiver out = to_file(name);
    out.format = Format::raw;
    out.urls = {receiver.url()};
    out.is_own_network = true;
    return out;
  }
  void open(std::vector<Receiver> receivers, bool is_caught_up = true) {
    desk.reset();
    auto opened = AlertDesk::open(*store, {std::move(receivers), ""}, nlp::small_lexicon(), now,
                                  [this](std::string_view text) { said.emplace_back(text); });
    ASSERT_TRUE(opened) << ingest::to_string(opened.error());
    desk = std::move(*opened);
    work(is_caught_up);
  }
  // What a killed process leaves: the store as it is, nothing of the desk.
  void kill_and_open(std::vector<Receiver> receivers) {
    desk.reset();
    store.reset();
    store = store::open_or_fail(store::settings_in(folder / "data"));
    open(std::move(receivers));
  }
  void work(bool is_caught_up = true) {
    const auto worked = desk->work(now, is_caught_up);
    ASSERT_TRUE(worked) << ingest::to_string(worked.error());
  }
  void work_until(std::int64_t until_ms) {
    for (; now < until_ms; now += 1'000) work();
  }
  // Until requests under way have come back.
  void settle() {
    for (int i = 0; i < 20; ++i) {
      work();
      ASSERT_TRUE(desk->finish(std::chrono::seconds(5), now));
    }
  }

  // As the engine would: record, transition and what is owed in one batch.
  void step(rules::State state, const std::string& id = "inc_a", const std::string& group = "",
            rules::Severity severity = rules::Severity::major, bool is_annotated = false) {
    auto incident = example_incident();
    incident.id = id;
    incident.group = group;
    incident.cause = {};
    incident.state = state;
    incident.severity = severity;
    incident.sequence = ++sequence[id];
    incident.updated_ms = now;
    rules::Transition transition;
    transition.incident = id;
    transition.sequence = incident.sequence;
    transition.service = incident.service;
    transition.to = state;
    transition.annotated = is_annotated;
    transition.at_ms = now;
    transition.after = incident;
    store::Batch batch;
    batch.bytes = {
        {store::Family::incidents, rules::incident_key(id), rules::encode(incident)},
        {store::Family::incidents, rules::transition_key(id, incident.sequence), rules::encode(transition)}};
    for (auto& row : desk->owed({transition}, now)) batch.bytes.push_back(std::move(row));
    ASSERT_TRUE(store->write(batch));
  }
  std::map<std::string, std::uint32_t> sequence;

  std::vector<json> lines(const std::string& name) const {
    std::ifstream in(folder / (name + ".jsonl"));
    std::vector<json> out;
    for (std::string line; std::getline(in, line);) out.push_back(json::parse(line));
    return out;
  }
  std::vector<std::string> types(const std::string& name) const {
    std::vector<std::string> out;
    for (const auto& line : lines(name)) out.push_back(line["type"]);
    return out;
  }
};

TEST_F(DeskTest, TellsTheWholeLifeOfAnIncidentInOrderUnderIdsOfItsOwn) {
  open({to_file("desk")});
  step(rules::State::suspected);
  work();
  for (const auto state : {rules::State::confirmed, rules::State::easing, rules::State::resolved}) {
    step(state);
    now += minute;
    work();
  }
  // A suspicion has opened_ms in this example, so it is an update of something nobody was told of: no.
  EXPECT_THAT(types("desk"), ElementsAre("incident.opened", "incident.easing", "incident.resolved"));
  std::set<std::string> ids;
  for (const auto& line : lines("desk")) ids.insert(line["id"]);
  EXPECT_EQ(ids.size(), 3U);
  EXPECT_EQ(desk->left(), 0U);
}

TEST_F(DeskTest, WhatIsOwedSurvivesAKillAndIsSentOnce) {
  open({to_file("desk")});
  step(rules::State::confirmed);
  kill_and_open({to_file("desk")});
  EXPECT_THAT(types("desk"), ElementsAre("incident.opened"));
  kill_and_open({to_file("desk")});
  EXPECT_THAT(types("desk"), ElementsAre("incident.opened")) << "not again";
  step(rules::State::resolved);
  kill_and_open({to_file("desk")});
  EXPECT_THAT(types("desk"), ElementsAre("incident.opened", "incident.resolved"));
}

TEST_F(DeskTest, WhatWasSentAndNotMarkedComesAgainUnderTheSameId) {
  FakeReceiver hook;
  auto to = to_hook("desk", hook);
  to.format = Format::webhook;
  to.secrets = {"whsec_bm90LWEtc2VjcmV0LW9ubHktYS10ZXN0LXZlY3RvciE="};
  open({to});
  step(rules::State::confirmed);
  work();  // sent; nobody takes the answer
  for (int i = 0; i < 500 && hook.received().empty(); ++i) usleep(10'000);
  kill_and_open({to});
  settle();
  const auto received = hook.received();
  ASSERT_EQ(received.size(), 2U);
  EXPECT_EQ(received[0].headers.at("webhook-id"), "msg_inc_a_1_desk");
  EXPECT_EQ(received[1].headers.at("webhook-id"), "msg_inc_a_1_desk");
  EXPECT_EQ(received[0].body, received[1].body);
}

TEST_F(DeskTest, AReceiverHearsOnlyWhatItWantsButTheEndOfAllItHasHeard) {
  auto serious = to_file("serious"), other = to_file("other");
  serious.least = rules::Severity::critical;
  other.services = {"megh"};
  open({serious, other});
  step(rules::State::confirmed);
  work();
  EXPECT_THAT(types("serious"), IsEmpty());
  step(rules::State::confirmed, "inc_a", "", rules::Severity::critical, true);
  work();
  EXPECT_THAT(types("serious"), ElementsAre("incident.opened")) << "its first notice";
  step(rules::State::retracted);
  work();
  EXPECT_THAT(types("serious"), ElementsAre("incident.opened", "incident.retracted"));
  EXPECT_THAT(types("other"), IsEmpty());
}

TEST_F(DeskTest, RetriesAsStandardWebhooksSaysAndThenGivesUp) {
  FakeReceiver hook([](const Received&) { return FakeReceiver::status(500); });
  open({to_hook("desk", hook)});
  step(rules::State::confirmed);
  const std::int64_t began = now;
  std::vector<std::int64_t> tried;
  for (std::size_t i = 0; i < 40 && desk->left() > 0; ++i) {
    const auto before = hook.received().size();
    settle();
    if (hook.received().size() > before) tried.push_back((now - began) / 1'000);
    now += i == 0 ? 6'000 : i == 1 ? 6 * minute : 150 * minute;
  }
  EXPECT_EQ(hook.received().size(), 10U) << "the first and nine retries";
  EXPECT_EQ(desk->figures().at(0).given_up, 1U);
  EXPECT_EQ(tried.at(1), 6);
  const auto attempts = read_attempts(*store, "desk", 100);
  ASSERT_TRUE(attempts);
  EXPECT_EQ(attempts->size(), 10U);
  EXPECT_EQ(attempts->front().failure, "answered 500");
  EXPECT_TRUE(attempts->back().is_given_up);
}

TEST_F(DeskTest, WaitsAsLongAsItIsAskedTo) {
  FakeReceiver hook([](const Received&) { return FakeReceiver::status(429, "Retry-After: 120\r\n"); });
  open({to_hook("desk", hook)});
  step(rules::State::confirmed);
  settle();
  EXPECT_EQ(hook.received().size(), 1U);
  now += 119'000;
  settle();
  EXPECT_EQ(hook.received().size(), 1U);
  hook.answer_with([](const Received&) { return FakeReceiver::status(200); });
  now += 20'000;
  settle();
  EXPECT_EQ(hook.received().size(), 2U);
  EXPECT_EQ(desk->left(), 0U);
}

TEST_F(DeskTest, ARedirectIsAFailureAndNeverFollowed) {
  FakeReceiver inward;
  FakeReceiver hook(
      [&](const Received&) { return FakeReceiver::status(302, "Location: " + inward.url() + "\r\n"); });
  open({to_hook("desk", hook)});
  step(rules::State::confirmed);
  settle();
  EXPECT_EQ(hook.received().size(), 1U);
  EXPECT_THAT(inward.received(), IsEmpty());
  EXPECT_EQ(desk->figures().at(0).last_failure, "answered 302");
}

TEST_F(DeskTest, GoneMeansGone) {
  FakeReceiver hook([](const Received&) { return FakeReceiver::status(410); });
  open({to_hook("desk", hook), to_file("file")});
  step(rules::State::confirmed);
  settle();
  step(rules::State::easing);
  now += 10 * minute;
  settle();
  EXPECT_EQ(hook.received().size(), 1U);
  EXPECT_TRUE(desk->figures().at(0).is_disabled);
  EXPECT_EQ(desk->left(), 0U);
  EXPECT_THAT(types("file"), ElementsAre("incident.opened", "incident.easing"));
}

TEST_F(DeskTest, OneThatHangsHoldsUpNobody) {
  FakeReceiver stuck([](const Received&) { return std::string(); });
  std::vector<Receiver> all{to_hook("stuck", stuck)};
  for (int i = 0; i < 49; ++i) all.push_back(to_file("file-" + std::to_string(i)));
  open(all);
  step(rules::State::confirmed);
  work();
  step(rules::State::resolved);
  work();
  for (int i = 0; i < 49; ++i)
    EXPECT_THAT(types("file-" + std::to_string(i)), ElementsAre("incident.opened", "incident.resolved"));
  EXPECT_EQ(desk->left(), 2U) << "owed to the one that hangs";
}

TEST_F(DeskTest, WhileItWaitsNewerStepsTakeThePlaceOfOlderOnesButNeverOfFirstAndLast) {
  FakeReceiver hook([](const Received&) { return FakeReceiver::status(500); });
  open({to_hook("desk", hook)});
  step(rules::State::confirmed);
  settle();
  for (int i = 0; i < 50; ++i) step(rules::State::confirmed, "inc_a", "", rules::Severity::major, true);
  EXPECT_EQ(desk->left(), 2U) << "the first notice and the newest step";
  step(rules::State::resolved);
  EXPECT_EQ(desk->left(), 2U) << "the first notice and the end";
}

TEST_F(DeskTest, OneNotificationForOneCause) {
  auto to = to_file("desk");
  to.group_wait = std::chrono::seconds(20);
  open({to});
  step(rules::State::confirmed, "inc_a");
  step(rules::State::confirmed, "inc_b");
  step(rules::State::confirmed, "inc_a", "grp", rules::Severity::major, true);
  step(rules::State::confirmed, "inc_b", "grp", rules::Severity::major, true);
  now += 21'000;
  work_until(now + 5'000);
  const auto got = lines("desk");
  ASSERT_EQ(got.size(), 2U);
  EXPECT_EQ(got[0]["type"], "incident.opened");
  EXPECT_EQ(got[1]["type"], "incident.opened");
  EXPECT_EQ(got[1]["thread"], got[0]["thread"]) << "the second joins the first";
  EXPECT_EQ(got[1]["data"]["id"], "inc_b");
  EXPECT_THAT(got[1]["message"][0].get<std::string>(), HasSubstr("With one cause: Lahar"));
}

TEST_F(DeskTest, InQuietHoursOnlyTheCriticalIsToldAndTheRestInTheMorningUnlessItIsOver) {
  auto to = to_file("desk");
  to.quiet = QuietHours{7 * 60, 8 * 60};  // now it is 07:10 in India
  open({to});
  step(rules::State::confirmed, "inc_short");
  step(rules::State::confirmed, "inc_long");
  step(rules::State::confirmed, "inc_bad", "", rules::Severity::critical);
  work();
  EXPECT_EQ(lines("desk").size(), 1U);
  EXPECT_EQ(lines("desk")[0]["data"]["id"], "inc_bad");
  step(rules::State::resolved, "inc_short");
  work();
  now += 60 * minute;
  for (int i = 0; i < 5; ++i) work();
  ASSERT_EQ(lines("desk").size(), 2U);
  EXPECT_EQ(lines("desk")[1]["data"]["id"], "inc_long");
  EXPECT_EQ(desk->left(), 0U);
}

TEST_F(DeskTest, OldNewsFromBeforeTheStartIsNotTold) {
  open({to_file("desk")}, false);
  step(rules::State::confirmed, "inc_old");
  step(rules::State::confirmed, "inc_open");
  step(rules::State::resolved, "inc_old");
  work(false);
  EXPECT_THAT(types("desk"), IsEmpty());
  for (int i = 0; i < 3; ++i) work(true);
  ASSERT_EQ(lines("desk").size(), 1U);
  EXPECT_EQ(lines("desk")[0]["data"]["id"], "inc_open");
}

TEST_F(DeskTest, WhoMayHaveHeardOfAnIncidentBeforeAKillHearsOfItsEndThatCameMeanwhile) {
  FakeReceiver hook;
  auto to = to_hook("desk", hook);
  to.format = Format::webhook;
  to.secrets = {"whsec_bm90LWEtc2VjcmV0LW9ubHktYS10ZXN0LXZlY3RvciE="};
  open({to});
  step(rules::State::confirmed);
  work();  // sent; nobody takes the answer
  for (int i = 0; i < 500 && hook.received().empty(); ++i) usleep(10'000);
  desk.reset();
  store.reset();
  store = store::open_or_fail(store::settings_in(folder / "data"));
  open({to}, false);
  step(rules::State::resolved);
  work(false);
  settle();
  std::vector<std::string> told;
  for (const auto& message : hook.received()) told.push_back(json::parse(message.body)["type"]);
  EXPECT_THAT(told, ElementsAre("incident.opened", "incident.opened", "incident.resolved"));
}

TEST_F(DeskTest, WhatWasNewsBeforeAKillIsToldThoughItIsOverSince) {
  open({to_file("desk")});
  step(rules::State::confirmed);
  desk.reset();
  store.reset();
  store = store::open_or_fail(store::settings_in(folder / "data"));
  open({to_file("other"), to_file("desk")}, false);
  step(rules::State::resolved);
  for (int i = 0; i < 3; ++i) work(false);
  EXPECT_THAT(types("desk"), ElementsAre("incident.opened", "incident.resolved"));
}

TEST_F(DeskTest, WhatIsMutedIsToldWhenTheMuteEnds) {
  open({to_file("desk")});
  bool is_muted = true;
  desk->mute_by([&](const rules::Incident&, std::int64_t) { return is_muted; });
  step(rules::State::confirmed);
  work();
  EXPECT_THAT(types("desk"), IsEmpty());
  is_muted = false;
  work();
  EXPECT_THAT(types("desk"), ElementsAre("incident.opened"));
}

TEST_F(DeskTest, AMessageIsEditedUnderTheIdItsSideGave) {
  FakeReceiver hook([](const Received&) { return FakeReceiver::status(200, "", R"({"id":"4711"})"); });
  auto to = to_hook("desk", hook);
  to.format = Format::discord;
  open({to});
  step(rules::State::confirmed);
  settle();
  step(rules::State::resolved);
  kill_and_open({to});
  settle();
  const auto received = hook.received();
  ASSERT_EQ(received.size(), 2U);
  EXPECT_EQ(received[1].method, "PATCH");
  EXPECT_THAT(received[1].path, HasSubstr("/messages/4711"));
}

TEST_F(DeskTest, WhatWasDeliveredCanBeSentAgain) {
  open({to_file("desk")});
  step(rules::State::confirmed);
  work();
  ASSERT_TRUE(desk->send_again({"desk", "inc_a", 1}, now));
  work();
  const auto got = lines("desk");
  ASSERT_EQ(got.size(), 2U);
  EXPECT_EQ(got[0]["id"], got[1]["id"]);
  EXPECT_FALSE(desk->send_again({"desk", "inc_a", 9}, now));
  EXPECT_FALSE(desk->send_again({"nobody", "inc_a", 1}, now));
  const OwedKey key{"the_desk", "inc_a", 12};
  EXPECT_EQ(delivery_of(delivery_id(key)), key);
  for (const char* id : {"", "msg_", "msg_inc_a_12", "msg_inc_a_12_", "msg_inc_a_x_desk", "inc_a_12_desk"})
    EXPECT_FALSE(delivery_of(id)) << id;
}

TEST_F(DeskTest, AnAddressThatIsResolvedToThisMachineIsNotAsked) {
  FakeReceiver hook;
  auto to = to_hook("desk", hook);
  // The name is public as written; only resolving it shows where it leads.
  to.urls = {"http://localhost:" + hook.url().substr(hook.url().rfind(':') + 1)};
  to.is_own_network = false;
  open({to});
  step(rules::State::confirmed);
  settle();
  EXPECT_THAT(hook.received(), IsEmpty());
  EXPECT_THAT(desk->figures().at(0).last_failure, HasSubstr("private network"));
}

TEST_F(DeskTest, RowsThatDoNotReadBackAreNamed) {
  store::Batch batch;
  batch.bytes = {{store::Family::incidents, "q/desk/inc_a/0000000001", "{\"v\": 9}"}};
  ASSERT_TRUE(store->write(batch));
  const auto opened = AlertDesk::open(*store, {{to_file("desk")}, ""}, nlp::small_lexicon(), now);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ingest::Code::newer_format);
  EXPECT_THAT(ingest::to_string(opened.error()), HasSubstr("q/desk/inc_a"));
}

}  // namespace
}  // namespace thap::serve
