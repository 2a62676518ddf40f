#include "nlp/text.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>

namespace thap::nlp {
namespace {

constexpr char32_t drop = 0;

bool is_devanagari(char32_t c) { return c >= 0x0900 && c <= 0x097F; }
bool is_bengali(char32_t c) { return c >= 0x0980 && c <= 0x09FF; }

// Letters people swap or drop, one for one. Sequences are handled where they are met (Folder::indic).
constexpr std::array<char16_t, 0x100> indic_table() {
  std::array<char16_t, 0x100> t{};
  for (std::size_t i = 0; i < t.size(); ++i) t[i] = static_cast<char16_t>(0x0900 + i);
  auto set = [&](char16_t from, char16_t to) { t[static_cast<std::size_t>(from - 0x0900)] = to; };
  // Devanagari: nukta, chandrabindu, vowel length, borrowed vowels
  set(0x093C, 0), set(0x0901, 0x0902), set(0x0940, 0x093F), set(0x0942, 0x0941), set(0x0948, 0x0947);
  set(0x094C, 0x094B), set(0x0949, 0x093E), set(0x0945, 0x0947), set(0x0910, 0x090F), set(0x090D, 0x090F);
  set(0x0911, 0x0906), set(0x0914, 0x0913), set(0x0908, 0x0907), set(0x090A, 0x0909), set(0x0972, 0x0905);
  set(0x0929, 0x0928), set(0x0931, 0x0930), set(0x0934, 0x0933);
  set(0x0958, 0x0915), set(0x0959, 0x0916), set(0x095A, 0x0917), set(0x095B, 0x091C), set(0x095C, 0x0921);
  set(0x095D, 0x0922), set(0x095E, 0x092B), set(0x095F, 0x092F);
  // Bengali: vowel length, sibilants, retroflex n, chandrabindu, Assamese letters, khanda ta
  set(0x09C0, 0x09BF), set(0x09C2, 0x09C1), set(0x0981, 0), set(0x09A3, 0x09A8), set(0x09B6, 0x09B8);
  set(0x09B7, 0x09B8), set(0x09F0, 0x09B0), set(0x09F1, 0x09AC), set(0x09CE, 0x09A4), set(0x0988, 0x0987);
  set(0x098A, 0x0989);
  for (char16_t d = 0; d < 10; ++d) {
    set(static_cast<char16_t>(0x0966 + d), static_cast<char16_t>(u'0' + d));
    set(static_cast<char16_t>(0x09E6 + d), static_cast<char16_t>(u'0' + d));
  }
  return t;
}
constexpr auto indic = indic_table();

// Letters and signs that fold to one letter whatever stands after them.
constexpr std::array<bool, 0x100> plain_indic_table() {
  std::array<bool, 0x100> t{};
  for (std::size_t i = 0; i < t.size(); ++i) t[i] = indic[i] != 0 && indic[i] >= 0x80;
  for (const std::size_t c : {0x0903, 0x0964, 0x0965, 0x0970, 0x0983, 0x09DC, 0x09DD, 0x09DF})
    t[c - 0x0900] = false;
  return t;
}
constexpr auto is_plain_indic = plain_indic_table();

// Look-alikes of Latin letters that NFKC leaves alone: small capitals, Cyrillic, Greek.
char32_t look_alike(char32_t c) {
  switch (c) {
    case 0x1D00:
      return 'a';
    case 0x0299:
      return 'b';
    case 0x1D04:
      return 'c';
    case 0x1D05:
      return 'd';
    case 0x1D07:
      return 'e';
    case 0xA730:
      return 'f';
    case 0x0262:
      return 'g';
    case 0x029C:
      return 'h';
    case 0x026A:
      return 'i';
    case 0x1D0A:
      return 'j';
    case 0x1D0B:
      return 'k';
    case 0x029F:
      return 'l';
    case 0x1D0D:
      return 'm';
    case 0x0274:
      return 'n';
    case 0x1D0F:
      return 'o';
    case 0x1D18:
      return 'p';
    case 0x0280:
      return 'r';
    case 0xA731:
      return 's';
    case 0x1D1B:
      return 't';
    case 0x1D1C:
      return 'u';
    case 0x1D20:
      return 'v';
    case 0x1D21:
      return 'w';
    case 0x028F:
      return 'y';
    case 0x1D22:
      return 'z';
    case 0x0430:
      return 'a';
    case 0x0435:
      return 'e';
    case 0x043E:
      return 'o';
    case 0x0440:
      return 'p';
    case 0x0441:
      return 'c';
    case 0x0445:
      return 'x';
    case 0x0456:
      return 'i';
    case 0x0443:
      return 'y';
    case 0x0458:
      return 'j';
    case 0x0455:
      return 's';
    case 0x0501:
      return 'd';
    case 0x04BB:
      return 'h';
    case 0x0442:
      return 't';
    case 0x043A:
      return 'k';
    case 0x043C:
      return 'm';
    case 0x043D:
      return 'h';
    case 0x0432:
      return 'b';
    case 0x051B:
      return 'q';
    case 0x051D:
      return 'w';
    case 0x03BF:
      return 'o';
    case 0x03B1:
      return 'a';
    case 0x03B5:
      return 'e';
    case 0x03B9:
      return 'i';
    case 0x03BA:
      return 'k';
    case 0x03BD:
      return 'v';
    case 0x03C1:
      return 'p';
    case 0x03C4:
      return 't';
    case 0x03C5:
      return 'u';
    case 0x03C7:
      return 'x';
    case 0x0131:
      return 'i';
    default:
      return c;
  }
}

bool is_apostrophe(char32_t c) {
  return c == '\'' || c == 0x2019 || c == 0x2018 || c == 0x02BC || c == '`' || c == 0x00B4;
}
bool is_double_quote(char32_t c) {
  return c == '"' || c == 0x201C || c == 0x201D || c == 0x00AB || c == 0x00BB;
}
bool is_hyphen(char32_t c) { return c == '-' || c == 0x2010 || c == 0x2011 || c == 0x2212; }
bool is_dash(char32_t c) { return c == 0x2012 || c == 0x2013 || c == 0x2014 || c == 0x2015; }
bool is_joiner(char32_t c) {
  return c == 0x200C || c == 0x200D || c == 0x2060 || c == 0xFEFF || c == 0x00AD ||
         (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) ||
         c == 0x200E || c == 0x200F || (c >= 0xE0000 && c <= 0xE007F) || (c >= 0x0300 && c <= 0x036F) ||
         (c >= 0x1F3FB && c <= 0x1F3FF);
}
bool is_emoji(char32_t c) {
  return (c >= 0x1F000 && c <= 0x1FAFF) || (c >= 0x2600 && c <= 0x27BF) || (c >= 0x2300 && c <= 0x23FF) ||
         (c >= 0x2B00 && c <= 0x2BFF) || c == 0x2049 || c == 0x203C;
}
bool is_ascii_letter(char32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char32_t c) { return c >= '0' && c <= '9'; }
bool is_letter_of_other_script(char32_t c) {
  return U_GET_GC_MASK(static_cast<UChar32>(c)) &
         (U_GC_L_MASK | U_GC_M_MASK | U_GC_ND_MASK | U_GC_NL_MASK | U_GC_SO_MASK);
}

enum class Script : std::uint8_t { none, latin, devanagari, bengali, other };

// What a code point is to the scanner.
enum class Class : std::uint8_t { letter, digit, skip, blank, other };

// The folded text while it is written: room is made in large steps, not asked for at every letter.
class Folded {
 public:
  explicit Folded(std::string& out) : out_(out) {}
  // For so many bytes more.
  void make_room(std::size_t bytes) {
    if (out_.size() - size_ < bytes) out_.resize(size_ + bytes);
  }
  void put(char c) { out_[size_++] = c; }
  void put(char32_t c) {
    if (c < 0x80) return put(static_cast<char>(c));
    auto n = static_cast<std::int32_t>(size_);
    U8_APPEND_UNSAFE(out_.data(), n, static_cast<UChar32>(c));
    size_ = static_cast<std::size_t>(n);
  }
  void put(std::string_view text) {
    text.copy(out_.data() + size_, text.size());
    size_ += text.size();
  }
  void cut(std::size_t size) { size_ = size; }
  std::size_t size() const { return size_; }
  const char* end() const { return out_.data() + size_; }
  void finish() { out_.resize(size_); }

