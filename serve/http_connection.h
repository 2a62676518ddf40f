// One client connection: requests in, answers out, one at a time; for http_*.cc only.
#pragma once
#include <utility>  // first: Boost 1.74 under C++20 needs it and does not say so

#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "serve/http_server_impl.h"

namespace thap::serve {

// Threads: the event thread; a handler runs on a worker and hands its answer back.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // `peer`: the address of the other end. `place`: counts the connection for as long as it is held.
  Connection(HttpServer::Impl& server, boost::asio::ip::tcp::socket socket, std::string peer,
             std::shared_ptr<void> place)
      : server_(server), stream_(std::move(socket)), peer_(std::move(peer)), place_(std::move(place)) {}

  void begin() { wait(server_.settings.header_time); }

 private:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  void wait(std::chrono::milliseconds time);
  void read_header();
  void read_body();
  void answer();
  void refuse(HttpResponse response);
  void respond(const Route* route, HttpResponse given, const Headers& further = {});
  void fault(boost::system::error_code error, bool asked);
  void leave();
  void drain();
  void close();

  HttpServer::Impl& server_;
  boost::beast::tcp_stream stream_;
  const std::string peer_;
  std::shared_ptr<void> place_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
  boost::beast::http::response<boost::beast::http::string_body> response_;
  std::optional<boost::beast::http::response_serializer<boost::beast::http::string_body>> serializer_;
  std::size_t drained_{0};
  bool keep_alive_{false}, is_head_{false};
};

}  // namespace thap::serve
