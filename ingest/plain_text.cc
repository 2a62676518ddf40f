#include "ingest/plain_text.h"

#include <unicode/ubrk.h>
#include <unicode/utext.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <utility>

namespace thap::ingest {

namespace {

void append_code_point(std::uint32_t cp, std::string& out) {
  if (cp == 0 || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff)) cp = 0xfffd;
  if (cp < 0x80) {
    out += static_cast<char>(cp);
  } else if (cp < 0x800) {
    out += {static_cast<char>(0xc0 | (cp >> 6)), static_cast<char>(0x80 | (cp & 0x3f))};
  } else if (cp < 0x10000) {
    out += {static_cast<char>(0xe0 | (cp >> 12)), static_cast<char>(0x80 | ((cp >> 6) & 0x3f)),
            static_cast<char>(0x80 | (cp & 0x3f))};
  } else {
    out += {static_cast<char>(0xf0 | (cp >> 18)), static_cast<char>(0x80 | ((cp >> 12) & 0x3f)),
            static_cast<char>(0x80 | ((cp >> 6) & 0x3f)), static_cast<char>(0x80 | (cp & 0x3f))};
  }
}

// `text` begins with '&'. Appends what the entity stands for and returns its length, or 0 if it is none.
std::size_t append_entity(std::string_view text, std::string& out) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> named{{
      {"amp", "&"},
      {"lt", "<"},
      {"gt", ">"},
      {"quot", "\""},
      {"apos", "'"},
      {"nbsp", " "},
      {"hellip", "…"},
      {"shy", ""},
  }};
  const std::size_t semicolon = text.substr(0, 12).find(';');
  if (semicolon == std::string_view::npos || semicolon < 2) return 0;
  std::string_view inner = text.substr(1, semicolon - 1);
  if (inner.front() == '#') {
    inner.remove_prefix(1);
    const bool is_hex = !inner.empty() && (inner.front() == 'x' || inner.front() == 'X');
    if (is_hex) inner.remove_prefix(1);
    std::uint32_t cp = 0;
    const auto [end, error] =
        std::from_chars(inner.data(), inner.data() + inner.size(), cp, is_hex ? 16 : 10);
    if (inner.empty() || error != std::errc{} || end != inner.data() + inner.size()) return 0;
    append_code_point(cp, out);
    return semicolon + 1;
  }
  for (const auto& [word, meaning] : named)
    if (inner == word) {
      out += meaning;
      return semicolon + 1;
    }
  return 0;
}

