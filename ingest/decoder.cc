#include "ingest/decoder.h"

#include <algorithm>
#include <utility>

#include "ingest/draft.h"
#include "ingest/envelope.h"
#include "ingest/json.h"
#include "ingest/plain_text.h"
#include "ingest/shapes.h"

namespace thap::ingest {

std::string_view name(Repair repair) {
  switch (repair) {
    case Repair::lone_surrogate:
      return "lone_surrogate";
    case Repair::nul_removed:
      return "nul_removed";
    case Repair::text_cut:
      return "text_cut";
    case Repair::time_clamped:
      return "time_clamped";
    case Repair::undedupable:
      return "undedupable";
  }
  return "unknown";
}

void add(Decoded&& decoded, SourceBatch& batch) {
  ++batch.records;
  if (auto* post = std::get_if<Post>(&decoded.outcome)) {
    batch.posts.push_back(std::move(*post));
    if (decoded.repairs != 0)
      for (const Repair repair : {lone_surrogate, nul_removed, text_cut, time_clamped, undedupable})
        if ((decoded.repairs & repair) != 0) ++batch.repaired[std::string(name(repair))];
  } else if (const auto* skip = std::get_if<Skip>(&decoded.outcome)) {
    ++batch.skipped[std::string(skip->reason)];
  } else {
    batch.dead_letters.push_back(std::move(std::get<DeadLetter>(decoded.outcome)));
  }
}

bool is_official(const DecoderSettings& settings, Network network, std::string_view account) {
  if (settings.official_accounts.empty() || account.empty()) return false;
  return settings.official_accounts.contains({network, std::string(account)});
}

namespace {

constexpr std::size_t max_dead_payload = 64 * 1024;
constexpr std::size_t max_dead_key = 1'024, max_dead_headers = 32;  // a name and its value together

DeadLetter dead_letter(const Record& record, std::string_view reason, std::string detail) {
  DeadLetter letter;
  letter.source = record.source;
  letter.partition = record.partition;
  letter.offset = record.offset;
  letter.reason = reason;
  letter.detail = std::move(detail);
  letter.payload = record.payload.substr(0, max_dead_payload);
  letter.payload_cut = record.payload.size() + record.bytes_not_kept > max_dead_payload;
  letter.kafka_ms = record.kafka_ms;
  letter.key = record.key.substr(0, max_dead_key);
  for (const Header& header : record.headers)
    if (header.name.size() + header.value.size() <= max_dead_key && letter.headers.size() < max_dead_headers)
      letter.headers.emplace_back(header.name, header.value);
  return letter;
}

}  // namespace

struct Decoder::Impl {
  Impl(std::shared_ptr<const DecoderSettings> given, AuthorKey given_key)
      : settings(std::move(given)), key(given_key) {}

  const SourceFormat& format_of(std::string_view source);
  MappingUse* mapping_use_of(const SourceFormat& format);
  void decode(const Record& record, Decoded& decoded);
  void tombstone(const Record& record, const SourceFormat& format, Decoded& decoded);
  void finish(Draft& draft, const Record& record, const Opened& opened, Decoded& decoded);
  void hash_author(Post& post);

