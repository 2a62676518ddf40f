#include "serve/gate.h"

#include <fmt/format.h>

#include <cmath>

#include "serve/client_address.h"

namespace thap::serve {

namespace {

// Of "Bearer SECRET"; nullopt: another scheme, which a proxy before us may have asked for.
std::optional<std::string_view> bearer(std::string_view authorization) {
  constexpr std::string_view scheme = "bearer ";
  if (authorization.size() < scheme.size()) return std::nullopt;
  for (std::size_t i = 0; i < scheme.size(); ++i)
    if ((authorization[i] | 0x20) != scheme[i]) return std::nullopt;
  authorization.remove_prefix(scheme.size());
  while (authorization.starts_with(' ')) authorization.remove_prefix(1);
  return authorization;
}

HttpResponse too_many(std::string detail, double wait_s, const std::string& path) {
  auto out = problem(429, "Too many requests", std::move(detail), path);
  out.headers.emplace_back("Retry-After", fmt::format("{:.0f}", std::max(1.0, std::ceil(wait_s))));
  return out;
}

}  // namespace

void Gate::use(std::shared_ptr<const TokenTable> tokens) {
  const std::lock_guard hold(mutex_);
  tokens_ = std::move(tokens);
}
std::shared_ptr<const TokenTable> Gate::tokens() const {
  const std::lock_guard hold(mutex_);
  return tokens_;
}
void Gate::count(std::uint64_t GateFigures::*what) {
  const std::lock_guard hold(mutex_);
  ++(figures_.*what);
  figures_.clients = requests_.size() + failures_.size();
}
GateFigures Gate::figures() const {
  const std::lock_guard hold(mutex_);
  return figures_;
}

// A valid token passes also where an address has failed too often: one bot with an old token must not lock
// its whole office out. What is limited is guessing.
HttpResponse Gate::refuse_token(const std::string& address, const HttpRequest& request, std::int64_t now_ms) {
  const auto failures = failures_.take(address, now_ms);
  if (!failures.is_granted) {
    count(&GateFigures::too_many_logins);
    return too_many("too many unknown tokens from this address", failures.wait_s, request.path);
  }
  count(&GateFigures::unknown_tokens);
  auto out = problem(401, "Unknown token", "the token is unknown or has expired", request.path);
  out.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"thap\", error=\"invalid_token\"");
  return out;
}

Gate::Decision Gate::admit(Role needed, HttpRequest& request) {
  const auto now_ms = settings_.now_ms();
  const auto table = tokens();
  const auto forwarded_for = request.header("x-forwarded-for");
  const std::string address =
      address_for_limits(client_address(request.peer, forwarded_for, settings_.proxies));
  request.caller = {table->anonymous(), ""};
  Decision out;
  const auto secret = bearer(request.header("authorization"));
  const Token* token = secret && needed != Role::anyone ? table->find(*secret, now_ms) : nullptr;
  if (token) request.caller = {token->role, token->name};

  const bool is_counted = token || !is_loopback(address);
  if (is_counted) {
    const auto rate = requests_.take(token ? "token " + token->name : address, now_ms);
    out.headers.emplace_back("RateLimit-Policy",
                             fmt::format("\"requests\";q={:.0f};w={:.0f}", settings_.requests_burst,
                                         settings_.requests_burst / settings_.requests_per_second));
    out.headers.emplace_back(
        "RateLimit", fmt::format("\"requests\";r={:.0f};t={:.0f}", rate.left, std::ceil(rate.wait_s)));
    if (!rate.is_granted) {
      count(&GateFigures::too_many_requests);
      out.refusal = too_many(fmt::format("at most {:.0f} a second", settings_.requests_per_second),
                             rate.wait_s, request.path);
      return out;
    }
  }
  if (needed == Role::anyone) return out;
  if (secret && !token) {
    out.refusal = refuse_token(address, request, now_ms);
  } else if (request.caller.role < needed) {
    count(&GateFigures::forbidden);
    const auto detail = fmt::format("this needs a token with the role {}", name(needed));
    out.refusal = token ? problem(403, "Forbidden", detail, request.path)
                        : problem(401, "Token needed", detail, request.path);
    out.refusal->headers.emplace_back(
        "WWW-Authenticate",
        token ? "Bearer realm=\"thap\", error=\"insufficient_scope\"" : "Bearer realm=\"thap\"");
  }
  return out;
}

}  // namespace thap::serve
