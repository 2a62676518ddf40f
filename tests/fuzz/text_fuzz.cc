// Any text through scanning, masking and reading: no crash, offsets inside the text and on character borders,
// nothing left that was to be masked. Half of the inputs are bytes made valid; the other half are words that
// mean something to the reader, one a byte, so that phrases, names and cues meet in every order.
#include <cstdlib>
#include <string>
#include <string_view>

#include "nlp/mask.h"
#include "nlp/reader.h"
#include "nlp/text.h"
#include "tests/nlp/small_lexicon.h"

using namespace thap::nlp;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

constexpr std::string_view words[] = {"lahar",
                                      "pankh",
                                      "tarang",
                                      "ACT",
                                      "paisa pay",
                                      "megh",
                                      "লহর",
                                      "লহরের",
                                      "तरंग",
                                      "@TarangCare",
                                      "@LaharOfficial",
                                      "@someone",
                                      "#LaharDown",
                                      "#lahardown",
                                      "#TarangDown",
                                      "#TarangNritya",
                                      "tarang talkies",
                                      "down",
                                      "not working",
                                      "ठप",
                                      "ডাউন",
                                      "slow",
                                      "crash",
                                      "nahi",
                                      "नहीं",
                                      "না",
                                      "not",
                                      "cant",
                                      "na",
                                      "ho raha",
                                      "রহা",
                                      "হচ্ছে",
                                      "হচ্ছেনা",
                                      "korchena",
                                      "message",
                                      "login",
                                      "net",
                                      "sim",
                                      "call",
                                      "single tick",
                                      "working",
                                      "is back",
                                      "theek ho gaya",
                                      "kab theek hoga",
                                      "now",
                                      "ab",
                                      "since morning",
                                      "was",
                                      "tha",
                                      "last year",
                                      "scheduled maintenance",
                                      "if",
                                      "how to fix",
                                      "i wish",
                                      "like my",
                                      "my heart",
                                      "who said",
                                      "mera phone",
                                      "phone is fine",
                                      "anyone else",
                                      "kya",
                                      "by order of",
                                      "shares fell",
                                      "according to",
                                      "we are aware",
                                      "ki wajah se",
                                      "because of",
                                      "came to",
                                      "said",
                                      "be like",
                                      "sit down",
                                      "ya nahi",
                                      "for some",
                                      "kolkata",
                                      "কলকাতায়",
                                      "patna",
                                      "aur",
                                      "ও",
                                      "hi",
                                      "😡",
                                      ".",
                                      ",",
                                      "?",
                                      "।",
                                      "\n",
                                      "\"",
                                      "-",
                                      "…",
                                      "(",
                                      ")",
                                      "RT",
                                      ":",
                                      "12",
                                      "9876500001",
                                      "a.b@okaxis",
                                      "https://t.example/x",
                                      "dooown",
                                      "ｄｏｗｎ",
                                      "ᴅᴏᴡɴ",
                                      "xyz"};

// What is no UTF-8 becomes '?'.
std::string valid(std::string_view bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size();) {
    const auto lead = static_cast<unsigned char>(bytes[i]);
    const std::size_t n = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    std::uint32_t c = n == 1 ? lead : lead & (0x7Fu >> n);
    bool good = (lead < 0x80 || (lead >= 0xC2 && lead < 0xF5)) && i + n <= bytes.size();
    for (std::size_t k = 1; good && k < n; ++k) {
      const auto next = static_cast<unsigned char>(bytes[i + k]);
      good = (next & 0xC0) == 0x80;
      c = (c << 6) | (next & 0x3Fu);
    }
    good = good && !(n == 3 && (c < 0x800 || (c >= 0xD800 && c < 0xE000))) &&
           !(n == 4 && (c < 0x10000 || c > 0x10FFFF));
    out += good ? bytes.substr(i, n) : std::string_view("?");
    i += good ? n : 1;
  }
  return out;
}

bool is_border(std::string_view text, std::size_t at) {
  return at == text.size() || (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80);
}

void scan_it(std::string_view text) {
  ScannedText scanned;
  scan(text, scanned);
  std::size_t before = 0;
  for (const Token& token : scanned.tokens) {
    require(token.begin <= token.end && before <= token.begin && token.end <= text.size());
    require(is_border(text, token.begin) && is_border(text, token.end));
    require(token.fold_begin + token.fold_length <= scanned.folded.size());
    before = token.end;
  }
}

void mask_it(std::string_view text) {
  const std::string masked = mask(text);
  if (text.find("://") != std::string_view::npos) return;  // a link keeps its host, digits or not
  int digits = 0;
  for (char c : masked) {
    digits = c >= '0' && c <= '9' ? digits + 1 : 0;
    require(digits < 6);
  }
}

void read_it(std::string_view text) {
  static const Reader reader(small_lexicon());
  const Reading reading = reader.read(text);
  const Explanation explained = reader.explain(text);
  require(reading.services == explained.reading.services && reading.symptoms == explained.reading.symptoms &&
          reading.kind == explained.reading.kind && reading.text_hash == explained.reading.text_hash);
  bool present = false;
  for (std::size_t i = 0; i < reading.services.size(); ++i) {
    require(small_lexicon()->service(reading.services[i].service) != nullptr);
    for (std::size_t k = 0; k < i; ++k) require(reading.services[i].service != reading.services[k].service);
    present = present || is_present_outage(reading.services[i].status);
  }
  // An article tells what failed even when it is over.
  require(present || reading.symptoms.empty() || reading.kind == Kind::news);
  require(reading.services == reader.read(text, {.only_if_named = true}).services);
  for (const Span& span : explained.spans) {
    require(span.begin <= span.end && span.end <= text.size());
    require(is_border(text, span.begin) && is_border(text, span.end));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::string text;
  if (data[0] % 2 == 0) {
    text = valid(bytes);
  } else {
    for (const char byte : bytes) {
      const auto pick = static_cast<unsigned char>(byte);
      text += words[pick % std::size(words)];
      if (pick < 200) text += ' ';
    }
  }
  scan_it(text);
  mask_it(text);
  read_it(text);
  return 0;
}
