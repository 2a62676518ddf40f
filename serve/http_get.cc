#include "serve/http_get.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace thap::serve {

using ingest::Code;
using ingest::fail;
using ingest::Result;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t most_bytes = 65'536;

class Socket {
 public:
  explicit Socket(int family) : fd_(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {}
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int fd() const { return fd_; }
  bool wait(short events, steady_clock::time_point until) const {
    const auto left = std::chrono::duration_cast<milliseconds>(until - steady_clock::now()).count();
    pollfd one{fd_, events, 0};
    return left > 0 && ::poll(&one, 1, static_cast<int>(left)) > 0;
  }

 private:
  int fd_;
};

struct Address {
  sockaddr_storage bytes{};
  socklen_t size{0};
};
Result<Address> address_of(const std::string& host, std::uint16_t port) {
  Address out;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&out.bytes);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&out.bytes);
  if (::inet_pton(AF_INET, host.c_str(), &v4->sin_addr) == 1) {
    if (v4->sin_addr.s_addr == INADDR_ANY) v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    out.size = sizeof(sockaddr_in);
  } else if (::inet_pton(AF_INET6, host.c_str(), &v6->sin6_addr) == 1) {
    if (std::memcmp(&v6->sin6_addr, &in6addr_any, sizeof in6addr_any) == 0) v6->sin6_addr = in6addr_loopback;
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    out.size = sizeof(sockaddr_in6);
  } else {
    return fail(Code::usage, "not an address: a number as 127.0.0.1 or ::1, no name", host);
  }
  return out;
}

}  // namespace

Result<PlainAnswer> http_get(const std::string& host, std::uint16_t port, const std::string& path,
                             milliseconds deadline) {
  const auto until = steady_clock::now() + deadline;
  const std::string place = fmt::format("{}:{}{}", host, port, path);
  const auto address = address_of(host, port);
  if (!address) return tl::unexpected(address.error());
  const Socket socket(address->bytes.ss_family);
  if (::connect(socket.fd(), reinterpret_cast<const sockaddr*>(&address->bytes), address->size) != 0 &&
      errno != EINPROGRESS)
    return fail(Code::unavailable, fmt::format("nobody answers: {}", std::strerror(errno)), place);
  int error = 0;
  socklen_t size = sizeof error;
  if (!socket.wait(POLLOUT, until) || ::getsockopt(socket.fd(), SOL_SOCKET, SO_ERROR, &error, &size) != 0 ||
      error != 0)
    return fail(
        Code::unavailable,
        fmt::format("nobody answers: {}", error == 0 ? "no connection in time" : std::strerror(error)),
        place);

  const std::string asked = fmt::format(
      "GET {} HTTP/1.1\r\nHost: localhost:{}\r\nAccept: text/plain\r\nConnection: close\r\n\r\n", path, port);
  std::string got;
  if (::send(socket.fd(), asked.data(), asked.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(asked.size()))
    return fail(Code::unavailable, "the request could not be sent", place);
  for (bool open = true; open && got.size() < most_bytes;) {
    if (!socket.wait(POLLIN, until)) return fail(Code::unavailable, "no answer in time", place);
    char bytes[4'096];
    const auto n = ::recv(socket.fd(), bytes, sizeof bytes, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (n <= 0)
      open = false;
    else
      got.append(bytes, static_cast<std::size_t>(n));
  }
  const auto head_end = got.find("\r\n\r\n");
  PlainAnswer answer;
  if (!got.starts_with("HTTP/1.1 ") || head_end == std::string::npos || got.size() < 12)
    return fail(Code::bad_input, "what answers is no HTTP server", place);
  for (std::size_t i = 9; i < 12; ++i)
    answer.status = answer.status * 10 + (got[i] >= '0' && got[i] <= '9' ? got[i] - '0' : 0);
  answer.body = got.substr(head_end + 4);
  return answer;
}

}  // namespace thap::serve