void append_without_entities(std::string_view text, std::string& out) {
  for (std::size_t amp; (amp = text.find('&')) != std::string_view::npos;) {
    out += text.substr(0, amp);
    text.remove_prefix(amp);
    std::size_t length = append_entity(text, out);
    if (length == 0) {
      out += '&';
      length = 1;
    }
    text.remove_prefix(length);
  }
  out += text;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

struct Tag {
  std::string_view name;  // as written
  bool is_closing{false}, is_invisible{false}, is_empty{false};
  bool is(std::string_view wanted) const {
    return std::equal(name.begin(), name.end(), wanted.begin(), wanted.end(),
                      [](char a, char b) { return lower(a) == b; });
  }
};

// `text` begins with '<'. A tag's length with both brackets, or 0 where '<' is just a character.
std::size_t read_tag(std::string_view text, Tag& tag) {
  if (text.size() < 3 || !(is_letter(text[1]) || text[1] == '/' || text[1] == '!')) return 0;
  const std::size_t close = text.find('>');
  if (close == std::string_view::npos) return 0;
  std::string_view inner = text.substr(1, close - 1);
  tag.is_closing = inner.front() == '/';
  if (tag.is_closing) inner.remove_prefix(1);
  std::size_t end = 0;
  while (end < inner.size() && (is_letter(inner[end]) || (inner[end] >= '0' && inner[end] <= '9'))) ++end;
  tag.name = inner.substr(0, end);
  tag.is_empty = inner.ends_with('/');
  tag.is_invisible = inner.find("\"invisible\"") != std::string_view::npos;
  return close + 1;
}

void append_without_html(std::string_view text, std::string& out) {
  const std::size_t begin = out.size();
  std::string_view hidden_name;  // inside an invisible element of this name, `hidden_depth` deep
  std::size_t hidden_depth = 0;
  // After one '<' without any '>' behind it no later one is a tag either: keeps the loop linear.
  bool may_have_tags = true;
  while (!text.empty()) {
    const std::size_t next = may_have_tags ? text.find('<') : std::string_view::npos;
    const std::string_view plain = text.substr(0, next);
    if (hidden_depth == 0) append_without_entities(plain, out);
    if (next == std::string_view::npos) break;
    text.remove_prefix(next);
    Tag tag;
    const std::size_t length = read_tag(text, tag);
    if (length == 0) {
      if (hidden_depth == 0) out += '<';
      if (text.size() >= 3 && text.find('>') == std::string_view::npos) may_have_tags = false;
      text.remove_prefix(1);
      continue;
    }
    text.remove_prefix(length);
    if (hidden_depth > 0) {
      if (tag.name == hidden_name && !tag.is_empty) hidden_depth += tag.is_closing ? std::size_t(-1) : 1;
    } else if (tag.is_invisible && !tag.is_closing && !tag.is_empty) {
      hidden_name = tag.name;
      hidden_depth = 1;
    } else if (tag.is("br") || (tag.is_closing && (tag.is("p") || tag.is("li") || tag.is("blockquote")))) {
      out += '\n';
    }
  }
  while (out.size() > begin && out.back() == '\n') out.pop_back();
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_word(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

void append_without_markdown(std::string_view source, std::string& out) {
  std::string decoded;
  append_without_entities(source, decoded);
  const std::string_view text = decoded;
  // "](" and its ")" of the link we are in; npos: none
  std::size_t skip_from = std::string_view::npos, skip_to = 0;
  bool at_line_start = true;
  std::size_t no_link_before = 0;  // '[' before this place begin no link
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (i == skip_from) {
      i = skip_to;
      skip_from = std::string_view::npos;
      continue;
    }
    if (at_line_start && (c == '>' || c == '#' || c == ' ')) {
      // "#Tarang" is a hashtag; a heading has a blank behind its marks
      std::size_t end = i;
      while (end < text.size() && text[end] == '#') ++end;
      if (c == '#' && (end == text.size() || text[end] != ' ')) {
        at_line_start = false;
        continue;
      }
      i = c == '#' ? end : i + 1;
      continue;
    }
    at_line_start = c == '\n';
    if (c == '\\' && i + 1 < text.size() &&
        std::string_view("\\`*_{}[]()#+-.!~>|^").find(text[i + 1]) != std::string_view::npos) {
      out += text[i + 1];
      i += 2;
      continue;
    }
    if (c == '[' && i >= no_link_before && skip_from == std::string_view::npos) {
      const std::size_t middle = text.find("](", i);
      const std::size_t close = middle == std::string_view::npos ? middle : text.find(')', middle);
      if (close == std::string_view::npos) {
        no_link_before = text.size();
      } else {
        skip_from = middle;
        skip_to = close + 1;
        ++i;
        continue;
      }
    }
    const bool is_double = i + 1 < text.size() && text[i + 1] == c;
    if (c == '*' || c == '`' || (c == '~' && is_double)) {
      const bool is_alone =
          (i == 0 || is_blank(text[i - 1])) && (i + 1 == text.size() || is_blank(text[i + 1]));
      if (is_alone) out += c;
      i += c == '~' ? 2 : 1;
      continue;
    }
    if (c == '_') {
      const bool inside_word = i > 0 && is_word(text[i - 1]) && i + 1 < text.size() && is_word(text[i + 1]);
      if (inside_word) out += c;
      ++i;
      continue;
    }
    out += c;
    ++i;
  }
}

struct CloseBreak {
  void operator()(UBreakIterator* iterator) const noexcept { ubrk_close(iterator); }
};
struct CloseText {
  void operator()(UText* text) const noexcept { utext_close(text); }
};

}  // namespace

void append_plain(std::string_view text, Markup markup, std::string& out) {
  switch (markup) {
    case Markup::plain:
      out += text;
      break;
    case Markup::entities:
      append_without_entities(text, out);
      break;
    case Markup::html:
      append_without_html(text, out);
      break;
    case Markup::markdown:
      append_without_markdown(text, out);
      break;
  }
}

bool remove_nul(std::string& text) {
  const std::size_t first = text.find('\0');
  if (first == std::string::npos) return false;
  text.erase(std::remove(text.begin() + static_cast<std::ptrdiff_t>(first), text.end(), '\0'), text.end());
  return true;
}

bool is_character_border(std::string_view text, std::size_t at) {
  return at == text.size() || (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) != 0x80);
}

bool cut_text(std::string& text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return false;
  std::size_t cut = max_bytes;
  while (cut > 0 && !is_character_border(text, cut)) --cut;
  // Only what lies near the cut decides; a text of one endless grapheme must not cost more than this window.
  std::size_t from = cut > 1024 ? cut - 1024 : 0;
  while (from > 0 && !is_character_border(text, from)) --from;
  std::size_t to = std::min(text.size(), cut + 1024);
  while (to < text.size() && !is_character_border(text, to)) ++to;
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<UText, CloseText> window(
      utext_openUTF8(nullptr, text.data() + from, static_cast<std::int64_t>(to - from), &status));
  const std::unique_ptr<UBreakIterator, CloseBreak> graphemes(
      ubrk_open(UBRK_CHARACTER, "", nullptr, 0, &status));
  if (U_SUCCESS(status)) {
    ubrk_setUText(graphemes.get(), window.get(), &status);
    const auto at = static_cast<std::int32_t>(cut - from);
    if (U_SUCCESS(status) && !ubrk_isBoundary(graphemes.get(), at)) {
      const std::int32_t before = ubrk_preceding(graphemes.get(), at);
      if (before > 0) cut = from + static_cast<std::size_t>(before);
    }
  }
  text.resize(cut);
  return true;
}

std::size_t byte_of_utf16(std::string_view text, std::size_t unit) {
  std::size_t at = 0, units = 0;
  while (units < unit && at < text.size()) {
    const auto lead = static_cast<unsigned char>(text[at]);
    units += lead >= 0xf0 ? 2 : 1;
    at += lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  }
  return units == unit && at <= text.size() ? at : std::string_view::npos;
}

}  // namespace thap::ingest
