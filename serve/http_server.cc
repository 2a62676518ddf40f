#include <utility>  // first: Boost 1.74 under C++20 needs it and does not say so

#include "serve/http_server.h"

#include <fmt/format.h>

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <charconv>
#include <deque>
#include <mutex>
#include <set>
#include <thread>
#include <unordered_map>

#include "serve/gzip.h"

namespace thap::serve {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = net::ip::tcp;
using boost::system::error_code;
using ingest::Code;
using ingest::fail;
using ingest::Result;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {
constexpr std::size_t kept_events = 1'024;
constexpr std::string_view stream_head =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
    "X-Accel-Buffering: no\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n";

class Connection;
class Subscriber;
}  // namespace

// Everything but the marked members belongs to the event thread.
struct HttpServer::Impl {
  explicit Impl(const HttpSettings& s, std::vector<Route> routes)
      : settings(s), router(std::move(routes)), acceptor(io), heartbeat(io), workers(1) {}

  Result<void> listen();
  void accept();
  void beat();
  void subscribe(tcp::socket socket, const StreamStart& start, std::shared_ptr<void> place);
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
  std::shared_ptr<void> place_for(const net::ip::address& address);

  const HttpSettings settings;
  const Router router;
  // Before io: connections that io still holds at its end count themselves off here. A connection may end on
  // the thread of its handler, so all three are any thread's.
  mutable std::mutex figures_mutex;
  std::unordered_map<std::string, std::size_t> by_address;
  std::size_t connections{0};
  HttpFigures counts;

  net::io_context io{1};
  tcp::acceptor acceptor;
  net::steady_timer heartbeat;
  std::set<std::shared_ptr<Subscriber>> subscribers;
  std::deque<std::shared_ptr<const StreamEvent>> recent;
  bool is_stopping{false};
  std::uint16_t bound_port{0};  // constant after listen()

  // Any thread.
  std::atomic<std::size_t> waiting{0};
  std::atomic<bool> is_stopped{false};

  net::thread_pool workers;  // runs handlers
  std::thread thread;        // runs io
};

namespace {

using Server = HttpServer::Impl;

// One listener. Nothing but a socket and what it has yet to get.
class Subscriber : public std::enable_shared_from_this<Subscriber> {
 public:
  Subscriber(Server& server, tcp::socket socket, std::function<bool(const StreamEvent&)> wants,
             std::shared_ptr<void> place)
      : server_(server), stream_(std::move(socket)), wants_(std::move(wants)), place_(std::move(place)) {}

  void begin(std::string first) {
    queue_.push_back(std::make_shared<const std::string>(std::string(stream_head) + std::move(first)));
    write();
    watch();
  }
  bool wants(const StreamEvent& event) const { return !wants_ || wants_(event); }
  void send(std::shared_ptr<const std::string> text) {
    if (is_last_) return;
    if (queue_.size() >= server_.settings.events_a_stream) {
      {
        const std::lock_guard hold(server_.figures_mutex);
        ++server_.counts.streams_dropped;
      }
      // What is being written stays in front.
      queue_.erase(queue_.begin() + 1, queue_.end());
      finish("event: error\ndata: {\"reason\":\"too slow: events were dropped, connect again\"}\n\n");
      return;
    }
    queue_.push_back(std::move(text));
    if (queue_.size() == 1) write();
  }
  void beat() {
    static const auto comment = std::make_shared<const std::string>(":\n\n");
    if (queue_.empty()) send(comment);
  }
  void finish(std::string_view text) {
    is_last_ = true;
    queue_.push_back(std::make_shared<const std::string>(text));
    if (queue_.size() == 1) write();
  }

