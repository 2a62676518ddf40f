// The scanner: what folds alike, where words end, and that offsets always point into the text as it was
// written.
#include <algorithm>
#include <ctime>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "nlp/text.h"

namespace thap::nlp {
namespace {

constexpr auto row_name = [](const auto& row) { return std::string(row.param.name); };

// ---- What folds alike

struct Pair {
  const char* name;
  std::string_view written, meant;
  bool alike;
  const char* why;
};
std::ostream& operator<<(std::ostream& out, const Pair& row) { return out << row.name; }

const Pair pairs[] = {
    {"letter_case", "WhatsApp", "whatsapp", true, "nobody minds capitals"},
    {"full_width", "ＷｈａｔｓＡｐｐ", "whatsapp", true, "NFKC"},
    {"maths_bold", "𝐖𝐡𝐚𝐭𝐬𝐀𝐩𝐩", "whatsapp", true, "NFKC"},
    {"maths_script", "𝓳𝓲𝓸", "jio", true, "NFKC"},
    {"circled", "ⓙⓘⓞ", "jio", true, "NFKC"},
    {"small_capitals", "ᴊɪᴏ", "jio", true, "NFKC leaves them alone: our own table"},
    {"cyrillic", "јіо", "jio", true, "look-alikes, each of them Cyrillic"},
    {"cyrillic_inside", "pаytm", "paytm", true, "one Cyrillic a among Latin letters"},
    {"greek", "νοdafone", "vodafone", true, "Greek nu and omicron"},
    {"turkish_i", "İRCTC", "irctc", true, "folds to i and a dot above, which is dropped"},
    {"dotless_i", "aırtel", "airtel", true, "fancy keyboards"},
    {"accents", "a\u0301irtel", "airtel", true, "combining marks are dropped"},
    {"soft_hyphen", "whats\u00ADapp", "whatsapp", true, "not to be seen"},
    {"variation_selector", "jio\uFE0F", "jio", true, "not to be seen"},
    {"word_joiner", "ji\u2060o", "jio", true, "not to be seen"},
    {"right_to_left", "j\u202Eio\u202C", "jio", true, "bidi controls do not reach matching"},
    {"tag_characters", "jio\U000E0061\U000E007F", "jio", true, "not to be seen"},
    {"zwnj", "হোয়াট্‌সঅ্যাপ", "হোয়াট্সঅ্যাপ", true, "keyboards differ"},
    {"zwj", "র\u200D্যাপিডো", "র্যাপিডো", true, "ya-phala after ra"},

    {"nukta_decomposed", "ज\u093Cूम", "जूम", true, "people drop it"},
    {"nukta_composed", "\u095Bूम", "जूम", true, "a composition exclusion: both forms occur"},
    {"nukta_fa", "फ़ेसबुक", "फेसबुक", true, "people drop it"},
    {"nukta_na", "\u0929", "न", true, "this one composes"},
    {"chandrabindu", "यहाँ", "यहां", true, "written either way"},
    {"last_anusvara", "नहीं", "नही", true, "dropped in haste"},
    {"nasal_before_stop", "हिन्दी", "हिंदी", true, "half the people write it so"},
    {"nasal_before_other", "मान्य", "मांय", false, "before y the nasal is a letter of its own"},
    {"vowel_length_hi", "फेसबूक", "फेसबुक", true, "ू and ु"},
    {"vowel_length_i", "जीओ", "जिओ", true, "ी and ि"},
    {"independent_vowels", "ईमेल", "इमेल", true, "ई and इ"},
    {"borrowed_o", "कॉल", "काल", true, "ॉ and ा"},
    {"ai_and_e", "ऐप", "एप", true, "English a"},
    {"au_and_o", "जौमेटो", "जोमैटो", true, "ौ, ो; ै, े"},
    {"doubled_consonant", "दिक्कत", "दिकत", true, "doubling is heard, not always written"},
    {"other_vowel", "जियो", "जिओ", false, "another spelling: the lexicon lists it"},

    {"bn_ra_nukta", "\u09DC", "ড\u09BC", true, "precomposed and decomposed"},
    {"bn_ya_nukta", "হোয\u09BCাটস", "হো\u09DFাটস", true, "precomposed and decomposed"},
    {"bn_split_o", "জ\u09C7\u09BEমাটো", "জ\u09CBমাটো", true, "two-part vowel typed in parts"},
    {"bn_split_au", "ন\u09C7\u09D7কা", "নৌকা", true, "two-part vowel typed in parts"},
    {"bn_vowel_length", "ফেসবূক", "ফেসবুক", true, "ূ and ু"},
    {"bn_ai_and_e", "বৈ", "বে", false, "ৈ is not ে in Bengali"},
    {"bn_sibilants", "পরিশেবা", "পরিষেবা", true, "শ, ষ and স"},
    {"bn_nasal_retroflex", "কারন", "কারণ", true, "ণ and ন"},
    {"bn_khanda_ta", "হঠাৎ", "হঠাত", true, "a common slip"},
    {"bn_chandrabindu", "চাঁদ", "চাদ", true, "dropped in haste"},
    {"bn_nga_and_anusvara", "লিঙ্ক", "লিংক", true, "written either way"},
    {"bn_bank", "ব্যাঙ্ক", "ব্যাংক", true, "written either way"},
    {"bn_ae_e", "এ্যাপ", "অ্যাপ", true, "one sound, three spellings"},
    {"bn_ae_aa", "আ্যাপ", "অ্যাপ", true, "one sound, three spellings"},
    {"bn_doubled", "চট্টগ্রাম", "চটগ্রাম", true, "doubling is heard, not always written"},
    {"assamese_ra", "ৰবি", "রবি", true, "Assamese letter in Bengali text"},
    {"assamese_wa", "সেৱা", "সেবা", true, "Assamese letter in Bengali text"},

    {"digits_hi", "५जी", "5जी", true, "native digits"},
    {"digits_bn", "৫জি", "5জি", true, "native digits"},
    {"digits_full_width", "５g", "5g", true, "NFKC"},
    {"elongated_latin", "dooooown", "dooown", true, "three are as many as ten"},
    {"elongated_hi", "डाउनननन", "डाउन", true, "a letter three times or more is one"},
    {"elongated_sign", "নাাাা", "না", true, "a vowel sign is never doubled"},
    {"doubled_latin", "groww", "grow", false, "two letters may be meant"},
    {"apostrophe", "can't", "cant", true, "typed or not"},
    {"apostrophe_curly", "can’t", "can't", true, "phones curl it"},
    {"apostrophe_backtick", "can`t", "cant", true, "typed for it"},
    {"apostrophe_bn", "দু’ঘণ্টা", "দুঘণ্টা", true, "typed or not"},
    {"other_script", "ಜಿಯೋ", "ಜಿಯೋ", true, "scripts we do not read stay as they are"},
};

class Fold : public testing::TestWithParam<Pair> {};
TEST_P(Fold, MakesAlikeWhatIsMeantAlike) {
  const Pair& row = GetParam();
  const std::string written = fold_word(row.written), meant = fold_word(row.meant);
  EXPECT_FALSE(written.empty());
  EXPECT_EQ(written == meant, row.alike) << written << " and " << meant << ": " << row.why;
}
INSTANTIATE_TEST_SUITE_P(Rows, Fold, testing::ValuesIn(pairs), row_name);

TEST(FoldWord, LeavesNothingOfMarksAlone) {
  for (std::string_view nothing : {"", " ", "!?", "।", "\u0901", "\u200D\u200C", "—", "\u0301"})
    EXPECT_EQ(fold_word(nothing), "") << nothing;
}

// ---- Where words end

// One word a token, in order: the folded text, or what the mark is: , . ? " <url> <address>. '+' before a
// word says that no space stood before it; '#' and '@' that it is part of a tag or a handle.
std::string shown(std::string_view text) {
  ScannedText scanned;
  scan(text, scanned);
  std::string out;
  for (const Token& token : scanned.tokens) {
    if (!out.empty()) out += ' ';
    if (token.has(in_tag)) out += '#';
    if (token.has(in_handle)) out += '@';
    if (token.has(glued)) out += '+';
    switch (token.type) {
      case TokenType::word:
      case TokenType::emoji:
        out += scanned.text_of(token);
        break;
      case TokenType::number:
        out += "=" + std::string(scanned.text_of(token));
        break;
      case TokenType::quote:
        out += '"';
        break;
      case TokenType::pause:
        out += ',';
        break;
      case TokenType::stop:
        out += token.has(question) ? '?' : '.';
        break;
      case TokenType::url:
        out += "<url>";
        break;
      case TokenType::address:
        out += "<address>";
        break;
    }
  }
  return out;
}

struct Cut {
  const char* name;
  std::string_view text, tokens;
  const char* why;
};
std::ostream& operator<<(std::ostream& out, const Cut& row) { return out << row.name; }

const Cut cuts[] = {
    {"plain", "jio is down", "jio is down", "spaces"},
    {"tag_humps", "#WhatsAppDown now", "#whats #+app #+down now", "a tag is cut at capitals"},
    {"tag_capitals", "#UPIDown", "#upi #+down", "the last capital belongs to the next word"},
    {"tag_lower", "#whatsappdown", "#whatsappdown", "known words cut it later"},
    {"tag_underscore", "#Whatsapp_Down", "#whatsapp #+down", "a tag goes on over _"},
    {"tag_full_width", "＃जियो_डाउन", "#जियो #+डाउन", "a Japanese # and a native tag"},
    {"tag_digits", "#JioFiber5G", "#jio #+fiber #+=5 #+g", "a digit is an edge inside tags"},
    {"tag_ends", "#JioDown: why", "#jio #+down , why", "marks end it"},
    {"tag_tag", "#Jio#Down", "#jio #down", "two tags"},
    {"not_a_tag", "# jio", "jio", "a # alone is nothing"},
    {"humps_outside", "WhatsApp JioFiber", "whatsapp jiofiber", "capitals cut tags and handles only"},
    {"handle", "@JioCare help", "@jio @+care help", "a handle is cut like a tag"},
    {"handle_underscore", "@Airtel_Presence", "@airtel @+presence", "as people write it"},
    {"underscore_outside", "net_banking", "net banking", "parts words"},
    {"script_edge_bn", "UPIতে টাকা", "upi +তে টাকা", "Latin to Bengali is an edge"},
    {"script_edge_sign", "whatsappের", "whatsapp +ের", "even before a vowel sign"},
    {"script_edge_hi", "Googleने", "google +ने", "Latin to Devanagari is an edge"},
    {"script_edge_back", "জিওdown", "জিও +down", "and back"},
    {"digit_edge_indic", "4জি", "=4 +জি", "a native letter after a digit"},
    {"digit_latin", "5g web3", "5g web3", "Latin words may hold digits"},
    {"hyphen", "को-विन", "को +विन", "joins two words that a name may cover"},
    {"hyphen_suffix", "WhatsApp-এর", "whatsapp +এর", "a case ending after it"},
    {"hyphen_other", "e\u2011filing \u2212 x", "e +filing , x", "non-breaking; a minus sign alone is a dash"},
    {"dash", "jio — down", "jio , down", "ends a clause"},
    {"dash_typed", "jio - down", "jio , down", "a hyphen with a space before it is a dash"},
    {"hyphen_at_end", "jio- down", "jio down", "nothing to join"},
    {"dotted_name", "cowin.gov.in down", "cowin +gov +in down", "parts of one name, no sentence"},
    {"sentence", "jio down. airtel too", "jio down . airtel too", "a full stop"},
    {"danda", "सेवा ठप।", "सेवा ठप .", "a danda"},
    {"double_danda", "सेवा ठप॥", "सेवा ठप .", "a double danda"},
    {"pipe", "सेवा ठप|", "सेवा ठप .", "typed for a danda"},
    {"ellipsis", "down… again", "down . again", "an ellipsis"},
    {"newline", "down\nagain", "down . again", "a line is a sentence"},
    {"question", "down?", "down ?", "asks"},
    {"question_run", "down!?!", "down ?", "one stop for the run, and it asks"},
    {"pause_run", "jio, (down)", "jio , down ,", "one pause for the run of , and ("},
    {"visarga_colon", "ডেস্কঃ নেট", "ডেস্ক , নেট", "typed for a colon"},
    {"visarga_inside", "दुःखी", "दुःखि", "a letter inside a word"},
    {"link", "see https://t.co/aB?x=1#jio down", "see <url> down", "its text is not read"},
    {"link_capitals", "HTTPS://T.CO/x down", "<url> down", "shouted"},
    {"http_word", "http error", "http error", "no link"},
    {"mail", "write a.user@example.in now", "write a <address> now",
     "from the last word on; the rest says nothing"},
    {"upi_id", "9876500000@okaxis bhejo", "<address> bhejo", "UPI ids look like mail addresses"},
    {"grouped_number", "rs 1,00,000.50 gone", "rs =1,00,000.50 gone", "lakh commas and a decimal point"},
    {"native_number", "১২.০৭ মিনিট", "=12.07 মিনিট", "a dot between native digits"},
    {"number_then_stop", "since 12. why", "since =12 . why", "a stop after a number"},
    {"number_comma", "at 12, jio", "at =12 , jio", "a comma after a number"},
    {"quotes", "“down” है", "\" down \" हे", "marks outside words"},
    {"quote_single", "'down'", "\" down \"", "an apostrophe outside a word"},
    {"ampersand", "at&t", "at & t", "a word of its own"},
    {"emoji", "jio😡down", "jio 😡 down", "parts words"},
    {"emoji_skin", "👍🏽", "👍", "skin tones are dropped"},
    {"nbsp", "jio\u00A0down", "jio down", "a space"},
    {"zero_width_space", "jio\u200Bdown", "jio down", "a space nobody sees"},
    {"question_native", "কেন?", "কেন ?", "the same mark in every script"},
};

class Edge : public testing::TestWithParam<Cut> {};
TEST_P(Edge, CutsText) { EXPECT_EQ(shown(GetParam().text), GetParam().tokens) << GetParam().why; }
INSTANTIATE_TEST_SUITE_P(Rows, Edge, testing::ValuesIn(cuts), row_name);

TEST(Scan, CountsClausesAndSentences) {
  ScannedText scanned;
  scan("jio down, airtel ok। vi?\nbsnl", scanned);
  std::vector<std::pair<int, int>> words;
  for (const Token& token : scanned.tokens)
    if (token.type == TokenType::word) words.emplace_back(token.clause, token.sentence);
  EXPECT_EQ(words, (std::vector<std::pair<int, int>>{{0, 0}, {0, 0}, {1, 0}, {1, 0}, {2, 1}, {3, 2}}));
}

TEST(Flags, TellHowAWordWasWritten) {
  ScannedText scanned;
  scan("SBI Act jio X डाउनननन dooown", scanned);
  ASSERT_EQ(scanned.tokens.size(), 6u);
  const auto& t = scanned.tokens;
  EXPECT_TRUE(t[0].has(upper) && t[0].has(capital));
  EXPECT_TRUE(!t[1].has(upper) && t[1].has(capital));
  EXPECT_TRUE(!t[2].has(upper) && !t[2].has(capital));
  EXPECT_TRUE(!t[3].has(upper) && t[3].has(capital)) << "one letter is not written in capitals only";
  EXPECT_TRUE(t[5].has(elongated));
}

// ---- Offsets

struct Place {
  const char* name;
  std::string_view text, folded, under;
};
std::ostream& operator<<(std::ostream& out, const Place& row) { return out << row.name; }

const Place places[] = {
    {"after_emoji", "😡😡 व्हाट्सऐप डाउन", "व्हाट्सएप", "व्हाट्सऐप"},
    {"apostrophe", "I can't login", "cant", "can't"},
    {"nukta", "मेरा ज\u093Cूम बंद", "जुम", "ज\u093Cूम"},
    {"joiner_inside", "আজ র\u200D্যাপিডো নেই", "র্যাপিডো", "র\u200D্যাপিডো"},
    {"elongated", "so sloooow today", "sloow", "sloooow"},
    {"maths", "my 𝐣𝐢𝐨 net", "jio", "𝐣𝐢𝐨"},
    {"tag_part", "hm #UPIDown", "down", "Down"},
    {"script_edge", "আমার UPIতে", "upi", "UPI"},
    {"dropped_at_end", "ami চাঁ যাই", "চা", "চাঁ"},
    {"split_vowel", "এক জ\u09C7\u09BE দুই", "জো", "জ\u09C7\u09BE"},
};
class Offsets : public testing::TestWithParam<Place> {};
TEST_P(Offsets, PointIntoTheTextAsWritten) {
  const Place& row = GetParam();
  ScannedText scanned;
  scan(row.text, scanned);
  int found = 0;
  for (const Token& token : scanned.tokens) {
    if (scanned.text_of(token) != row.folded) continue;
    ++found;
    EXPECT_EQ(row.text.substr(token.begin, token.end - token.begin), row.under);
  }
  EXPECT_EQ(found, 1) << shown(row.text);
}
INSTANTIATE_TEST_SUITE_P(Rows, Offsets, testing::ValuesIn(places), row_name);

// ---- Whatever comes

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t n = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
    if (n == 0 || i + n > text.size()) return false;
    for (std::size_t k = 1; k < n; ++k)
      if (!is_continuation(text[i + k])) return false;
    i += n;
  }
  return true;
}