 private:
  std::string& out_;
  std::size_t size_{0};
};

class Scanner {
 public:
  Scanner(std::string_view text, ScannedText& out) : text_(text), out_(out), folded_(out.folded) {
    // A byte folds to two at the most (U+09DC to two letters); fancy() makes room for what ICU folds.
    folded_.make_room(2 * text.size() + spare_bytes);
  }

  void run() {
    const auto length = static_cast<std::int32_t>(text_.size());
    std::int32_t i = 0;
    while (i < length) {
      const std::int32_t at = i;
      UChar32 c;
      U8_NEXT(data(), i, length, c);
      if (c < 0) c = ' ';
      step(static_cast<char32_t>(c), at, i, length);
      i = next_;
      if (!in_word_) continue;
      if (script_ == Script::latin) {
        if (mode_ == 0) i = rest_of_latin(i, length);
      } else if (script_ == Script::devanagari || script_ == Script::bengali) {
        i = rest_of_indic(i, length);
      }
    }
    end_word(length);
    folded_.finish();
  }

 private:
  const char* data() const { return text_.data(); }

  // The plain letters that follow in a word that has begun: what letter() does, without its questions.
  std::int32_t rest_of_latin(std::int32_t i, std::int32_t length) {
    const auto is_letter = [&](std::int32_t at) {
      return is_ascii_letter(static_cast<unsigned char>(text_[static_cast<std::size_t>(at)]));
    };
    std::int32_t end = i;
    while (end < length && is_letter(end)) ++end;
    if (end == i) return i;
    for (std::int32_t at = i; at < end; ++at) {
      const auto c = static_cast<unsigned char>(text_[static_cast<std::size_t>(at)]);
      const char32_t lower = c | 0x20u;
      last_upper_ = c <= 'Z';
      all_upper_ &= last_upper_;
      run_ = lower == last_ ? run_ + 1 : 1;
      last_ = lower;
      if (run_ >= 3)
        word_.flags |= elongated;  // keep two; the look-up also tries one
      else
        folded_.put(static_cast<char>(lower));
    }
    letters_ += end - i;
    word_is_number_ = false;
    last_at_ = end - 1;
    word_.end = static_cast<std::uint32_t>(end);
    next_ = end;
    return end;
  }

