// Any JSON whose fields the operator's settings point to.
#include "ingest/shapes.h"

namespace thap::ingest {

namespace {

using namespace json;

// Finds mapped fields in one record and notes which pointers matched.
class Mapped {
 public:
  Mapped(const Object& root, const GenericMapping& mapping, MappingUse& use)
      : root_(root), mapping_(mapping), use_(use) {
    if (use_.records++ == 0)
      for (std::size_t i = 0; i < mapping_.pointers.size(); ++i)
        use_.is_matched[i].assign(mapping_.pointers[i].size(), false);
  }

  // Of a list of pointers the first that is present and not null.
  std::optional<Element> find(GenericMapping::Field field) {
    const auto& pointers = mapping_.pointers[field];
    for (std::size_t i = 0; i < pointers.size(); ++i) {
      Element value;
      if (root_.at_pointer(pointers[i]).get(value) != simdjson::SUCCESS || value.is_null()) continue;
      use_.is_matched[field][i] = true;
      return value;
    }
    return std::nullopt;
  }
  std::optional<std::string_view> text(GenericMapping::Field field) {
    const auto value = find(field);
    return value ? as_text(*value) : std::nullopt;
  }
  Id id(GenericMapping::Field field) {
    const auto value = find(field);
    return value ? as_id(*value) : Id{};
  }
  std::optional<std::int64_t> time(GenericMapping::Field field) {
    const auto value = find(field);
    return value ? as_time(*value) : std::nullopt;
  }

 private:
  const Object& root_;
  const GenericMapping& mapping_;
  MappingUse& use_;
};

}  // namespace

Verdict read_generic(const Object& root, const Context& context, Draft& draft) {
  const GenericMapping& mapping = context.format.mapping;
  MappingUse unused;
  Mapped mapped(root, mapping, context.mapping_use != nullptr ? *context.mapping_use : unused);
  Post& post = draft.post;
  post.network = mapping.network;

  const Id id = mapped.id(GenericMapping::id);
  if (id.is_out_of_range()) return Verdict::dead("id_range", "the mapped id is a number beyond 64 bits");
  if (mapping.network != Network::generic) {
    post.id = id.view();  // a vendor's copy has the network's identity
  } else if (!id.empty()) {
    post.id.append(context.record.source).append("/").append(id.view());
  } else if (mapping.pointers[GenericMapping::id].empty()) {
    post.id.append(context.record.source)
        .append("/")
        .append(std::to_string(context.record.partition))
        .append("/")
        .append(std::to_string(context.record.offset));
    draft.is_undedupable = true;
  }
  if (const auto word = mapped.text(GenericMapping::op)) {
    const auto found = mapping.operations.find(*word);
    if (found != mapping.operations.end()) post.op = found->second;
  }
  draft.text = mapped.text(GenericMapping::text);
  draft.markup = mapping.markup;
  draft.author = mapped.id(GenericMapping::author);
  draft.set_by = mapping.time_set_by;
  draft.stamp_ms = mapped.time(GenericMapping::event_ms);
  if (mapping.network == Network::x)
    if (const auto made = x_id_time(post.id)) {
      draft.stamp_ms = made;
      draft.set_by = SetBy::platform;
    }
  post.claimed_ms = mapped.time(GenericMapping::claimed_ms);
  if (const auto kind = mapped.text(GenericMapping::kind))
    for (const PostKind candidate : {PostKind::repost, PostKind::quote, PostKind::reply})
      if (name(candidate) == *kind) post.kind = candidate;
  post.ref_id = mapped.id(GenericMapping::ref_id).view();
  const auto root_id = mapped.text(GenericMapping::root_id);
  draft.root_id = root_id.value_or(std::string_view{});
  post.uri = mapped.text(GenericMapping::uri).value_or(std::string_view{});
  if (const auto language = mapped.text(GenericMapping::language))
    post.languages_claimed.emplace_back(*language);
  if (const auto state = mapped.text(GenericMapping::state)) {
    SourcePlace& place = post.place.emplace();
    place.country = state->starts_with("IN-") ? "IN" : "";
    place.state = current_state_code(*state);
  }
  return Verdict::good();
}

}  // namespace thap::ingest
