#include "ingest/plain_text.h"

#include <gtest/gtest.h>

#include "tests/ingest/rows.h"

namespace thap::ingest {
namespace {

struct Row {
  const char* name;
  Markup markup;
  std::string_view text, plain;
  const char* why;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.name; }

class PlainText : public testing::TestWithParam<Row> {};
TEST_P(PlainText, IsWithoutMarkup) {
  std::string out;
  append_plain(GetParam().text, GetParam().markup, out);
  EXPECT_EQ(out, GetParam().plain) << GetParam().why;
}

const Row rows[] = {
    {"plain", Markup::plain, "a &amp; <b>", "a &amp; <b>", "untouched"},
    {"once", Markup::entities, "&amp;lt; &#39; &#x1F600; &quot;", "&lt; ' 😀 \"", "decoded exactly once"},
    {"no_entity", Markup::entities, "R&D; a & b &unknown; &#; &#xZ; &", "R&D; a & b &unknown; &#; &#xZ; &",
     "what is none stays"},
    {"bad_code_point", Markup::entities, "&#0; &#xd83d; &#x110000;", "\uFFFD \uFFFD \uFFFD",
     "no NUL, no half pair"},
    {"breaks", Markup::html, "<p>a<br>b<br />c</p><p>d</p>", "a\nb\nc\nd", "lines"},
    {"tags", Markup::html, "<a href=\"x\">#<span>Tarang</span></a> 1 < 2 <3", "#Tarang 1 < 2 <3",
     "a '<' that opens no tag stays"},
    {"invisible", Markup::html, "<span class=\"invisible\">https://<span>www.</span></span>x.example",
     "x.example", "nested, dropped whole"},
    {"escaped_tag", Markup::html, "&lt;br&gt;", "<br>", "text, not a tag"},
    {"unclosed", Markup::html, "a <b c", "a <b c", "no tag without its end"},
    {"emphasis", Markup::markdown, "**Tarang** is *down* ~~up~~ `now`", "Tarang is down up now",
     "marks away"},
    {"snake", Markup::markdown, "tarang_net _down_ 2 * 3", "tarang_net down 2 * 3",
     "inside words and alone they stay"},
    {"link", Markup::markdown, "[status](https://x.example) [no link", "status [no link",
     "the words of a link"},
    {"heading", Markup::markdown, "## Tarang\n> quote\n#Tarang", "Tarang\nquote\n#Tarang",
     "a hashtag is no heading"},
    {"escape", Markup::markdown, "\\*not\\* bold", "*not* bold", "escaped marks are text"},
};
INSTANTIATE_TEST_SUITE_P(Rows, PlainText, testing::ValuesIn(rows), row_name);

TEST(PlainTextCost, IsLinear) {
  for (const Markup markup : {Markup::entities, Markup::html, Markup::markdown})
    for (const char* unit : {"<", "&", "[", "<a", "](", "*", "<span class=\"invisible\">", "&#", "# "}) {
      std::string text, out;
      while (text.size() < 256 * 1024) text += unit;
      append_plain(text, markup, out);
      EXPECT_LE(out.size(), text.size());
    }
}

TEST(CutText, NeverSplitsWhatBelongsTogether) {
  const std::string text = "क्षि👨‍👩‍👧🇮🇳e\u0301";
  for (std::size_t size = 0; size <= text.size(); ++size) {
    std::string cut = text;
    EXPECT_EQ(cut_text(cut, size), size < text.size());
    EXPECT_LE(cut.size(), size);
    EXPECT_TRUE(text.starts_with(cut));
    EXPECT_TRUE(is_character_border(text, cut.size()));
  }
  std::string family = "a👨‍👩‍👧";
  cut_text(family, 8);
  EXPECT_EQ(family, "a");
}

TEST(ByteOfUtf16, CountsUnits) {
  EXPECT_EQ(byte_of_utf16("😀a", 0), 0u);
  EXPECT_EQ(byte_of_utf16("😀a", 1), std::string_view::npos);
  EXPECT_EQ(byte_of_utf16("😀a", 2), 4u);
  EXPECT_EQ(byte_of_utf16("তa", 1), 3u);
  EXPECT_EQ(byte_of_utf16("a", 2), std::string_view::npos);
}

}  // namespace
}  // namespace thap::ingest
