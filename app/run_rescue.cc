#include "app/run_rescue.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "app/local_socket.h"

namespace thap::app {

using ingest::Code;
using ingest::fail;
using ingest::Result;

namespace {

constexpr std::chrono::seconds shortest_pause{1}, longest_pause{15}, holds_after{60};
constexpr std::uint64_t least_free = 4u << 20;

// Opening writes the rows of the logs to tables of at most their size.
std::uint64_t bytes_of_logs(const std::string& directory) {
  namespace fs = std::filesystem;
  std::uint64_t bytes = 0;
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() != ".log") continue;
    std::error_code gone;
    if (const auto size = at->file_size(gone); !gone) bytes += size;
  }
  return bytes;
}

tl::unexpected<ingest::Error> failure(const std::string& place) {
  return fail(Code::io, std::strerror(errno), place);
}

}  // namespace

Result<void> check_disk(const std::string& directory) {
  struct statvfs disk {};
  if (::statvfs(directory.c_str(), &disk) != 0) return failure(directory);
  const std::uint64_t free = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
  if (const auto needed = bytes_of_logs(directory) + least_free; free < needed)
    return fail(Code::io, fmt::format("less than {:.0f} MB are free", static_cast<double>(needed) / 1e6),
                directory);
  const std::string path = directory + "/thap-write-test";
  const Descriptor file(::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600));
  if (!file) return failure(path);
  const std::vector<char> bytes(1u << 20);
  std::size_t done = 0;
  ssize_t count = 0;
  while (done < bytes.size() && (count = ::write(file.get(), bytes.data() + done, bytes.size() - done)) > 0)
    done += static_cast<std::size_t>(count);
  const bool is_written = done == bytes.size() && ::fsync(file.get()) == 0;
  const auto failed = failure(path);
  ::unlink(path.c_str());
  if (!is_written) return failed;
  return {};
}

bool StoreRescue::wait() {
  const auto begin = SteadyClock::now();
  pause_ = begin - rescued_at_ < holds_after ? std::min(pause_ * 2, longest_pause) : shortest_pause;
  std::string said = store_.figures().broken_reason;
  hooks_.say("the store cannot be written: " + said + ": nothing is read until it can");
  for (auto tried_at = begin; !hooks_.should_stop();) {
    hooks_.meanwhile();
    if (SteadyClock::now() - tried_at < pause_) continue;
    const auto opened = try_once();
    tried_at = SteadyClock::now();
    if (opened) {
      rescued_at_ = tried_at;
      hooks_.say(fmt::format("the store is written again, after {:.0f} s",
                             std::chrono::duration<double>(tried_at - begin).count()));
      return true;
    }
    if (const auto text = to_string(opened.error()); text != said)
      hooks_.say("the store still cannot be written: " + (said = text));
  }
  return false;
}

Result<void> StoreRescue::try_once() {
  if (auto checked = check_disk(directory_); !checked) return checked;
  return store_.reopen();
}

}  // namespace thap::app
