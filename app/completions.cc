// Completions for bash, zsh and fish. What an option wants is completed where it is one of a few words, else
// as a file.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "app/manual.h"

namespace thap::app {

namespace {

using Strings = std::vector<std::string>;

std::string joined(const Strings& words, std::string_view between = " ") {
  return fmt::format("{}", fmt::join(words, between));
}

Strings names_of(const CLI::Option& option) {
  Strings out;
  for (const auto& name : option.get_snames()) out.push_back("-" + name);
  for (const auto& name : option.get_lnames()) out.push_back("--" + name);
  return out;
}

Strings subcommands_of(const CLI::App& app) {
  Strings out;
  for (const auto& command : commands_of(app))
    if (command.words.size() == 1) out.push_back(command.words[0]);
  return out;
}

// In single quotes, as all three shells read them.
std::string quoted(std::string_view text, std::string_view escaped_quote) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'')
      out += escaped_quote;
    else
      out += c;
  }
  return out + "'";
}

// ---- bash

constexpr std::string_view bash_head = R"(# bash completion of thap, printed by `thap print bash`.
_thap() {
  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= word words= file=1
  # The command is the words before the first option.
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] && break
    case "$command $word" in
)";
constexpr std::string_view bash_middle = R"(    esac
  done
  case "$command $before" in
)";
constexpr std::string_view bash_tail = R"(  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  ((file)) && [[ $current != -* ]] && mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$current")
}
complete -o filenames -F _thap thap
)";

std::string bash(const CLI::App& cli) {
  std::string out(bash_head);
  Strings steps;
  for (const auto& command : commands_of(cli))
    if (!command.words.empty()) {
      std::string before;
      for (std::size_t i = 0; i + 1 < command.words.size(); ++i) before += " " + command.words[i];
      steps.push_back(quoted(before + " " + command.words.back(), "'\\''"));
    }
  out += "      " + joined(steps, " | ") + ") command+=\" $word\" ;;\n" + std::string(bash_middle);
  // The longest paths first: every pattern of a command begins with those of the commands above it.
  auto commands = commands_of(cli);
  std::reverse(commands.begin(), commands.end());
  for (const auto& command : commands) {
    const std::string path = command.words.empty() ? "" : " " + joined(command.words);
    for (const CLI::Option* option : named_options(*command.app)) {
      if (!takes_value(*option)) continue;
      Strings patterns;
      for (const auto& name : names_of(*option)) patterns.push_back(quoted(path + " " + name, "'\\''"));
      const auto words = choices(*option);
      out += fmt::format("    {}) words='{}'{} ;;\n", joined(patterns, " | "), joined(words),
                         words.empty() ? "" : " file=0");
    }
    Strings words = subcommands_of(*command.app);
    const bool has_subcommands = !words.empty();
    for (const CLI::Option* option : positionals(*command.app))
      for (const auto& word : choices(*option)) words.push_back(word);
    for (const CLI::Option* option : named_options(*command.app))
      for (const auto& name : names_of(*option)) words.push_back(name);
    out += fmt::format("    {}*) words='{}'{} ;;\n", quoted(path + " ", "'\\''"), joined(words),
                       has_subcommands ? " file=0" : "");
  }
  return out + std::string(bash_tail);
}

// ---- zsh