void expect_sound(std::string_view text, const ScannedText& scanned) {
  std::uint32_t before = 0;
  int clause = 0, sentence = 0;
  for (const Token& token : scanned.tokens) {
    // Equal only where one code point folds to letters of two scripts: ŉ is ʼ and n.
    ASSERT_LE(token.begin, token.end) << text;
    ASSERT_LE(token.end, text.size()) << text;
    ASSERT_LE(before, token.begin) << "tokens overlap in " << text;
    ASSERT_FALSE(is_continuation(text[token.begin])) << text;
    ASSERT_TRUE(token.end == text.size() || !is_continuation(text[token.end])) << text;
    ASSERT_LE(token.fold_begin + token.fold_length, scanned.folded.size());
    ASSERT_TRUE(is_utf8(scanned.text_of(token))) << text;
    ASSERT_TRUE(token.clause >= clause && token.sentence >= sentence) << text;
    ASSERT_EQ(token.fold_length > 0, token.type == TokenType::word || token.type == TokenType::number ||
                                         token.type == TokenType::emoji);
    before = token.end;
    clause = token.clause;
    sentence = token.sentence;
  }
}

std::string utf8(char32_t c) {
  std::string out;
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += {static_cast<char>(0xC0 | (c >> 6)), static_cast<char>(0x80 | (c & 0x3F))};
  } else if (c < 0x10000) {
    out += {static_cast<char>(0xE0 | (c >> 12)), static_cast<char>(0x80 | ((c >> 6) & 0x3F)),
            static_cast<char>(0x80 | (c & 0x3F))};
  } else {
    out += {static_cast<char>(0xF0 | (c >> 18)), static_cast<char>(0x80 | ((c >> 12) & 0x3F)),
            static_cast<char>(0x80 | ((c >> 6) & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))};
  }
  return out;
}

