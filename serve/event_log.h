// The live stream's memory: transitions in one order, each under an id that a listener can go on from, also
// after a restart.
#pragma once
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "nlp/lexicon.h"
#include "rules/incident.h"
#include "serve/http.h"
#include "store/window_store.h"

namespace thap::serve {

// Ids are TIME.INCIDENT.SEQUENCE: what is stored gives the same ids again. Threads: any.
class EventLog {
 public:
  static constexpr std::size_t most_events = 4'096;  // older ones: the listener is told to load anew

  // Takes up the newest transitions of a store. Fails with `corrupt`, `newer_format`.
  ingest::Result<void> begin(const store::WindowStore& store, const nlp::Lexicon& lexicon);
  // Transitions that are durable; those nobody is told of (mere suspicions) and those known already are left
  // out. Returns what is to be published, in order.
  std::vector<StreamEvent> add(std::vector<rules::Transition> transitions, const nlp::Lexicon& lexicon);

  std::int64_t newest_ms() const;  // time of the last one; 0: none

  struct Filter {
    std::string service, region, state;  // empty: any
    bool wants(const StreamEvent& event) const;
  };
  // `last_id`: empty begins with what comes next, and says by which id to go on from here. An id that is too
  // old or none of ours gives `event: reset`.
  StreamStart start(const std::string& last_id, Filter filter) const;

 private:
  using Key = std::tuple<std::int64_t, std::string, std::uint32_t>;  // at_ms, incident, sequence
  struct Entry {
    Key key;
    StreamEvent event;
  };
  void append(const rules::Transition& transition, const nlp::Lexicon& lexicon);

  mutable std::mutex mutex_;
  std::deque<Entry> entries_;  // in order of key
  bool is_cut_{false};         // older ones existed
  std::uint64_t number_{0};
};

}  // namespace thap::serve
