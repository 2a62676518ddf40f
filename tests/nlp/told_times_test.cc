// Times of day and lengths of time, in the words of the compiled-in lexicon.
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "nlp/told_times.h"

namespace thap::nlp {
namespace {

const Lexicon& lexicon() {
  static const Lexicon::Pointer lexicon = Lexicon::embedded().value();
  return *lexicon;
}

// "16:00 ~12:07 since:20 after:120": '~' says about.
std::string times_of(std::string_view text) {
  Analysis analysis;
  find_names_and_phrases(lexicon().tables(), text, analysis);
  std::string out;
  for (const ToldTime& time : told_times(lexicon().tables(), analysis)) {
    if (!out.empty()) out += ' ';
    if (time.approximate) out += '~';
    switch (time.means) {
      case ToldTime::Means::clock:
        out += fmt::format("{:02}:{:02}", time.minutes / 60, time.minutes % 60);
        break;
      case ToldTime::Means::since:
        out += fmt::format("since:{}", time.minutes);
        break;
      case ToldTime::Means::lasted:
        out += fmt::format("after:{}", time.minutes);
        break;
    }
  }
  return out;
}

struct Row {
  const char* name;
  std::string_view text, times;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.name; }

const Row rows[] = {
    {"hi_evening", "शाम 4 बजे सर्वर बैठ गया", "16:00"},
    {"hi_native_digits", "शाम ४ बजे", "16:00"},
    {"hi_day", "दिन के 12 बजे से", "12:00"},
    {"hi_half", "रात साढ़े 9 बजे", "21:30"},
    {"hi_quarter_past", "सुबह सवा 8 बजे", "08:15"},
    {"hi_quarter_to", "रात पौने 10 बजे", "21:45"},
    {"hi_one_and_half", "दोपहर डेढ़ बजे के आसपास", "~13:30"},
    {"hi_two_and_half", "दोपहर ढाई बजे", "14:30"},
    {"hi_about", "करीब 7 बजे", "~07:00"},
    {"hi_dawn", "तड़के 4 बजे", "04:00"},
    {"hi_minutes", "दोपहर 2 बजकर 44 मिनट पर", "14:44"},
    {"bn_afternoon", "বিকেল ৪টে থেকে বন্ধ", "16:00"},
    {"bn_half", "দুপুর সাড়ে ১২টা থেকে", "12:30"},
    {"bn_dot", "দুপুর ২.৪৪ মিনিটে ফের চালু", "14:44"},
    {"bn_dot_about", "দুপুর ১২.০৭ মিনিট নাগাদ", "~12:07"},
    {"bn_minutes", "দুপুর ২ টা ১৫ নাগাদ ঠিক হল", "~14:15"},
    {"bn_after", "রাত সাড়ে ৯টার পর থেকেই", "~21:30"},
    {"bn_one_and_half", "দুপুর দেড়টা নাগাদ", "~13:30"},
    {"bn_midnight", "রাত ১২টা থেকে", "00:00"},
    {"bn_small_hours", "রাত ২টা থেকে", "02:00"},
    {"latn", "raat 9 baje se band hai", "21:00"},
    {"bn_latn", "sokal 10 ta theke net nei", "10:00"},
    {"pm", "down since 4 pm", "16:00"},
    {"pm_glued", "down since 4pm", "16:00"},
    {"colon", "at 12:07 pm", "12:07"},
    {"noon_pm", "12 pm", "12:00"},
    {"midnight_am", "12 am", "00:00"},
    {"since_hour", "Airtel down since 9", "09:00"},
    {"same_part", "বিকেল ৪টে থেকে শুরু। ৪টের সময় সমস্যা হয়েছিল", "16:00 16:00"},
    {"later_part", "दोपहर 2 बजे बंद हुआ, 5 बजे ठीक हुआ", "14:00 17:00"},
    {"since_minutes", "down for 20 minutes", "since:20"},
    {"since_glued", "down for 20min", "since:20"},
    {"since_glued_latn", "2ghante se band", "since:120"},
    {"about_twice", "around about 4 pm", "~16:00"},
    {"since_minutes_hi", "20 मिनट से बंद", "since:20"},
    {"since_hours_bn", "২ ঘণ্টা ধরে বন্ধ", "since:120"},
    {"since_latn", "6 ghante se processing", "since:360"},
    {"since_hour_and_half", "डेढ़ घंटे से ठप", "since:90"},
    {"since_two_and_half", "আড়াই ঘণ্টা ধরে", "since:150"},
    {"since_an_hour", "past an hour", "since:60"},
    {"after_word", "প্রায় দু'ঘন্টা পর ঠিক হল", "~after:120"},
    {"after_hours", "back after 3 hours", "after:180"},
    {"after_two", "up again after two hours", "after:120"},
    {"after_hi", "दो घंटे बाद चालू", "after:120"},
    {"counts_things", "২টা অ্যাপ বন্ধ", ""},
    {"counts_people", "45 साल के 12 लोग", ""},
    {"counts_all", "saare 12 log pareshan", ""},
    {"amount", "Rs 4.50 debited", ""},
    {"amount_at_night", "raat 9.50 rupaye kate", ""},
    {"half_of_things", "সাড়ে ১২ লাখ টাকা", ""},
    {"version", "android 12.07 update", ""},
    {"date", "1 मई से शुरू", ""},
    {"too_large", "45 baje", ""},
    {"no_minute", "दोपहर 4.75 बजे", ""},
};

class ToldTimes : public testing::TestWithParam<Row> {};
TEST_P(ToldTimes, AreRead) { EXPECT_EQ(times_of(GetParam().text), GetParam().times) << GetParam().text; }
INSTANTIATE_TEST_SUITE_P(Rows, ToldTimes, testing::ValuesIn(rows),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace thap::nlp