  // Likewise the letters of the same script that need no look at what follows them.
  std::int32_t rest_of_indic(std::int32_t i, std::int32_t length) {
    const char32_t first = script_ == Script::bengali ? 0x0980 : 0x0900;
    const auto* bytes = reinterpret_cast<const unsigned char*>(text_.data());
    std::int32_t end = i;
    const auto follows = [&](std::int32_t at) { return (bytes[at] & 0xC0) == 0x80; };
    for (; end + 2 < length && bytes[end] == 0xE0 && follows(end + 1) && follows(end + 2); end += 3) {
      const char32_t c = (bytes[end + 1] & 0x3Fu) << 6 | (bytes[end + 2] & 0x3Fu);
      if (c < first || c >= first + 0x80 || !is_plain_indic[c - 0x0900]) break;
      fold_indic(indic[c - 0x0900], script_);
      ++letters_;
    }
    if (end == i) return i;
    all_upper_ = last_upper_ = word_is_number_ = false;
    last_at_ = end - 3;
    word_.end = static_cast<std::uint32_t>(end);
    next_ = end;
    return end;
  }

  char32_t peek(std::int32_t i) const {
    const auto length = static_cast<std::int32_t>(text_.size());
    while (i < length) {
      UChar32 c;
      U8_NEXT(data(), i, length, c);
      if (c < 0) return ' ';
      if (!is_joiner(static_cast<char32_t>(c))) return static_cast<char32_t>(c);
    }
    return ' ';
  }
  static bool starts_word(char32_t c) {
    return is_ascii_letter(c) || is_digit(c) || is_devanagari(c) || is_bengali(c) ||
           (c >= 0x80 && !is_emoji(c) && is_letter_of_other_script(c));
  }

  void step(char32_t c, std::int32_t at, std::int32_t after, std::int32_t length) {
    next_ = after;
    if (c < 0x80) return ascii(c, at, after, length);
    if (is_devanagari(c) || is_bengali(c)) return indic_letter(c, at, after);
    if (is_joiner(c)) return;
    if (c == 0x200B || c == 0x00A0 || c == 0x3000 || c == 0x2028 || c == 0x2029) return blank(at);
    if (is_apostrophe(c)) return apostrophe(at, after);
    if (is_double_quote(c)) return mark(TokenType::quote, at, after);
    if (is_hyphen(c)) return hyphen(at, after);
    if (is_dash(c)) return mark(TokenType::pause, at, after);
    if (c == 0x2026) return mark(TokenType::stop, at, after);
    if (c == 0xFF03) return tag_mark(in_tag, at, after);
    if (c == 0xFF20) return tag_mark(in_handle, at, after);
    if (is_emoji(c)) return emoji(c, at, after);
    fancy(c, at, after);
  }