// Half of the code points from where the scanner has rules, the rest from anywhere.
char32_t any_code_point(std::mt19937& random) {
  static constexpr std::u32string_view telling =
      U" #@_-.,!?'\"&:|/"
      U"()\n0159aAbBzZ\u00AD\u200B\u200C\u200D\u2060\uFEFF\u202E\u2066\u0301\u2019\u201C\u2014\u2026"
      U"\u0901\u0902\u0903\u0915\u0928\u093C\u093E\u093F\u0940\u094D\u0958\u0964\u0966\u0970\u0981\u0982"
      U"\u0983\u0985"
      U"\u0986\u098F\u0999\u09A8\u09AF\u09BC\u09BE\u09C7\u09CD\u09CE\u09D7\u09DC\u09DF\u09E6\u09F0\u0130"
      U"\u0131\u0430"
      U"\u1D0A\u20E3\uFDFA\uFF03\uFF20\uFF21\U0001F3FD\U0001F621\U0001D400\U000E0061";
  switch (random() % 8) {
    case 0:
      return static_cast<char32_t>(1 + random() % 0x7F);
    case 1:
      return static_cast<char32_t>(0x0900 + random() % 0x100);
    case 2:
      return static_cast<char32_t>(0x80 + random() % 0x2F80);
    case 3: {
      const auto c = static_cast<char32_t>(random() % 0x110000);
      return c >= 0xD800 && c < 0xE000 ? U'x' : c;
    }
    default:
      return telling[random() % telling.size()];
  }
}

