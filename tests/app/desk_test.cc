// What people decide: it reaches everybody as a transition, stands in the log, and is still so after a
// restart.
#include "app/run_desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "app/run_outbox.h"
#include "serve/api.h"
#include "serve/incident_rows.h"
#include "tests/app/chain.h"

namespace thap::app {
namespace {

using nlohmann::json;
using rules::State;
using rules::Verdict;
using serve::Act;
using testing::HasSubstr;

// An eventful day stopped in the middle of its incident; what follows is still to come.
class DeskTest : public testing::Test {
 protected:
  DeskTest() : posts_(eventful_day(7)), store_(store::open_or_fail(store::settings_in(folder_ / "data"))) {
    hooks_.owed = [](const std::vector<rules::Transition>& transitions) {
      std::vector<store::KeyedBytes> rows;
      for (const auto& t : transitions)
        if (const auto type = serve::event_type(t)) rows.push_back(owed_row(t, *type, *nlp::small_lexicon()));
      return rows;
    };
    hooks_.on_transition = [this](const rules::Transition& t) {
      told_.push_back(t);
      if (t.to != stop_at_ || is_reached_) return;
      is_reached_ = true;
      reached_ = t;
    };
    hooks_.should_stop = [this] { return is_reached_; };
    hooks_.on_progress = [this](const PipelineSummary& summary, std::int64_t) { read_ = summary.records; };
    open();
    EXPECT_TRUE(desk_.begin(*store_));
  }
  void open() {
    pipeline_.reset();
    auto opened = Pipeline::open(*store_, nlp::small_lexicon(), shipped_rules(), 1);
    ASSERT_TRUE(opened);
    pipeline_ = std::move(*opened);
  }
  void play_until(std::optional<State> state) {
    is_reached_ = false;
    stop_at_ = state;
    MemorySource source(posts_, next_, [] { return std::size_t{1}; });
    ASSERT_TRUE(pipeline_->run(source, {}, hooks_));
    next_ += read_;
  }
  ingest::Result<serve::AuditEntry> ask(Act act) {
    act.who = "chief";
    if (act.reason.empty()) act.reason = "the posts quote a film";
    ingest::Result<serve::AuditEntry> out;
    std::atomic<bool> is_over{false};
    std::thread caller([&] {
      out = desk_.desk().ask(act, std::chrono::seconds(30));
      is_over = true;
    });
    while (!is_over) {
      desk_.work(*pipeline_, hooks_);
      std::this_thread::yield();
    }
    caller.join();
    return out;
  }
  ingest::Result<serve::AuditEntry> judge(const std::string& id, Verdict verdict) {
    Act act;
    act.incident = id;
    act.verdict = verdict;
    return ask(act);
  }
  rules::Incident incident(const std::string& id) {
    const auto all = serve::incidents_in(*store_).value();
    for (const auto& one : all)
      if (one.id == id) return one;
    ADD_FAILURE() << "no incident " << id;
    return {};
  }
  std::size_t owed() {
    std::size_t n = 0;
    EXPECT_TRUE(store_->scan(store::Family::incidents, owed_prefix, [&](auto, auto) { return ++n, true; }));
    return n;
  }

