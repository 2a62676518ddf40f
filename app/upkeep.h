// What keeps a store in order beside counting: what people ask to have forgotten, what has been removed and
// must go from the files, copies.
#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include <nlohmann/json.hpp>

#include "app/local_socket.h"
#include "ingest/author_key.h"
#include "ingest/post.h"
#include "serve/desk.h"
#include "store/window_store.h"

namespace thap::app {

// A post or an author whose evidence has to go. The id is as the posts of that network carry it.
struct ForgetRequest {
  bool is_author{false};
  ingest::Network network{ingest::Network::generic};
  std::string id;
};
nlohmann::json to_json(const ForgetRequest& request);
// Fails with `usage`.
ingest::Result<ForgetRequest> forget_request(std::string_view what, std::string_view network,
                                             std::string_view id);

// Takes the evidence from the store and leaves a tombstone, so that it does not come back: synced when it
// returns, but not gone from the files before erase_removed(). Counts stay. Says how many rows went. Writer.
ingest::Result<std::uint64_t> forget(store::WindowStore& store, ingest::AuthorKey key,
                                     const ForgetRequest& request);

// Beside a pipeline that runs: a thread that erases what is removed within a minute, and answers the commands
// `forget`, `backup` and `send-again` at DATA.sock.
//   {"do": "forget", "what": "post", "network": "x", "id": "1584..."}   ->  {"removed": 2}
//   {"do": "backup", "directory": "/absolute/path"}                     ->  {}
//   {"do": "send_again", "delivery": "msg_inc_...", "reason": "..."}    ->  {"audit": 17}
//   or {"error": "..."}
// Where the socket cannot be made it says so and erases all the same.
class Upkeep {
 public:
  using Say = std::function<void(std::string_view)>;

  // `desk`: takes what is to be sent again; null: there is nothing to send. Has to live as long.
  Upkeep(store::WindowStore& store, const ingest::AuthorKey& key, const std::string& data_folder, Say say,
         serve::Desk* desk = nullptr);
  ~Upkeep();  // before the store is closed; what is still owed is done by the next start
  Upkeep(const Upkeep&) = delete;
  Upkeep& operator=(const Upkeep&) = delete;

  // Carries out what was asked for: the store has one writer, and that is the pipeline's thread. To be called
  // between batches.
  void work();

 private:
  void live();
  nlohmann::json answer(const nlohmann::json& question);
  nlohmann::json answer_forget(const ForgetRequest& request);
  nlohmann::json answer_send_again(const nlohmann::json& question);
  void erase();

  store::WindowStore& store_;
  ingest::AuthorKey key_;
  std::string path_;
  Say say_;
  serve::Desk* desk_;
  Descriptor listening_;
  std::atomic<bool> is_stopped_{false};
  bool has_told_{false};

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<ForgetRequest> asked_;
  std::optional<ingest::Result<std::uint64_t>> done_;

  std::thread thread_;
};

}  // namespace thap::app
