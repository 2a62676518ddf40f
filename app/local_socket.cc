#include "app/local_socket.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace thap::app {

using ingest::Code;
using ingest::fail;
using ingest::Result;
using nlohmann::json;
using std::chrono::milliseconds;

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t max_line = 64 * 1024;
constexpr milliseconds caller_deadline{2'000};

tl::unexpected<ingest::Error> failure(const std::string& path) {
  return fail(Code::io, std::strerror(errno), path);
}

// An address holds 107 bytes; a longer path is reached through its folder's descriptor.
struct Address {
  sockaddr_un bytes{};
  Descriptor folder;
};

Result<Address> address_of(const std::string& path) {
  Address out;
  out.bytes.sun_family = AF_UNIX;
  std::string name = path;
  if (name.size() >= sizeof out.bytes.sun_path) {
    const std::filesystem::path whole(path);
    const std::string folder = whole.has_parent_path() ? whole.parent_path().string() : ".";
    out.folder = Descriptor(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!out.folder) return failure(path);
    name = "/proc/self/fd/" + std::to_string(out.folder.get()) + "/" + whole.filename().string();
    if (name.size() >= sizeof out.bytes.sun_path)
      return fail(Code::io, "the name is too long for a socket", path);
  }
  std::memcpy(out.bytes.sun_path, name.data(), name.size());
  return out;
}

bool is_ready(int number, short events, SteadyClock::time_point until) {
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(until - SteadyClock::now()).count();
    pollfd waited{number, events, 0};
    const int ready = ::poll(&waited, 1, static_cast<int>(std::max<long>(left, 0)));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

// Without the end of the line; `unavailable` if it does not come in time, `io` if the other side is gone.
Result<std::string> read_line(int number, milliseconds deadline, const std::string& path) {
  const auto until = SteadyClock::now() + deadline;
  std::string line;
  char bytes[4096];
  while (line.size() <= max_line) {
    if (!is_ready(number, POLLIN, until)) return fail(Code::unavailable, "there is no answer", path);
    const auto got = ::read(number, bytes, sizeof bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure(path);
    if (got == 0) return fail(Code::io, "the other side has hung up", path);
    line.append(bytes, static_cast<std::size_t>(got));
    if (const auto end = line.find('\n'); end != std::string::npos) return line.substr(0, end);
  }
  return fail(Code::too_long, "the line is too long", path);
}

Result<void> write_line(int number, const json& value, milliseconds deadline, const std::string& path) {
  const auto until = SteadyClock::now() + deadline;
  const std::string line = value.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  for (std::size_t done = 0; done < line.size();) {
    if (!is_ready(number, POLLOUT, until)) return fail(Code::unavailable, "nobody reads", path);
    const auto put = ::send(number, line.data() + done, line.size() - done, MSG_NOSIGNAL);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return failure(path);
    done += static_cast<std::size_t>(put);
  }
  return {};
}

}  // namespace

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

std::string socket_path(const std::string& data_folder) {
  std::string path = data_folder;
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path + ".sock";
}

Result<Descriptor> listen_at(const std::string& path) {
  auto address = address_of(path);
  if (!address) return tl::unexpected(address.error());
  Descriptor listening(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!listening) return failure(path);
  ::unlink(address->bytes.sun_path);
  if (::bind(listening.get(), reinterpret_cast<const sockaddr*>(&address->bytes), sizeof address->bytes) != 0)
    return failure(path);
  // Nobody gets in before listen().
  if (::chmod(address->bytes.sun_path, 0600) != 0 || ::listen(listening.get(), 8) != 0) return failure(path);
  return listening;
}

Result<void> answer_one(const Descriptor& listening, milliseconds wait,
                        const std::function<json(const json&)>& answer) {
  if (!is_ready(listening.get(), POLLIN, SteadyClock::now() + wait)) return {};
  const Descriptor caller(::accept4(listening.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!caller) {
    if (errno == EINTR || errno == ECONNABORTED) return {};
    return failure("");
  }
  const auto line = read_line(caller.get(), caller_deadline, "");
  if (!line) return {};
  const auto question = json::parse(*line, nullptr, false);
  const json reply =
      question.is_object() ? answer(question) : json{{"error", "the question is no JSON object"}};
  // A caller that has gone meanwhile misses the answer, nothing else.
  (void)write_line(caller.get(), reply, caller_deadline, "");
  return {};
}

Result<json> ask_at(const std::string& path, const json& question, milliseconds deadline) {
  const auto address = address_of(path);
  if (!address) return fail(Code::not_found, address.error().text, path);
  const Descriptor asking(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!asking) return failure(path);
  if (::connect(asking.get(), reinterpret_cast<const sockaddr*>(&address->bytes), sizeof address->bytes) !=
      0) {
    if (errno == ENOENT || errno == ECONNREFUSED) return fail(Code::not_found, "nobody listens", path);
    return failure(path);
  }
  if (auto asked = write_line(asking.get(), question, deadline, path); !asked)
    return tl::unexpected(asked.error());
  const auto line = read_line(asking.get(), deadline, path);
  if (!line) return tl::unexpected(line.error());
  auto answer = json::parse(*line, nullptr, false);
  if (!answer.is_object()) return fail(Code::io, "the answer is no JSON object", path);
  return answer;
}

}  // namespace thap::app