  void ascii(char32_t c, std::int32_t at, std::int32_t after, std::int32_t length) {
    if (is_ascii_letter(c)) {
      const bool is_upper = c <= 'Z';
      if (!in_word_ && (c == 'h' || c == 'H') && is_link(at)) return link(at, length);
      letter(is_upper ? c + 32 : c, Script::latin, at, is_upper);
      return;
    }
    if (is_digit(c)) return digit(c, at);
    switch (c) {
      case '\'':
      case '`':
        return apostrophe(at, after);
      case '"':
        return mark(TokenType::quote, at, after);
      case '-':
        return hyphen(at, after);
      case '_':
        // A tag goes on over it: #WhatsApp_Down. Elsewhere it parts words.
        end_word(at);
        if (mode_ != 0 && at > 0 && starts_word(peek(after)))
          glue_next_ = true;
        else
          mode_ = 0;
        return;
      case '#':
        return tag_mark(in_tag, at, after);
      case '@':
        if (in_word_) return address(at, length);
        return tag_mark(in_handle, at, after);
      case '.':
      case ',':
        if (in_word_ && word_is_number_ && is_digit(fold_digit(peek(after)))) {
          append(c);
          return;
        }
        if (c == '.' && in_word_ && starts_word(peek(after)) &&
            !(is_devanagari(peek(after)) || is_bengali(peek(after)))) {
          // cowin.gov.in, u.p.i: parts of one name, not the end of a sentence
          end_word(at);
          glue_next_ = true;
          return;
        }
        return mark(c == '.' ? TokenType::stop : TokenType::pause, at, after);
      case '!':
      case '|':
      case '\n':
      case '\r':
        return mark(TokenType::stop, at, after);
      case '?':
        return mark(TokenType::stop, at, after, question);
      case ';':
      case ':':
      case '(':
      case ')':
      case '[':
      case ']':
      case '/':
      case '~':
        return mark(TokenType::pause, at, after);
      case '&':
        end_word(at);
        mode_ = 0;
        add_text(TokenType::word, "&", at, after, 0);
        return;
      default:
        return blank(at);
    }
  }

  static char32_t fold_digit(char32_t c) {
    if (c >= 0x0966 && c <= 0x096F) return c - 0x0966 + '0';
    if (c >= 0x09E6 && c <= 0x09EF) return c - 0x09E6 + '0';
    return c;
  }

  bool is_link(std::int32_t at) const {
    const std::string_view rest = text_.substr(static_cast<std::size_t>(at));
    return rest.starts_with("http://") || rest.starts_with("https://") || rest.starts_with("HTTP");
  }
  void link(std::int32_t at, std::int32_t length) { skip_to_blank(TokenType::url, at, length); }
  void address(std::int32_t at, std::int32_t length) {
    const std::int32_t begin = static_cast<std::int32_t>(word_.begin);
    in_word_ = false;
    folded_.cut(word_.fold_begin);
    (void)at;
    skip_to_blank(TokenType::address, begin, length);
  }
  void skip_to_blank(TokenType type, std::int32_t at, std::int32_t length) {
    end_word(at);
    mode_ = 0;
    std::int32_t i = at;
    while (i<length&& static_cast<unsigned char>(text_[static_cast<std::size_t>(i)])> ' ') ++i;
    add_text(type, "", at, i, 0);
    next_ = i;
  }

  void indic_letter(char32_t c, std::int32_t at, std::int32_t after) {
    if (c == 0x0964 || c == 0x0965) return mark(TokenType::stop, at, after);
    if (c == 0x0970) return blank(at);
    const bool bengali = is_bengali(c);
    if ((c == 0x0903 || c == 0x0983) && !starts_word(peek(after)))
      return mark(TokenType::pause, at, after);  // typed for a colon
    if (c == 0x09DC) return letters2(0x09A1, 0x09BC, at);
    if (c == 0x09DD) return letters2(0x09A2, 0x09BC, at);
    if (c == 0x09DF) return letters2(0x09AF, 0x09BC, at);
    const char32_t folded = indic[c - 0x0900];
    if (folded == drop) {
      if (in_word_) word_.end = static_cast<std::uint32_t>(after);
      return;
    }
    if (is_digit(folded)) return digit(folded, at);
    letter(folded, bengali ? Script::bengali : Script::devanagari, at, false);
  }
  void letters2(char32_t a, char32_t b, std::int32_t at) {
    letter(a, Script::bengali, at, false);
    letter(b, Script::bengali, at, false);
  }

