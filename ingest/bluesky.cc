// Bluesky in five wrappings: Jetstream v1 and v2, at-kafka plain and wrapped, flat records of a CloudEvents
// bridge. All give the same identity, did/collection/rkey, so that feeds of several kinds repeat each other
// harmlessly.
#include <algorithm>

#include "ingest/plain_text.h"
#include "ingest/shapes.h"

namespace thap::ingest {

namespace {

using namespace json;

constexpr std::string_view post_collection = "app.bsky.feed.post", repost_collection = "app.bsky.feed.repost";

bool is_ours(std::string_view collection) {
  return collection == post_collection || collection == repost_collection;
}

// at://did/collection/rkey without its scheme; anything else gives nothing.
std::string_view identity(std::string_view uri) {
  constexpr std::string_view scheme = "at://";
  return uri.starts_with(scheme) ? uri.substr(scheme.size()) : std::string_view{};
}
std::string_view did_of(std::string_view uri) {
  const std::string_view rest = identity(uri);
  return rest.substr(0, rest.find('/'));
}

std::string_view uri_in(const Object& object, std::string_view key) {
  const auto reference = object_in(object, key);
  return reference ? text_or_empty(*reference, "uri") : std::string_view{};
}

void set_identity(std::string_view did, std::string_view collection, std::string_view rkey, Post& post) {
  if (did.empty() || collection.empty() || rkey.empty()) return;
  post.uri.reserve(did.size() + collection.size() + rkey.size() + 7);
  post.uri.append("at://").append(did).append("/").append(collection).append("/").append(rkey);
  post.id = identity(post.uri);
}

void read_languages(const Array& languages, Post& post) {
  for (const Element element : languages)
    if (const auto language = as_text(element); language && *language != "und")
      post.languages_claimed.emplace_back(*language);
}

// A facet whose offsets do not lie on characters of the text is a fault of its writer: ignored, the post
// stays.
void read_facet_tags(const Array& facets, std::string_view text, Post& post) {
  for (const Element element : facets) {
    const auto facet = as_object(element);
    const auto index = facet ? object_in(*facet, "index") : std::nullopt;
    const auto features = facet ? array_in(*facet, "features") : std::nullopt;
    if (!index || !features) continue;
    const auto offset = [&](std::string_view key) -> std::size_t {
      const auto value = find(*index, key);
      std::uint64_t number;
      return value && value->get(number) == simdjson::SUCCESS ? static_cast<std::size_t>(number)
                                                              : std::string_view::npos;
    };
    const std::size_t begin = offset("byteStart"), end = offset("byteEnd");
    if (begin >= end || !is_character_border(text, begin) || !is_character_border(text, end)) continue;
    for (const Element entry : *features)
      if (const auto feature = as_object(entry);
          feature && text_or_empty(*feature, "$type") == "app.bsky.richtext.facet#tag")
        if (const auto tag = text_in(*feature, "tag")) post.tags.emplace_back(*tag);
  }
}

void read_tags(const Object& record, Post& post) {
  if (const auto tags = array_in(record, "tags"))
    for (const Element element : *tags)
      if (const auto tag = as_text(element)) post.tags.emplace_back(*tag);
}

// The fields that depend on the kind: repost, quote, reply.
void read_kind(const Object& record, bool is_repost, Draft& draft) {
  Post& post = draft.post;
  if (is_repost) {
    post.kind = PostKind::repost;
    post.ref_id = identity(uri_in(record, "subject"));
    return;
  }
  if (const auto reply = object_in(record, "reply")) {
    post.kind = PostKind::reply;
    post.ref_id = identity(uri_in(*reply, "parent"));
    const std::string_view root = uri_in(*reply, "root");
    draft.root_id = identity(root);
    draft.root_author = Id(did_of(root));
  }
  if (const auto embed = object_in(record, "embed")) {
    const std::string_view type = text_or_empty(*embed, "$type");
    if (type == "app.bsky.embed.record" || type == "app.bsky.embed.recordWithMedia") {
      post.kind = PostKind::quote;
      const auto quoted = object_in(*embed, "record");
      const std::string_view uri =
          quoted ? (has(*quoted, "uri") ? text_or_empty(*quoted, "uri") : uri_in(*quoted, "record")) : "";
      post.ref_id = identity(uri);
    }
  }
}

void read_record(const Object& record, std::string_view collection, Draft& draft) {
  Post& post = draft.post;
  const bool is_repost = collection == repost_collection;
  post.claimed_ms = time_in(record, "createdAt");  // from the author's client: can be years off
  if (!is_repost) {
    draft.text = text_in(record, "text");
    if (const auto facets = array_in(record, "facets"))
      read_facet_tags(*facets, draft.text.value_or(""), post);
    read_tags(record, post);
    if (const auto languages = array_in(record, "langs")) read_languages(*languages, post);
  }
  read_kind(record, is_repost, draft);
}

// A commit: {operation|action, collection, rkey, record} of `did`.
Verdict read_commit(std::string_view did, const Object& commit, std::string_view operation, Draft& draft) {
  const std::string_view collection = text_or_empty(commit, "collection");
  if (!is_ours(collection)) return Verdict::skip("other_collection");
  Post& post = draft.post;
  set_identity(did, collection, text_or_empty(commit, "rkey"), post);
  draft.author = Id(did);
  if (operation == "delete") {
    post.op = Operation::remove;
    return Verdict::good();
  }
  if (operation != "create" && operation != "update") return Verdict::skip("unknown_operation");
  if (operation == "update") post.op = Operation::edit;
  const auto record = object_in(commit, "record");
  if (!record) return Verdict::dead("no_text", "a commit that creates has no record");
  read_record(*record, collection, draft);
  return Verdict::good();
}

// An account that is gone takes its posts along. One that only pauses ("deactivated") may come back.
Verdict read_account(std::string_view did, const Object& account, Draft& draft) {
  const auto active = flag_in(account, "active");
  const std::string_view status = text_or_empty(account, "status");
  if (!active || *active || !(status == "deleted" || status == "takendown" || status == "suspended"))
    return Verdict::skip("account");
  draft.post.op = Operation::remove_author;
  draft.author = Id(did);
  return Verdict::good();
}

}  // namespace

Verdict read_jetstream(const Object& root, const Context&, Draft& draft) {
  draft.post.network = Network::bluesky;
  if (const auto payload = object_in(root, "payload")) {  // v2
    const std::string_view type = text_or_empty(*payload, "$type");
    const std::string_view event = type.substr(std::min(type.rfind('#'), type.size()));
    const std::string_view did = text_or_empty(*payload, "did");
    draft.stamp_ms = time_in(*payload, "time");
    if (event == "#commit") return read_commit(did, *payload, text_or_empty(*payload, "operation"), draft);
    if (event == "#account") return read_account(did, *payload, draft);
    return Verdict::skip("other_event");
  }
  const std::string_view did = text_or_empty(root, "did"), kind = text_or_empty(root, "kind");
  draft.stamp_ms = time_in(root, "time_us");
  if (kind == "commit") {
    const auto commit = object_in(root, "commit");
    if (!commit) return Verdict::dead("unknown_shape", "a commit event without `commit`");
    return read_commit(did, *commit, text_or_empty(*commit, "operation"), draft);
  }
  if (kind == "account")
    if (const auto account = object_in(root, "account")) return read_account(did, *account, draft);
  return Verdict::skip("other_event");
}

Verdict read_at_kafka(const Object& root, const Context&, Draft& draft) {
  draft.post.network = Network::bluesky;
  Object event = root;
  if (const auto wrapper = object_in(root, "data"); wrapper && has(*wrapper, "action_name")) {
    const auto inner = object_in(*wrapper, "data");
    if (!inner) return Verdict::dead("unknown_shape", "an action without `data.data`");
    event = *inner;
  }
  const std::string_view did = text_or_empty(event, "did");
  draft.stamp_ms = time_in(event, "timestamp");
  if (!draft.stamp_ms) draft.stamp_ms = time_in(root, "send_time");
  if (const auto operation = object_in(event, "operation"))
    return read_commit(did, *operation, text_or_empty(*operation, "action"), draft);
  if (const auto account = object_in(event, "account")) return read_account(did, *account, draft);
  return Verdict::skip("other_event");
}

Verdict read_bsky_flat(const Object& root, const Context& context, Draft& draft) {
  Post& post = draft.post;
  post.network = Network::bluesky;
  // The key and subject of these records name the author: only `uri` is the post.
  post.uri = text_or_empty(root, "uri");
  post.id = identity(post.uri);
  const std::string_view collection = text_or_empty(root, "collection");
  const bool is_repost = collection == repost_collection || context.cloud_event_type == "Bluesky.Feed.Repost";
  if (!collection.empty() && !is_ours(collection)) return Verdict::skip("other_collection");
  draft.author = id_in(root, "did");
  draft.stamp_ms = time_in(root, "indexed_at");
  post.claimed_ms = time_in(root, has(root, "created_at") ? "created_at" : "createdAt");
  if (const auto languages = array_in(root, "langs")) read_languages(*languages, post);
  if (post.languages_claimed.empty())
    if (const std::string_view language = text_or_empty(root, "lang"); !language.empty() && language != "und")
      post.languages_claimed.emplace_back(language);
  if (!is_repost) {
    draft.text = text_in(root, "text");
    read_tags(root, post);
    const std::string_view facets = text_or_empty(root, "facets");  // JSON in a string
    if (facets.size() > 2 && context.inner.parse(facets, context.settings.max_depth) == Fault::none)
      if (const auto list = as_array(context.inner.root()))
        read_facet_tags(*list, draft.text.value_or(""), post);
  }
  read_kind(root, is_repost, draft);
  if (is_repost && post.ref_id.empty()) post.ref_id = identity(text_or_empty(root, "subject_uri"));
  if (const std::string_view parent = identity(text_or_empty(root, "reply_parent")); !parent.empty()) {
    post.kind = PostKind::reply;
    post.ref_id = parent;
    const std::string_view first = text_or_empty(root, "reply_root");
    draft.root_id = identity(first);
    draft.root_author = Id(did_of(first));
  }
  return Verdict::good();
}

}  // namespace thap::ingest
