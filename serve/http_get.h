// A client as small as a health check needs: one GET, one answer, a deadline.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

#include "ingest/result.h"

namespace thap::serve {

struct PlainAnswer {
  int status{0};
  std::string body;
};

// `host`: an address; 0.0.0.0 and :: are asked on loopback. Reads 64 KiB at most. Fails with `unavailable`
// (nobody listens, or no answer by the deadline), `bad_input` (no HTTP), `usage` (no address).
ingest::Result<PlainAnswer> http_get(const std::string& host, std::uint16_t port, const std::string& path,
                                     std::chrono::milliseconds deadline);

}  // namespace thap::serve
