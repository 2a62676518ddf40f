// A value, or an error that says what went wrong and where. Head of the include chain: every folder uses it.
#pragma once
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace thap::ingest {

// Short and closed, because it becomes a metric label and decides how the caller answers.
enum class Code {
  bad_input,     // permanent: what was given cannot be read
  bad_setting,   // permanent: a settings, lexicon or rules file is wrong
  usage,         // the command line is wrong
  not_found,     // the named thing does not exist
  io,            // reading or writing failed
  locked,        // another process owns it
  newer_format,  // written by a newer thap
  corrupt,       // stored bytes do not read back
  too_long,      // a range or text is over its limit
  closed,        // the other side is gone for good
  unavailable,   // passing: try again
};

std::string_view name(Code code);

struct Error {
  Code code;
  std::string text;   // one sentence for people
  std::string place;  // file:line, file#/json/pointer or topic/partition/offset; may be empty
};

// "place: text", or just the text where there is no place.
std::string to_string(const Error& error);

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(Code code, std::string text, std::string place = {}) {
  return tl::unexpected<Error>(Error{code, std::move(text), std::move(place)});
}

}  // namespace thap::ingest