  std::shared_ptr<const DecoderSettings> settings;
  AuthorKey key;
  std::map<const SourceFormat*, MappingUse> mapping_uses;
  json::Parser parser, inner;
  std::set<const SourceFormat*> warned;
  std::string scratch;
  std::string last_source;  // records come in runs of one source: spares a search each
  const SourceFormat* last_format{nullptr};
  json::Id last_author;  // for set_clock(); its view lives in `parser` or `inner`
  bool has_kafka_time{false};
};

Decoder::Decoder(std::shared_ptr<const DecoderSettings> settings, AuthorKey key)
    : impl_(std::make_unique<Impl>(std::move(settings), key)) {}
Decoder::~Decoder() = default;
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;

const SourceFormat& Decoder::Impl::format_of(std::string_view source) {
  if (last_format == nullptr || last_source != source) {
    last_source = source;
    const auto found = settings->sources.find(source);
    last_format = found == settings->sources.end() ? &settings->any_source : &found->second;
  }
  return *last_format;
}

MappingUse* Decoder::Impl::mapping_use_of(const SourceFormat& format) {
  return format.format == Format::generic ? &mapping_uses[&format] : nullptr;
}

// The key of a tombstone is believed only where the source's format says whose ids it holds.
void Decoder::Impl::tombstone(const Record& record, const SourceFormat& format, Decoded& decoded) {
  const auto network = network_of(format.format);
  if (!network || record.key.empty()) return void(decoded.outcome = Skip{"tombstone"});
  Draft draft(std::get<Post>(decoded.outcome));
  draft.post.network = *network;
  draft.post.id = record.key;
  draft.post.op = Operation::remove;
  finish(draft, record, {}, decoded);
}

void Decoder::Impl::hash_author(Post& post) {
  if (last_author.empty()) return;
  post.author = key.hash(post.network, last_author.view(), post.clock_ms);
  if (post.op == Operation::remove_author)
    post.author_elsewhen = key.hashes_elsewhen(post.network, last_author.view(), post.clock_ms);
}

void Decoder::Impl::finish(Draft& draft, const Record& record, const Opened& opened, Decoded& decoded) {
  Post& post = draft.post;
  std::uint8_t repairs = opened.mended_surrogates ? lone_surrogate : 0;
  if (draft.is_undedupable) repairs |= undedupable;
  const bool is_create = post.op == Operation::create;

  if (draft.author.is_out_of_range()) draft.author = {};
  if (post.op == Operation::remove_author) {
    if (draft.author.empty())
      return void(decoded.outcome = dead_letter(record, "no_id", "an author is deleted but not named"));
  } else if (post.id.empty()) {
    return void(decoded.outcome = dead_letter(record, "no_id", "the post has no id"));
  }

  if (draft.text) {
    append_plain(*draft.text, draft.markup, post.text);
    if (remove_nul(post.text)) repairs |= nul_removed;
    if (cut_text(post.text, settings->max_text_bytes)) {
      repairs |= text_cut;
      post.truncated = true;
    }
  } else if (is_create && post.kind != PostKind::repost) {
    return void(decoded.outcome = dead_letter(record, "no_text", "the post has no text"));
  }

  if (record.kafka_ms) post.kafka_ms = record.kafka_ms;
  if (!post.claimed_ms) post.claimed_ms = opened.cloud_event_ms;
  const EventTime time = event_time(draft.stamp_ms, draft.set_by, post.kafka_ms, settings->max_lateness_ms);
  post.event_ms = time.event_ms;
  post.late = time.time_case == TimeCase::late;
  if (time.time_case == TimeCase::clamped) repairs |= time_clamped;
  if (time.time_case == TimeCase::unknown) {
    if (is_create)
      return void(decoded.outcome = dead_letter(
                      record, "no_time", "neither the record nor Kafka tells a time that may be believed"));
    post.event_ms = record.clock_ms;  // an operation counts nothing: any time does
  }

  post.key = post_key(post.network, post.id);
  has_kafka_time = post.kafka_ms.has_value();
  last_author = draft.author;
  const std::int64_t clock =
      post.kafka_ms ? std::max<std::int64_t>(*post.kafka_ms, 0) : std::max(record.clock_ms, post.event_ms);
  post.clock_ms = clock;
  hash_author(post);
  post.author_is_official = post.author_is_official ||
                            is_official(*settings, post.network, draft.author.view()) ||
                            is_official(*settings, post.network, draft.author_name);
  if (!draft.root_id.empty() && !is_official(*settings, post.network, draft.root_author.view())) {
    post.conversation = post_key(post.network, draft.root_id).low;
    if (post.conversation == 0) post.conversation = 1;
  }
  decoded.repairs = repairs;
}

void Decoder::Impl::decode(const Record& record, Decoded& decoded) {
  const SourceFormat& format = format_of(record.source);
  if (const std::size_t size = record.payload.size() + record.bytes_not_kept;
      size > settings->max_record_bytes)
    return void(decoded.outcome =
                    dead_letter(record, "too_large",
                                "the record has " + std::to_string(size) + " bytes, more than the limit of " +
                                    std::to_string(settings->max_record_bytes)));
  const Opened opened = open_envelopes(record, settings->max_depth, parser);
  switch (opened.is) {
    case Opened::Is::tombstone:
      return tombstone(record, format, decoded);
    case Opened::Is::skip:
      return void(decoded.outcome = Skip{opened.reason});
    case Opened::Is::dead:
      return void(decoded.outcome = dead_letter(record, opened.reason, opened.detail));
    case Opened::Is::object:
      break;
  }

  scratch.clear();
  const Context context{
      *settings, format, inner, scratch, opened.cloud_event_type, record, mapping_use_of(format)};
  Format shape = format.format;
  if (shape == Format::automatic) {
    const auto found = recognise(opened.object, context);
    if (!found)
      return void(decoded.outcome =
                      dead_letter(record, "unknown_shape", "the shape of the record is not known"));
    shape = *found;
  }
  Draft draft(std::get<Post>(decoded.outcome));
  Verdict verdict = read_shape(shape, opened.object, context, draft);
  switch (verdict.is) {
    case Verdict::Is::skip:
      return void(decoded.outcome = Skip{verdict.reason});
    case Verdict::Is::dead:
      return void(decoded.outcome = dead_letter(record, verdict.reason, std::move(verdict.detail)));
    case Verdict::Is::post:
      break;
  }
  finish(draft, record, opened, decoded);
}

Decoded Decoder::decode(const Record& record) {
  Decoded decoded{Post{}, 0};
  impl_->decode(record, decoded);
  return decoded;
}

void Decoder::set_clock(Post& post, std::int64_t clock_ms) {
  Impl& self = *impl_;
  const bool is_other_period = author_period(clock_ms) != author_period(post.clock_ms);
  post.clock_ms = clock_ms;
  if (is_other_period) self.hash_author(post);
  if (!self.has_kafka_time) post.late = post.event_ms < clock_ms - self.settings->max_lateness_ms;
}

std::vector<std::string> Decoder::take_warnings() {
  Impl& self = *impl_;
  std::vector<std::string> warnings;
  for (auto& [format, use] : self.mapping_uses) {
    if (use.records < 1'000 || !self.warned.insert(format).second) continue;
    for (std::size_t field = 0; field < use.is_matched.size(); ++field)
      for (std::size_t i = 0; i < use.is_matched[field].size(); ++i)
        if (!use.is_matched[field][i])
          warnings.push_back("no record of the first " + std::to_string(use.records) + " has " +
                             format->mapping.pointers[field][i] + ", mapped to " +
                             std::string(GenericMapping::field_names[field]));
  }
  return warnings;
}

}  // namespace thap::ingest
