// Times of day and lengths of time that a text tells: "शाम 4 बजे", "দুপুর ২.৪৪ মিনিটে", "since 20 minutes".
// Private to nlp/ and its tests.
#pragma once
#include <optional>
#include <vector>

#include "nlp/analysis.h"

namespace thap::nlp {

struct ToldTime {
  enum class Means : std::uint8_t {
    clock,   // a time of day
    since,   // has gone on for so long: began that long before the text was written
    lasted,  // "so long later", "after so long": how long it took
  } means{Means::clock};
  std::uint16_t first{0}, last{0};  // tokens, half-open
  int minutes{0};           // of the day (0 to 1,439, as the clocks of the text's readers show), or of length
  bool approximate{false};  // said to be about, or after, that time
};

// In order. Linear in the number of tokens; counts in analysis.looks. A time of day without a part of the day
// is the one of both that comes soonest after the time told before it; the first of a text is taken as
// written.
std::vector<ToldTime> told_times(const Lexicon::Tables& tables, Analysis& analysis);

}  // namespace thap::nlp
