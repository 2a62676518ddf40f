// The settings' section `alerts`: where the page is reached, and who is told.
#pragma once
#include <string>
#include <vector>

#include "app/settings.h"
#include "ingest/result.h"
#include "serve/alerts/desk.h"

namespace thap::app {

// Secrets are read from the environment here and nowhere else. Fails with `bad_setting`.
ingest::Result<serve::AlertSettings> alert_settings(const Settings& settings);

}  // namespace thap::app
