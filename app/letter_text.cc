#include "app/letter_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "ingest/checks.h"
#include "nlp/mask.h"
#include "serve/incident_json.h"
#include "serve/time_argument.h"

namespace thap::app {

using ingest::Code;
using ingest::DeadLetter;
using ingest::fail;
using ingest::Result;
using ingest::StoredLetter;

namespace {

// An offset or a partition.
std::optional<std::int64_t> place_number(std::string_view text) {
  const auto number = ingest::whole_number(text);
  return number && *number >= 0 ? number : std::nullopt;
}

// Characters that change how a terminal shows others: the controls U+0080 to U+009F, marks of direction and
// line separators (U+200E, U+200F, U+2028 to U+202E, U+2066 to U+2069).
bool is_control(std::string_view c) {
  const auto is_between = [&](std::string_view first, std::string_view last) {
    return c >= first && c <= last;
  };
  return is_between("\xC2\x80", "\xC2\x9F") || is_between("\u200E", "\u200F") ||
         is_between("\u2028", "\u202E") || is_between("\u2066", "\u2069");
}

// Bytes of the character that begins here; 0 where none does, or one that is not to be shown.
std::size_t plain_character(std::string_view rest) {
  const auto lead = static_cast<unsigned char>(rest.front());
  if (lead < 0x80) return lead < 0x20 || lead == 0x7F || lead == '\\' ? 0 : 1;
  const std::string_view c = rest.substr(0, lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4);
  return ingest::is_utf8(c) && !is_control(c) ? c.size() : 0;
}

// Hides what identifies people. Only words are masked: what stands in a JSON record as `"name":value` keeps
// its form well enough to be looked at.
std::string shown(const std::string& payload) { return escaped(nlp::mask(payload)); }

}  // namespace

bool LetterFilter::lets_pass(const StoredLetter& stored) const {
  const DeadLetter& letter = stored.letter;
  return (reasons.empty() || reasons.contains(letter.reason)) &&
         (source.empty() || source == letter.source) && (!partition || *partition == letter.partition) &&
         letter.offset >= first_offset && letter.offset <= last_offset && stored.written_ms >= from_ms &&
         stored.written_ms < to_ms;
}

Result<LetterFilter> letter_filter(const LetterOptions& options, std::int64_t now_ms) {
  LetterFilter filter;
  filter.reasons.insert(options.reasons.begin(), options.reasons.end());
  filter.source = options.source;
  if (options.partition > INT32_MAX)
    return fail(Code::usage, "there is no such partition", std::to_string(options.partition));
  if (options.partition >= 0) filter.partition = static_cast<std::int32_t>(options.partition);
  if (!options.offsets.empty()) {
    const auto dash = options.offsets.find('-');
    const auto first = place_number(std::string_view(options.offsets).substr(0, dash));
    const auto last =
        dash == std::string::npos ? first : place_number(std::string_view(options.offsets).substr(dash + 1));
    if (!first || !last || *last < *first)
      return fail(Code::usage, "is neither an offset nor N-M", options.offsets);
    filter.first_offset = *first;
    filter.last_offset = *last;
  }
  for (const auto& [text, into] :
       {std::pair(&options.from, &filter.from_ms), std::pair(&options.to, &filter.to_ms)}) {
    if (text->empty()) continue;
    const auto ms = serve::parse_time_argument(*text, now_ms);
    if (!ms) return tl::unexpected(ms.error());
    *into = *ms;
  }
  return filter;
}

Result<void> put_place(LetterOptions& options) {
  const std::string_view place = options.place;
  const auto second = place.rfind('/');
  const auto first =
      second == std::string_view::npos || second == 0 ? std::string_view::npos : place.rfind('/', second - 1);
  if (first == std::string_view::npos || first == 0)
    return fail(Code::usage, "is not SOURCE/PARTITION/OFFSET", options.place);
  const auto partition = place_number(place.substr(first + 1, second - first - 1));
  const auto offset = place_number(place.substr(second + 1));
  if (!partition || !offset) return fail(Code::usage, "is not SOURCE/PARTITION/OFFSET", options.place);
  options.source = place.substr(0, first);
  options.partition = *partition;
  options.offsets = std::to_string(*offset);
  return {};
}

std::string letter_place(const DeadLetter& letter) {
  return fmt::format("{}/{}/{}", escaped(letter.source), letter.partition, letter.offset);
}

std::string letter_line(const StoredLetter& stored) {
  const DeadLetter& letter = stored.letter;
  return fmt::format("{}  {}  {}  {} bytes{}  {}",
                     stored.written_ms == 0 ? "-" : serve::ist_date_time(stored.written_ms),
                     letter_place(letter), escaped(letter.reason), letter.payload.size(),
                     letter.payload_cut ? " (cut)" : "", escaped(letter.detail));
}

nlohmann::ordered_json letter_json(const StoredLetter& stored) {
  const DeadLetter& letter = stored.letter;
  nlohmann::ordered_json out{{"source", escaped(letter.source)},
                             {"partition", letter.partition},
                             {"offset", letter.offset},
                             {"reason", escaped(letter.reason)},
                             {"detail", escaped(letter.detail)},
                             {"written_at", serve::utc_time(stored.written_ms)},
                             {"payload_bytes", letter.payload.size()},
                             {"payload_cut", letter.payload_cut}};
  if (letter.kafka_ms) out["record_at"] = serve::utc_time(*letter.kafka_ms);
  return out;
}

nlohmann::ordered_json letter_json_whole(const StoredLetter& stored) {
  auto out = letter_json(stored);
  out["payload"] = shown(stored.letter.payload);
  return out;
}

std::string letter_whole(const StoredLetter& stored) {
  const DeadLetter& letter = stored.letter;
  std::string out =
      fmt::format("place    {}\nreason   {}\ndetail   {}\nwritten  {} IST\n", letter_place(letter),
                  escaped(letter.reason), escaped(letter.detail), serve::ist_date_time(stored.written_ms));
  if (letter.kafka_ms) out += fmt::format("record   {} IST\n", serve::ist_date_time(*letter.kafka_ms));
  if (!letter.key.empty()) out += fmt::format("key      {}\n", shown(letter.key));
  for (const auto& [name, value] : letter.headers)
    out += fmt::format("header   {}: {}\n", escaped(name), shown(value));
  return out + fmt::format("payload  {} bytes{}, masked\n{}\n", letter.payload.size(),
                           letter.payload_cut ? ", cut" : "", shown(letter.payload));
}

std::string escaped(std::string_view bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size();) {
    const std::size_t size = plain_character(bytes.substr(i));
    if (size > 0) {
      out += bytes.substr(i, size);
    } else if (bytes[i] == '\\') {
      out += "\\\\";
    } else if (bytes[i] == '\n') {
      out += "\\n";
    } else {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(bytes[i]));
    }
    i += std::max<std::size_t>(size, 1);
  }
  return out;
}

std::string one_line(std::string_view json) {
  std::string out(json);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return out;
}

}  // namespace thap::app
