// Author ids as keyed hashes: SipHash-2-4, so that without the key nobody can test whether an id is behind
// one.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "ingest/post.h"
#include "ingest/result.h"

namespace thap::ingest {

// 30 days of India's clock (UTC+05:30) since 1970: after each the same author has another hash, so that
// hashes of two periods cannot be joined. Floors, also before 1970.
std::int64_t author_period(std::int64_t clock_ms);

// In: 16 bytes the operator keeps. Out: the `author` of posts.
// Threads: one copy a thread; hash() keeps the key of the period it saw last.
class AuthorKey {
 public:
  using Bytes = std::array<unsigned char, 16>;

  explicit AuthorKey(const Bytes& master) : master_(master) {}

  // 32 hexadecimal digits, any case, blanks around them ignored. Fails with `bad_setting`; the text never
  // shows the key.
  static Result<AuthorKey> from_hex(std::string_view hex);

  // Never 0, which means "unknown" in a post. The clock decides the period, not the time of the post: a late
  // post of last month counts beside today's.
  std::uint64_t hash(Network network, std::string_view author_id, std::int64_t clock_ms);

  // The hashes of the period before that of `clock_ms` and of the one after. What an author asks to have
  // removed may have been kept under the first, and what comes late may be hashed under the second.
  std::vector<std::uint64_t> hashes_elsewhen(Network network, std::string_view author_id,
                                             std::int64_t clock_ms);

 private:
  void use_period(std::int64_t period);

  Bytes master_;
  Bytes period_key_{};
  std::int64_t period_{INT64_MIN};
};

}  // namespace thap::ingest
