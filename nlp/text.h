// A post's text cut into folded tokens. Posts and lexicon entries go through the same scan, so that what
// folds alike matches, whatever was typed.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace thap::nlp {

enum class TokenType : std::uint8_t {
  word,    // letters, marks and digits of one script
  number,  // digits only, with inner dots and commas
  emoji,   // one pictograph
  quote,   // a quotation mark that does not stand inside a word
  pause,   // ends a clause: , ; : ( ) dash
  stop,    // ends a sentence: . ! ? danda | newline
  url,     // a link; its text is not read
  address  // mail address or UPI id; its text is not read
};

// Flags of a token.
enum TokenFlag : std::uint8_t {
  in_tag = 1,      // part of a hashtag
  in_handle = 2,   // part of a handle
  upper = 4,       // written in capitals only (two letters at least)
  capital = 8,     // begins with a capital
  glued = 16,      // no space before it: hyphen, script edge or tag part
  elongated = 32,  // a letter was repeated three times or more
  question = 64,   // of a stop: a question mark
  particle =
      128  // may stand between the words of a phrase: case endings written apart (তে, er, का), ही, भी, তো
};

struct Token {
  std::uint32_t begin{0}, end{0};  // bytes of the source text, half-open
  std::uint32_t fold_begin{0};     // bytes of the folded text
  std::uint16_t fold_length{0};
  TokenType type{TokenType::word};
  std::uint8_t flags{0};
  std::uint16_t clause{0}, sentence{0};
  bool has(TokenFlag flag) const { return flags & flag; }
};

struct ScannedText {
  std::string folded;
  std::vector<Token> tokens;
  std::string_view text_of(const Token& token) const {
    return std::string_view(folded).substr(token.fold_begin, token.fold_length);
  }
  void clear() {
    folded.clear();
    tokens.clear();
  }
};

// Cuts and folds `text`, valid UTF-8 of any length (more than 65,535 clauses wrap). Linear. Any thread.
// The folded form: NFKC_Casefold, then what nlp/lexicon/README.md lists.
void scan(std::string_view text, ScannedText& out);

// Folds one word of the lexicon; empty if it holds no letter.
std::string fold_word(std::string_view word);

}  // namespace thap::nlp
