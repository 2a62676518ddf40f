// Counts over time, cut to steps: what `thap trends` prints and /api/v1/series answers.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ingest/result.h"
#include "nlp/lexicon.h"
#include "store/series.h"
#include "store/window_store.h"

namespace thap::serve {

inline constexpr std::uint32_t most_trend_points = 5'000;

// "place" alone stands for one line a value that occurs; "place=IN-Mumbai" for that one; "" for all
// complaints.
struct Slice {
  store::FacetKind kind{store::FacetKind::complaints};
  std::string value;
};
// Fails with `usage`.
ingest::Result<Slice> parse_slice(const std::string& text);

// "login", "hi-Latn", "IN-Mumbai"; empty for facets without values.
std::string facet_value_name(store::FacetKind kind, std::uint32_t value, const nlp::Lexicon& lexicon);

// Steps of `minutes` from `range.start`; the last may be shorter.
struct Steps {
  store::MinuteRange range;
  std::uint32_t minutes{5};
  std::size_t count() const { return (range.end - range.start + minutes - 1) / minutes; }
  std::int64_t begins_ms(std::size_t step) const {
    return (static_cast<std::int64_t>(range.start) + static_cast<std::int64_t>(step) * minutes) * 60'000;
  }
};
// From..to in people's words, by default the 24 hours to `newest_ms`; begins on a whole UTC step or, for
// steps of days, on an Indian day. Fails with `usage` or `too_long`.
ingest::Result<Steps> steps_between(const std::string& from, const std::string& to, std::uint32_t minutes,
                                    std::int64_t newest_ms);

struct TrendLine {
  std::string service, value;  // value: of the facet, empty for the whole
  // nullopt: the store cannot know, because the step lies before its retention or after its newest record.
  std::vector<std::optional<std::uint64_t>> counts;
  std::uint64_t total() const;
};
// A service without posts is a line of zeros. Fails with `not_found`: no such service.
ingest::Result<std::vector<TrendLine>> trend_lines(const store::WindowStore& store,
                                                   const nlp::Lexicon& lexicon, const std::string& service,
                                                   const Slice& slice, const Steps& steps);

// A line a point: time,service,FACET,count; a gap is empty.
std::string trends_csv(const std::vector<TrendLine>& lines, const Slice& slice, const Steps& steps);
// A JSON object a point: t, service, facet, value, count; a gap is null.
std::string trends_json_lines(const std::vector<TrendLine>& lines, const Slice& slice, const Steps& steps);

}  // namespace thap::serve
