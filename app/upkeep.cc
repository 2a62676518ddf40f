#include "app/upkeep.h"

#include <unistd.h>

#include <chrono>
#include <utility>

namespace thap::app {

using ingest::AuthorKey;
using ingest::Code;
using ingest::fail;
using ingest::Network;
using ingest::Operation;
using ingest::Result;
using nlohmann::json;
using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

namespace {

// Promised is a minute from the delete to the disk.
constexpr std::chrono::seconds erase_every{20};
constexpr milliseconds look_every{500};
constexpr milliseconds send_again_deadline{5'000};
// A pipeline that waits for the broker with its dead letters may take that long.
constexpr std::chrono::seconds pipeline_deadline{30};

json error_answer(const ingest::Error& error) { return {{"error", to_string(error)}}; }

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

}  // namespace

json to_json(const ForgetRequest& request) {
  return {{"do", "forget"},
          {"what", request.is_author ? "author" : "post"},
          {"network", ingest::name(request.network)},
          {"id", request.id}};
}

Result<ForgetRequest> forget_request(std::string_view what, std::string_view network, std::string_view id) {
  ForgetRequest out;
  if (what != "post" && what != "author") return fail(Code::usage, "can forget a post or an author");
  out.is_author = what == "author";
  const auto known = ingest::network_named(network);
  if (!known) return fail(Code::usage, "is no network", std::string(network));
  out.network = *known;
  constexpr std::string_view scheme = "at://";
  if (out.network == Network::bluesky && id.starts_with(scheme)) id.remove_prefix(scheme.size());
  if (id.empty()) return fail(Code::usage, "the id is empty");
  out.id = id;
  return out;
}

Result<std::uint64_t> forget(store::WindowStore& store, AuthorKey key, const ForgetRequest& request) {
  store::Batch batch;
  const std::int64_t clock_ms = store.newest_clock_ms();
  store::EvidenceChange change;
  change.event_ms = clock_ms;
  if (request.is_author) {
    change.op = Operation::remove_author;
    auto hashes = key.hashes_elsewhen(request.network, request.id, clock_ms);
    hashes.push_back(key.hash(request.network, request.id, clock_ms));
    for (const auto author : hashes) {
      change.author = author;
      batch.tally.changes.push_back(change);
    }
  } else {
    change.op = Operation::remove;
    change.post = ingest::post_key(request.network, request.id);
    batch.tally.changes.push_back(change);
  }
  batch.tally.newest_clock_ms = clock_ms;
  batch.has_transition = true;  // synced
  const auto written = store.write(batch);
  if (!written) return tl::unexpected(written.error());
  return written->evidence_removed;
}

Upkeep::Upkeep(store::WindowStore& store, const AuthorKey& key, const std::string& data_folder, Say say,
               serve::Desk* desk)
    : store_(store), key_(key), path_(socket_path(data_folder)), say_(std::move(say)), desk_(desk) {
  if (auto listening = listen_at(path_); listening)
    listening_ = std::move(*listening);
  else
    say_("the commands forget, backup and send-again cannot reach this process: " +
         to_string(listening.error()));
  thread_ = std::thread([this] { live(); });
}

Upkeep::~Upkeep() {
  is_stopped_ = true;
  store_.stop_erasing();
  { const std::lock_guard lock(mutex_); }
  changed_.notify_all();
  thread_.join();
  if (listening_) ::unlink(path_.c_str());
}

void Upkeep::live() {
  auto erased_at = SteadyClock::now() - erase_every;
  while (!is_stopped_) {
    if (listening_) {
      const auto answered =
          answer_one(listening_, look_every, [this](const json& question) { return answer(question); });
      if (!answered) {
        say_("the commands forget, backup and send-again no longer reach this process: " +
             to_string(answered.error()));
        listening_ = Descriptor();
      }
    } else {
      std::this_thread::sleep_for(look_every);
    }
    if (is_stopped_ || !store_.owes_erasure() || SteadyClock::now() - erased_at < erase_every) continue;
    erase();
    erased_at = SteadyClock::now();
  }
}

void Upkeep::erase() {
  const auto erased = store_.erase_removed();
  if (erased || erased.error().code == Code::closed) {
    has_told_ = false;
  } else if (!std::exchange(has_told_, true)) {
    say_("what is deleted stays in the files for now: " + to_string(erased.error()));
  }
}

void Upkeep::work() {
  const std::lock_guard lock(mutex_);
  if (!asked_) return;
  done_ = forget(store_, key_, *asked_);
  asked_.reset();
  changed_.notify_all();
}

json Upkeep::answer(const json& question) {
  const std::string what = text_of(question, "do");
  if (what == "forget") {
    const auto request =
        forget_request(text_of(question, "what"), text_of(question, "network"), text_of(question, "id"));
    return request ? answer_forget(*request) : error_answer(request.error());
  }
  if (what == "backup") {
    const auto copied = store_.checkpoint(text_of(question, "directory"));
    return copied ? json::object() : error_answer(copied.error());
  }
  if (what == "send_again") return answer_send_again(question);
  return {{"error", "can forget, backup and send_again"}};
}

json Upkeep::answer_send_again(const json& question) {
  const auto id = text_of(question, "delivery"), reason = text_of(question, "reason");
  const auto key = serve::delivery_of(id);
  if (!key || !desk_) return {{"error", "no such delivery"}};
  if (const auto wrong = serve::wrong_with_words(reason); !wrong.empty())
    return {{"error", "the reason " + wrong}};
  serve::Act act;
  act.kind = serve::Act::Kind::send_again;
  act.who = "terminal";
  act.reason = reason;
  act.delivery = *key;
  const auto entry = desk_->ask(std::move(act), send_again_deadline);
  if (!entry) return error_answer(entry.error());
  return {{"audit", entry->number}};
}

json Upkeep::answer_forget(const ForgetRequest& request) {
  std::optional<Result<std::uint64_t>> done;
  {
    std::unique_lock lock(mutex_);
    done_.reset();
    asked_ = request;
    changed_.wait_for(lock, pipeline_deadline, [this] { return done_ || is_stopped_; });
    asked_.reset();
    done = std::exchange(done_, std::nullopt);
  }
  if (!done)
    return {{"error",
             is_stopped_ ? "thap run ends: ask again" : "thap run is busy: nothing was done, ask again"}};
  if (!*done) return error_answer(done->error());
  if (store_.owes_erasure())
    if (const auto erased = store_.erase_removed(); !erased) return error_answer(erased.error());
  return {{"removed", **done}};
}

}  // namespace thap::app
