// A Unix socket beside the store, for one short question and one short answer at a time: a line of JSON each
// way.
#pragma once
#include <chrono>
#include <functional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "ingest/result.h"

namespace thap::app {

// DATA.sock for the folder of a store.
std::string socket_path(const std::string& data_folder);

// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_;
};

// Listens at `path`, mode 0600. What lies there is replaced, so only the holder of the store may call it.
// Paths of any length. Fails with `io`.
ingest::Result<Descriptor> listen_at(const std::string& path);

// Waits for a caller at most as long as said and answers one line. A caller that says nothing, no JSON or too
// much within two seconds gets an error or nothing. Fails with `io` if the listening socket does.
ingest::Result<void> answer_one(const Descriptor& listening, std::chrono::milliseconds wait,
                                const std::function<nlohmann::json(const nlohmann::json&)>& answer);

// Asks and waits for the answer. Fails with `not_found` if nobody listens there, `io`, `unavailable` if there
// is no answer in time.
ingest::Result<nlohmann::json> ask_at(const std::string& path, const nlohmann::json& question,
                                      std::chrono::milliseconds deadline);

}  // namespace thap::app
