// Forgetting and copying beside a writer, by way of the socket.
#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/upkeep.h"
#include "tests/app/chain.h"

namespace thap::app {
namespace {

using ingest::Code;
using ingest::Network;
using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::chrono::seconds patience{60};
const std::string secret = "q7Zr2XvK9mTb4LwY8sHd";

ingest::AuthorKey a_key() { return ingest::AuthorKey::from_hex("000102030405060708090a0b0c0d0e0f").value(); }

class UpkeepTest : public testing::Test {
 protected:
  void keep(const std::string& id, const std::string& author, const std::string& text,
            std::int64_t clock_ms = monday_ms) {
    store::Batch batch;
    store::Evidence evidence;
    evidence.service = nlp::service_id("lahar");
    evidence.minute = store::minute_of(monday_ms);
    evidence.network = Network::x;
    evidence.post = ingest::post_key(Network::x, id);
    evidence.author = a_key().hash(Network::x, author, clock_ms);
    evidence.event_ms = monday_ms;
    evidence.text = text;
    batch.tally.evidence = {evidence};
    batch.tally.newest_clock_ms = monday_ms;
    ASSERT_OK(store->write(batch));
  }
  std::vector<std::string> texts() const {
    std::vector<std::string> out;
    const auto minute = store::minute_of(monday_ms);
    const auto kept = store->evidence(nlp::service_id("lahar"), {minute, minute + 1}, 9).value();
    for (const auto& evidence : kept) out.push_back(evidence.text);
    return out;
  }
  bool is_on_disk(const std::string& text) const {
    return store::bytes_below(folder / "data").find(text) != std::string::npos;
  }
  // Asks as a command does, while this thread is the pipeline's.
  json ask(const json& question, const std::string& path) {
    Upkeep upkeep(*store, a_key(), path, [this](std::string_view text) { said += text; });
    std::atomic<bool> is_done{false};
    ingest::Result<json> answer = json{};
    std::thread asker([&] {
      answer = ask_at(socket_path(path), question, patience);
      is_done = true;
    });
    while (!is_done) {
      upkeep.work();
      std::this_thread::yield();
    }
    asker.join();
    EXPECT_TRUE(answer) << ingest::to_string(answer.error());
    return answer ? *answer : json{};
  }
  json ask(const json& question) { return ask(question, folder / "data"); }
  json forget(const char* what, const std::string& id) {
    return ask(to_json(forget_request(what, "x", id).value()));
  }

