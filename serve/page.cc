#include "serve/page.h"

#include <string>
#include <string_view>
#include <utility>

#include "serve/gzip.h"

namespace thap::serve {

const std::vector<std::pair<std::string_view, std::string_view>>& embedded_page();  // made by thap_embed

namespace {

constexpr const char* content_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

std::string_view type_of(std::string_view name) {
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  return "text/html; charset=utf-8";
}

}  // namespace

std::vector<Route> page_routes() {
  std::vector<Route> routes;
  for (const auto& [file, text] : embedded_page()) {
    const std::string_view name = file.substr(file.rfind('/') + 1);
    HttpResponse answer;
    answer.type = type_of(name);
    answer.body = text;
    answer.headers = {{"Content-Security-Policy", content_policy},
                      {"Referrer-Policy", "no-referrer"},
                      {"X-Content-Type-Options", "nosniff"},
                      {"X-Robots-Tag", "noindex"}};
    // Compressed once: these are the largest answers of the thread that has the sockets.
    answer.headers.emplace_back("Vary", "Accept-Encoding");
    HttpResponse small = answer;
    small.body = gzipped(answer.body);
    small.headers.emplace_back("Content-Encoding", "gzip");
    routes.push_back({"GET",
                      name == "index.html" ? "/" : "/" + std::string(name),
                      Role::anyone,
                      {},
                      [answer, small](const HttpRequest& request) {
                        return accepts_gzip(request.header("accept-encoding")) ? small : answer;
                      },
                      true});
  }
  return routes;
}

}  // namespace thap::serve
