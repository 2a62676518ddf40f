#include "ingest/public_link.h"

#include <algorithm>
#include <string_view>

namespace thap::ingest {

namespace {

constexpr std::size_t max_id = 64;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

template <class Allowed>
bool is_made_of(std::string_view id, Allowed allowed) {
  return !id.empty() && id.size() <= max_id && std::all_of(id.begin(), id.end(), allowed);
}
bool is_base36(std::string_view id) {
  return id.size() <= 13 && is_made_of(id, [](char c) { return is_digit(c) || is_lower(c); });
}
bool is_youtube_id(std::string_view id) {
  return is_made_of(id, [](char c) {
    return is_digit(c) || is_lower(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
  });
}

// What stands between `before` and the next '/', '?', '&' or '#'.
std::string_view part_after(std::string_view address, std::string_view before) {
  const auto at = address.find(before);
  if (at == std::string_view::npos) return {};
  const auto rest = address.substr(at + before.size());
  return rest.substr(0, rest.find_first_of("/?&#"));
}

std::string x_link(std::string_view id) {
  if (id.size() > 20 || !is_made_of(id, is_digit)) return {};
  return std::string("https://x.com/i/status/").append(id);
}

// A permalink is /r/PLACE/comments/POST/WORDS_OF_THE_TITLE/COMMENT/; the place may be a person's own page.
std::string reddit_link(std::string_view id, std::string_view uri) {
  if (!(id.starts_with("t1_") || id.starts_with("t3_"))) return {};
  const std::string_view own = id.substr(3);
  const std::string_view thread = id.starts_with("t3_") ? own : part_after(uri, "/comments/");
  if (!is_base36(own) || !is_base36(thread)) return {};
  std::string link = std::string("https://www.reddit.com/comments/").append(thread).append("/");
  if (id.starts_with("t1_")) link.append("_/").append(own).append("/");
  return link;
}

std::string youtube_link(std::string_view id, std::string_view uri) {
  const std::string_view video = part_after(uri, "watch?v=");
  if (!is_youtube_id(id) || !is_youtube_id(video)) return {};
  return std::string("https://www.youtube.com/watch?v=").append(video).append("&lc=").append(id);
}

}  // namespace

std::string public_link(const Post& post) {
  switch (post.network) {
    case Network::x:
      return x_link(post.id);
    case Network::reddit:
      return reddit_link(post.id, post.uri);
    case Network::youtube:
      return youtube_link(post.id, post.uri);
    case Network::bluesky:
    case Network::mastodon:
    case Network::telegram:
    case Network::generic:
      return {};
  }
  return {};
}

}  // namespace thap::ingest
