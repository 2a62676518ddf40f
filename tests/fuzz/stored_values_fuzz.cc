// Stored bytes are not trusted: whatever is found under a key, decoding says no or gives a value that encodes
// to the same bytes again.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "store/keys.h"
#include "store/rows.h"
#include "store/sketch.h"

using namespace thap::store;

namespace {
void require(bool claim) {
  if (!claim) std::abort();
}
}  // namespace

// The first byte chooses the kind, so that a corpus stays useful when kinds are added.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const EvidencePlace place{thap::nlp::ServiceId{1}, 2, {3, 4}};
  switch (data[0] % 8) {
    case 0:
      if (const auto row = decode_row({5, thap::ingest::Network::x, {6, 7}}, bytes))
        require(encode_row(*row) == bytes);
      break;
    case 1:
      if (const auto evidence = decode_evidence(place, bytes)) {
        const std::string again = encode_evidence(*evidence);
        // The first format had the post's id, which is not written any more.
        if (bytes.front() == 1)
          require(decode_evidence(place, again) == evidence);
        else
          require(again == bytes);
      }
      break;
    case 2:
      if (const auto position = decode_position(offset_key("topic", 1), bytes))
        require(encode_position(*position) == bytes);
      break;
    case 3: {  // merging what was merged before changes nothing
      AuthorSketch sketch;
      if (!sketch.merge(bytes)) break;
      std::string once, twice;
      sketch.encode(once);
      require(sketch.merge(bytes) && sketch.merge(once));
      sketch.encode(twice);
      require(once == twice);
      sketch.estimate();
      break;
    }
    case 4:
      if (const auto posts = decode_posts(bytes)) {
        std::string again;
        for (const auto& post : *posts) append_post(again, post);
        require(again == bytes);
      }
      break;
    case 5:
      if (const auto key = parse_window_key(bytes)) require(view(window_key(*key)) == bytes);
      if (const auto key = parse_evidence_key(bytes)) require(evidence_key(*key) == bytes);
      parse_index_key(bytes);
      break;
    case 6:
      if (const auto key = parse_row_key(bytes))
        require(row_key(key->clock_ms, key->network, key->post) == bytes);
      if (const auto key = parse_mention_key(bytes)) require(mention_key(key->first, key->second) == bytes);
      break;
    case 7:
      if (const auto key = parse_offset_key(bytes)) require(offset_key(key->first, key->second) == bytes);
      if (const auto count = decode_count(bytes)) require(view(encode_count(*count)) == bytes);
      break;
  }
  return 0;
}