  TemporaryFolder folder;
  std::unique_ptr<store::WindowStore> store = store::open_or_fail(store::settings_in(folder / "data"));
  std::string said;
};

TEST_F(UpkeepTest, ForgetsAPostFromTheFiles) {
  keep("1", "41", secret);
  keep("2", "42", "other");
  ASSERT_TRUE(is_on_disk(secret));
  EXPECT_EQ(forget("post", "1"), (json{{"removed", 1}}));
  EXPECT_THAT(texts(), ElementsAre("other"));
  EXPECT_FALSE(is_on_disk(secret));
  keep("1", "41", secret);
  EXPECT_THAT(texts(), ElementsAre("other")) << "and it stays away";
  EXPECT_EQ(said, "");
}

TEST_F(UpkeepTest, ForgetsAnAuthorUnderAllLiveKeys) {
  keep("1", "41", secret);
  keep("2", "42", "other");
  keep("3", "41", "of the period before", monday_ms - 30 * 24 * hour_ms);
  EXPECT_EQ(forget("author", "41"), (json{{"removed", 2}}));
  EXPECT_THAT(texts(), ElementsAre("other"));
  EXPECT_FALSE(is_on_disk(secret));
}

TEST_F(UpkeepTest, CopiesTheStoreBesideTheWriter) {
  keep("1", "41", "kept");
  EXPECT_EQ(ask({{"do", "backup"}, {"directory", folder / "copy"}}), json::object());
  auto settings = store::settings_in(folder / "copy");
  settings.read_only = true;
  const auto copy = store::open_or_fail(settings);
  const auto minute = store::minute_of(monday_ms);
  EXPECT_EQ(copy->evidence(nlp::service_id("lahar"), {minute, minute + 1}, 9)->size(), 1u);
  EXPECT_TRUE(ask({{"do", "backup"}, {"directory", folder / "copy"}}).contains("error"))
      << "never over another";
}

TEST_F(UpkeepTest, AnswersNonsenseWithAnError) {
  for (const json& question : {json{{"do", "dance"}}, json{{"do", 7}}, json::object(), json{{"do", "forget"}},
                               json{{"do", "forget"}, {"what", "post"}, {"network", "paper"}, {"id", "1"}},
                               json{{"do", "forget"}, {"what", "post"}, {"network", "x"}, {"id", ""}}})
    EXPECT_TRUE(ask(question).contains("error")) << question;
}

// The promise of a minute, for deletes that came as posts, holds without anybody asking.
TEST_F(UpkeepTest, ErasesWhatTheSourceDeleted) {
  keep("1", "41", secret);
  store::Batch batch;
  batch.tally.changes = {{ingest::Operation::remove, ingest::post_key(Network::x, "1"), 0, {}, monday_ms}};
  ASSERT_OK(store->write(batch));
  ASSERT_TRUE(is_on_disk(secret));
  const Upkeep upkeep(*store, a_key(), folder / "data", [](std::string_view) {});
  const auto until = std::chrono::steady_clock::now() + patience;
  while (store->owes_erasure() || is_on_disk(secret)) {
    ASSERT_LT(std::chrono::steady_clock::now(), until);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

TEST_F(UpkeepTest, OnlyItsOwnerMayAskAndNobodyAfterTheEnd) {
  const auto path = socket_path(folder / "data/");
  EXPECT_EQ(path, folder / "data.sock");
  {
    const Upkeep upkeep(*store, a_key(), folder / "data", [](std::string_view) {});
    struct stat status {};
    ASSERT_EQ(stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777u, 0600u);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_EQ(ask_at(path, json::object(), patience).error().code, Code::not_found);
  {  // what a killed process leaves
    const auto left = listen_at(path);
    ASSERT_OK(left);
  }
  EXPECT_TRUE(std::filesystem::exists(path));
  EXPECT_EQ(ask_at(path, json::object(), patience).error().code, Code::not_found);
  EXPECT_TRUE(ask(json::object()).contains("error")) << "is replaced";
}

TEST_F(UpkeepTest, ReachesPathsLongerThanAnAddress) {
  const std::string deep = folder / (std::string(90, 'a') + "/" + std::string(90, 'b'));
  std::filesystem::create_directories(deep);
  EXPECT_TRUE(ask({{"do", "dance"}}, deep + "/data").contains("error"));
  EXPECT_EQ(said, "");
}

TEST_F(UpkeepTest, SaysThatItCannotBeReached) {
  const Upkeep upkeep(*store, a_key(), folder / "missing/data",
                      [this](std::string_view text) { said += text; });
  EXPECT_THAT(said, testing::HasSubstr("cannot reach this process"));
}

TEST(ForgetRequest, TakesIdsAsPeopleFindThem) {
  EXPECT_EQ(forget_request("post", "bluesky", "at://did:plc:a/app.bsky.feed.post/1")->id,
            "did:plc:a/app.bsky.feed.post/1");
  EXPECT_EQ(forget_request("author", "bluesky", "did:plc:a")->id, "did:plc:a");
  EXPECT_TRUE(forget_request("author", "x", "41")->is_author);
  EXPECT_EQ(forget_request("post", "paper", "1").error().code, Code::usage);
  EXPECT_EQ(forget_request("post", "x", "").error().code, Code::usage);
  EXPECT_EQ(forget_request("thing", "x", "1").error().code, Code::usage);
}

}  // namespace
}  // namespace thap::app
