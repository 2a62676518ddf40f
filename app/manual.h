// What the command line knows of itself, in other forms: the man page, and completions for shells. All come
// from the same CLI11 app that parses, so that they cannot say anything else than --help.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace thap::app {

// A command with the words that lead to it: {"dead-letters", "list"}; the first is the program itself, {}.
struct CommandWords {
  std::vector<std::string> words;
  const CLI::App* app{nullptr};
};
// In the order of --help, without hidden ones.
std::vector<CommandWords> commands_of(const CLI::App& cli);
// Options with names, --help included, in the order of --help.
std::vector<const CLI::Option*> named_options(const CLI::App& command);
std::vector<const CLI::Option*> positionals(const CLI::App& command);
bool takes_value(const CLI::Option& option);
// The words it must be one of; empty: anything.
std::vector<std::string> choices(const CLI::Option& option);

// thap(1) as roff.
std::string manual(const CLI::App& cli);
// A script that the shell sources. `shell`: bash, zsh or fish.
std::string completions(const CLI::App& cli, std::string_view shell);

}  // namespace thap::app