TEST(Hostile, AnyCodePointsKeepOffsetsSound) {
  std::mt19937 random(20261125);
  ScannedText scanned;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::size_t n = random() % 24; n > 0; --n) {
      text += utf8(any_code_point(random));
    }
    scan(text, scanned);
    expect_sound(text, scanned);
    if (HasFatalFailure()) return;
  }
}

TEST(Hostile, EveryCodePointAlone) {
  ScannedText scanned;
  for (char32_t c = 1; c < 0x110000; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    const std::string text = "a" + utf8(c) + "b";
    scan(text, scanned);
    expect_sound(text, scanned);
    if (HasFatalFailure()) return;
  }
}

double cpu_ms() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

// Ten times the text may take ten times as long; a square would take a hundred.
struct Piece {
  const char* name;
  std::string_view text;
};
std::ostream& operator<<(std::ostream& out, const Piece& piece) { return out << piece.name; }
class Long : public testing::TestWithParam<Piece> {};
TEST_P(Long, TakesLinearTime) {
  const auto milliseconds = [&](std::size_t bytes) {
    std::string text;
    while (text.size() < bytes) text += GetParam().text;
    ScannedText scanned;
    double best = 1e9;
    for (int i = 0; i < 4; ++i) {
      const double from = cpu_ms();
      scan(text, scanned);
      best = std::min(best, cpu_ms() - from);
    }
    if (bytes < 200'000) expect_sound(text, scanned);
    return best;
  };
  const double small = milliseconds(100'000), large = milliseconds(1'000'000);
  EXPECT_LT(large, 40 * std::max(small, 0.25)) << small << " ms for 100 kB, " << large << " ms for 1 MB";
}
const Piece pieces[] = {
    {"one_letter", "a"},
    {"letters", "ab"},
    {"indic_letter", "ক"},
    {"indic_letters", "কখ"},
    {"vowel_signs", "\u09BE"},
    {"viramas", "\u094D"},
    {"accents", "\u0301"},
    {"bidi", "\u202E\u2066"},
    {"joiners", "\u200D"},
    {"tags", "#A"},
    {"handles", "@"},
    {"addresses", "a@b"},
    {"capitals_in_tag", "#ABCd"},
    {"apostrophes", "a'"},
    {"hyphens", "-"},
    {"dots", "a."},
    {"digits_and_dots", "1."},
    {"commas", "1,"},
    {"quotes", "\""},
    {"questions", "?"},
    {"links", "http://"},
    {"emoji", "\U0001F621"},
    {"ligature", "\uFDFA"},
    {"clauses", "a, "},
    {"visargas", "\u0983"},
    {"marks_after_dot", "a.\u0301\u0301\u0301\u0301"},
};
INSTANTIATE_TEST_SUITE_P(Pieces, Long, testing::ValuesIn(pieces), row_name);

TEST(Hostile, ManyMarksAreOneWord) {
  std::string text = "না";
  for (int i = 0; i < 100'000; ++i) text += "া";
  EXPECT_EQ(fold_word(text), fold_word("না"));
  ScannedText scanned;
  scan(text, scanned);
  ASSERT_EQ(scanned.tokens.size(), 1u);
  EXPECT_EQ(scanned.tokens[0].end, text.size());
}

TEST(Hostile, EmptyTextHasNoTokens) {
  ScannedText scanned;
  scan("x", scanned);
  scan("", scanned);
  EXPECT_TRUE(scanned.tokens.empty());
  EXPECT_TRUE(scanned.folded.empty());
}

// The last capital goes to the next word whole, however many bytes it has.
TEST(Hostile, CapitalsOfTwoBytesInTags) {
  ScannedText scanned;
  for (std::string_view text : {"#ABÉown", "#ÀÉÎown", "@ÜÜÜb", "#AAAAown"}) {
    scan(text, scanned);
    expect_sound(text, scanned);
  }
}

// Bytes that are no UTF-8 never get here; if they did, they would be spaces.
TEST(Hostile, BrokenBytesAreSpaces) { EXPECT_EQ(shown("jio\xFF\xC3 down\xE0\xA4"), "jio down"); }

}  // namespace
}  // namespace thap::nlp