std::string zsh_text(std::string text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_action(const CLI::Option& option) {
  const auto words = choices(option);
  return words.empty() ? ":_files" : ":(" + joined(words) + ")";
}

std::string zsh_function(const CommandWords& command) {
  std::string name = "_thap";
  for (const auto& word : command.words) name += "_" + word;
  std::string out = name + "() {\n";
  Strings specs;
  for (const CLI::Option* option : named_options(*command.app))
    for (const auto& each : names_of(*option))
      specs.push_back(fmt::format("*{}[{}]{}", each, zsh_text(option->get_description()),
                                  takes_value(*option) ? ":value" + zsh_action(*option) : ""));
  const auto subcommands = subcommands_of(*command.app);
  if (subcommands.empty()) {
    for (const CLI::Option* option : positionals(*command.app))
      specs.push_back((option->get_items_expected_max() > 1 ? "*:" : ":") + zsh_text(option->get_name(true)) +
                      zsh_action(*option));
    out += "  _arguments -s";
    for (const auto& spec : specs) out += " \\\n    " + quoted(spec, "'\\''");
    return out + "\n}\n";
  }
  out += "  local line state subcommands=(\n";
  for (const auto& sub : commands_of(*command.app))
    if (sub.words.size() == 1)
      out += "    " + quoted(sub.words[0] + ":" + zsh_text(sub.app->get_description()), "'\\''") + "\n";
  out += "  )\n  _arguments -C";
  for (const auto& spec : specs) out += " \\\n    " + quoted(spec, "'\\''");
  out += " \\\n    '1:command:->command' '*::argument:->argument'\n";
  out +=
      "  case $state in\n    command) _describe command subcommands ;;\n    argument)\n      case $line[1] "
      "in\n";
  for (const auto& sub : subcommands) out += fmt::format("        {}) {}_{} ;;\n", sub, name, sub);
  return out + "      esac ;;\n  esac\n}\n";
}

std::string zsh(const CLI::App& cli) {
  std::string out = "#compdef thap\n# zsh completion of thap, printed by `thap print zsh`.\n";
  for (const auto& command : commands_of(cli)) out += zsh_function(command);
  // Sourced it is declared, autoloaded it is called.
  return out + "if [[ $funcstack[1] == _thap ]]; then _thap \"$@\"; else compdef _thap thap; fi\n";
}

// ---- fish

constexpr std::string_view fish_head = R"(# fish completion of thap, printed by `thap print fish`.
function __thap_is
    # Whether the command line stands at this command: its words, and no other of `known` behind them.
    set -l words (commandline -opc)[2..]
    set -l known (string split -n ' ' -- $argv[1])
    set -l path $argv[2..]
    set -l depth (count $path)
    test (count $words) -ge $depth; or return 1
    for i in (seq $depth)
        test "$words[$i]" = "$path[$i]"; or return 1
    end
    set -l next $words[(math $depth + 1)]
    not contains -- "$next" $known
end
)";

std::string fish(const CLI::App& cli) {
  std::string out(fish_head);
  auto text = [](std::string_view words) { return quoted(words, "\\'"); };
  for (const auto& command : commands_of(cli)) {
    const auto subcommands = subcommands_of(*command.app);
    std::string condition = fmt::format("__thap_is \"{}\"", joined(subcommands));
    for (const auto& word : command.words) condition += " " + word;
    const std::string begin = "complete -c thap -n " + text(condition);
    for (const auto& sub : commands_of(*command.app))
      if (sub.words.size() == 1)
        out += fmt::format("{} -f -a {} -d {}\n", begin, sub.words[0], text(sub.app->get_description()));
    for (const CLI::Option* option : positionals(*command.app))
      if (const auto words = choices(*option); !words.empty())
        out += fmt::format("{} -a {} -d {}\n", begin, text(joined(words)), text(option->get_description()));
    for (const CLI::Option* option : named_options(*command.app)) {
      out += begin;
      for (const auto& name : option->get_snames()) out += " -s " + name;
      for (const auto& name : option->get_lnames()) out += " -l " + name;
      if (const auto words = choices(*option); !words.empty())
        out += " -x -a " + text(joined(words));
      else if (takes_value(*option))
        out += " -r";
      out += " -d " + text(option->get_description()) + "\n";
    }
  }
  return out;
}

}  // namespace

std::string completions(const CLI::App& cli, std::string_view shell) {
  return shell == "bash" ? bash(cli) : shell == "zsh" ? zsh(cli) : fish(cli);
}

}  // namespace thap::app