  TemporaryFolder folder_;
  std::vector<ingest::Post> posts_;
  std::shared_ptr<store::WindowStore> store_;
  std::unique_ptr<Pipeline> pipeline_;
  PipelineHooks hooks_;
  RunDesk desk_{[] { return monday_ms + 26 * hour_ms; }};
  std::vector<rules::Transition> told_;
  std::optional<State> stop_at_;
  bool is_reached_{false};
  rules::Transition reached_;  // the first of that state
  std::size_t next_{0}, read_{0};
};

TEST_F(DeskTest, ARetractedIncidentIsToldAndStaysSo) {
  play_until(State::confirmed);
  const auto id = reached_.incident;
  const auto owed_before = owed();
  const auto entry = judge(id, Verdict::retract);
  ASSERT_TRUE(entry) << to_string(entry.error());
  EXPECT_EQ(entry->act, "retract");
  EXPECT_EQ(told_.back().incident, id);
  EXPECT_EQ(told_.back().to, State::retracted);
  EXPECT_EQ(told_.back().reason, "withdrawn by chief: the posts quote a film");
  EXPECT_EQ(owed(), owed_before + 1) << "owed to receivers in the same write";
  EXPECT_EQ(incident(id).state, State::retracted);
  EXPECT_EQ(serve::transitions_of(*store_, id)->back().sequence, told_.back().sequence);
  const auto again = judge(id, Verdict::retract);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ingest::Code::usage);
  open();  // what was decided is in the store
  play_until(std::nullopt);
  EXPECT_EQ(incident(id).state, State::retracted);
}

TEST_F(DeskTest, ASuspicionIsDismissedOrConfirmed) {
  play_until(State::suspected);
  const auto id = reached_.incident;
  ASSERT_FALSE(judge(id, Verdict::retract)) << "nobody was told of it";
  const auto entry = judge(id, Verdict::confirm);
  ASSERT_TRUE(entry) << to_string(entry.error());
  EXPECT_EQ(incident(id).state, State::confirmed);
  EXPECT_THAT(told_.back().reason, HasSubstr("opened by chief: the posts quote a film; "));
  EXPECT_NE(incident(id).opened_ms, 0);
  ASSERT_TRUE(judge(id, Verdict::note));
  EXPECT_TRUE(told_.back().annotated);
  EXPECT_EQ(incident(id).state, State::confirmed);
  open();
  play_until(std::nullopt);
  EXPECT_NE(incident(id).state, State::suspected);
}

TEST_F(DeskTest, ADismissedSuspicionDoesNotComeBackByTheSamePosts) {
  play_until(State::suspected);
  const auto id = reached_.incident;
  const auto before = told_.size();
  ASSERT_TRUE(judge(id, Verdict::dismiss));
  EXPECT_EQ(incident(id).state, State::retracted);
  EXPECT_EQ(told_.size(), before + 1);
  EXPECT_EQ(judge("inc_none", Verdict::note).error().code, ingest::Code::not_found);
}

TEST_F(DeskTest, TheLogIsAChainInWhichEveryByteCounts) {
  play_until(State::confirmed);
  const auto id = reached_.incident;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(judge(id, Verdict::note));
  const auto trail = serve::audit_trail(*store_);
  ASSERT_EQ(trail->entries.size(), 3u);
  EXPECT_EQ(trail->broken_at, 0u);
  EXPECT_EQ(trail->entries[1].previous, trail->entries[0].hash);
  const auto key = std::string(serve::audit_prefix) + "0000000002";
  const auto whole = **store_->get(store::Family::incidents, key);
  const auto put = [&](std::optional<std::string> value) {
    store::Batch batch;
    batch.bytes = {{store::Family::incidents, key, std::move(value)}};
    EXPECT_TRUE(store_->write(batch));
  };
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string altered = whole;
    altered[i] = static_cast<char>(altered[i] ^ 1);
    put(altered);
    EXPECT_EQ(serve::audit_trail(*store_)->broken_at, 2u) << "byte " << i;
  }
  put(std::nullopt);
  EXPECT_EQ(serve::audit_trail(*store_)->broken_at, 2u);
  EXPECT_FALSE(RunDesk().begin(*store_)) << "nothing is added to a broken chain";
  put(whole);
  RunDesk later;
  ASSERT_TRUE(later.begin(*store_));
}

