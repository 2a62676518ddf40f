// Command line and settings to what ingest/ wants to know.
#pragma once
#include <memory>

#include "app/run_commands.h"
#include "app/settings.h"
#include "ingest/kafka_connection.h"
#include "ingest/result.h"
#include "ingest/source_format.h"

namespace thap::app {

// Fails with `usage` or `bad_setting`.
ingest::Result<ingest::KafkaConnection> connection_of(const KafkaOptions& options);
std::shared_ptr<const ingest::DecoderSettings> decoder_settings_of(const Settings& settings);

}  // namespace thap::app
