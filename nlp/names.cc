#include <array>

#include "nlp/reading.h"

namespace thap::nlp {
namespace {

constexpr std::array<std::string_view, 4> statuses = {"mentioned", "down", "degraded", "recovered"};
constexpr std::array<std::string_view, kind_count> kinds = {
    "complaint", "question", "official", "news", "recovery", "unrelated", "meme", "retrospective"};
constexpr std::array<std::string_view, language_count> languages = {"other", "en",      "hi",
                                                                    "bn",    "hi-Latn", "bn-Latn"};
constexpr std::array<std::string_view, symptom_count> symptoms = {
    "down",    "crash", "login",  "otp",   "load", "message", "call", "network", "internet",
    "payment", "order", "stream", "media", "slow", "error",   "data", "notify",  "feature"};

template <class Enum, std::size_t n>
std::optional<Enum> find(const std::array<std::string_view, n>& names, std::string_view text) {
  for (std::size_t i = 0; i < n; ++i)
    if (names[i] == text) return static_cast<Enum>(i);
  return std::nullopt;
}

}  // namespace

std::string_view name(Status status) { return statuses[static_cast<std::size_t>(status)]; }
std::string_view name(Kind kind) { return kinds[static_cast<std::size_t>(kind)]; }
std::string_view name(Language language) { return languages[static_cast<std::size_t>(language)]; }
std::string_view name(Symptom symptom) { return symptoms[static_cast<std::size_t>(symptom)]; }
std::optional<Status> status_named(std::string_view text) { return find<Status>(statuses, text); }
std::optional<Kind> kind_named(std::string_view text) { return find<Kind>(kinds, text); }
std::optional<Language> language_named(std::string_view text) { return find<Language>(languages, text); }
std::optional<Symptom> symptom_named(std::string_view text) { return find<Symptom>(symptoms, text); }

}  // namespace thap::nlp