TEST_F(DeskTest, AMuteHoldsBackWhatItCoversUntilItEnds) {
  play_until(State::confirmed);
  const auto& lexicon = *nlp::small_lexicon();
  const auto now = reached_.at_ms;
  rules::Incident one = reached_.after;
  Act act;
  act.kind = Act::Kind::mute;
  act.mute.service = "lahar";
  act.mute.from_ms = now;
  act.mute.until_ms = INT64_MAX / 2;
  const auto entry = ask(act);
  ASSERT_TRUE(entry) << to_string(entry.error());
  EXPECT_EQ(entry->target, "mute_1");
  EXPECT_TRUE(desk_.mutes().muted(one, lexicon, now));
  EXPECT_FALSE(desk_.mutes().muted(one, lexicon, now - 1));
  EXPECT_FALSE(desk_.mutes().muted(one, lexicon, INT64_MAX / 2));
  RunDesk later;
  ASSERT_TRUE(later.begin(*store_));
  EXPECT_EQ(later.mutes().muted(one, lexicon, now)->id, "mute_1") << "also after a restart";
  serve::Mute mute = act.mute;
  mute.region = "IN-WB";
  one.region = "IN";
  EXPECT_FALSE(serve::covers(mute, one, lexicon));
  one.region = "IN-WB";
  EXPECT_TRUE(serve::covers(mute, one, lexicon));
  mute.klass = "bank";
  EXPECT_FALSE(serve::covers(mute, one, lexicon));
  Act end;
  end.kind = Act::Kind::unmute;
  end.mute.id = "mute_1";
  ASSERT_TRUE(ask(end));
  EXPECT_FALSE(desk_.mutes().muted(one, lexicon, now));
  EXPECT_EQ(ask(end).error().code, ingest::Code::not_found);
}

TEST_F(DeskTest, WhoIsNotServedInTimeChangesNothing) {
  play_until(State::confirmed);
  Act act;
  act.incident = reached_.incident;
  const auto late = desk_.desk().ask(act, std::chrono::milliseconds(1));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ingest::Code::unavailable);
  desk_.work(*pipeline_, hooks_);
  EXPECT_TRUE(serve::audit_trail(*store_)->entries.empty());
}