 private:
  void write() {
    stream_.expires_after(server_.settings.idle_time);
    net::async_write(stream_, net::buffer(*queue_.front()),
                     [self = shared_from_this()](error_code error, std::size_t) {
                       if (error) return self->leave();
                       self->queue_.pop_front();
                       if (!self->queue_.empty()) return self->write();
                       self->stream_.expires_never();
                       if (self->is_last_) self->leave();
                     });
  }
  // A listener says nothing; what comes, or an end, ends it. Waits on the bare socket, since the time limit
  // of the stream is for writing.
  void watch() {
    stream_.socket().async_wait(tcp::socket::wait_read, [self = shared_from_this()](error_code error) {
      if (error) return;
      char bytes[256];
      error_code fault;
      self->stream_.socket().non_blocking(true, fault);
      const auto n = self->stream_.socket().read_some(net::buffer(bytes), fault);
      if (fault && fault != net::error::would_block) return self->leave();
      if (n > 0 && (self->heard_ += n) > 4'096) return self->leave();
      self->watch();
    });
  }
  void leave() {
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_both, ignored);
    stream_.close();
    server_.subscribers.erase(shared_from_this());
    server_.count_streams();
  }

  Server& server_;
  beast::tcp_stream stream_;
  std::function<bool(const StreamEvent&)> wants_;
  std::shared_ptr<void> place_;
  std::deque<std::shared_ptr<const std::string>> queue_;  // the first is being written
  std::size_t heard_{0};
  bool is_last_{false};
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Server& server, tcp::socket socket, std::shared_ptr<void> place)
      : server_(server), stream_(std::move(socket)), place_(std::move(place)) {}

  void begin() { wait(server_.settings.header_time); }

