#include "app/manual.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "app/version.h"

namespace thap::app {

namespace {

void add_commands(const CLI::App& app, std::vector<std::string> words, std::vector<CommandWords>& out) {
  out.push_back({words, &app});
  for (const CLI::App* sub :
       app.get_subcommands([](const CLI::App* each) { return !each->get_group().empty(); })) {
    words.push_back(sub->get_name());
    add_commands(*sub, words, out);
    words.pop_back();
  }
}

// Text as it stands: nothing of it is a request, a hyphen is one that can be copied.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\(rs";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  if (out.starts_with('.') || out.starts_with('\'')) out.insert(0, "\\&");
  return out;
}

std::string value_name(const CLI::Option& option) {
  const auto words = choices(option);
  if (!words.empty()) return fmt::format("{}", fmt::join(words, "|"));
  const std::string type = option.get_type_name();
  return type.starts_with("INT") || type.starts_with("UINT") ? "N" : type.starts_with("FLOAT") ? "X" : "TEXT";
}

std::string usage(const CommandWords& command) {
  std::string out = "thap";
  for (const auto& word : command.words) out += " " + word;
  out = "\\fB" + roff(out) + "\\fR";
  if (!command.app->get_subcommands({}).empty()) return out + " \\fICOMMAND\\fR";
  out += " [\\fIOPTION\\fR]...";
  for (const CLI::Option* option : positionals(*command.app))
    out += " \\fI" + roff(option->get_name(true)) + "\\fR" + (option->get_expected_max() > 1 ? "..." : "");
  return out;
}

std::string option_entry(const CLI::Option& option) {
  std::string out = ".TP\n";
  if (option.get_positional() && !option.nonpositional()) {
    out += "\\fI" + roff(option.get_name(true)) + "\\fR";
  } else {
    bool is_first = true;
    auto name = [&](const std::string& text) {
      out += (is_first ? "\\fB" : ", \\fB") + roff(text) + "\\fR";
      is_first = false;
    };
    for (const auto& text : option.get_snames()) name("-" + text);
    for (const auto& text : option.get_lnames()) name("--" + text);
    if (takes_value(option)) out += " \\fI" + roff(value_name(option)) + "\\fR";
  }
  out += "\n" + roff(option.get_description());
  if (option.get_required() && option.nonpositional()) out += ". Required";
  if (!option.get_default_str().empty()) out += roff(" (default " + option.get_default_str() + ")");
  return out + "\n";
}

constexpr std::string_view description = R"(.SH DESCRIPTION
.B thap
reads public posts in Hindi, Bengali, English and their romanised mixtures, notices that a service is failing while the
first complaints come in, and says which service, since when, with which symptoms, where, and because of whom; and
again when it is over.
It counts posts, never affected users.
.PP
Results go to standard output, progress and faults to standard error.
.B \-\-json
gives JSON lines for programs; otherwise tables, in colour on a terminal.
.SH COMMANDS
)";

constexpr std::string_view rest = R"(.SH EXIT STATUS
.TP
0
All went well.
.TP
1
It failed; one line on standard error names the place and the reason.
.TP
2
The command line is wrong.
.TP
3
There are findings: of
.BR "thap check" .
.SH ENVIRONMENT
.TP
.B THAP_AUTHOR_KEY
32 hexadecimal digits, the key of the author hashes.
Without it a key file is made beside the store at its first start.
Runs that are compared need the same.
.TP
.B THAP_KAFKA_PASSWORD
The password of SASL.
.TP
.B NO_COLOR
If set, no colours.
.TP
.BR NOTIFY_SOCKET ", " WATCHDOG_USEC ", " WATCHDOG_PID
As systemd sets them:
.B thap run
tells when it is ready, loads anew and stops, and that its pipeline moves.
.SH FILES
.TP
.I DATA
The store, a folder that one process writes and any number read.
.TP
.I DATA.key
The key of the author hashes, mode 0600.
No backup of the store holds it.
.TP
.I DATA.dead
Dead letters of
.BR "thap replay" .
.TP
.I DATA.sock
Where a running thap takes
.BR "thap forget" ,
.B thap backup
and
.BR "thap send-again" .
.TP
.I /etc/thap/thap.json
Settings of the service; without
.B \-\-settings
no command reads any.
.B thap print settings
lists all with their defaults.
.TP
.I /etc/default/thap
Brokers, topics and other options of the service.
.TP
.I /etc/thap/secrets
Environment variables of the service that nobody else may read.
.SH SIGNALS
.TP
.B SIGHUP
.B thap run
and
.B thap serve
load lexicon and rules anew; if they are wrong, the old ones stay and one line says why.
.TP
.BR SIGTERM ", " SIGINT
Stop cleanly, within two seconds; sent twice: at once.
Nothing is lost either way.
.SH EXAMPLES
What a post says, and why:
.PP
.RS
.nf
thap explain "whatsapp pe msg nahi ja raha, sirf ek tick, kolkata"
.fi
.RE
.PP
A file of posts, and a look at what came out:
.PP
.RS
.nf
thap replay posts.ndjson \-\-data ./my\-store
thap serve \-\-data ./my\-store
.fi
.RE
.PP
The service with one more option in
.IR /etc/default/thap ,
and its figures:
.PP
.RS
.nf
systemctl restart thap
thap healthcheck
.fi
.RE
)";

}  // namespace

std::vector<CommandWords> commands_of(const CLI::App& cli) {
  std::vector<CommandWords> out;
  add_commands(cli, {}, out);
  return out;
}

std::vector<const CLI::Option*> named_options(const CLI::App& command) {
  return command.get_options(
      [](const CLI::Option* o) { return o->nonpositional() && !o->get_group().empty(); });
}

std::vector<const CLI::Option*> positionals(const CLI::App& command) {
  return command.get_options(
      [](const CLI::Option* o) { return o->get_positional() && !o->get_group().empty(); });
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

std::vector<std::string> choices(const CLI::Option& option) {
  // CLI::IsMember has no other way to be asked than its description, "TEXT:{one,other}".
  const std::string type = option.get_type_name();
  const auto begin = type.find('{'), end = type.rfind('}');
  std::vector<std::string> out;
  if (begin == std::string::npos || end == std::string::npos) return out;
  for (std::size_t at = begin + 1; at < end;) {
    const auto comma = std::min(type.find(',', at), end);
    out.push_back(type.substr(at, comma - at));
    at = comma + 1;
  }
  return out;
}

std::string manual(const CLI::App& cli) {
  std::string out = fmt::format(
      ".TH THAP 1 \"\" \"thap {}\" \"User Commands\"\n.SH NAME\nthap \\- outages read from public posts\n"
      ".SH SYNOPSIS\n\\fBthap\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR]...\n",
      version);
  out += description;
  for (const auto& command : commands_of(cli)) {
    if (command.words.empty()) {
      for (const CLI::Option* option : named_options(cli)) out += option_entry(*option);
      continue;
    }
    out += ".SS " + fmt::format("\"thap {}\"\n", roff(fmt::format("{}", fmt::join(command.words, " "))));
    out += usage(command) + "\n.PP\n" + roff(command.app->get_description()) + ".\n";
    for (const CLI::Option* option : positionals(*command.app)) out += option_entry(*option);
    for (const CLI::Option* option : named_options(*command.app))
      if (option != command.app->get_help_ptr()) out += option_entry(*option);
  }
  return out + std::string(rest);
}

}  // namespace thap::app
