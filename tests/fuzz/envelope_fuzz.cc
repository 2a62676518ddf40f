// Record headers and framing: the input is cut into key, two headers and a payload by 0xff bytes.
#include <array>

#include "ingest/decoder.h"

using namespace thap::ingest;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Decoder decoder(std::make_shared<DecoderSettings>(), AuthorKey(AuthorKey::Bytes{1}));
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const auto part = [&] {
    const std::size_t end = rest.find('\xff');
    const std::string_view found = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return found;
  };
  Record record;
  record.source = "posts";
  record.key = part();
  const std::string_view content_type = part(), event_type = part();
  const std::array<Header, 5> headers{{{"content-type", content_type},
                                       {"ce_specversion", "1.0"},
                                       {"ce_id", record.key},
                                       {"ce_source", "urn:example"},
                                       {"ce_type", event_type}}};
  record.headers = headers;
  record.payload = rest;
  record.has_value = !rest.empty() || size % 2 == 0;
  record.kafka_ms = 1'791'792'920'000;
  SourceBatch batch;
  add(decoder.decode(record), batch);
  return 0;
}
