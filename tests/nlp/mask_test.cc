// What identifies a person does not get into a text that is kept.
#include <random>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "nlp/mask.h"

namespace thap::nlp {
namespace {

constexpr auto row_name = [](const auto& row) { return std::string(row.param.name); };

struct Row {
  const char* name;
  std::string_view text, masked;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.name; }

const Row rows[] = {
    {"nothing", "jio ka net nahi chal raha", "jio ka net nahi chal raha"},
    {"empty", "", ""},
    {"phone", "call me 9876500001 pls", "call me … pls"},
    {"phone_country", "mera no +91 98765 00001", "mera no …"},
    {"phone_dashes", "098-7650-0001.", "…."},
    {"phone_hindi", "मेरा नंबर ९८७६५००००१ है", "मेरा नंबर … है"},
    {"phone_bengali", "আমার নম্বর ০১৭১২০০০০০১", "আমার নম্বর …"},
    {"phone_full_width", "tel ９８７６５００００１", "tel …"},
    {"mail", "mail a.b+c@example.in now", "mail … now"},
    {"upi", "paid to someone@okaxis, failed", "paid to …, failed"},
    {"upi_phone", "9876500001@ybl ko bheja", "… ko bheja"},
    {"card", "card 4111 1111 1111 1111 gone", "card … gone"},
    {"card_hindi", "कार्ड ४१११ ११११ ११११ ११११", "कार्ड …"},
    {"aadhaar", "aadhaar 1234-5678-9012", "aadhaar …"},
    {"order", "order 403912 missing", "order … missing"},
    {"short_number", "down for 30 min, 5G, 12345", "down for 30 min, 5G, 12345"},
    {"error_code", "error 502 since 12.30", "error 502 since 12.30"},
    {"handle", "@some_person is it down?", "@… is it down?"},
    {"handle_service", "@JioCare is it down?", "@JioCare is it down?"},
    {"handle_service_comma", "@JioCare, @some_person", "@JioCare, @…"},
    {"handle_full_width", "＠some_person hi", "@… hi"},
    {"handle_hindi", "@कोई_नाम देखो", "@… देखो"},
    {"link", "see https://t.example/abc?u=77 now", "see https://t.example/… now"},
    {"link_host_only", "see https://t.example now", "see https://t.example/… now"},
    {"link_with_mail", "https://x.example/a@b.example/9876500001", "https://x.example/…"},
    {"link_capitals", "see HTTPS://T.example/abc now", "see https://T.example/… now"},
    {"link_with_password", "https://name:secret@x.example/a", "https://x.example/…"},
    {"link_bare", "join t.me/some_person now", "join t.me/… now"},
    {"link_bare_phone", "wa.me/919876500001", "wa.me/…"},
    {"no_link", "jio/airtel down, 5.30/6.30", "jio/airtel down, 5.30/6.30"},
    {"upi_bengali", "রহিমা@okaxis এ পাঠালাম", "… এ পাঠালাম"},
    {"upi_hindi", "किसी@ybl को", "… को"},
    {"day", "down since 25-10-2022 12.07", "down since 25-10-2022 12.07"},
    {"day_iso", "on 2022-10-25", "on 2022-10-25"},
    {"hours", "from 12.07 - 14.44", "from 12.07 - 14.44"},
    {"no_day", "98-76-50-00-01", "…"},
    {"no_month", "12-34-5678", "…"},
    {"several", "@a_b 9876500001 c@d.example", "@… … …"},
    {"at_alone", "meet @ 5", "meet @ 5"},
    {"at_end", "end @", "end @"},
};

class Mask : public testing::TestWithParam<Row> {};
TEST_P(Mask, HidesPeople) {
  const auto keep = [](std::string_view handle) { return handle.starts_with("@JioCare"); };
  EXPECT_EQ(mask(GetParam().text, keep), GetParam().masked);
}
TEST_P(Mask, IsDoneAfterOnce) {
  const auto keep = [](std::string_view handle) { return handle.starts_with("@JioCare"); };
  const std::string once = mask(GetParam().text, keep);
  if (once.find("://") != std::string::npos) return;  // a link's "…" would be masked again
  EXPECT_EQ(mask(once, keep), once);
}
INSTANTIATE_TEST_SUITE_P(Rows, Mask, testing::ValuesIn(rows), row_name);

TEST(MaskText, KeepsNoHandleUnlessAsked) { EXPECT_EQ(mask("@JioCare help"), "@… help"); }

// Whatever stands around it, a phone number of ten digits is not to be found afterwards.
TEST(MaskText, HidesAPhoneNumberAnywhere) {
  static const std::string around[] = {" ",  "\n",  "।",   "(", ")", ",", "#", "@", "-",
                                       "\"", "no:", "ফোন", "नं", "😡", "/", ".", "_", "x"};
  std::mt19937 random(7);
  for (int i = 0; i < 5'000; ++i) {
    std::string text;
    for (int n = 0; n < 3; ++n) text += around[random() % std::size(around)];
    text += "9876500001";
    for (int n = 0; n < 3; ++n) text += around[random() % std::size(around)];
    EXPECT_EQ(mask(text).find("9876500001"), std::string::npos) << text;
  }
}

TEST(MaskText, StaysLinear) {
  for (const char* piece : {"a", "1", "1 ", "@", "a@", "https://a", "क", "+", "1-", "("}) {
    std::string text;
    while (text.size() < 1'000'000) text += piece;
    EXPECT_LE(mask(text).size(), text.size() * 4) << piece;  // a square would not end in the test's time
  }
}

}  // namespace
}  // namespace thap::nlp
