#include "ingest/result.h"

namespace thap::ingest {

std::string_view name(Code code) {
  switch (code) {
    case Code::bad_input:
      return "bad_input";
    case Code::bad_setting:
      return "bad_setting";
    case Code::usage:
      return "usage";
    case Code::not_found:
      return "not_found";
    case Code::io:
      return "io";
    case Code::locked:
      return "locked";
    case Code::newer_format:
      return "newer_format";
    case Code::corrupt:
      return "corrupt";
    case Code::too_long:
      return "too_long";
    case Code::closed:
      return "closed";
    case Code::unavailable:
      return "unavailable";
  }
  return "unknown";
}

std::string to_string(const Error& error) {
  return error.place.empty() ? error.text : error.place + ": " + error.text;
}

}  // namespace thap::ingest
