#include "serve/http_subscriber.h"

#include <boost/asio/write.hpp>

namespace thap::serve {

namespace net = boost::asio;
using boost::system::error_code;
using tcp = net::ip::tcp;

namespace {
constexpr std::string_view stream_head =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
    "X-Accel-Buffering: no\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n";
}  // namespace

void Subscriber::begin(std::string first) {
  queue_.push_back(std::make_shared<const std::string>(std::string(stream_head) + std::move(first)));
  write();
  watch();
}

void Subscriber::send(std::shared_ptr<const std::string> text) {
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

void Subscriber::beat() {
  static const auto comment = std::make_shared<const std::string>(":\n\n");
  if (queue_.empty()) send(comment);
}

void Subscriber::finish(std::string_view text) {
  is_last_ = true;
  queue_.push_back(std::make_shared<const std::string>(text));
  if (queue_.size() == 1) write();
}

void Subscriber::write() {
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
void Subscriber::watch() {
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

void Subscriber::leave() {
  error_code ignored;
  stream_.socket().shutdown(tcp::socket::shutdown_both, ignored);
  stream_.close();
  server_.subscribers.erase(shared_from_this());
  server_.count_streams();
}

}  // namespace thap::serve
