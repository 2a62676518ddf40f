// A connection that has become an event stream; for http_*.cc only.
#pragma once
#include <utility>  // first: Boost 1.74 under C++20 needs it and does not say so

#include <boost/asio/buffer.hpp>
#include <boost/beast/core.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "serve/http_server_impl.h"

namespace thap::serve {

// One listener. Nothing but a socket and what it has yet to get. Threads: the event thread.
class Subscriber : public std::enable_shared_from_this<Subscriber> {
 public:
  // `place`: counts the connection for as long as it is held.
  Subscriber(HttpServer::Impl& server, boost::asio::ip::tcp::socket socket,
             std::function<bool(const StreamEvent&)> wants, std::shared_ptr<void> place)
      : server_(server), stream_(std::move(socket)), wants_(std::move(wants)), place_(std::move(place)) {}

  void begin(std::string first);
  bool wants(const StreamEvent& event) const { return !wants_ || wants_(event); }
  // Who has too many waiting is told so and closed.
  void send(std::shared_ptr<const std::string> text);
  void beat();
  void finish(std::string_view text);  // the last that it gets

 private:
  void write();
  void watch();
  void leave();

  HttpServer::Impl& server_;
  boost::beast::tcp_stream stream_;
  std::function<bool(const StreamEvent&)> wants_;
  std::shared_ptr<void> place_;
  std::deque<std::shared_ptr<const std::string>> queue_;  // the first is being written
  std::size_t heard_{0};
  bool is_last_{false};
};

}  // namespace thap::serve
