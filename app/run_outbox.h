// Incident transitions out to Kafka, at least once: what is owed is written with the transition, sent after
// that, and forgotten when the broker has acknowledged it. A crash repeats at most what was under way, byte
// for byte and under the same ce_id.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/topic_writer.h"
#include "nlp/lexicon.h"
#include "rules/incident.h"
#include "serve/incident_words.h"
#include "store/window_store.h"

namespace thap::app {

// Rows of Family::incidents: `o/ID/SEQUENCE` with ten digits, so that the events of an incident come in
// order. The value is JSON: v (1), type, subject, time, body.
inline constexpr std::string_view owed_prefix = "o/";

store::KeyedBytes owed_row(const rules::Transition& transition, serve::EventType type,
                           const nlp::Lexicon& lexicon);
// A CloudEvent in binary mode; the key is the incident. Fails with `corrupt`, `newer_format`.
ingest::Result<ingest::TopicRecord> event_record(std::string_view key, std::string_view value,
                                                 const std::string& topic, const std::string& deployment);

// Threads: the pipeline's.
class Outbox {
 public:
  Outbox(store::WindowStore& store, nlp::Lexicon::Pointer lexicon, ingest::TopicWriter& writer,
         std::string topic, std::string deployment)
      : store_(store),
        lexicon_(std::move(lexicon)),
        writer_(writer),
        topic_(std::move(topic)),
        deployment_(std::move(deployment)) {}

  // For what is owed from now on.
  void use(nlp::Lexicon::Pointer lexicon) { lexicon_ = std::move(lexicon); }

  // Sends again what a run before this one left; says how many. Also after the store was opened anew: what
  // was owed by a write that failed is forgotten, what is on its way is not sent twice.
  ingest::Result<std::size_t> take_up();
  // For the batch that carries the transitions.
  std::vector<store::KeyedBytes> owed(const std::vector<rules::Transition>& transitions);
  // Between batches: sends what the last batch made durable, forgets what has been acknowledged, sends again
  // what failed. Never waits for the broker.
  ingest::Result<void> work();
  // At the end: gives the broker a last chance. What is left is sent at the next start.
  ingest::Result<void> finish(std::chrono::milliseconds deadline);

  std::size_t left() const { return unsent_.size() + sent_.size(); }
  // Why the broker refused an event, since the last one that it took.
  const std::optional<ingest::Error>& refused() const { return refused_; }

 private:
  ingest::Result<void> send_unsent();
  ingest::Result<void> forget_delivered();

  store::WindowStore& store_;
  nlp::Lexicon::Pointer lexicon_;
  ingest::TopicWriter& writer_;
  std::string topic_, deployment_;
  std::optional<ingest::Error> refused_;
  std::map<std::string, std::string> unsent_;  // key -> value of rows, in order of key
  std::map<std::uint64_t, std::pair<std::string, std::string>> sent_;  // by ticket
};

}  // namespace thap::app
