// The command line: one function a command. Results go to stdout, progress and faults to stderr.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "app/settings.h"
#include "ingest/result.h"
#include "nlp/lexicon.h"
#include "rules/rule_set.h"

namespace thap::app {

enum ExitCode : int { ok = 0, failed = 1, usage = 2, findings = 3 };

// What every command may be given.
struct Common {
  std::string settings_file;
  std::string data = "./thap-data";
  bool data_given{false};
  std::string lexicon_folder, rules_folder;
  bool json{false};
};

struct ReplayOptions {
  std::vector<std::string> files;
  std::string dead_letters;
  int threads{1};
  bool serves{false};  // shows the replay on the page, with a clock of its own
  std::string listen;  // HOST:PORT; empty: as for run
  double speed{600};   // times faster than the posts were written
  std::string from;    // what was written before it is read at once
};
int replay(const Common& common, const Settings& settings, const ReplayOptions& options);
// `written_at`: when the text was written, as people write times; may be empty.
int explain(const Common& common, const Settings& settings, const std::string& text,
            const std::string& written_at);
int check(const Common& common, const Settings& settings);
int list_incidents(const Common& common, const Settings& settings);
// As they were known at `time`, as people write times; "90m" is before the newest record.
int list_incidents_as_of(const Common& common, const Settings& settings, const std::string& time);
int show_incident(const Common& common, const Settings& settings, const std::string& id, bool as_pack);
struct EvalOptions {
  std::vector<std::string> files;
  std::string predictions, compare, save;
  bool quiet{false};
  bool present_only{false};
};
int eval(const Common& common, const Settings& settings, const EvalOptions& options);

// Everything in the store, one JSON object a line: for comparing stores and for programs of one's own.
int export_store(const Common& common, const Settings& settings);
struct TrendsOptions {
  std::vector<std::string> services;
  std::string by;        // facet, or facet=value
  std::string from, to;  // RFC 3339, a day, or "6h"; empty: the last 24 hours of the data
  int step_minutes{5};
  bool csv{false};
};
int trends(const Common& common, const Settings& settings, const TrendsOptions& options);

// What a person asks to have removed, where their network sends no deletes.
struct ForgetOptions {
  std::string what;  // post, author
  std::string network, id;
};
int forget_evidence(const Common& common, const Settings& settings, const ForgetOptions& options);
// A consistent copy of the store, also of one that is being written, read back before it is called one.
int backup(const Common& common, const Settings& settings, const std::string& directory);

struct TokenOptions {
  std::string name, role{"read"};
  int days{0};  // 0: never expires
};
int make_token(const Common& common, const TokenOptions& options);

int run_command_line(int argc, char** argv);

// ---- Shared by commands

// Prints "thap: place: text" to stderr.
int report(const ingest::Error& error);
ingest::Result<nlp::Lexicon::Pointer> load_lexicon(const Common& common, const Settings& settings);
ingest::Result<std::shared_ptr<const rules::RuleSet>> load_rule_set(const Common& common,
                                                                    const Settings& settings);
bool stdout_is_terminal();                                          // and NO_COLOR is not set
std::string painted(std::string_view text, std::string_view ansi);  // plain where stdout is no terminal
// Columns on a terminal a string takes: combining marks take none, emoji two.
std::size_t columns(std::string_view text);
std::string padded(std::string_view text, std::size_t width);

}  // namespace thap::app
