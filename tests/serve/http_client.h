// A client for tests that sends bytes as they are given: also what no client should send.
#pragma once
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace thap::serve {

class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)), port_(port) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_open_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  }
  ~RawClient() { ::close(socket_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool is_open() const { return is_open_; }
  void send(std::string_view bytes) {
    static_cast<void>(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
  }
  // What comes until the text stands in it, the other side closes, or `patience` is over.
  std::string read_until(std::string_view text,
                         std::chrono::milliseconds patience = std::chrono::seconds(10)) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (got_.find(text) == std::string::npos) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
      pollfd one{socket_, POLLIN, 0};
      if (left.count() <= 0 || ::poll(&one, 1, static_cast<int>(left.count())) <= 0) break;
      char bytes[16'384];
      const auto n = ::recv(socket_, bytes, sizeof bytes, 0);
      if (n <= 0) {
        is_closed_ = true;
        break;
      }
      got_.append(bytes, static_cast<std::size_t>(n));
    }
    return got_;
  }
  std::string read_to_end() { return read_until("\n\nnever in an answer\n\n"); }
  bool is_closed() const { return is_closed_; }
  void forget() { got_.clear(); }

  std::string get(const std::string& target, const std::string& headers = {}) {
    return ask("GET " + target, headers);
  }
  std::string post(const std::string& target, const std::string& body, const std::string& headers = {}) {
    return ask("POST " + target, headers + "Content-Length: " + std::to_string(body.size()) + "\r\n", body);
  }
  std::string ask(const std::string& line, const std::string& headers = {}, const std::string& body = {}) {
    send(line + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) + "\r\nConnection: close\r\n" +
         headers + "\r\n" + body);
    return read_to_end();
  }

 private:
  int socket_;
  std::uint16_t port_;
  bool is_open_{false}, is_closed_{false};
  std::string got_;
};

inline std::string body_of(const std::string& answer) {
  const auto end = answer.find("\r\n\r\n");
  return end == std::string::npos ? std::string() : answer.substr(end + 4);
}

}  // namespace thap::serve
