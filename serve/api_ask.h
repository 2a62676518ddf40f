// What the handlers of the API share; inside serve/ only.
#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "ingest/result.h"
#include "serve/api.h"

namespace thap::serve {

// Handlers leave by it: what is wrong with the request, or with what was asked.
struct Refusal {
  HttpResponse answer;
};

// `parameter`: the one that is wrong, where it is one.
[[noreturn]] void refuse(int status, std::string detail, const std::string& path,
                         const std::string& parameter = {});

// What an Error says of a request: 400 for what was asked wrongly, 404, else 500.
[[noreturn]] void refuse(const ingest::Error& error, const std::string& path, const std::string& parameter);

template <class T>
T value_of(ingest::Result<T> result, const std::string& path, const std::string& parameter = {}) {
  if (result) return std::move(*result);
  refuse(result.error(), path, parameter);
}

// One request and what it is answered from.
struct Api::Ask {
  const HttpRequest& request;
  ApiView view;

  const std::string& path() const { return request.path; }
  std::string text(std::string_view name) const { return request.value(name).value_or(""); }
  // Values separated by commas; empty ones are left out.
  std::set<std::string> listed(std::string_view name) const;
  // These leave by refuse(400): no number in the bounds, no time, no such service (404 without `parameter`).
  std::int64_t number(std::string_view name, std::int64_t otherwise, std::int64_t low,
                      std::int64_t high) const;
  std::optional<std::int64_t> time(std::string_view name) const;
  const nlp::Service& service(const std::string& id, const std::string& parameter = {}) const;
};

}  // namespace thap::serve
