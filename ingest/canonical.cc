// Our own form: the fields of a post as flat JSON under the same names. What tests, exports and bridges
// write.
#include "ingest/shapes.h"

namespace thap::ingest {

namespace {

using namespace json;

std::optional<PostKind> kind_named(std::string_view text) {
  for (const PostKind kind : {PostKind::original, PostKind::repost, PostKind::quote, PostKind::reply})
    if (name(kind) == text) return kind;
  return std::nullopt;
}

std::optional<Operation> operation_named(std::string_view text) {
  for (const Operation op : {Operation::create, Operation::edit, Operation::remove, Operation::remove_author})
    if (name(op) == text) return op;
  return std::nullopt;
}

void read_texts(const Element& value, std::vector<std::string>& out) {
  if (const auto one = as_text(value)) {
    out.emplace_back(*one);
  } else if (const auto list = as_array(value)) {
    for (const Element element : *list)
      if (const auto text = as_text(element)) out.emplace_back(*text);
  }
}

void read_place(const Object& object, Post& post) {
  SourcePlace& place = post.place.emplace();
  place.country = text_or_empty(object, "country");
  place.state = current_state_code(text_or_empty(object, "state"));
  place.name = text_or_empty(object, "name");
  const std::string_view origin = text_or_empty(object, "origin");
  if (origin == "text") place.origin = PlaceOrigin::text;
  if (origin == "community") place.origin = PlaceOrigin::community;
  if (origin == "profile") place.origin = PlaceOrigin::profile;
}

}  // namespace

Verdict read_canonical(const Object& root, const Context&, Draft& draft) {
  Post& post = draft.post;
  if (const auto text = text_in(root, "network")) {
    const auto network = network_named(*text);
    if (!network)
      return Verdict::dead("unknown_network",
                           "no network is called \"" + std::string(text->substr(0, 40)) + "\"");
    post.network = *network;
  }
  const Id id = id_in(root, "id");
  if (id.is_out_of_range()) return Verdict::dead("id_range", "id is a number beyond 64 bits");
  post.id = id.view();
  if (const auto text = text_in(root, "op")) {
    const auto op = operation_named(*text);
    if (!op) return Verdict::skip("unknown_operation");
    post.op = *op;
  }
  if (const auto text = text_in(root, "kind")) post.kind = kind_named(*text).value_or(PostKind::original);
  draft.author = id_in(root, "author");
  draft.text = text_in(root, "text");
  draft.stamp_ms = time_in(root, "event_ms");
  if (!draft.stamp_ms && post.network == Network::x) draft.stamp_ms = x_id_time(post.id);
  post.claimed_ms = time_in(root, "claimed_ms");
  post.kafka_ms = time_in(root, "kafka_ms");
  post.uri = text_or_empty(root, "uri");
  post.ref_id = id_in(root, "ref_id").view();
  draft.root_id = text_or_empty(root, "root_id");
  if (const auto languages = find(root, "languages_claimed")) read_texts(*languages, post.languages_claimed);
  if (const auto tags = find(root, "tags")) read_texts(*tags, post.tags);
  if (const auto place = object_in(root, "place")) read_place(*place, post);
  post.truncated = is_true(root, "truncated");
  post.bot = is_true(root, "bot");
  post.sensitive = is_true(root, "sensitive");
  post.author_is_official = is_true(root, "author_verified_service");
  return Verdict::good();
}

}  // namespace thap::ingest
