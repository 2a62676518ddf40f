// A receiver of messages for tests: one thread, one request after the other, answers as it is told.
#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace thap::serve {

struct Received {
  std::string method, path, body;
  std::map<std::string, std::string> headers;  // names in lower case
};

class FakeReceiver {
 public:
  // What goes back, status line and all; empty: nothing, and the connection stays open until the end.
  using Reply = std::function<std::string(const Received&)>;
  static std::string status(int code, const std::string& headers = "", const std::string& body = "ok") {
    return "HTTP/1.1 " + std::to_string(code) + " X\r\ncontent-length: " + std::to_string(body.size()) +
           "\r\nconnection: close\r\n" + headers + "\r\n" + body;
  }

  explicit FakeReceiver(Reply reply = [](const Received&) { return status(200); })
      : reply_(std::move(reply)) {
    listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listening_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(listening_, 64);
    socklen_t size = sizeof address;
    ::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { live(); });
  }
  ~FakeReceiver() {
    is_stopped_ = true;
    thread_.join();
    for (const int open : open_) ::close(open);
    ::close(listening_);
  }

  std::string url(const std::string& path = "/hook") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  std::vector<Received> received() const {
    const std::lock_guard hold(mutex_);
    return received_;
  }
  void answer_with(Reply reply) {
    const std::lock_guard hold(mutex_);
    reply_ = std::move(reply);
  }

 private:
  void live() {
    while (!is_stopped_) {
      pollfd ready{listening_, POLLIN, 0};
      if (::poll(&ready, 1, 20) <= 0) continue;
      const int connection = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) continue;
      const auto request = read(connection);
      std::string reply;
      {
        const std::lock_guard hold(mutex_);
        received_.push_back(request);
        reply = reply_(request);
      }
      if (reply.empty()) {
        open_.push_back(connection);
        continue;
      }
      static_cast<void>(::send(connection, reply.data(), reply.size(), MSG_NOSIGNAL));
      ::close(connection);
    }
  }

  static Received read(int connection) {
    std::string text;
    char buffer[4096];
    std::size_t end = std::string::npos, wanted = 0;
    while (end == std::string::npos || text.size() < end + 4 + wanted) {
      pollfd ready{connection, POLLIN, 0};
      if (::poll(&ready, 1, 2'000) <= 0) break;
      const auto got = ::recv(connection, buffer, sizeof buffer, 0);
      if (got <= 0) break;
      text.append(buffer, static_cast<std::size_t>(got));
      end = text.find("\r\n\r\n");
      if (end != std::string::npos) wanted = content_length(text.substr(0, end));
    }
    return parsed(text, end);
  }
  static std::size_t content_length(const std::string& head) {
    for (std::size_t at = 0; (at = head.find("\r\n", at)) != std::string::npos; at += 2)
      if (::strncasecmp(head.c_str() + at + 2, "content-length:", 15) == 0)
        return static_cast<std::size_t>(std::atol(head.c_str() + at + 17));
    return 0;
  }
  static Received parsed(const std::string& text, std::size_t end) {
    Received out;
    if (end == std::string::npos) return out;
    out.method = text.substr(0, text.find(' '));
    const auto from = text.find(' ') + 1;
    out.path = text.substr(from, text.find(' ', from) - from);
    for (std::size_t at = text.find("\r\n"); at < end;) {
      const auto next = text.find("\r\n", at + 2);
      const auto line = text.substr(at + 2, next - at - 2);
      const auto colon = line.find(": ");
      std::string name = line.substr(0, colon);
      for (char& c : name) c = static_cast<char>(::tolower(c));
      if (colon != std::string::npos) out.headers[name] = line.substr(colon + 2);
      at = next;
    }
    out.body = text.substr(end + 4);
    return out;
  }

  mutable std::mutex mutex_;
  Reply reply_;
  std::vector<Received> received_;
  std::vector<int> open_;
  int listening_{-1};
  std::uint16_t port_{0};
  std::atomic<bool> is_stopped_{false};
  std::thread thread_;
};

}  // namespace thap::serve
