// Two faults of producers that simdjson refuses, mended in place before a second parse.
#pragma once
#include <cstddef>
#include <string_view>

namespace thap::ingest {

// `\ud83d` without its other half becomes `\ufffd`, also six bytes. Returns how many; `\\ud83d` is none.
std::size_t mend_lone_surrogates(char* json, std::size_t size);

// Integers beyond 64 bits outside strings become a string of the same length that says so: a field nobody
// reads must not cost the record, and an id must not become a rounded double. Returns how many.
std::size_t mark_wide_integers(char* json, std::size_t size);
inline constexpr std::string_view wide_integer_mark =
    "\"~beyond 64 bits~";  // then blanks and the closing quote

}  // namespace thap::ingest
