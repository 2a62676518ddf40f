// What a person at the terminal of thap run and a program behind it get to see.
#pragma once
#include <cstdint>

#include "app/pipeline.h"
#include "app/run_commands.h"
#include "app/run_status.h"
#include "ingest/kafka_source.h"
#include "nlp/lexicon.h"

namespace thap::app {

// "thap: text" on standard error.
void say(std::string_view text);

// Results on standard output, progress on standard error. Threads: the pipeline's.
class Teller {
 public:
  Teller(nlp::Lexicon::Pointer lexicon, bool json) : lexicon_(std::move(lexicon)), json_(json) {}
  void use(nlp::Lexicon::Pointer lexicon) { lexicon_ = std::move(lexicon); }

  // The line that says that partitions are assigned; once.
  void ready(const ingest::KafkaGauges& gauges, const RunOptions& options, std::int64_t clock_ms);
  bool is_ready() const { return is_ready_; }  // the line has been said
  void transition(const rules::Transition& transition);
  // Once a minute how it goes; once, that nothing comes, and once, that something comes again.
  void progress(const RunFigures& figures, SteadyClock::time_point now);

 private:
  nlp::Lexicon::Pointer lexicon_;
  bool json_;
  bool is_ready_{false}, is_silent_{false};
  std::uint64_t said_records_{0};
  SteadyClock::time_point said_ = SteadyClock::now();
};

}  // namespace thap::app
