#include "serve/time_argument.h"

#include <fmt/format.h>

#include <charconv>

#include "ingest/time_parse.h"

namespace thap::serve {

ingest::Result<std::int64_t> parse_time_argument(std::string_view text, std::int64_t before_ms) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size() - 1 && number >= 0 && number < 100'000) {
    switch (*end) {
      case 'm':
        return before_ms - number * 60'000;
      case 'h':
        return before_ms - number * 3'600'000;
      case 'd':
        return before_ms - number * 86'400'000;
      default:
        break;
    }
  }
  if (const auto at =
          ingest::parse_time(text.size() == 10 ? fmt::format("{}T00:00:00+05:30", text) : std::string(text)))
    return *at;
  return ingest::fail(ingest::Code::usage,
                      fmt::format("\"{}\" is no time: an RFC 3339 time, a day, or 90m, 6h, 7d", text));
}

}  // namespace thap::serve
