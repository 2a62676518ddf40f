// What an explanation tells of articles: events in order, when it began, why. Articles of our own, in the
// words of the compiled-in lexicon.
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/time_parse.h"
#include "nlp/reader.h"

namespace thap::nlp {
namespace {

const Reader& reader() {
  static const Reader reader(Lexicon::embedded().value());
  return reader;
}

std::string when_text(const When& when) {
  std::string out = when.approximate ? "~" : "";
  if (when.minute_of_day)
    out += fmt::format("{:02}:{:02}", *when.minute_of_day / 60, *when.minute_of_day % 60);
  if (when.minutes_before) out += fmt::format("-{}", *when.minutes_before);
  return out;
}
std::string events_of(const Explanation& e) {
  std::string out;
  for (const ToldEvent& event : e.events) {
    if (!out.empty()) out += ' ';
    out += reader().lexicon().service(event.service)->id + "=" + std::string(name(event.status));
    if (event.when) out += "@" + when_text(*event.when);
  }
  return out;
}
std::string states_of(const Explanation& e) {
  std::string out;
  for (const ServiceReading& s : e.reading.services) {
    if (!out.empty()) out += ' ';
    out +=
        reader().lexicon().service(s.service)->id + "=" + std::string(name(s.status)) + (s.blamed ? "!" : "");
  }
  return out;
}
std::string symptoms_of(const Explanation& e) {
  std::string out;
  for (int i = 0; i < symptom_count; ++i)
    if (e.reading.symptoms.has(static_cast<Symptom>(i)))
      out += (out.empty() ? "" : " ") + std::string(name(static_cast<Symptom>(i)));
  return out;
}

constexpr std::string_view hindi =
    "डिजिलॉकर का सर्वर ठप, छात्र परेशान\n"
    "बोर्ड के नतीजे आते ही डिजिलॉकर का सर्वर डाउन हो गया। देश में लाखों छात्र अंकपत्र का इंतजार कर रहे हैं। नतीजे शाम 5 बजे "
    "आए और चंद मिनट के बाद ही सर्वर बैठ गया। कुछ छात्रों ने बताया कि उन्हें OTP नहीं मिलने की शिकायत भी है। विभाग ने कहा था "
    "कि नतीजे दोपहर 2 बजे आएंगे। बहुत अधिक संख्या में एक साथ छात्रों ने लॉगिन करने की कोशिश की। कोविन ने भी काम करना बंद कर "
    "दिया। "
    "बाद में कोविन ने ट्वीट किया कि अब सर्वर ठीक हो गया है। विभाग के अनुसार टीम काम कर रही है। अगली सूचना का इंतजार है।";

TEST(Telling, ReadsAHindiArticleInOrder) {
  const Explanation e = reader().explain(hindi);
  EXPECT_EQ(states_of(e), "digilocker=down cowin=recovered");
  EXPECT_EQ(events_of(e), "digilocker=down digilocker=down@~17:00 cowin=down cowin=recovered");
  ASSERT_TRUE(e.onset);
  EXPECT_EQ(when_text(*e.onset), "~17:00");
  EXPECT_EQ(e.cause, "overload");
  EXPECT_EQ(symptoms_of(e), "down login otp");
  EXPECT_EQ(e.reading.kind, Kind::news);
}

constexpr std::string_view bengali =
    "অবশেষে ফিরল ফোনপে, প্রায় তিন ঘণ্টা পরে স্বাভাবিক পরিষেবা\n"
    "কলকাতা: ফোনপে অ্যাপ সোমবার দুপুর সাড়ে ১২টা থেকে হঠাৎ কাজ করা বন্ধ করে দেয়। গ্রাহকেরা জানান, টাকা পাঠানো "
    "যাচ্ছে না। "
    "ব্যবহারকারীদের ফোনে অ্যাপ খুলছিল না। ক্লাউডফ্লেয়ারে সমস্যার জেরে মিন্ত্রা, ব্লিঙ্কিট এবং জেপ্টোর সার্ভার ডাউন হয়ে "
    "যায়। "
    "দুপুর ২টোর পর থেকে ধীরে ধীরে ঠিক হতে শুরু করে কিছু কিছু সাইট। দুপুর ৩.২৫ মিনিটে ফোনপে আবার চালু হয়েছে। "
    "গত বছর জিও বন্ধ হওয়ার পরে এটাই বড় বিভ্রাট। সেই সমস্যা ছয় ঘণ্টা পরে ঠিক হয়েছে। সংস্থার তরফে বিবৃতি দেওয়া "
    "হয়েছে।\n"
    "আরও পড়ুন: কী হল? এখনও বিগড়ে ফোনপে!\n";

TEST(Telling, TakesWhatComesBackSlowlyForNotBackYet) {
  const Explanation e = reader().explain(bengali);
  EXPECT_EQ(
      states_of(e),
      "phonepe=recovered cloudflare=down! myntra=degraded blinkit=degraded zepto=degraded jio=mentioned");
  EXPECT_THAT(events_of(e), testing::HasSubstr("phonepe=down@12:30"));
  EXPECT_THAT(events_of(e), testing::HasSubstr("myntra=degraded@~14:00 blinkit=degraded@~14:00"));
  EXPECT_THAT(events_of(e), testing::EndsWith("phonepe=recovered@15:25"));
  ASSERT_TRUE(e.lasted_min);
  EXPECT_EQ(*e.lasted_min, 180);
}

TEST(Telling, GivesMomentsWhereItIsKnownWhenItWasWritten) {
  ReadHints hints;
  hints.posted_at_ms = ingest::parse_rfc3339("2021-05-11T20:00:00+05:30");
  const Explanation e = reader().explain(hindi, hints);
  ASSERT_TRUE(e.onset && e.onset->at_ms);
  EXPECT_EQ(*e.onset->at_ms, *ingest::parse_rfc3339("2021-05-11T17:00:00+05:30"));
  // Read in the morning after, it was the evening before.
  hints.posted_at_ms = ingest::parse_rfc3339("2021-05-12T07:00:00+05:30");
  EXPECT_EQ(*reader().explain(hindi, hints).onset->at_ms,
            *ingest::parse_rfc3339("2021-05-11T17:00:00+05:30"));
}

TEST(Telling, CountsBackFromAPostThatSaysHowLong) {
  ReadHints hints;
  hints.posted_at_ms = 1'600'000'000'000;
  const Explanation e = reader().explain("jio ka net 20 minute se band hai", hints);
  ASSERT_TRUE(e.onset && e.onset->minutes_before);
  EXPECT_EQ(*e.onset->minutes_before, 20);
  EXPECT_EQ(*e.onset->at_ms, 1'600'000'000'000 - 20 * 60'000);
  EXPECT_TRUE(e.events.empty()) << "a post is no article";
}

TEST(Telling, PassesMidnight) {
  const std::string text(
      "Jio outage: what we know. The network of Jio went down at 11:50 pm on Sunday. Users could not call. "
      "By 00:30 am Jio was down in all of the city. The company has not said a word. We asked it twice, and "
      "shall ask "
      "again in the morning. Shops took cash. Hospitals used landlines, where they had them. The police "
      "asked people to "
      "stay calm and to use what still worked. Engineers were seen at two exchanges, and a van with a dish "
      "stood before a "
      "third one. Nobody there would tell us more, and the desk of the company was closed for the night. In "
      "the north of "
      "the city people stood on roofs in search of a signal. Taxis waited at the station, and drivers asked "
      "where to go. "
      "A shop sold paper maps again. The night trains ran on time. A hotel let people use its telephone for "
      "free, and a "
      "queue went round the corner until two. Some people said that it was the best night in years, and that "
      "they had "
      "talked to their neighbours at last.");
  const Explanation e = reader().explain(text);
  ASSERT_FALSE(e.events.empty()) << "it is an article";
  ASSERT_TRUE(e.onset);
  EXPECT_EQ(when_text(*e.onset), "23:50");
}

TEST(Telling, HasNoOnsetWhereNothingFails) {
  EXPECT_FALSE(reader().explain("jio ka recharge 20 minute se dekh raha hu").onset);
  EXPECT_FALSE(reader().explain("whatsapp chal raha hai, subah 9 baje bhi chal raha tha").onset);
  EXPECT_TRUE(reader().explain("भारी ट्रैफिक में फंसा हूं").cause.empty());
}

}  // namespace
}  // namespace thap::nlp
