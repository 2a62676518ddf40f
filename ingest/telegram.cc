// Telegram: updates of the Bot API. Only public chats are read, others leave no trace.
#include <algorithm>
#include <array>

#include "ingest/plain_text.h"
#include "ingest/shapes.h"

namespace thap::ingest {

namespace {

using namespace json;

struct Update {
  std::string_view key;
  bool is_edit;
};
constexpr std::array<Update, 4> updates{
    {{"channel_post", false}, {"message", false}, {"edited_channel_post", true}, {"edited_message", true}}};

// Offsets are UTF-16 units. One outside the text or inside a character costs the tag, not the post.
void read_tags(const Array& entities, std::string_view text, Post& post) {
  for (const Element element : entities) {
    const auto entity = as_object(element);
    if (!entity || text_or_empty(*entity, "type") != "hashtag") continue;
    const auto number = [&](std::string_view key) -> std::size_t {
      const auto value = find(*entity, key);
      std::uint64_t read;
      return value && value->get(read) == simdjson::SUCCESS && read < 1'000'000
                 ? static_cast<std::size_t>(read)
                 : std::string_view::npos;
    };
    const std::size_t offset = number("offset"), length = number("length");
    if (offset == std::string_view::npos || length == std::string_view::npos || length < 2) continue;
    const std::size_t begin = byte_of_utf16(text, offset), end = byte_of_utf16(text, offset + length);
    if (begin == std::string_view::npos || end == std::string_view::npos || text[begin] != '#') continue;
    std::string_view tag = text.substr(begin + 1, end - begin - 1);
    tag = tag.substr(0, tag.find('@'));  // #tag@channel
    post.tags.emplace_back(tag);
  }
}

}  // namespace

Verdict read_telegram(const Object& root, const Context& context, Draft& draft) {
  const Update* update = nullptr;
  std::optional<Object> message;
  for (const Update& candidate : updates)
    if ((message = object_in(root, candidate.key))) {
      update = &candidate;
      break;
    }
  if (update == nullptr) return Verdict::skip("other_event");
  const auto chat = object_in(*message, "chat");
  if (!chat) return Verdict::dead("unknown_shape", "a message without its chat");
  const std::string_view type = text_or_empty(*chat, "type"), username = text_or_empty(*chat, "username");
  if (!(type == "channel" || type == "supergroup") || username.empty()) return Verdict::skip("private_chat");

  Post& post = draft.post;
  post.network = Network::telegram;
  const Id chat_id = id_in(*chat, "id"), message_id = id_in(*message, "message_id");
  if (chat_id.is_out_of_range() || message_id.is_out_of_range())
    return Verdict::dead("id_range", "an id is a number beyond 64 bits");
  if (chat_id.empty() || message_id.empty())
    return Verdict::dead("no_id", "a message without chat id or message id");
  post.id.append(chat_id.view()).append("/").append(message_id.view());
  post.uri.append("https://t.me/").append(username).append("/").append(message_id.view());
  if (update->is_edit) post.op = Operation::edit;
  draft.stamp_ms = time_in(*message, "date");

  const bool is_caption = !text_in(*message, "text");
  draft.text = text_in(*message, is_caption ? "caption" : "text");
  if (!draft.text) return Verdict::skip("no_text");  // pictures, members who joined, pinned messages
  if (const auto entities = array_in(*message, is_caption ? "caption_entities" : "entities"))
    read_tags(*entities, *draft.text, post);
  if (has(*message, "forward_origin") || has(*message, "forward_from_chat")) {
    post.kind = PostKind::repost;
    if (const auto origin = object_in(*message, "forward_origin"))
      if (const auto from = object_in(*origin, "chat"))
        if (const Id first = id_in(*origin, "message_id"); !first.empty())
          post.ref_id.append(id_in(*from, "id").view()).append("/").append(first.view());
  } else if (const auto parent = object_in(*message, "reply_to_message")) {
    post.kind = PostKind::reply;
    post.ref_id.append(chat_id.view()).append("/").append(id_in(*parent, "message_id").view());
  }
  // A channel speaks itself; in a group a member does.
  draft.author = chat_id;
  draft.author_name = username;
  if (const auto from = object_in(*message, "from"); from && type == "supergroup") {
    draft.author = id_in(*from, "id");
    draft.author_name = text_or_empty(*from, "username");
    post.bot = is_true(*from, "is_bot");
  }
  if (const Id thread = id_in(*message, "message_thread_id"); !thread.empty()) {
    context.scratch.assign(chat_id.view()).append("/").append(thread.view());
    draft.root_id = context.scratch;
  }
  return Verdict::good();
}

}  // namespace thap::ingest
