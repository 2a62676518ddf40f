// Lines of a byte stream with the place each begins. A line over the limit is never held whole.
// Internal to ingest/. Threads: one.
#pragma once
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "ingest/byte_stream.h"
#include "ingest/result.h"

namespace thap::ingest {

struct Line {
  std::string_view text;  // without its newline; at most max_bytes + 1 of it; lives until the next call
  std::int64_t begin{0}, next{0};
  std::size_t not_kept{0};  // bytes of a longer line beyond `text`
};

enum class Got : std::uint8_t { line, nothing_yet, end };

class LineReader {
 public:
  LineReader(std::unique_ptr<ByteStream> stream, std::size_t max_bytes, std::int64_t begin)
      : stream_(std::move(stream)), max_bytes_(max_bytes), buffer_(chunk), offset_(begin) {}

  // The next line; the last one needs no newline. `nothing_yet` if a pipe has none within `wait_ms`.
  Result<Got> next(Line& line, int wait_ms);

  const ByteStream& stream() const { return *stream_; }

 private:
  static constexpr std::size_t chunk = 256 * 1024;

  Result<Got> fill(int wait_ms);
  void drop_rest_of_long_line();

  std::unique_ptr<ByteStream> stream_;
  std::size_t max_bytes_;
  std::vector<char> buffer_;
  std::size_t from_{0}, to_{0};  // bytes read and not handed out
  std::size_t searched_{0};      // of them: known to hold no newline
  std::size_t dropped_{0};       // bytes of the current line thrown away already
  std::int64_t offset_;          // of `from_` in the stream, counting dropped bytes
  bool at_end_{false};
};

}  // namespace thap::ingest
