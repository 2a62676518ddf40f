// Lexicon and rules loaded anew beside the running pipeline: only what loads whole takes the place of the
// old.
#pragma once
#include <future>
#include <memory>
#include <optional>

#include "app/cli.h"
#include "nlp/lexicon.h"
#include "rules/rule_set.h"

namespace thap::app {

struct Knowledge {
  nlp::Lexicon::Pointer lexicon;
  std::shared_ptr<const rules::RuleSet> rules;
};

// From the folders that the command line or the settings name, else those compiled in. Fails with `io` or
// `bad_setting`, naming file and JSON pointer.
ingest::Result<Knowledge> load_knowledge(const Common& common, const Settings& settings);

// Threads: one calls begin() and poll(); the loading runs on a thread of its own.
class Reloader {
 public:
  Reloader(Common common, Settings settings) : common_(std::move(common)), settings_(std::move(settings)) {}
  ~Reloader();  // waits for a load under way

  // One that is under way goes on; another follows it, since files may have changed meanwhile.
  void begin();
  // What became of the load, once; nullopt: nothing new. Never waits.
  std::optional<ingest::Result<Knowledge>> poll();

 private:
  const Common common_;
  const Settings settings_;
  std::future<ingest::Result<Knowledge>> loading_;
  bool is_asked_again_{false};
};

}  // namespace thap::app
