#include "app/key_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace thap::app {

using ingest::AuthorKey;
using ingest::Code;
using ingest::fail;
using ingest::Result;

namespace {

Result<std::string> random_hex() {
  std::array<unsigned char, 16> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    return fail(Code::io, "no random bytes from the system", "getrandom");
  std::string hex;
  for (unsigned char b : bytes) hex += fmt::format("{:02x}", b);
  return hex;
}

}  // namespace

Result<AuthorKey> passing_author_key() {
  if (const char* hex = std::getenv("THAP_AUTHOR_KEY")) return AuthorKey::from_hex(hex);
  auto hex = random_hex();
  if (!hex) return tl::unexpected(hex.error());
  return AuthorKey::from_hex(*hex);
}

Result<AuthorKey> author_key_for(const std::string& data_folder) {
  if (const char* hex = std::getenv("THAP_AUTHOR_KEY")) return AuthorKey::from_hex(hex);
  std::string path = data_folder;
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  path += ".key";
  if (std::ifstream in(path); in) {
    std::string hex;
    in >> hex;
    auto key = AuthorKey::from_hex(hex);
    if (!key) return fail(Code::bad_setting, "does not hold an author key", path);
    return key;
  }
  auto hex = random_hex();
  if (!hex) return tl::unexpected(hex.error());
  const int fd = ::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0) return fail(Code::io, std::strerror(errno), path);
  const std::string line = *hex + "\n";
  const bool written =
      ::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size()) && ::fsync(fd) == 0;
  ::close(fd);
  if (!written) return fail(Code::io, "cannot be written", path);
  return AuthorKey::from_hex(*hex);
}

}  // namespace thap::app
