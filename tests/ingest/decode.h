// One record through a fresh decoder, for tests.
#pragma once
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "ingest/decoder.h"

namespace thap::ingest {

inline constexpr std::int64_t test_now = 1'791'792'920'000;  // 2026-10-12T08:15:20Z

inline AuthorKey test_key() { return AuthorKey::from_hex("000102030405060708090a0b0c0d0e0f").value(); }

inline Record record_of(std::string_view payload) {
  Record record;
  record.source = "test";
  record.payload = payload;
  record.kafka_ms = test_now + 1'000;
  return record;
}

inline Decoded decode(const Record& record, DecoderSettings settings = {}) {
  return Decoder(std::make_shared<DecoderSettings>(std::move(settings)), test_key()).decode(record);
}
inline Decoded decode(std::string_view payload, DecoderSettings settings = {}) {
  return decode(record_of(payload), std::move(settings));
}
inline DecoderSettings with_format(Format format) {
  DecoderSettings settings;
  settings.any_source.format = format;
  return settings;
}

// "post", "skip notice" or "dead bad_json".
inline std::string outcome(const Decoded& decoded) {
  if (const auto* skip = std::get_if<Skip>(&decoded.outcome)) return "skip " + std::string(skip->reason);
  if (const auto* letter = std::get_if<DeadLetter>(&decoded.outcome)) return "dead " + letter->reason;
  return "post";
}

inline Post post_of(const Decoded& decoded) {
  if (const auto* post = std::get_if<Post>(&decoded.outcome)) return *post;
  const auto* letter = std::get_if<DeadLetter>(&decoded.outcome);
  ADD_FAILURE() << "no post but " << outcome(decoded) << (letter ? ": " + letter->detail : "");
  return {};
}
inline Post post_of(std::string_view payload) { return post_of(decode(payload)); }

}  // namespace thap::ingest
