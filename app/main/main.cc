#include <csignal>

#include "app/cli.h"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_DFL);  // a closed pipe is a quiet exit
  return thap::app::run_command_line(argc, argv);
}