 private:
  // For the first byte of a request.
  void wait(milliseconds time) {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(server_.settings.header_bytes));
    parser_->body_limit(server_.settings.body_bytes);
    if (buffer_.size() > 0) return read_header();
    stream_.expires_after(time);
    stream_.async_read_some(buffer_.prepare(4'096),
                            [self = shared_from_this()](error_code error, std::size_t n) {
                              if (error) return self->fault(error, false);
                              self->buffer_.commit(n);
                              self->read_header();
                            });
  }
  void read_header() {
    stream_.expires_after(server_.settings.header_time);
    http::async_read_header(stream_, buffer_, *parser_,
                            [self = shared_from_this()](error_code error, std::size_t) {
                              if (error) return self->fault(error, true);
                              self->read_body();
                            });
  }
  void read_body() {
    const auto& head = parser_->get();
    // A body of unknown length is nothing that our clients send, and the root of smuggling.
    if (head.count(http::field::transfer_encoding) > 0)
      return refuse(problem(411, "Length required", "send the body with Content-Length, not chunked"));
    if (head.count(http::field::content_length) > 1 || head.count(http::field::host) > 1)
      return refuse(problem(400, "Repeated header", "Content-Length and Host may stand once"));
    if (head.version() != 10 && head.version() != 11)
      return refuse(problem(400, "HTTP version", "this is HTTP/1.1"));
    const auto host = head[http::field::host];
    if (!server_.host_is_ours({host.data(), host.size()}))
      return refuse(problem(421, "Misdirected request", "we are not known by this Host"));
    stream_.expires_after(server_.settings.body_time);
    http::async_read(stream_, buffer_, *parser_, [self = shared_from_this()](error_code error, std::size_t) {
      if (error) return self->fault(error, true);
      self->answer();
    });
  }
  void answer() {
    stream_.expires_never();
    auto message = parser_->release();
    keep_alive_ = message.keep_alive() && !server_.is_stopping;
    HttpRequest request;
    request.method = std::string(message.method_string());
    is_head_ = request.method == "HEAD";
    request.target = std::string(message.target());
    for (const auto& field : message) {
      std::string name(field.name_string());
      for (char& c : name)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
      request.headers.emplace(std::move(name), std::string(field.value()));
    }
    request.body = std::move(message.body());
    auto found = server_.router.find(request);
    if (!found.route) return respond(nullptr, std::move(found.refusal));
    const Route* route = found.route;
    if (route->is_instant) return respond(route, handled(*route, request));
    if (server_.waiting.fetch_add(1) >= server_.settings.waiting_requests) {
      --server_.waiting;
      auto busy = problem(503, "Busy", "too many requests are waiting", request.path);
      busy.headers.emplace_back("Retry-After", "1");
      return respond(route, std::move(busy));
    }
    net::post(server_.workers, [self = shared_from_this(), route, asked = std::move(request)]() mutable {
      HttpResponse response = handled(*route, asked);
      --self->server_.waiting;
      net::post(self->stream_.get_executor(), [self, route, given = std::move(response)]() mutable {
        self->respond(route, std::move(given));
      });
    });
  }
  static HttpResponse handled(const Route& route, const HttpRequest& request) {
    try {
      HttpResponse response = route.handle(request);
      add_etag(request, response);
      compress_if_wanted(request, response);
      return response;
    } catch (const std::exception&) {
      return problem(500, "Internal error", "the request could not be answered", request.path);
    }
  }
  void refuse(HttpResponse response) {
    keep_alive_ = false;
    respond(nullptr, std::move(response));
  }
  void respond(const Route* route, HttpResponse given) {
    if (given.stream && !is_head_) {
      if (server_.subscribers.size() < server_.settings.streams && !server_.is_stopping) {
        server_.answered(route, 200);
        return server_.subscribe(stream_.release_socket(), *given.stream, std::move(place_));
      }
      given = problem(503, "Too many streams", "connect again later");
      given.headers.emplace_back("Retry-After", "30");
    }
    server_.answered(route, given.status);
    response_ = {};
    response_.version(11);
    response_.result(static_cast<unsigned>(given.status));
    if (given.status != 304) response_.set(http::field::content_type, given.type);
    response_.set("X-Content-Type-Options", "nosniff");
    response_.set("Referrer-Policy", "no-referrer");
    bool has_policy = false;
    for (const auto& [name, value] : given.headers) {
      has_policy = has_policy || name == "Content-Security-Policy";
      response_.set(name, value);
    }
    if (!has_policy) response_.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    response_.keep_alive(keep_alive_);
    // A HEAD is answered with the length that a GET would have.
    if (given.status != 304) response_.content_length(given.body.size());
    const std::size_t size = given.body.size();
    if (!is_head_) response_.body() = std::move(given.body);
    serializer_.emplace(response_);
    stream_.expires_after(server_.settings.idle_time + milliseconds(size / 8));  // 8 kB a second at least
    auto done = [self = shared_from_this()](error_code error, std::size_t) {
      if (error) return self->fault(error, false);
      if (!self->keep_alive_) return self->leave();
      self->wait(self->server_.settings.idle_time);
    };
    if (is_head_)
      http::async_write_header(stream_, *serializer_, std::move(done));
    else
      http::async_write(stream_, *serializer_, std::move(done));
  }
  // `asked`: a request had begun, so an answer is due.
  void fault(error_code error, bool asked) {
    if (error == beast::error::timeout) {
      const std::lock_guard hold(server_.figures_mutex);
      ++server_.counts.timed_out;
    }
    if (!asked || error == beast::error::timeout ||
        error.category() != http::make_error_code(http::error::end_of_stream).category() ||
        error == http::error::end_of_stream || error == http::error::partial_message)
      return close();
    if (error == http::error::header_limit)
      return refuse(
          problem(431, "Header too large", fmt::format("at most {} bytes", server_.settings.header_bytes)));
    if (error == http::error::body_limit)
      return refuse(
          problem(413, "Body too large", fmt::format("at most {} bytes", server_.settings.body_bytes)));
    refuse(problem(400, "Bad request", "this is no HTTP request that we understand"));
  }
  // Says that no more comes and reads on for a moment, so that an answer is not lost to a reset.
  void leave() {
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    stream_.expires_after(milliseconds(1'000));
    drain();
  }
  void drain() {
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(4'096),
                            [self = shared_from_this()](error_code error, std::size_t n) {
                              if (error || (self->drained_ += n) > 65'536) return self->close();
                              self->drain();
                            });
  }
  void close() {
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_both, ignored);
    stream_.close();
  }

  Server& server_;
  beast::tcp_stream stream_;
  std::shared_ptr<void> place_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> response_;
  std::optional<http::response_serializer<http::string_body>> serializer_;
  std::size_t drained_{0};
  bool keep_alive_{false}, is_head_{false};
};

}  // namespace

Result<void> HttpServer::Impl::listen() {
  error_code error;
  const auto address = net::ip::make_address(settings.host, error);
  const std::string place = fmt::format("{}:{}", settings.host, settings.port);
  if (error) return fail(Code::usage, "not an address: a number as 127.0.0.1 or ::1, no name", place);
  const tcp::endpoint endpoint(address, settings.port);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(net::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(1'024, error);
  if (!error) bound_port = acceptor.local_endpoint(error).port();
  if (error) return fail(Code::io, "cannot listen here: " + error.message(), place);
  return {};
}

std::shared_ptr<void> HttpServer::Impl::place_for(const net::ip::address& address) {
  std::string name = address.to_string();
  const bool is_limited = !address.is_loopback();
  const std::lock_guard hold(figures_mutex);
  const auto known = by_address.find(name);
  const std::size_t held = known == by_address.end() ? 0 : known->second;
  if (is_stopping || connections >= settings.connections ||
      (is_limited && held >= settings.connections_an_address)) {
    ++counts.refused;
    return nullptr;
  }
  counts.connections = ++connections;
  if (is_limited) ++by_address[name];
  return {this, [name = std::move(name), is_limited](void* server) {
            auto& self = *static_cast<Impl*>(server);
            const std::lock_guard again(self.figures_mutex);
            self.counts.connections = --self.connections;
            if (!is_limited) return;
            const auto found = self.by_address.find(name);
            if (found != self.by_address.end() && --found->second == 0) self.by_address.erase(found);
          }};
}

void HttpServer::Impl::accept() {
  acceptor.async_accept([this](error_code error, tcp::socket socket) {
    if (is_stopping || error == net::error::operation_aborted) return;
    if (error) {
      // No descriptors left, most likely: others have to go first.
      auto pause = std::make_shared<net::steady_timer>(io, milliseconds(50));
      pause->async_wait([this, pause](error_code) {
        if (!is_stopping) accept();
      });
      return;
    }
    const auto peer = socket.remote_endpoint(error);
    if (!error) {
      if (auto place = place_for(peer.address())) {
        socket.set_option(tcp::no_delay(true), error);
        std::make_shared<Connection>(*this, std::move(socket), std::move(place))->begin();
      } else {
        socket.close(error);
      }
    }
    accept();
  });
}

bool HttpServer::Impl::host_is_ours(std::string_view host) const {
  if (host.empty()) return false;
  const auto bracket = host.rfind(']');
  const auto colon = host.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  std::string name(host.substr(0, has_port ? colon : host.size()));
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  for (const auto& ours : settings.public_hosts)
    if (name == ours || host == ours) return true;
  if (has_port && host.substr(colon + 1) != std::to_string(bound_port)) return false;
  return name == "localhost" || name == "127.0.0.1" || name == "[::1]" || name == settings.host ||
         name == "[" + settings.host + "]";
}

void HttpServer::Impl::subscribe(tcp::socket socket, const StreamStart& start, std::shared_ptr<void> place) {
  auto subscriber = std::make_shared<Subscriber>(*this, std::move(socket), start.wants, std::move(place));
  subscribers.insert(subscriber);
  count_streams();
  // Spread, so that a restart does not bring everyone back at once.
  std::string first = fmt::format("retry: {}\n\n", 2'000 + subscribers.size() * 37 % 3'000);
  first += start.first;
  for (const auto& event : recent)
    if (event->number > start.after && subscriber->wants(*event)) first += event->text;
  subscriber->begin(std::move(first));
}

void HttpServer::Impl::deliver(std::shared_ptr<const StreamEvent> event) {
  recent.push_back(event);
  if (recent.size() > kept_events) recent.pop_front();
  const std::shared_ptr<const std::string> text(event, &event->text);
  const std::vector<std::shared_ptr<Subscriber>> all(subscribers.begin(), subscribers.end());
  for (const auto& subscriber : all)
    if (subscriber->wants(*event)) subscriber->send(text);
}

void HttpServer::Impl::beat() {
  heartbeat.expires_after(settings.heartbeat);
  heartbeat.async_wait([this](error_code error) {
    if (error || is_stopping) return;
    const std::vector<std::shared_ptr<Subscriber>> all(subscribers.begin(), subscribers.end());
    for (const auto& subscriber : all) subscriber->beat();
    beat();
  });
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<HttpServer>> HttpServer::open(const HttpSettings& settings,
                                                     std::vector<Route> routes) {
  auto impl = std::make_unique<Impl>(settings, std::move(routes));
  if (auto listening = impl->listen(); !listening) return tl::unexpected(listening.error());
  impl->accept();
  impl->beat();
  impl->thread = std::thread([server = impl.get()] { server->io.run(); });
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::~HttpServer() { stop(); }

std::uint16_t HttpServer::port() const { return impl_->bound_port; }

std::string HttpServer::address() const {
  const bool is_v6 = impl_->settings.host.find(':') != std::string::npos;
  return is_v6 ? fmt::format("http://[{}]:{}", impl_->settings.host, impl_->bound_port)
               : fmt::format("http://{}:{}", impl_->settings.host, impl_->bound_port);
}

void HttpServer::publish(StreamEvent event) {
  {
    const std::lock_guard hold(impl_->figures_mutex);
    ++impl_->counts.events;
  }
  net::post(impl_->io, [impl = impl_.get(), shared = std::make_shared<const StreamEvent>(std::move(event))] {
    impl->deliver(shared);
  });
}

HttpFigures HttpServer::figures() const {
  const std::lock_guard hold(impl_->figures_mutex);
  return impl_->counts;
}

void HttpServer::stop(milliseconds grace) {
  if (impl_->is_stopped.exchange(true)) return;
  net::post(impl_->io, [impl = impl_.get()] {
    impl->is_stopping = true;
    error_code ignored;
    impl->acceptor.close(ignored);
    impl->heartbeat.cancel();
    std::size_t n = 0;
    const std::vector<std::shared_ptr<Subscriber>> all(impl->subscribers.begin(), impl->subscribers.end());
    for (const auto& subscriber : all)
      subscriber->finish(fmt::format("event: bye\nretry: {}\ndata: {{}}\n\n", 2'000 + n++ * 97 % 8'000));
  });
  // Ends by itself once nobody is connected.
  const auto until = steady_clock::now() + grace;
  while (steady_clock::now() < until) {
    {
      const std::lock_guard hold(impl_->figures_mutex);
      if (impl_->counts.connections == 0) break;
    }
    std::this_thread::sleep_for(milliseconds(5));
  }
  impl_->workers.stop();
  impl_->workers.join();
  impl_->io.stop();
  if (impl_->thread.joinable()) impl_->thread.join();
  impl_->subscribers.clear();
}

Result<std::pair<std::string, std::uint16_t>> parse_listen(std::string_view text) {
  std::string host = "127.0.0.1";
  std::string_view port = text;
  if (const auto colon = text.rfind(':'); colon != std::string_view::npos) {
    host = std::string(text.substr(0, colon));
    port = text.substr(colon + 1);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  }
  unsigned number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc{} || end != port.data() + port.size() || number > 65'535 || host.empty())
    return fail(Code::usage, "to listen say HOST:PORT or PORT", std::string(text));
  return std::pair{host, static_cast<std::uint16_t>(number)};
}

}  // namespace thap::serve
