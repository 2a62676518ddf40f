// X v1.1 (old topics, enterprise feeds) and the Kafka Connect source connector's PascalCase copy of it.
#include "ingest/shapes.h"

namespace thap::ingest {

namespace {

using namespace json;

std::string_view full_text(const Object& tweet) {
  if (const auto extended = object_in(tweet, "extended_tweet"))
    if (const auto text = text_in(*extended, "full_text")) return *text;
  if (const auto text = text_in(tweet, "full_text")) return *text;
  return text_or_empty(tweet, "text");
}

void read_tags(const Object& tweet, Post& post) {
  const auto extended = object_in(tweet, "extended_tweet");
  const auto entities = object_in(extended && has(*extended, "entities") ? *extended : tweet, "entities");
  const auto tags = entities ? array_in(*entities, "hashtags") : std::nullopt;
  if (!tags) return;
  for (const Element element : *tags)
    if (const auto tag = as_object(element))
      if (const auto text = text_in(*tag, "text")) post.tags.emplace_back(*text);
}

void read_language(std::string_view lang, Post& post) {
  if (!lang.empty()) post.languages_claimed.emplace_back(lang);
}

}  // namespace

Verdict read_x_v1(const Object& root, const Context&, Draft& draft) {
  if (!has(root, "id_str")) {
    if (auto verdict = read_x_compliance(root, draft)) return *verdict;
  }
  Post& post = draft.post;
  post.network = Network::x;
  // The number `id` is left alone: writers in JavaScript have rounded it.
  post.id = text_or_empty(root, "id_str");
  if (has(root, "text") || has(root, "full_text") || has(root, "extended_tweet"))
    draft.text = full_text(root);
  draft.markup = Markup::entities;
  post.claimed_ms = time_in(root, "created_at");
  draft.stamp_ms = x_id_time(post.id);
  if (!draft.stamp_ms) draft.stamp_ms = post.claimed_ms;
  read_language(text_or_empty(root, "lang"), post);
  post.sensitive = is_true(root, "possibly_sensitive");
  post.truncated = is_true(root, "truncated") && !has(root, "extended_tweet");

  const std::string_view parent = text_or_empty(root, "in_reply_to_status_id_str");
  if (const auto original = object_in(root, "retweeted_status")) {
    post.kind = PostKind::repost;
    post.ref_id = text_or_empty(*original, "id_str");
    draft.text = full_text(*original);
    post.truncated = is_true(*original, "truncated") && !has(*original, "extended_tweet");
  } else if (const auto quoted = object_in(root, "quoted_status")) {
    post.kind = PostKind::quote;
    post.ref_id = text_or_empty(*quoted, "id_str");
  } else if (is_true(root, "is_quote_status")) {
    post.kind = PostKind::quote;  // the quoted post is gone
    post.ref_id = text_or_empty(root, "quoted_status_id_str");
  } else if (!parent.empty()) {
    post.kind = PostKind::reply;
    post.ref_id = parent;
  }
  if (const auto user = object_in(root, "user")) {
    draft.author = id_in(*user, has(*user, "id_str") ? "id_str" : "id");
    draft.author_name = text_or_empty(*user, "screen_name");
    if (const std::string_view location = text_or_empty(*user, "location"); !location.empty()) {
      SourcePlace& place = post.place.emplace();
      place.name = location;
      place.origin = PlaceOrigin::profile;
    }
  }
  if (const auto tagged = object_in(root, "place")) {
    SourcePlace& place = post.place.emplace();
    place.country = text_or_empty(*tagged, "country_code");
    place.name = text_or_empty(*tagged, "full_name");
  }
  read_tags(root, post);
  return Verdict::good();
}

Verdict read_x_connect(const Object& root, const Context& context, Draft& draft) {
  Post& post = draft.post;
  post.network = Network::x;
  if (context.format.is_deletes || (has(root, "StatusId") && !has(root, "Text"))) {
    post.op = Operation::remove;
    post.id = id_in(root, "StatusId").view();
    draft.author = id_in(root, "UserId");
    return Verdict::good();
  }
  const Id id = id_in(root, "Id");
  if (id.is_out_of_range()) return Verdict::dead("id_range", "Id is a number beyond 64 bits");
  post.id = id.view();
  draft.text = text_in(root, "Text");
  draft.markup = Markup::entities;
  post.claimed_ms = time_in(root, "CreatedAt");
  draft.stamp_ms = x_id_time(post.id);
  if (!draft.stamp_ms) draft.stamp_ms = post.claimed_ms;
  read_language(text_or_empty(root, "Lang"), post);
  post.sensitive = is_true(root, "PossiblySensitive");
  post.truncated = is_true(root, "Truncated");
  const Id parent = id_in(root, "InReplyToStatusId");
  if (is_true(root, "Retweet") || object_in(root, "RetweetedStatus")) {
    post.kind = PostKind::repost;
    if (const auto original = object_in(root, "RetweetedStatus")) {
      post.ref_id = id_in(*original, "Id").view();
      if (const auto text = text_in(*original, "Text")) draft.text = text;
    }
  } else if (!parent.empty() && parent.view() != "-1" && parent.view() != "0") {  // the connector's "none"
    post.kind = PostKind::reply;
    post.ref_id = parent.view();
  }
  if (const auto user = object_in(root, "User")) {
    draft.author = id_in(*user, "Id");
    draft.author_name = text_or_empty(*user, "ScreenName");
  }
  if (const auto tagged = object_in(root, "Place")) {
    SourcePlace& place = post.place.emplace();
    place.country = text_or_empty(*tagged, "CountryCode");
    place.name = text_or_empty(*tagged, "FullName");
  }
  if (const auto tags = array_in(root, "HashtagEntities"))
    for (const Element element : *tags)
      if (const auto tag = as_object(element))
        if (const auto text = text_in(*tag, "Text")) post.tags.emplace_back(*text);
  return Verdict::good();
}

}  // namespace thap::ingest
