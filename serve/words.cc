#include "serve/words.h"

#include <unicode/msgfmt.h>
#include <unicode/numfmt.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace thap::serve {

const std::vector<std::pair<std::string_view, std::string_view>>& embedded_words();  // generated

namespace {

icu::UnicodeString wide(std::string_view text) {
  return icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
}
std::string narrow(const icu::UnicodeString& text) {
  std::string out;
  return text.toUTF8String(out);
}

[[noreturn]] void fault(std::string_view file, std::string_view key, std::string_view what) {
  throw std::logic_error("words/" + std::string(file) + ".json#/" + std::string(key) + ": " +
                         std::string(what));
}

// One language. ICU's formatters keep state while they format, so a lock goes with them.
class Catalog {
 public:
  explicit Catalog(Tongue tongue) : name_(serve::name(tongue)) {
    // Bengali would write its own digits by itself; the page and the numbers beside it use Latin ones.
    const std::string locale_name = std::string(name_) + "-IN-u-nu-latn";
    UErrorCode status = U_ZERO_ERROR;
    const auto locale = icu::Locale::forLanguageTag(locale_name, status);
    number_.reset(icu::NumberFormat::createInstance(locale, status));
    if (U_FAILURE(status)) fault(name_, "", "ICU does not know the language");
    for (const auto& [file, text] : embedded_words())
      if (file == "words/" + std::string(name_) + ".json") nlohmann::json::parse(text).get_to(patterns_);
    if (patterns_.empty()) fault(name_, "", "no such catalog");
    for (const auto& [key, pattern] : patterns_) {
      UParseError place;
      auto format = std::make_unique<icu::MessageFormat>(wide(pattern), locale, place, status);
      if (U_FAILURE(status)) fault(name_, key, "is no message format");
      std::unique_ptr<icu::StringEnumeration> needed(format->getFormatNames(status));
      auto& arguments = arguments_[key];
      while (const auto* one = needed ? needed->snext(status) : nullptr) arguments.insert(narrow(*one));
      formats_.emplace(key, std::move(format));
    }
  }

  const std::map<std::string, std::string>& patterns() const { return patterns_; }
  std::set<std::string> arguments(std::string_view key) const {
    const auto found = arguments_.find(key);
    return found == arguments_.end() ? std::set<std::string>{} : found->second;
  }

  std::string grouped(std::int64_t number) {
    const std::lock_guard hold(mutex_);
    icu::UnicodeString out;
    return narrow(number_->format(number, out));
  }

  std::string sentence(std::string_view key, const Arguments& arguments) {
    const auto found = formats_.find(key);
    if (found == formats_.end()) fault(name_, key, "no such sentence");
    std::vector<icu::UnicodeString> names;
    std::vector<icu::Formattable> values;
    for (const auto& [name, value] : arguments) {
      names.push_back(wide(name));
      if (const auto* number = std::get_if<std::int64_t>(&value))
        values.emplace_back(*number);
      else
        values.emplace_back(wide(std::get<std::string>(value)));
    }
    UErrorCode status = U_ZERO_ERROR;
    icu::UnicodeString out;
    const std::lock_guard hold(mutex_);
    // Where an argument is missing ICU would leave its braces in the text.
    for (const auto& needed : arguments_.find(key)->second)
      if (std::find(names.begin(), names.end(), wide(needed)) == names.end())
        fault(name_, key, "lacks " + needed);
    found->second->format(names.data(), values.data(), static_cast<int32_t>(values.size()), out, status);
    if (U_FAILURE(status)) fault(name_, key, u_errorName(status));
    return narrow(out);
  }

 private:
  std::string_view name_;
  std::map<std::string, std::string> patterns_;
  std::map<std::string, std::unique_ptr<icu::MessageFormat>, std::less<>> formats_;
  std::map<std::string, std::set<std::string>, std::less<>> arguments_;  // of each
  std::unique_ptr<icu::NumberFormat> number_;
  std::mutex mutex_;
};

Catalog& catalog_of(Tongue tongue) {
  static std::array<Catalog, 3> all{Catalog(Tongue::en), Catalog(Tongue::hi), Catalog(Tongue::bn)};
  return all.at(static_cast<std::size_t>(tongue));
}

}  // namespace

std::string_view name(Tongue tongue) {
  static constexpr std::string_view names[] = {"en", "hi", "bn"};
  return names[static_cast<std::size_t>(tongue)];
}
std::optional<Tongue> tongue_of(std::string_view text) {
  for (const auto tongue : all_tongues)
    if (name(tongue) == text) return tongue;
  return std::nullopt;
}
std::string sentence(Tongue tongue, std::string_view key, const Arguments& arguments) {
  return catalog_of(tongue).sentence(key, arguments);
}
std::string grouped(Tongue tongue, std::int64_t number) { return catalog_of(tongue).grouped(number); }
const std::map<std::string, std::string>& catalog(Tongue tongue) { return catalog_of(tongue).patterns(); }
std::set<std::string> arguments_of(Tongue tongue, std::string_view key) {
  return catalog_of(tongue).arguments(key);
}

}  // namespace thap::serve
