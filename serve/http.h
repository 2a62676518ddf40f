// What a handler gets and gives, and how it is found: requests, answers, routes. Knows nothing of sockets.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace thap::serve {

// What somebody may ask for; each includes those before it.
enum class Role : std::uint8_t {
  anyone,    // health, contract, the page's own files: no counts
  read,      // counts and incidents
  evidence,  // masked texts of posts
  admin,     // changes
};

struct Caller {
  Role role{Role::anyone};
  std::string name;  // of the token; empty: there was none
};

struct HttpRequest {
  std::string method;                                      // a HEAD reaches its handler as GET
  std::string target;                                      // as received
  std::string path;                                        // without the query, still percent-encoded
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in order
  std::map<std::string, std::string> headers;              // names in lower case
  std::string body;
  std::vector<std::string> parts;  // what stood for {name} in the route, decoded
  std::string peer;                // address of the other end
  Caller caller;

  // Empty where there is none; the first where there are several.
  std::string_view header(std::string_view lower_case_name) const;
  std::optional<std::string> value(std::string_view query_name) const;
};

// One event of the live stream; `text` is its whole frame, the blank line included.
struct StreamEvent {
  std::uint64_t number{0};  // grows by at least one
  std::string text;
  std::string service, region, state;  // what a subscriber can filter by
};

struct StreamStart {
  std::string first;                              // sent at once: what was missed
  std::uint64_t after{0};                         // events up to this number are in `first`
  std::function<bool(const StreamEvent&)> wants;  // event thread; empty: all
};

struct HttpResponse {
  int status{200};
  std::string type{"application/json"};
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<StreamStart> stream;  // the connection becomes an event stream; body is unused
};

// RFC 9457. `errors`: an array, left out where it is empty.
HttpResponse problem(int status, std::string title, std::string detail, std::string instance = {},
                     nlohmann::ordered_json errors = nlohmann::ordered_json::array());
HttpResponse json_response(const nlohmann::ordered_json& body, int status = 200);
std::string_view status_title(int status);

// Splits and decodes `target`. nullopt: a wrong escape, a NUL or other control character, not UTF-8, no path.
struct Target {
  std::string path;
  std::vector<std::pair<std::string, std::string>> query;
};
std::optional<Target> parse_target(std::string_view target);
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space);
// Everything but letters, digits and -._~ escaped.
std::string percent_encoded(std::string_view text);
bool is_utf8(std::string_view text);

// A validator for If-None-Match: equal bytes, equal tag.
std::string etag_of(std::string_view body);
// Turns a GET's answer into 304 where the client has it already, and sets the ETag.
void add_etag(const HttpRequest& request, HttpResponse& response);
// Whether an Accept header prefers `type` to every other of `offered`; the first of them where it says
// nothing.
std::string_view best_type(std::string_view accept, const std::vector<std::string_view>& offered);

struct Route {
  std::string method;              // GET, POST or DELETE; GET answers HEAD, too
  std::string pattern;             // "/api/v1/incidents/{id}"
  Role role;                       // whoever has less is refused
  std::vector<std::string> query;  // parameters it knows; any other is 400
  std::function<HttpResponse(const HttpRequest&)> handle;
  // Answered on the event thread: only for what takes no lock that anyone holds for long.
  bool is_instant{false};
};

// Threads: immutable after construction; any thread.
class Router {
 public:
  explicit Router(std::vector<Route> routes);

  struct Found {
    const Route* route{nullptr};  // null: `refusal` is the answer
    HttpResponse refusal;
  };
  // Fills in method, path, query and parts of the request, which has its target and method.
  Found find(HttpRequest& request) const;
  const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
  std::vector<std::vector<std::string>> segments_;  // of each route
};

}  // namespace thap::serve
