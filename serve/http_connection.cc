#include "serve/http_connection.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>

#include "serve/gzip.h"

namespace thap::serve {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = net::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;

namespace {

HttpResponse handled(const Route& route, const HttpRequest& request) {
  try {
    HttpResponse response = route.handle(request);
    add_etag(request, response);
    compress_if_wanted(request, response);
    return response;
  } catch (const std::exception&) {
    return problem(500, "Internal error", "the request could not be answered", request.path);
  }
}

}  // namespace

// For the first byte of a request.
void Connection::wait(milliseconds time) {
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

void Connection::read_header() {
  stream_.expires_after(server_.settings.header_time);
  http::async_read_header(stream_, buffer_, *parser_,
                          [self = shared_from_this()](error_code error, std::size_t) {
                            if (error) return self->fault(error, true);
                            self->read_body();
                          });
}

void Connection::read_body() {
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

void Connection::answer() {
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
  request.peer = peer_;
  request.caller.role = Role::admin;
  auto found = server_.router.find(request);
  const Route* route = found.route;
  Headers limits;
  if (server_.gate) {
    auto decision = server_.gate->admit(route ? route->role : Role::anyone, request);
    limits = std::move(decision.headers);
    if (decision.refusal) return respond(route, std::move(*decision.refusal), limits);
  }
  if (!route) return respond(nullptr, std::move(found.refusal), limits);
  if (route->is_instant) return respond(route, handled(*route, request), limits);
  if (server_.waiting.fetch_add(1) >= server_.settings.waiting_requests) {
    --server_.waiting;
    auto busy = problem(503, "Busy", "too many requests are waiting", request.path);
    busy.headers.emplace_back("Retry-After", "1");
    return respond(route, std::move(busy), limits);
  }
  net::post(
      server_.workers, [self = shared_from_this(), route, limits, asked = std::move(request)]() mutable {
        HttpResponse response = handled(*route, asked);
        --self->server_.waiting;
        net::post(self->stream_.get_executor(), [self, route, limits, given = std::move(response)]() mutable {
          self->respond(route, std::move(given), limits);
        });
      });
}

void Connection::refuse(HttpResponse response) {
  keep_alive_ = false;
  respond(nullptr, std::move(response));
}

void Connection::respond(const Route* route, HttpResponse given, const Headers& further) {
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
  for (const auto& [name, value] : further) response_.set(name, value);
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
void Connection::fault(error_code error, bool asked) {
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
void Connection::leave() {
  error_code ignored;
  stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  stream_.expires_after(milliseconds(1'000));
  drain();
}

void Connection::drain() {
  buffer_.clear();
  stream_.async_read_some(buffer_.prepare(4'096),
                          [self = shared_from_this()](error_code error, std::size_t n) {
                            if (error || (self->drained_ += n) > 65'536) return self->close();
                            self->drain();
                          });
}

void Connection::close() {
  error_code ignored;
  stream_.socket().shutdown(tcp::socket::shutdown_both, ignored);
  stream_.close();
}

}  // namespace thap::serve
