// A file, pipe or standard input as plain bytes: gzip and zstd are told by their first bytes. Internal to
// ingest/. Threads: one.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "ingest/result.h"

namespace thap::ingest {

class ByteStream {
 public:
  virtual ~ByteStream() = default;

  // Opens `path`, or standard input for "-". Fails with `not_found` or `io`, naming the path.
  static Result<std::unique_ptr<ByteStream>> open(const std::string& path);

  // Up to `size` bytes into `to`; 0 at the end. Fails with `io`, or `corrupt` for compressed bytes that are
  // damaged or end too early.
  virtual Result<std::size_t> read(char* to, std::size_t size) = 0;

  // Moves past the first `count` plain bytes; only before the first read. Fails with `corrupt` if there are
  // fewer.
  virtual Result<void> skip(std::int64_t count) = 0;

  // False if a read would wait longer than `ms` for a pipe. Files never wait.
  virtual bool is_ready(int ms) const = 0;

  virtual std::int64_t raw_read() const = 0;  // bytes read from the file itself, for progress
  virtual std::int64_t raw_size() const = 0;  // -1: unknown, a pipe
};

}  // namespace thap::ingest
