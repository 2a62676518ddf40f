#include "serve/http.h"

#include <fmt/format.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdlib>

namespace thap::serve {

using nlohmann::ordered_json;

std::string_view HttpRequest::header(std::string_view name) const {
  const auto found = headers.find(std::string(name));
  return found == headers.end() ? std::string_view{} : std::string_view(found->second);
}
std::optional<std::string> HttpRequest::value(std::string_view name) const {
  for (const auto& [key, text] : query)
    if (key == name) return text;
  return std::nullopt;
}

std::string_view status_title(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 421:
      return "Misdirected Request";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    default:
      return "Error";
  }
}

HttpResponse problem(int status, std::string title, std::string detail, std::string instance,
                     ordered_json errors) {
  ordered_json body{{"type", "about:blank"}, {"title", std::move(title)}, {"status", status}};
  if (!detail.empty()) body["detail"] = std::move(detail);
  if (!instance.empty()) body["instance"] = std::move(instance);
  if (!errors.empty()) body["errors"] = std::move(errors);
  HttpResponse out;
  out.status = status;
  out.type = "application/problem+json";
  out.body = body.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  out.headers.emplace_back("Cache-Control", "no-store");
  return out;
}

HttpResponse json_response(const ordered_json& body, int status) {
  HttpResponse out;
  out.status = status;
  out.body = body.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
  return out;
}

bool is_utf8(std::string_view text) {
  const auto size = static_cast<std::int32_t>(text.size());
  for (std::int32_t i = 0; i < size;) {
    UChar32 c;
    U8_NEXT(text.data(), i, size, c);
    if (c < 0) return false;
  }
  return true;
}

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space) {
  auto digit = [](char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
  };
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size() || digit(text[i + 1]) < 0 || digit(text[i + 2]) < 0) return std::nullopt;
      c = static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return std::nullopt;
    out += c;
  }
  if (!is_utf8(out)) return std::nullopt;
  return out;
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          c == '-' || c == '.' || c == '_' || c == '~';
    out += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::optional<Target> parse_target(std::string_view target) {
  if (target.empty() || target.front() != '/') return std::nullopt;
  Target out;
  const auto mark = target.find('?');
  out.path = std::string(target.substr(0, mark));
  if (!percent_decoded(out.path, false)) return std::nullopt;
  if (mark == std::string_view::npos) return out;
  std::string_view rest = target.substr(mark + 1);
  while (!rest.empty()) {
    const auto end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    auto key = percent_decoded(pair.substr(0, equals), true);
    auto value = equals == std::string_view::npos ? std::optional<std::string>("")
                                                  : percent_decoded(pair.substr(equals + 1), true);
    if (!key || !value) return std::nullopt;
    out.query.emplace_back(std::move(*key), std::move(*value));
  }
  return out;
}

std::string etag_of(std::string_view body) {
  // FNV-1a over 64 bits: a validator between versions of one document, not a secret.
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (const char c : body) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  return fmt::format("\"{:016x}\"", hash);
}

void add_etag(const HttpRequest& request, HttpResponse& response) {
  if (response.status != 200 || response.stream || request.method != "GET") return;
  const std::string tag = etag_of(response.body);
  response.headers.emplace_back("ETag", tag);
  const std::string_view known = request.header("if-none-match");
  if (known == "*" ||
      (!known.empty() && known.find(tag.substr(0, tag.size() - 1)) != std::string_view::npos)) {
    response.status = 304;
    response.body.clear();
  }
}

std::string_view best_type(std::string_view accept, const std::vector<std::string_view>& offered) {
  std::string_view best = offered.front();
  double best_weight = -1;
  if (accept.empty()) return best;
  while (!accept.empty()) {
    const auto comma = accept.find(',');
    std::string_view item = accept.substr(0, comma);
    accept = comma == std::string_view::npos ? std::string_view{} : accept.substr(comma + 1);
    while (item.starts_with(' ')) item.remove_prefix(1);
    double weight = 1;
    if (const auto q = item.find("q="); q != std::string_view::npos)
      weight = std::strtod(std::string(item.substr(q + 2)).c_str(), nullptr);
    std::string_view type = item.substr(0, item.find(';'));
    while (type.ends_with(' ')) type.remove_suffix(1);
    for (const auto& one : offered) {
      const bool fits = type == one || type == "*/*" ||
                        (type.ends_with("/*") && one.starts_with(type.substr(0, type.size() - 1)));
      if (!fits || weight <= best_weight || weight <= 0) continue;
      best = one;
      best_weight = weight;
      break;
    }
  }
  return best_weight < 0 ? std::string_view{} : best;
}

namespace {

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> out;
  for (path.remove_prefix(1);;) {
    const auto slash = path.find('/');
    out.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return out;
    path.remove_prefix(slash + 1);
  }
}

bool is_variable(const std::string& segment) { return segment.starts_with('{'); }

}  // namespace

Router::Router(std::vector<Route> routes) : routes_(std::move(routes)) {
  for (const auto& route : routes_) segments_.push_back(split(route.pattern));
}

Router::Found Router::find(HttpRequest& request) const {
  const auto target = parse_target(request.target);
  if (!target)
    return {nullptr,
            problem(400, "Bad request target", "the path or query is not valid percent-encoded UTF-8")};
  request.path = target->path;
  request.query = target->query;
  const std::string& method = request.method == "HEAD" ? "GET" : request.method;
  const auto segments = split(request.path);
  std::string allowed;
  for (std::size_t k = 0; k < routes_.size(); ++k) {
    const auto& wanted = segments_[k];
    if (wanted.size() != segments.size()) continue;
    std::vector<std::string> parts;
    bool fits = true;
    for (std::size_t i = 0; fits && i < wanted.size(); ++i) {
      if (is_variable(wanted[i]) && !segments[i].empty())
        parts.push_back(percent_decoded(segments[i], false).value_or(""));
      else
        fits = wanted[i] == segments[i];
    }
    if (!fits) continue;
    const Route& route = routes_[k];
    if (route.method != method) {
      allowed +=
          (allowed.empty() ? "" : ", ") + (route.method == "GET" ? std::string("GET, HEAD") : route.method);
      continue;
    }
    request.method = method;
    request.parts = std::move(parts);
    for (const auto& [key, value] : request.query)
      if (std::find(route.query.begin(), route.query.end(), key) == route.query.end())
        return {nullptr,
                problem(400, "Unknown query parameter",
                        route.query.empty() ? fmt::format("\"{}\" is no parameter here: there are none", key)
                                            : fmt::format("\"{}\" is no parameter here; there are: {}", key,
                                                          fmt::join(route.query, ", ")),
                        request.path, {{{"parameter", key}}})};
    return {&route, {}};
  }
  if (!allowed.empty()) {
    auto refusal =
        problem(405, "Method not allowed", fmt::format("this path answers {}", allowed), request.path);
    refusal.headers.emplace_back("Allow", allowed);
    return {nullptr, std::move(refusal)};
  }
  return {nullptr, problem(404, "Not found", "there is nothing at this path", request.path)};
}

}  // namespace thap::serve
