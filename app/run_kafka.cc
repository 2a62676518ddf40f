#include "app/run_kafka.h"

#include <cstdlib>

namespace thap::app {

ingest::Result<ingest::KafkaConnection> connection_of(const KafkaOptions& options) {
  ingest::KafkaConnection connection;
  connection.brokers = options.brokers;
  for (const auto& setting : options.settings) {
    const auto equals = setting.find('=');
    if (equals == std::string::npos || equals == 0)
      return ingest::fail(ingest::Code::usage, "is not NAME=VALUE", setting);
    connection.settings[setting.substr(0, equals)] = setting.substr(equals + 1);
  }
  if (const char* password = std::getenv("THAP_KAFKA_PASSWORD"))
    connection.settings["sasl.password"] = password;
  if (auto checked = ingest::check(connection); !checked) return tl::unexpected(checked.error());
  return connection;
}

std::shared_ptr<const ingest::DecoderSettings> decoder_settings_of(const Settings& settings) {
  return std::make_shared<ingest::DecoderSettings>(decoder_settings(settings));
}

}  // namespace thap::app