TEST(Desk, WordsForTheLogAreShortAndPlain) {
  EXPECT_EQ(serve::wrong_with_words("the receiver lost it"), "");
  for (const auto& words :
       {std::string(), std::string(1'001, 'a'), std::string("a\nb"), std::string("a\x7F")})
    EXPECT_NE(serve::wrong_with_words(words), "") << words;
}

TEST_F(DeskTest, ADeliveryIsSentAgainTogetherWithItsEntryInTheLog) {
  Act act;
  act.kind = Act::Kind::send_again;
  act.delivery = {"desk", "inc_a", 3};
  EXPECT_EQ(ask(act).error().code, ingest::Code::not_found) << "nobody sends";
  std::vector<std::string> sent;
  desk_.send_by([&](const serve::OwedKey& key, std::int64_t, std::vector<store::KeyedBytes> rows) {
    sent.push_back(serve::delivery_id(key));
    store::Batch batch;
    batch.bytes = std::move(rows);
    EXPECT_TRUE(store_->write(batch));
    return ingest::Result<void>();
  });
  const auto entry = ask(act);
  ASSERT_TRUE(entry) << to_string(entry.error());
  EXPECT_THAT(sent, testing::ElementsAre("msg_inc_a_3_desk"));
  const auto trail = serve::audit_trail(*store_);
  ASSERT_EQ(trail->entries.size(), 1u);
  EXPECT_EQ(trail->entries[0].act, "send_again");
  EXPECT_EQ(trail->entries[0].target, "msg_inc_a_3_desk");
}

TEST_F(DeskTest, TheApiAsksAndShowsWhatBecameOfIt) {
  play_until(State::confirmed);
  const auto id = reached_.incident;
  const auto now = reached_.at_ms;
  serve::Api api({.program_version = "1", .now_ms = [&] { return now; }, .desk = &desk_.desk()});
  api.use({store_, nlp::small_lexicon(), shipped_rules()});
  const serve::Router router(api.routes());
  const auto call = [&](const std::string& method, const std::string& target, const std::string& body) {
    serve::HttpRequest request;
    request.method = method;
    request.target = target;
    request.body = body;
    request.headers["content-type"] = "application/json";
    request.caller = {serve::Role::admin, "chief"};
    const auto found = router.find(request);
    if (!found.route) return found.refusal;
    serve::HttpResponse out;
    std::atomic<bool> is_over{false};
    std::thread handler([&] {
      out = found.route->handle(request);
      is_over = true;
    });
    while (!is_over) {
      desk_.work(*pipeline_, hooks_);
      std::this_thread::yield();
    }
    handler.join();
    return out;
  };
  EXPECT_EQ(json::parse(call("GET", "/api/v1/incidents/" + id, "").body)["state"], "confirmed");
  const auto done =
      call("POST", "/api/v1/incidents/" + id + "/override", R"({"verdict": "retract", "reason": "a film"})");
  ASSERT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(json::parse(done.body)["incident"]["state"], "retracted");
  EXPECT_EQ(json::parse(done.body)["audit"]["who"], "chief");
  EXPECT_EQ(json::parse(call("GET", "/api/v1/incidents/" + id, "").body)["state"], "retracted");
  const auto until = "2026-10-20T00:00:00+05:30";
  const auto muted = call("POST", "/api/v1/mutes",
                          fmt::format(R"({{"class": "messaging", "until": "{}", "why": "tests"}})", until));
  ASSERT_EQ(muted.status, 201) << muted.body;
  EXPECT_EQ(json::parse(call("GET", "/api/v1/mutes", "").body)["mutes"][0]["class"], "messaging");
  EXPECT_EQ(call("DELETE", "/api/v1/mutes/mute_2", "").status, 200);
  EXPECT_EQ(call("DELETE", "/api/v1/mutes/mute_2", "").status, 404);
  const auto log = json::parse(call("GET", "/api/v1/audit?limit=2", "").body);
  EXPECT_EQ(log["entries"].size(), 2u);
  EXPECT_EQ(log["entries"][0]["act"], "unmute");
  EXPECT_TRUE(log["broken_at"].is_null());
  const auto rest =
      json::parse(call("GET", "/api/v1/audit?cursor=" + log["next_cursor"].get<std::string>(), "").body);
  ASSERT_EQ(rest["entries"].size(), 1u);
  EXPECT_EQ(rest["entries"][0]["act"], "retract");
  struct Wrong {
    std::string target, body;
    int status;
  };
  const std::vector<Wrong> wrong{
      {"/api/v1/incidents/" + id + "/override", "[]", 400},
      {"/api/v1/incidents/" + id + "/override", R"({"verdict": "delete", "reason": "x"})", 400},
      {"/api/v1/incidents/" + id + "/override", R"({"verdict": "note"})", 400},
      {"/api/v1/incidents/" + id + "/override", R"({"verdict": "note", "reason": "a\nb"})", 400},
      {"/api/v1/incidents/" + id + "/override", R"({"verdict": "note", "reason": "x", "more": 1})", 400},
      {"/api/v1/incidents/" + id + "/override", R"({"verdict": "retract", "reason": "x"})", 409},
      {"/api/v1/incidents/inc_none/override", R"({"verdict": "note", "reason": "x"})", 404},
      {"/api/v1/deliveries/msg_1/send-again", R"({"reason": "x"})", 404},
      {"/api/v1/deliveries/msg_inc_a_1_desk/send-again", R"({"reason": "x"})", 404},
      {"/api/v1/deliveries/msg_inc_a_1_desk/send-again", "{}", 400},
      {"/api/v1/mutes", R"({"until": "2026-10-20T00:00:00Z", "why": "x"})", 400},
      {"/api/v1/mutes", R"({"service": "nobody", "until": "2026-10-20T00:00:00Z", "why": "x"})", 400},
      {"/api/v1/mutes", R"({"region": "AAA", "until": "2026-10-20T00:00:00Z", "why": "x"})", 400},
      {"/api/v1/mutes", R"({"service": "lahar", "until": "2026-12-20T00:00:00Z", "why": "x"})", 400},
      {"/api/v1/mutes", R"({"service": "lahar", "until": "2026-10-01T00:00:00Z", "why": "x"})", 400}};
  for (const auto& [target, body, status] : wrong)
    EXPECT_EQ(call("POST", target, body).status, status) << target << " " << body;
}

}  // namespace
}  // namespace thap::app
