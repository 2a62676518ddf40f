// What all shapes of X share: time from ids, and the compliance streams that carry its deletes.
#include <array>

#include "ingest/shapes.h"

namespace thap::ingest {

using namespace json;

std::optional<std::int64_t> x_id_time(std::string_view id) {
  if (id.empty() || id.size() > 19) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : id) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  constexpr std::uint64_t first_timed_id = 29'700'859'247;  // 4 November 2010; earlier ids were counted up
  if (value < first_timed_id) return std::nullopt;
  return static_cast<std::int64_t>(value >> 22) + 1'288'834'974'657;
}

namespace {

struct Event {
  std::string_view name;
  Operation op;
  bool is_author;
};
constexpr std::array<Event, 7> events{{
    {"delete", Operation::remove, false},
    {"drop", Operation::remove, false},
    {"withheld", Operation::remove, false},
    {"tweet_edit", Operation::edit, false},
    {"user_delete", Operation::remove_author, true},
    {"user_protect", Operation::remove_author, true},
    {"user_suspend", Operation::remove_author, true},
}};

// {"tweet":{"id","author_id"},"event_at"} or the older {"status":{"id_str","user_id_str"},"timestamp_ms"}.
Verdict read_event(const Event& event, const Object& body, Draft& draft) {
  Post& post = draft.post;
  post.network = Network::x;
  post.op = event.op;
  draft.stamp_ms = time_in(body, "event_at");
  if (!draft.stamp_ms) draft.stamp_ms = time_in(body, "timestamp_ms");
  if (event.is_author) {
    const auto user = object_in(body, "user");
    draft.author = user ? id_in(*user, has(*user, "id_str") ? "id_str" : "id") : id_in(body, "id");
    return Verdict::good();
  }
  if (const auto tweet = object_in(body, "tweet")) {
    post.id = id_in(*tweet, "edit_tweet_id").view();
    if (const auto first = id_in(*tweet, "initial_tweet_id"); !first.empty()) post.id = first.view();
    if (post.id.empty()) post.id = id_in(*tweet, "id").view();
    draft.author = id_in(*tweet, "author_id");
  } else if (const auto status = object_in(body, "status")) {
    post.id = id_in(*status, has(*status, "id_str") ? "id_str" : "id").view();
    draft.author = id_in(*status, has(*status, "user_id_str") ? "user_id_str" : "user_id");
  }
  return Verdict::good();
}

}  // namespace

std::optional<Verdict> read_x_compliance(const Object& root, Draft& draft) {
  const Object holder = object_in(root, "data").value_or(root);
  for (const Event& event : events)
    if (const auto body = object_in(holder, event.name)) return read_event(event, *body, draft);
  // Known and without consequence for us: places of X are never kept without their post.
  for (const std::string_view harmless :
       {"scrub_geo", "undelete", "undrop", "user_undelete", "user_unprotect", "user_unsuspend",
        "user_profile_modification", "limit", "disconnect"})
    if (has(holder, harmless)) return Verdict::skip("notice");
  return std::nullopt;
}

}  // namespace thap::ingest
