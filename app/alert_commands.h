// Commands about receivers.
#pragma once
#include <string>

#include "app/cli.h"

namespace thap::app {

// Sends a message that says it is a test, prints what came back. Exit code 1: it was not taken.
int send_test(const Common& common, const Settings& settings, const std::string& receiver);
// The newest `limit` attempts, then what is owed; `receiver` empty: of all.
int list_deliveries(const Common& common, const std::string& receiver, int limit);

// Has the thap run that writes the store send a delivery again, under its id; the audit log keeps the reason.
int send_again(const Common& common, const std::string& delivery, const std::string& reason);

}  // namespace thap::app
