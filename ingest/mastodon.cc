// Mastodon: REST statuses, and events of the streaming API with the status as JSON in a string.
#include <charconv>

#include "ingest/plain_text.h"
#include "ingest/shapes.h"

namespace thap::ingest {

namespace {

using namespace json;

// The server writes milliseconds above 16 bits into its ids; nobody promises that they are numbers.
std::optional<std::int64_t> id_time(std::string_view id) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), value);
  if (error != std::errc{} || end != id.data() + id.size()) return std::nullopt;
  const auto ms = static_cast<std::int64_t>(value >> 16);
  constexpr std::int64_t first_server_ms = 1'451'606'400'000;  // 2016: smaller ids are counters, not times
  return ms < first_server_ms ? std::nullopt : std::optional(ms);
}

void read_tags(const Object& status, Post& post) {
  const auto tags = array_in(status, "tags");
  if (!tags) return;
  for (const Element element : *tags)
    if (const auto tag = as_object(element))
      if (const auto name = text_in(*tag, "name")) post.tags.emplace_back(*name);
}

Verdict read_status(const Object& status, bool is_edit, const Context& context, Draft& draft) {
  const std::string_view visibility = text_or_empty(status, "visibility");
  if (!visibility.empty() && visibility != "public" && visibility != "unlisted")
    return Verdict::skip("not_public");
  Post& post = draft.post;
  post.network = Network::mastodon;
  post.id = text_or_empty(status, "uri");
  post.uri = post.id;
  const Id local_id = id_in(status, "id");
  if (!context.format.instance.empty())
    post.local_id.append(context.format.instance).append("/").append(local_id.view());
  if (is_edit) post.op = Operation::edit;
  draft.stamp_ms = time_in(status, "created_at");
  if (const auto made = id_time(local_id.view()); made && (!draft.stamp_ms || *made < *draft.stamp_ms))
    draft.stamp_ms = made;

  Object written = status;
  if (const auto original = object_in(status, "reblog")) {  // the outer content is empty
    post.kind = PostKind::repost;
    post.ref_id = text_or_empty(*original, "uri");
    written = *original;
  } else if (const Id parent = id_in(status, "in_reply_to_id"); !parent.empty()) {
    post.kind = PostKind::reply;
    post.ref_id = parent.view();  // local to the instance: no address is given
  }
  if (has(written, "content")) {
    const std::string_view warning = text_or_empty(written, "spoiler_text");
    context.scratch.clear();
    append_plain(warning, Markup::plain, context.scratch);
    if (!warning.empty()) context.scratch += '\n';
    append_plain(text_or_empty(written, "content"), Markup::html, context.scratch);
    draft.text = context.scratch;
  }
  read_tags(written, post);
  if (const std::string_view language = text_or_empty(written, "language"); !language.empty())
    post.languages_claimed.emplace_back(language);
  post.sensitive = is_true(status, "sensitive");
  if (const auto account = object_in(status, "account")) {
    draft.author_name = text_or_empty(*account, "acct");
    draft.author = has(*account, "url") ? id_in(*account, "url") : Id(draft.author_name);
    post.bot = is_true(*account, "bot");
  }
  return Verdict::good();
}

}  // namespace

Verdict read_mastodon(const Object& root, const Context& context, Draft& draft) {
  if (!has(root, "event"))
    return read_status(root, !text_or_empty(root, "edited_at").empty(), context, draft);
  const std::string_view event = text_or_empty(root, "event");
  const bool is_edit = event == "status.update";
  if (event == "delete") {
    // Only the local id is known: the store finds the post by instance and local id.
    const Id id = id_in(root, "payload");
    if (id.empty()) return Verdict::dead("no_id", "a delete without the status's id");
    if (context.format.instance.empty()) return Verdict::skip("instance_unknown");
    draft.post.network = Network::mastodon;
    draft.post.op = Operation::remove;
    draft.post.local_id = context.format.instance + "/" + std::string(id.view());
    draft.post.id = draft.post.local_id;
    return Verdict::good();
  }
  if (event != "update" && !is_edit) return Verdict::skip("other_event");
  if (const auto status = object_in(root, "payload")) return read_status(*status, is_edit, context, draft);
  const auto text = text_in(root, "payload");
  if (!text) return Verdict::dead("unknown_shape", "an event without a payload");
  switch (context.inner.parse(*text, context.settings.max_depth)) {
    case Fault::none:
      break;
    case Fault::too_deep:
      return Verdict::dead("too_deep", "the status in `payload` is nested too deep");
    case Fault::empty:
    case Fault::bad_utf8:
    case Fault::bad_json:
      return Verdict::dead("bad_json", "the status in `payload` is not JSON");
  }
  const auto status = as_object(context.inner.root());
  if (!status) return Verdict::dead("no_object", "`payload` holds no object");
  return read_status(*status, is_edit, context, draft);
}

}  // namespace thap::ingest
