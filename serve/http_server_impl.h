// Inside of the server, for http_*.cc only.
#pragma once
#include <utility>  // first: Boost 1.74 under C++20 needs it and does not say so

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "serve/http_server.h"

namespace thap::serve {

class Subscriber;

// Everything but the marked members belongs to the event thread.
struct HttpServer::Impl {
  Impl(const HttpSettings& s, std::vector<Route> routes, std::shared_ptr<Gate> keeper)
      : settings(s),
        router(std::move(routes)),
        gate(std::move(keeper)),
        acceptor(io),
        heartbeat(io),
        workers(1) {}

  ingest::Result<void> listen();
  void accept();
  void beat();
  void subscribe(boost::asio::ip::tcp::socket socket, const StreamStart& start, std::shared_ptr<void> place);
  void deliver(std::shared_ptr<const StreamEvent> event);
  bool host_is_ours(std::string_view host) const;
  void answered(const Route* route, int status) {
    const std::lock_guard hold(figures_mutex);
    ++counts.answers[{route ? route->pattern : std::string(), status}];
  }
  void count_streams() {
    const std::lock_guard hold(figures_mutex);
    counts.streams = subscribers.size();
  }
  // Counts a connection for as long as it is held; null: over a limit.
  std::shared_ptr<void> place_for(const boost::asio::ip::address& address);

  const HttpSettings settings;
  const Router router;
  const std::shared_ptr<Gate> gate;  // null: everybody may ask everything
  // Before io: connections that io still holds at its end count themselves off here. A connection may end on
  // the thread of its handler, so all three are any thread's.
  mutable std::mutex figures_mutex;
  std::unordered_map<std::string, std::size_t> by_address;
  std::size_t connections{0};
  HttpFigures counts;

  boost::asio::io_context io{1};
  boost::asio::ip::tcp::acceptor acceptor;
  boost::asio::steady_timer heartbeat;
  std::set<std::shared_ptr<Subscriber>> subscribers;
  std::deque<std::shared_ptr<const StreamEvent>> recent;
  bool is_stopping{false};
  std::uint16_t bound_port{0};  // constant after listen()

  // Any thread.
  std::atomic<std::size_t> waiting{0};
  std::atomic<bool> is_stopped{false};

  boost::asio::thread_pool workers;  // runs handlers
  std::thread thread;                // runs io
};

}  // namespace thap::serve
