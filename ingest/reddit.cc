// Reddit: comments (t1) and submissions (t3) as its listing API gives them.
#include "ingest/shapes.h"

namespace thap::ingest {

namespace {

using namespace json;

bool is_gone(std::string_view text) { return text == "[deleted]" || text == "[removed]"; }

void read_place(std::string_view subreddit, const Context& context, Post& post) {
  if (context.settings.subreddit_states.empty() || subreddit.empty()) return;
  std::string lower(subreddit);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  const auto found = context.settings.subreddit_states.find(lower);
  if (found == context.settings.subreddit_states.end()) return;
  SourcePlace& place = post.place.emplace();
  place.country = "IN";
  place.state = current_state_code(found->second);
  place.name = subreddit;
  place.origin = PlaceOrigin::community;
}

}  // namespace

Verdict read_reddit(const Object& root, const Context& context, Draft& draft) {
  const auto data = object_in(root, "data");
  const std::string_view thing = text_or_empty(root, "kind");
  if (!data || !(thing == "t1" || thing == "t3")) return Verdict::skip("other_event");
  const bool is_comment = thing == "t1";
  Post& post = draft.post;
  post.network = Network::reddit;
  post.id = text_or_empty(*data, "name");
  if (post.id.empty())
    if (const std::string_view id = text_or_empty(*data, "id"); !id.empty())
      post.id = std::string(thing) + "_" + std::string(id);
  draft.stamp_ms = time_in(*data, "created_utc");
  if (const std::string_view link = text_or_empty(*data, "permalink"); !link.empty())
    post.uri = "https://www.reddit.com" + std::string(link);

  const std::string_view body = text_or_empty(*data, is_comment ? "body" : "selftext");
  if (is_gone(body) || is_gone(text_or_empty(*data, "author"))) {
    post.op = Operation::remove;
    return Verdict::good();
  }
  // `edited` is false or the time of the edit.
  if (const auto edited = find(*data, "edited"); edited && edited->is_number()) post.op = Operation::edit;
  draft.author = id_in(*data, "author_fullname");
  draft.author_name = text_or_empty(*data, "author");
  if (draft.author.empty()) draft.author = Id(draft.author_name);
  draft.markup = Markup::markdown;
  if (is_comment) {
    draft.text = text_in(*data, "body");
    const std::string_view parent = text_or_empty(*data, "parent_id");
    draft.root_id = text_or_empty(*data, "link_id");
    post.kind = PostKind::reply;
    post.ref_id = parent.empty() ? draft.root_id : parent;
  } else if (const auto title = text_in(*data, "title")) {
    context.scratch.assign(*title);
    if (!body.empty()) context.scratch.append("\n").append(body);
    draft.text = context.scratch;
    if (const auto parents = array_in(*data, "crosspost_parent_list");
        parents && parents->begin() != parents->end()) {
      post.kind = PostKind::repost;
      post.ref_id = text_or_empty(*data, "crosspost_parent");
    }
  }
  post.sensitive = is_true(*data, "over_18");
  read_place(text_or_empty(*data, "subreddit"), context, post);
  return Verdict::good();
}

}  // namespace thap::ingest
