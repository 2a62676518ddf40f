// Text without markup: entities, HTML and Markdown away, decoded exactly once. Pure functions; any thread.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "ingest/source_format.h"

namespace thap::ingest {

// Appends `text` without its markup to `out`. Linear, and never longer than the input plus a few bytes.
// entities: &amp; &lt; &gt; &quot; &apos; &nbsp; and numeric ones; what is no entity stays as it is.
// html: also tags away, <br> and </p> to newlines, elements of class "invisible" dropped.
// markdown: entities, and the marks of emphasis, code, quotes, headings and links away.
void append_plain(std::string_view text, Markup markup, std::string& out);

// Removes U+0000; true if there was one.
bool remove_nul(std::string& text);

// Cuts valid UTF-8 to at most `max_bytes` between graphemes; true if it was longer. A single grapheme that is
// longer is cut between code points.
bool cut_text(std::string& text, std::size_t max_bytes);

// Byte at which the UTF-16 unit `unit` begins; npos past the end or inside a character.
std::size_t byte_of_utf16(std::string_view text, std::size_t unit);

// True if `at` is 0, the end, or the first byte of a character.
bool is_character_border(std::string_view text, std::size_t at);

}  // namespace thap::ingest
