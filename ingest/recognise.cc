// Which shape an object has, told by the keys that no other shape has.
#include <array>

#include "ingest/shapes.h"

namespace thap::ingest {

using namespace json;

std::optional<Format> recognise(const Object& root, const Context& context) {
  // X first: it is the commonest and two look-ups tell it.
  const auto data = object_in(root, "data");
  if (data) {
    if (has(*data, "id") && has(*data, "text") && !has(root, "kind")) return Format::x_v2;
    if (has(*data, "action_name")) return Format::at_kafka;
    const std::string_view kind = text_or_empty(root, "kind");
    if (kind == "t1" || kind == "t3") return Format::reddit;
  }
  if (context.cloud_event_type == "Bluesky.Feed.Post" || context.cloud_event_type == "Bluesky.Feed.Repost")
    return Format::bsky_flat;
  if (has(root, "did")) {
    if (has(root, "time_us") && has(root, "kind")) return Format::jetstream;
    if (has(root, "timestamp") && (has(root, "operation") || has(root, "account") || has(root, "identity")))
      return Format::at_kafka;
    if (has(root, "uri") && has(root, "indexed_at")) return Format::bsky_flat;
  }
  if (has(root, "payload") && text_or_empty(root, "$type") == "message") return Format::jetstream;
  if (has(root, "event") && has(root, "stream")) return Format::mastodon;
  if (has(root, "uri") && has(root, "content") && has(root, "account")) return Format::mastodon;
  if (has(root, "update_id")) return Format::telegram;
  if (text_or_empty(root, "kind").starts_with("youtube#comment")) return Format::youtube;
  if (const auto snippet = object_in(root, "snippet"); snippet && has(*snippet, "topLevelComment"))
    return Format::youtube;
  if (has(root, "id_str") && has(root, "user")) return Format::x_v1;
  if (has(root, "Id") && has(root, "Text")) return Format::x_connect;
  if (has(root, "id") && (has(root, "text") || has(root, "op"))) return Format::canonical;
  if (has(root, "delete") || has(root, "errors")) return Format::x_v2;
  if (data)
    for (const std::string_view event : {"delete", "drop", "withheld", "tweet_edit", "user_delete",
                                         "user_protect", "user_suspend", "scrub_geo"})
      if (has(*data, event)) return Format::x_v2;
  return std::nullopt;
}

Verdict read_shape(Format format, const Object& root, const Context& context, Draft& draft) {
  switch (format) {
    case Format::canonical:
      return read_canonical(root, context, draft);
    case Format::x_v2:
      return read_x_v2(root, context, draft);
    case Format::x_v1:
      return read_x_v1(root, context, draft);
    case Format::x_connect:
      return read_x_connect(root, context, draft);
    case Format::jetstream:
      return read_jetstream(root, context, draft);
    case Format::at_kafka:
      return read_at_kafka(root, context, draft);
    case Format::bsky_flat:
      return read_bsky_flat(root, context, draft);
    case Format::mastodon:
      return read_mastodon(root, context, draft);
    case Format::reddit:
      return read_reddit(root, context, draft);
    case Format::telegram:
      return read_telegram(root, context, draft);
    case Format::youtube:
      return read_youtube(root, context, draft);
    case Format::generic:
      return read_generic(root, context, draft);
    case Format::automatic:
      break;
  }
  return Verdict::dead("unknown_shape", "the shape of the record is not known");
}

}  // namespace thap::ingest
