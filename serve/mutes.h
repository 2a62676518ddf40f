// Of what nobody wants a first notice for a while. A mute holds back beginnings only: who was told that an
// incident began is told what became of it.
#pragma once
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/result.h"
#include "nlp/lexicon.h"
#include "rules/incident.h"
#include "store/window_store.h"

namespace thap::serve {

inline constexpr std::string_view mute_prefix = "m/";  // then the id; Family::incidents

struct Mute {
  std::string id;  // "mute_17"
  // At least one is set; all that are have to fit. `region`: of the incident, as it opened; "IN" is only
  // what was not narrowed to one state.
  std::string service, klass, region;
  std::int64_t from_ms{0}, until_ms{0};  // wall clock; [from, until)
  std::string by, why;
};

bool covers(const Mute& mute, const rules::Incident& incident, const nlp::Lexicon& lexicon);

store::KeyedBytes mute_row(const Mute& mute);
store::KeyedBytes no_mute_row(const std::string& id);
// Those that have not ended at `now_ms`, in order of id. Fails with `io`, `corrupt`, `newer_format`.
ingest::Result<std::vector<Mute>> mutes_in(const store::WindowStore& store, std::int64_t now_ms);

// The mutes in force. Threads: any.
class Mutes {
 public:
  void use(std::vector<Mute> mutes);
  // Whether a first notice of this incident is held back now, and by which mute.
  std::optional<Mute> muted(const rules::Incident& incident, const nlp::Lexicon& lexicon,
                            std::int64_t now_ms) const;

 private:
  mutable std::mutex mutex_;
  std::vector<Mute> mutes_;
};

}  // namespace thap::serve
