#include "serve/api_ask.h"

#include <fmt/format.h>

#include <charconv>
#include <sstream>

#include "serve/time_argument.h"

namespace thap::serve {

using ingest::Code;
using nlohmann::ordered_json;

void refuse(int status, std::string detail, const std::string& path, const std::string& parameter) {
  ordered_json errors = ordered_json::array();
  if (!parameter.empty()) errors.push_back({{"parameter", parameter}, {"detail", detail}});
  throw Refusal{
      problem(status, std::string(status_title(status)), std::move(detail), path, std::move(errors))};
}

void refuse(const ingest::Error& error, const std::string& path, const std::string& parameter) {
  const int status = error.code == Code::usage || error.code == Code::too_long ? 400
                     : error.code == Code::not_found                           ? 404
                                                                               : 500;
  refuse(status, to_string(error), path, status == 400 ? parameter : "");
}

std::set<std::string> Api::Ask::listed(std::string_view name) const {
  std::set<std::string> out;
  std::istringstream words(text(name));
  for (std::string word; std::getline(words, word, ',');)
    if (!word.empty()) out.insert(word);
  return out;
}

std::int64_t Api::Ask::number(std::string_view name, std::int64_t otherwise, std::int64_t low,
                              std::int64_t high) const {
  const auto given = request.value(name);
  if (!given) return otherwise;
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(given->data(), given->data() + given->size(), out);
  if (error != std::errc{} || end != given->data() + given->size() || out < low || out > high)
    refuse(400, fmt::format("\"{}\" is no whole number from {} to {}", *given, low, high), path(),
           std::string(name));
  return out;
}

std::optional<std::int64_t> Api::Ask::time(std::string_view name) const {
  const auto given = request.value(name);
  if (!given) return std::nullopt;
  return value_of(parse_time_argument(*given, view.store->newest_clock_ms()), path(), std::string(name));
}

const nlp::Service& Api::Ask::service(const std::string& id, const std::string& parameter) const {
  const auto* found = view.lexicon->service(id);
  if (!found) refuse(parameter.empty() ? 404 : 400, fmt::format("no service \"{}\"", id), path(), parameter);
  return *found;
}

}  // namespace thap::serve
