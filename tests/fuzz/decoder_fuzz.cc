// Any bytes through the decoder, under every format in turn: no crash, and exactly one outcome that keeps its
// promises.
#include <simdjson.h>

#include <cstdlib>

#include "ingest/decoder.h"

using namespace thap::ingest;

namespace {

std::shared_ptr<DecoderSettings> settings_of_all_formats() {
  auto settings = std::make_shared<DecoderSettings>();
  settings->max_text_bytes = 256;
  settings->max_record_bytes = 4096;
  for (int i = 0; i < format_count; ++i) {
    SourceFormat format;
    format.format = static_cast<Format>(i);
    format.instance = "social.example";
    format.mapping.pointers[GenericMapping::id] = {"/id", "/data/id"};
    format.mapping.pointers[GenericMapping::text] = {"/text", "/data/text"};
    format.mapping.markup = static_cast<Markup>(i % 4);
    settings->sources[std::string(name(format.format))] = format;
  }
  return settings;
}

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Decoder decoder(settings_of_all_formats(), AuthorKey(AuthorKey::Bytes{1}));
  if (size < 1) return 0;
  const auto format = static_cast<Format>(data[0] % format_count);
  Record record;
  record.source = name(format);
  record.payload = {reinterpret_cast<const char*>(data) + 1, size - 1};
  record.kafka_ms = 1'791'792'920'000;
  SourceBatch batch;
  Decoded decoded = decoder.decode(record);
  if (auto* post = std::get_if<Post>(&decoded.outcome)) {
    require(post->text.size() <= 256 && post->text.find('\0') == std::string::npos);
    require(simdjson::validate_utf8(post->text.data(), post->text.size()));
    require(post->event_ms <= *record.kafka_ms + 120'000 && post->event_ms >= 0);
    require(post->key == post_key(post->network, post->id));
    decoder.set_clock(*post, post->clock_ms + 40LL * 86'400'000);
  }
  add(std::move(decoded), batch);
  std::uint64_t skipped = 0;
  for (const auto& [reason, count] : batch.skipped) skipped += count;
  require(batch.records == 1 && batch.posts.size() + batch.dead_letters.size() + skipped == 1);
  return 0;
}
