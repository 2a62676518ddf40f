// Dead letters as people see them, and which of them a command is about.
#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "app/run_commands.h"
#include "ingest/dead_letters.h"

namespace thap::app {

struct LetterFilter {
  std::set<std::string> reasons;  // empty: any
  std::string source;             // empty: any
  std::optional<std::int32_t> partition;
  std::int64_t first_offset{0}, last_offset{INT64_MAX};
  std::int64_t from_ms{INT64_MIN}, to_ms{INT64_MAX};  // written; the end is not included

  bool lets_pass(const ingest::StoredLetter& stored) const;
};
// Fails with `usage`.
ingest::Result<LetterFilter> letter_filter(const LetterOptions& options, std::int64_t now_ms);
// Takes options.place apart: SOURCE/PARTITION/OFFSET, where the source may have slashes. Fails with `usage`.
ingest::Result<void> put_place(LetterOptions& options);

std::string letter_place(const ingest::DeadLetter& letter);
// One line: when, place, reason, bytes, detail.
std::string letter_line(const ingest::StoredLetter& stored);
nlohmann::ordered_json letter_json(const ingest::StoredLetter& stored);  // without the payload
nlohmann::ordered_json letter_json_whole(
    const ingest::StoredLetter& stored);  // payload as letter_whole has it
// Everything, payload last: masked and, where it is no text, escaped. Ends with a newline.
std::string letter_whole(const ingest::StoredLetter& stored);

// Text as it is with control characters as \xNN and a backslash doubled; bytes that are not UTF-8 as \xNN.
// Never more than what one terminal line may hold safely: no escape sequence gets through.
std::string escaped(std::string_view bytes);
// A JSON record has line breaks only between its tokens: as blanks they say the same.
std::string one_line(std::string_view json);

}  // namespace thap::app
