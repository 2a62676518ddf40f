// YouTube: comment threads and comments of the Data API.
#include "ingest/shapes.h"

namespace thap::ingest {

namespace {

using namespace json;

Verdict read_comment(const Object& comment, std::string_view video, Draft& draft) {
  const auto snippet = object_in(comment, "snippet");
  if (!snippet) return Verdict::dead("no_text", "a comment without `snippet`");
  Post& post = draft.post;
  post.network = Network::youtube;
  post.id = text_or_empty(comment, "id");
  if (video.empty()) video = text_or_empty(*snippet, "videoId");
  if (!video.empty() && !post.id.empty()) {
    post.uri.append("https://www.youtube.com/watch?v=").append(video).append("&lc=").append(post.id);
    draft.root_id = video;
  }
  draft.text = text_in(*snippet, "textOriginal");
  if (!draft.text) {
    draft.text = text_in(*snippet, "textDisplay");
    draft.markup = Markup::html;
  }
  draft.stamp_ms = time_in(*snippet, "publishedAt");
  if (const auto updated = time_in(*snippet, "updatedAt");
      updated && draft.stamp_ms && *updated != *draft.stamp_ms)
    post.op = Operation::edit;
  if (const auto channel = object_in(*snippet, "authorChannelId")) draft.author = id_in(*channel, "value");
  if (const std::string_view parent = text_or_empty(*snippet, "parentId"); !parent.empty()) {
    post.kind = PostKind::reply;
    post.ref_id = parent;
  }
  return Verdict::good();
}

}  // namespace

Verdict read_youtube(const Object& root, const Context&, Draft& draft) {
  const auto snippet = object_in(root, "snippet");
  if (const auto top = snippet ? object_in(*snippet, "topLevelComment") : std::nullopt)
    return read_comment(*top, text_or_empty(*snippet, "videoId"), draft);
  if (text_or_empty(root, "kind") != "youtube#comment") return Verdict::skip("other_event");
  return read_comment(root, "", draft);
}

}  // namespace thap::ingest