  // Anything outside ASCII, Devanagari and Bengali: let ICU fold it, then take what comes out.
  void fancy(char32_t c, std::int32_t at, std::int32_t after) {
    const char32_t latin = look_alike(c);
    if (latin != c) return letter(latin, Script::latin, at, false);
    char buffer[64];
    icu::CheckedArrayByteSink sink(buffer, sizeof buffer);
    UErrorCode status = U_ZERO_ERROR;
    static const icu::Normalizer2* const nfkc = [] {
      UErrorCode code = U_ZERO_ERROR;
      return icu::Normalizer2::getNFKCCasefoldInstance(code);
    }();
    nfkc->normalizeUTF8(0, icu::StringPiece(data() + at, after - at), sink, nullptr, status);
    if (U_FAILURE(status)) return blank(at);
    const std::int32_t n = sink.NumberOfBytesWritten();
    folded_.make_room(2 * (text_.size() - static_cast<std::size_t>(at) + sizeof buffer) + spare_bytes);
    const bool is_upper = u_isUUppercase(static_cast<UChar32>(c)) || u_isupper(static_cast<UChar32>(c));
    for (std::int32_t i = 0; i < n;) {
      UChar32 out;
      U8_NEXT(buffer, i, n, out);
      if (out < 0) continue;
      const char32_t f = look_alike(static_cast<char32_t>(out));
      if (is_joiner(f)) continue;
      if (f < 0x80 && is_ascii_letter(f))
        letter(f, Script::latin, at, is_upper);
      else if (is_digit(f))
        digit(f, at);
      else if (f >= 0x80 && is_letter_of_other_script(f))
        letter(f, f < 0x250 ? Script::latin : Script::other, at, is_upper);
      else
        blank(at);
    }
    next_ = after;
    if (in_word_) word_.end = static_cast<std::uint32_t>(after);
  }

  void apostrophe(std::int32_t at, std::int32_t after) {
    if (in_word_ && starts_word(peek(after))) {
      word_.end = static_cast<std::uint32_t>(after);
      return;  // can't, দু'ঘণ্টা
    }
    mark(TokenType::quote, at, after);
  }

  void hyphen(std::int32_t at, std::int32_t after) {
    const bool joins = in_word_ && starts_word(peek(after));
    end_word(at);
    mode_ = 0;
    if (joins)
      glue_next_ = true;
    else if (at > 0 && static_cast<unsigned char>(text_[static_cast<std::size_t>(at - 1)]) <= ' ')
      mark(TokenType::pause, at, after);
  }

  void tag_mark(std::uint8_t mode, std::int32_t at, std::int32_t after) {
    end_word(at);
    const bool opens = starts_word(peek(after)) || peek(after) == '_';
    mode_ = opens ? mode : 0;
    tag_open_ = opens;
  }

  void emoji(char32_t c, std::int32_t at, std::int32_t after) {
    end_word(at);
    mode_ = 0;
    char buffer[4];
    std::int32_t n = 0;
    U8_APPEND_UNSAFE(buffer, n, static_cast<UChar32>(c));
    add_text(TokenType::emoji, std::string_view(buffer, static_cast<std::size_t>(n)), at, after, 0);
  }

  void blank(std::int32_t at) {
    end_word(at);
    mode_ = 0;
    glue_next_ = false;
  }

  void mark(TokenType type, std::int32_t at, std::int32_t after, std::uint8_t flags = 0) {
    end_word(at);
    mode_ = 0;
    glue_next_ = false;
    if (type == TokenType::stop || type == TokenType::pause) {
      // One break for a run of marks; the run asks if any of them does.
      if (!out_.tokens.empty() && out_.tokens.back().type == type) {
        out_.tokens.back().flags |= flags;
        out_.tokens.back().end = static_cast<std::uint32_t>(after);
        return;
      }
    }
    add_text(type, "", at, after, flags);
    if (type == TokenType::stop) ++sentence_;
    if (type == TokenType::stop || type == TokenType::pause) ++clause_;
  }

