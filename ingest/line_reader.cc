#include "ingest/line_reader.h"

#include <cstring>

namespace thap::ingest {

Result<Got> LineReader::fill(int wait_ms) {
  if (from_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + from_, to_ - from_);
    to_ -= from_;
    from_ = 0;
  }
  if (to_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);
  if (!stream_->is_ready(wait_ms)) return Got::nothing_yet;
  const auto got = stream_->read(buffer_.data() + to_, buffer_.size() - to_);
  if (!got) return tl::unexpected(got.error());
  if (*got == 0) {
    at_end_ = true;
    return Got::end;
  }
  to_ += *got;
  return Got::line;
}

// Of a line over the limit its beginning is kept for the dead letter, what follows is only counted.
void LineReader::drop_rest_of_long_line() {
  const std::size_t keep = max_bytes_ + 1, held = to_ - from_;
  if (held <= keep) return;
  dropped_ += held - keep;
  to_ = from_ + keep;
  searched_ = keep;
}

Result<Got> LineReader::next(Line& line, int wait_ms) {
  for (;;) {
    const char* start = buffer_.data() + from_;
    const auto* newline =
        static_cast<const char*>(std::memchr(start + searched_, '\n', to_ - from_ - searched_));
    const bool is_last = newline == nullptr && at_end_;
    if (newline == nullptr && !is_last) {
      searched_ = to_ - from_;
      drop_rest_of_long_line();
      const auto got = fill(wait_ms);
      if (!got) return got;
      if (*got == Got::nothing_yet) return got;
      continue;
    }
    if (is_last && from_ == to_) return Got::end;
    const std::size_t size = is_last ? to_ - from_ : static_cast<std::size_t>(newline - start);
    const std::size_t whole = size + dropped_;
    const std::size_t kept = size < max_bytes_ + 1 ? size : max_bytes_ + 1;
    line.text = {start, kept};
    line.not_kept = whole - kept;
    line.begin = offset_;
    line.next = offset_ + static_cast<std::int64_t>(whole) + (is_last ? 0 : 1);
    from_ += size + (is_last ? 0 : 1);
    searched_ = dropped_ = 0;
    offset_ = line.next;
    return Got::line;
  }
}

}  // namespace thap::ingest
