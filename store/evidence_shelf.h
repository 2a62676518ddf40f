// The few posts kept to be shown: at most three a service and minute, changed and taken away when their
// authors ask. In: evidence and changes of a tally. Out: rows of `evidence` and `evidence_index` in the batch
// being built.
#pragma once
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include <rocksdb/write_batch.h>

#include "ingest/result.h"
#include "store/database.h"
#include "store/tally.h"

namespace thap::store {

// Threads: the writer.
class EvidenceShelf {
 public:
  static constexpr std::size_t max_posts = 3;  // a service and minute

  explicit EvidenceShelf(const Database& database) : database_(database) {}

  struct Staged {
    std::uint64_t kept{0};
    std::uint64_t dropped{0};  // over the limit, expired, or deleted before it came
    std::uint64_t removed{0};  // rows stored earlier that the batch deletes
    std::uint64_t edited{0};   // rows stored earlier whose text it replaces
  };
  // Changes apply to the tally's own evidence too, whatever their order in it: what its author took back or
  // changed is never shown as it was. A change to a post that is not on the shelf leaves a tombstone, so that
  // a create that comes late stays away; so does the deletion of an author. `floor`: evidence before this
  // minute is expired.
  ingest::Result<Staged> stage(const std::vector<Evidence>& evidence,
                               const std::vector<EvidenceChange>& changes, Minute floor,
                               rocksdb::WriteBatch& batch);

 private:
  struct Stage;

  ingest::Result<std::size_t*> taken(nlp::ServiceId service, Minute minute, Stage& stage);
  ingest::Result<bool> is_unwanted(const Evidence& evidence) const;
  ingest::Result<void> apply(const EvidenceChange& change, Stage& stage, rocksdb::WriteBatch& batch);
  ingest::Result<std::vector<EvidencePlace>> places_under(const std::string& index_prefix) const;
  ingest::Result<void> remove_row(const EvidencePlace& place, Stage& stage, rocksdb::WriteBatch& batch);
  ingest::Result<void> edit_row(const EvidencePlace& place, const EvidenceChange& change, Stage& stage,
                                rocksdb::WriteBatch& batch);

  const Database& database_;
  // Posts on the shelf by service and minute, for those lately asked for.
  std::unordered_map<std::uint64_t, std::size_t> taken_;
};

// Oldest first; leaves out what is expired and what an edit hides.
ingest::Result<std::vector<Evidence>> read_evidence(const Database& database, nlp::ServiceId service,
                                                    MinuteRange range, std::size_t limit);

}  // namespace thap::store