  void add_text(TokenType type, std::string_view folded, std::int32_t at, std::int32_t after,
                std::uint8_t flags) {
    Token token;
    token.begin = static_cast<std::uint32_t>(at);
    token.end = static_cast<std::uint32_t>(after);
    token.fold_begin = static_cast<std::uint32_t>(folded_.size());
    token.fold_length = static_cast<std::uint16_t>(folded.size());
    token.type = type;
    token.flags = flags;
    token.clause = clause_;
    token.sentence = sentence_;
    folded_.put(folded);
    if (type != TokenType::word && type != TokenType::emoji) last_end_ = -1;
    out_.tokens.push_back(token);
  }

  void digit(char32_t c, std::int32_t at) {
    if (in_word_ && script_ != Script::latin && script_ != Script::none) end_word(at), glue_next_ = true;
    if (in_word_ && mode_ != 0 && !word_is_number_) end_word(at), glue_next_ = true;
    if (!in_word_) begin_word(at, Script::none);
    append(c);
    last_ = c;
    run_ = 1;
    word_.end = static_cast<std::uint32_t>(next_);
  }

  void letter(char32_t c, Script script, std::int32_t at, bool is_upper) {
    if (in_word_) {
      const bool edge =
          (script_ != script && script_ != Script::none) ||
          (script_ == Script::none && (script == Script::devanagari || script == Script::bengali)) ||
          (mode_ != 0 && word_is_number_);
      // #WhatsAppDown, @TheOfficialSBI: a capital after a small letter, or the last capital before a small
      // one.
      const bool hump = mode_ != 0 && script == Script::latin && is_upper && !last_upper_;
      const bool hump_back =
          mode_ != 0 && script == Script::latin && !is_upper && last_upper_ && letters_ >= 3 && all_upper_;
      if (hump_back) {
        split_last(at);
      } else if (edge || hump) {
        end_word(at);
        glue_next_ = true;
      }
    }
    if (!in_word_) begin_word(at, script);
    if (script_ == Script::none) script_ = script;
    word_is_number_ = false;
    fold_letter(c, script);
    ++letters_;
    if (letters_ == 1 && is_upper) word_.flags |= capital;
    if (!is_upper) all_upper_ = false;
    last_upper_ = is_upper;
    last_at_ = at;
    word_.end = static_cast<std::uint32_t>(next_);
  }

  // #UPIDown was read as UPID|own: gives the last capital to the next word.
  void split_last(std::int32_t at) {
    const char32_t moved = last_;
    const std::int32_t moved_at = last_at_;
    std::size_t size = folded_.size() - 1;
    while (size > word_.fold_begin &&
           (static_cast<unsigned char>(*(folded_.end() - (folded_.size() - size))) & 0xC0) == 0x80)
      --size;
    folded_.cut(size);
    --letters_;
    const std::int32_t keep_next = next_;
    next_ = moved_at;
    word_.end = static_cast<std::uint32_t>(moved_at);
    end_word(moved_at);
    glue_next_ = true;
    begin_word(moved_at, Script::latin);
    append(moved);
    last_ = moved;
    run_ = 1;
    letters_ = 1;
    word_.flags |= capital;
    all_upper_ = false;
    word_is_number_ = false;
    next_ = keep_next;
    (void)at;
  }

  void begin_word(std::int32_t at, Script script) {
    in_word_ = true;
    script_ = script;
    word_ = Token{};
    word_.begin = static_cast<std::uint32_t>(at);
    word_.end = static_cast<std::uint32_t>(next_);
    word_.fold_begin = static_cast<std::uint32_t>(folded_.size());
    word_.flags = static_cast<std::uint8_t>(mode_ | (glue_next_ ? glued : 0));
    if (tag_open_) tag_open_ = false;
    glue_next_ = false;
    word_is_number_ = true;
    letters_ = 0;
    all_upper_ = true;
    last_upper_ = false;
    last_ = 0;
    run_ = 0;
  }

  void append(char32_t c) { folded_.put(c); }

  // The last code point of the word, all of whose Indic letters take three bytes.
  char32_t tail(std::size_t back) const {
    const std::size_t n = folded_.size() - word_.fold_begin;
    if (n < 3 * (back + 1)) return 0;
    const auto* p = reinterpret_cast<const unsigned char*>(folded_.end() - 3 * (back + 1));
    if ((p[0] & 0xF0) != 0xE0) return 0;
    return static_cast<char32_t>(((p[0] & 0x0F) << 12) | ((p[1] & 0x3F) << 6) | (p[2] & 0x3F));
  }
  void pop3() { folded_.cut(folded_.size() - 3); }

