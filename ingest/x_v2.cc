// X API v2: filtered stream and search, with or without `includes`.
#include "ingest/shapes.h"
#include "ingest/time_parse.h"

namespace thap::ingest {

namespace {

using namespace json;

// The entry of includes.<list> whose `id` is `id`.
std::optional<Object> included(const Object& root, std::string_view list, std::string_view id) {
  const auto includes = object_in(root, "includes");
  const auto entries = includes ? array_in(*includes, list) : std::nullopt;
  if (!entries || id.empty()) return std::nullopt;
  for (const Element entry : *entries)
    if (const auto object = as_object(entry); object && text_or_empty(*object, "id") == id) return object;
  return std::nullopt;
}

std::string_view full_text(const Object& tweet) {
  if (const auto note = object_in(tweet, "note_tweet"))
    if (const auto text = text_in(*note, "text")) return *text;
  return text_or_empty(tweet, "text");
}

PostKind kind_named(std::string_view type) {
  if (type == "retweeted") return PostKind::repost;
  if (type == "quoted") return PostKind::quote;
  if (type == "replied_to") return PostKind::reply;
  return PostKind::original;
}

// Of several references the first of repost, quote, reply wins.
void read_references(const Array& references, Post& post, std::string_view& replied_to) {
  for (const Element element : references) {
    const auto reference = as_object(element);
    if (!reference) continue;
    const PostKind kind = kind_named(text_or_empty(*reference, "type"));
    const std::string_view id = text_or_empty(*reference, "id");
    if (kind == PostKind::reply) replied_to = id;
    if (kind == PostKind::original || (post.kind != PostKind::original && kind >= post.kind)) continue;
    post.kind = kind;
    post.ref_id = id;
  }
}

void read_tags(const Object& tweet, Post& post) {
  const auto entities = object_in(tweet, "entities");
  const auto tags = entities ? array_in(*entities, "hashtags") : std::nullopt;
  if (!tags) return;
  for (const Element element : *tags)
    if (const auto tag = as_object(element))
      if (const auto text = text_in(*tag, "tag")) post.tags.emplace_back(*text);
}

void read_place(const Object& root, std::string_view place_id, Post& post) {
  const auto place = included(root, "places", place_id);
  if (!place) return;
  SourcePlace& found = post.place.emplace();
  found.country = text_or_empty(*place, "country_code");
  found.name = text_or_empty(*place, "full_name");
}

}  // namespace

Verdict read_x_v2(const Object& root, const Context&, Draft& draft) {
  const auto data = object_in(root, "data");
  if (!data) {
    if (auto verdict = read_x_compliance(root, draft)) return *verdict;
    if (has(root, "errors") || has(root, "title") || has(root, "connection_issue"))
      return Verdict::skip("notice");
    return Verdict::dead("unknown_shape", "no `data` object in a post of X API v2");
  }
  if (!has(*data, "text"))
    if (auto verdict = read_x_compliance(root, draft)) return *verdict;

  Post& post = draft.post;
  post.network = Network::x;
  // One walk over the fields instead of a search for each: this is the commonest shape.
  Id id;
  std::string_view text, created_at, conversation, reply_author, first_version, place_id;
  std::optional<Object> note;
  std::optional<Array> references, versions;
  bool has_entities = false, has_text = false;
  const auto keep = [](std::string_view& field, const Element& value) {  // of equal keys the first
    if (field.empty()) field = as_text(value).value_or(std::string_view{});
  };
  for (const auto& [key, value] : *data) {
    switch (key.size()) {
      case 2:
        if (key == "id" && id.empty()) id = as_id(value);
        break;
      case 3:
        if (key == "geo")
          if (const auto geo = as_object(value)) place_id = text_or_empty(*geo, "place_id");
        break;
      case 4:
        if (key == "text" && !has_text) {
          if (const auto found = as_text(value)) {
            text = *found;
            has_text = true;
          }
        } else if (key == "lang") {
          if (const auto lang = as_text(value); lang && post.languages_claimed.empty())
            post.languages_claimed.emplace_back(*lang);
        }
        break;
      case 8:
        if (key == "entities") has_entities = true;
        break;
      case 9:
        if (key == "author_id" && draft.author.empty()) draft.author = as_id(value);
        break;
      case 10:
        if (key == "created_at") keep(created_at, value);
        if (key == "note_tweet") note = note ? note : as_object(value);
        break;
      case 15:
        if (key == "conversation_id") keep(conversation, value);
        break;
      case 17:
        if (key == "referenced_tweets") references = references ? references : as_array(value);
        break;
      case 18:
        if (key == "possibly_sensitive") post.sensitive = value.is_bool() && value.get_bool().value_unsafe();
        break;
      case 19:
        if (key == "in_reply_to_user_id") keep(reply_author, value);
        break;
      case 22:
        if (key == "edit_history_tweet_ids") versions = versions ? versions : as_array(value);
        break;
      default:
        break;
    }
  }
  if (id.is_out_of_range()) return Verdict::dead("id_range", "data.id is a number beyond 64 bits");
  if (note)
    if (const auto whole = text_in(*note, "text")) {
      text = *whole;
      has_text = true;
    }
  if (versions && versions->begin() != versions->end())
    if (const auto first = as_text(*versions->begin())) first_version = *first;

  post.id = first_version.empty() ? id.view() : first_version;
  if (!first_version.empty() && first_version != id.view()) post.op = Operation::edit;
  if (has_text) draft.text = text;
  draft.markup = Markup::entities;
  draft.stamp_ms = x_id_time(post.id);
  if (!created_at.empty()) {
    if (const auto ms = parse_time(created_at)) {
      post.claimed_ms = ms;
      if (!draft.stamp_ms) draft.stamp_ms = ms;
    }
  }
  std::string_view replied_to;
  if (references) read_references(*references, post, replied_to);
  if (post.kind == PostKind::repost) {
    const auto original = included(root, "tweets", post.ref_id);
    if (original) draft.text = full_text(*original);
    post.truncated = !original;
  }
  if (has_entities) read_tags(*data, post);
  if (!place_id.empty()) read_place(root, place_id, post);
  if (!conversation.empty()) {
    draft.root_id = conversation;
    if (conversation == post.id)
      draft.root_author = draft.author;
    else if (conversation == replied_to)
      draft.root_author = Id(reply_author);
    else if (const auto first = included(root, "tweets", conversation))
      draft.root_author = id_in(*first, "author_id");
  }
  return Verdict::good();
}

}  // namespace thap::ingest
