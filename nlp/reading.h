// What one post says: which services, in what state, with which symptoms. What nlp/ hands on.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nlp/ids.h"

namespace thap::nlp {

// All enumerators below are stored: never renumber.
enum class Status : std::uint8_t { mentioned = 0, down = 1, degraded = 2, recovered = 3 };
enum class Kind : std::uint8_t {
  complaint = 0,
  question = 1,
  official = 2,
  news = 3,
  recovery = 4,
  unrelated = 5,
  meme = 6,
  retrospective = 7,
};
inline constexpr int kind_count = 8;
enum class Language : std::uint8_t { other = 0, en = 1, hi = 2, bn = 3, hi_latn = 4, bn_latn = 5 };
inline constexpr int language_count = 6;
enum class Symptom : std::uint8_t {
  down = 0,
  crash,
  login,
  otp,
  load,
  message,
  call,
  network,
  internet,
  payment,
  order,
  stream,
  media,
  slow,
  error,
  data,
  notify,
  feature,
};
inline constexpr int symptom_count = 18;

std::string_view name(Status status);
std::string_view name(Kind kind);
std::string_view name(Language language);  // "hi-Latn" and so on
std::string_view name(Symptom symptom);
std::optional<Status> status_named(std::string_view text);
std::optional<Kind> kind_named(std::string_view text);
std::optional<Language> language_named(std::string_view text);
std::optional<Symptom> symptom_named(std::string_view text);

// A set of symptoms; bit i is Symptom(i).
class SymptomSet {
 public:
  constexpr SymptomSet() = default;
  constexpr explicit SymptomSet(std::uint32_t bits) : bits_(bits) {}
  constexpr void add(Symptom symptom) { bits_ |= 1u << static_cast<int>(symptom); }
  constexpr void remove(Symptom symptom) { bits_ &= ~(1u << static_cast<int>(symptom)); }
  constexpr void add(SymptomSet other) { bits_ |= other.bits_; }
  constexpr bool has(Symptom symptom) const { return (bits_ >> static_cast<int>(symptom)) & 1; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr std::uint32_t bits() const { return bits_; }
  friend constexpr bool operator==(SymptomSet, SymptomSet) = default;

 private:
  std::uint32_t bits_{0};
};

struct ServiceReading {
  ServiceId service;
  Status status{Status::mentioned};
  bool blamed{false};  // named as the cause of somebody else's trouble: no complaint about the service itself
  friend bool operator==(const ServiceReading&, const ServiceReading&) = default;
};

constexpr bool is_present_outage(Status status) {
  return status == Status::down || status == Status::degraded;
}

struct Reading {
  std::vector<ServiceReading> services;  // in order of first mention; each service once
  SymptomSet symptoms;                   // of present outages only
  Kind kind{Kind::unrelated};
  Language language{Language::other};
  std::vector<PlaceId> places;  // in order of first mention; each place once
  // Of posts that tell a state, else 0.
  std::uint64_t text_hash{
      0};                    // over the folded text without handles, links and punctuation: equal for copies
  std::uint64_t simhash{0};  // 64-bit SimHash of the same words: near copies differ in few bits
  std::uint16_t words{0};    // words of the folded text

  // A complaint in the detector's sense: says that a service fails now, and people, not newsrooms, say it.
  bool complains() const {
    if (kind != Kind::complaint && kind != Kind::question && kind != Kind::meme) return false;
    for (const auto& s : services)
      if (is_present_outage(s.status) && !s.blamed) return true;
    return false;
  }
};

}  // namespace thap::nlp