  void fold_letter(char32_t c, Script script) {
    if (script == Script::latin || script == Script::other) {
      if (c == last_) {
        if (++run_ >= 3) {
          word_.flags |= elongated;
          return;  // keep two; the look-up also tries one
        }
      } else {
        run_ = 1;
      }
      last_ = c;
      append(c);
      return;
    }
    fold_indic(c, script);
  }

  void fold_indic(char32_t c, Script script) {
    const bool bn = script == Script::bengali;
    const char32_t virama = bn ? 0x09CD : 0x094D;
    if (c == last_) {
      const bool sign =
          bn ? (c >= 0x09BE && c <= 0x09D7) || c == 0x0982 : (c >= 0x093E && c <= 0x094D) || c == 0x0902;
      if (sign || ++run_ >= 3) {
        if (run_ == 3 && !sign) pop3();  // डाउननन: one is enough
        return;
      }
    } else {
      run_ = 1;
    }
    last_ = c;
    const bool consonant = bn ? (c >= 0x0995 && c <= 0x09B9) : (c >= 0x0915 && c <= 0x0939);
    if (!consonant && !(bn && (c == 0x09BE || c == 0x09D7))) return append(c);
    const char32_t t0 = tail(0), t1 = tail(1);
    if (bn) {
      if (c == 0x09BE && t0 == 0x09C7) return pop3(), append(0x09CB);  // ে + া
      if (c == 0x09D7 && t0 == 0x09C7) return pop3(), append(0x09CC);
      // অ্যা, এ্যা, আ্যা are one sound
      if (c == 0x09AF && t0 == virama && (t1 == 0x098F || t1 == 0x0986)) {
        pop3(), pop3();
        append(0x0985), append(virama), append(c);
        return;
      }
    }
    if (consonant && t0 == virama) {
      if (t1 == c) return pop3();  // doubled consonant: one
      const bool nasal = bn ? t1 == 0x0999 || t1 == 0x099E || t1 == 0x09A8 || t1 == 0x09AE
                            : t1 == 0x0919 || t1 == 0x091E || t1 == 0x0923 || t1 == 0x0928 || t1 == 0x092E;
      // Nasal before a stop is written as anusvara by half the people; before y, r, l, v, h it is a letter of
      // its own.
      const bool stop = bn ? c <= 0x09AD : c <= 0x092D;
      if (nasal && stop && (!bn || t1 == 0x0999)) {
        pop3(), pop3();
        append(bn ? 0x0982 : 0x0902);
      }
    }
    append(c);
  }

  void end_word(std::int32_t at) {
    if (!in_word_) return;
    in_word_ = false;
    // नहीं and नही are one word
    if (script_ == Script::devanagari && tail(0) == 0x0902) pop3();
    const std::size_t length = folded_.size() - word_.fold_begin;
    if (length == 0) return;
    word_.fold_length = static_cast<std::uint16_t>(std::min<std::size_t>(length, 0xFFFF));
    word_.type = word_is_number_ ? TokenType::number : TokenType::word;
    if (all_upper_ && letters_ >= 2) word_.flags |= upper;
    word_.clause = clause_;
    word_.sentence = sentence_;
    if (word_.end > static_cast<std::uint32_t>(at)) word_.end = static_cast<std::uint32_t>(at);
    out_.tokens.push_back(word_);
  }

  static constexpr std::size_t spare_bytes = 16;

  std::string_view text_;
  ScannedText& out_;
  Folded folded_;
  std::int32_t next_{0};
  std::uint16_t clause_{0}, sentence_{0};
  std::uint8_t mode_{0};
  bool tag_open_{false}, glue_next_{false};
  std::int32_t last_end_{-1};

  bool in_word_{false}, word_is_number_{false}, all_upper_{false}, last_upper_{false};
  Script script_{Script::none};
  Token word_;
  int letters_{0}, run_{0};
  char32_t last_{0};
  std::int32_t last_at_{0};
};

}  // namespace

void scan(std::string_view text, ScannedText& out) {
  out.clear();
  Scanner(text, out).run();
}

std::string fold_word(std::string_view word) {
  ScannedText scanned;
  scan(word, scanned);
  std::string joined;
  for (const auto& token : scanned.tokens) joined.append(scanned.text_of(token));
  return joined;
}

}  // namespace thap::nlp
