// Links that name nobody, or none.
#include <gtest/gtest.h>

#include "ingest/public_link.h"

namespace thap::ingest {
namespace {

struct Row {
  const char* name;
  Network network;
  const char* id;
  const char* uri;
  const char* link;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.name; }

class PublicLink : public testing::TestWithParam<Row> {};

TEST_P(PublicLink, NamesNobody) {
  Post post;
  post.network = GetParam().network;
  post.id = GetParam().id;
  post.uri = GetParam().uri;
  EXPECT_EQ(public_link(post), GetParam().link);
}

const Row rows[] = {
    {"x", Network::x, "1584797404492726313", "", "https://x.com/i/status/1584797404492726313"},
    {"x_with_handle", Network::x, "1584797404492726313",
     "https://x.com/invented_person/status/1584797404492726313",
     "https://x.com/i/status/1584797404492726313"},
    {"x_not_an_id", Network::x, "invented_person", "", ""},
    {"reddit_post", Network::reddit, "t3_abc12",
     "https://www.reddit.com/r/india/comments/abc12/of_u_invented_person/",
     "https://www.reddit.com/comments/abc12/"},
    {"reddit_comment", Network::reddit, "t1_k9z",
     "https://www.reddit.com/user/invented_person/comments/abc12/title/k9z/",
     "https://www.reddit.com/comments/abc12/_/k9z/"},
    {"reddit_comment_without_thread", Network::reddit, "t1_k9z",
     "https://www.reddit.com/user/invented_person/", ""},
    {"reddit_foreign_id", Network::reddit, "invented_person", "", ""},
    {"reddit_name_for_an_id", Network::reddit, "t3_Invented_Person", "", ""},
    {"youtube", Network::youtube, "UgzInvented-1_x.9",
     "https://www.youtube.com/watch?v=abcDEF_-123&lc=UgzInvented-1_x.9",
     "https://www.youtube.com/watch?v=abcDEF_-123&lc=UgzInvented-1_x.9"},
    {"youtube_channel", Network::youtube, "UgzInvented", "https://www.youtube.com/@invented_person", ""},
    {"youtube_handle_for_a_video", Network::youtube, "UgzInvented",
     "https://www.youtube.com/watch?v=@invented_person", ""},
    {"bluesky", Network::bluesky, "did:plc:invented/app.bsky.feed.post/3k",
     "at://did:plc:invented/app.bsky.feed.post/3k", ""},
    {"mastodon", Network::mastodon, "https://social.example/users/invented/statuses/9",
     "https://social.example/users/invented/statuses/9", ""},
    {"telegram", Network::telegram, "-100123/7", "https://t.me/invented_channel/7", ""},
    {"generic", Network::generic, "posts/1", "https://example.org/invented_person/1", ""},
};
INSTANTIATE_TEST_SUITE_P(Rows, PublicLink, testing::ValuesIn(rows),
                         [](const auto& param) { return std::string(param.param.name); });

}  // namespace
}  // namespace thap::ingest
