// What people are told, in their language: the catalogs serve/words/LANGUAGE.json, one file a language, the
// same keys in all. Values are ICU message formats with named arguments.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace thap::serve {

enum class Tongue : std::uint8_t { en, hi, bn };
inline constexpr Tongue all_tongues[] = {Tongue::en, Tongue::hi, Tongue::bn};
std::string_view name(Tongue tongue);  // "en"
std::optional<Tongue> tongue_of(std::string_view name);

// Numbers are written with Indian grouping and Latin digits: 12,34,567.
using Argument = std::variant<std::int64_t, std::string>;
using Arguments = std::vector<std::pair<std::string_view, Argument>>;

// The sentence `key` of a catalog. An unknown key or a missing argument is a fault of ours: throws
// std::logic_error. Threads: any.
std::string sentence(Tongue tongue, std::string_view key, const Arguments& arguments = {});
std::string grouped(Tongue tongue, std::int64_t number);  // "12,34,567"

// Keys and message formats as written: for checking that catalogs agree.
const std::map<std::string, std::string>& catalog(Tongue tongue);
std::set<std::string> arguments_of(Tongue tongue, std::string_view key);

}  // namespace thap::serve
