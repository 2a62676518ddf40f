// thap produce: a file of posts into a topic, for demos, tests and comparisons of run with replay.
#include <fmt/format.h>

#include <csignal>
#include <iostream>

#include "app/run_commands.h"
#include "app/run_kafka.h"
#include "ingest/kafka_produce.h"
#include "serve/incident_json.h"

namespace thap::app {
namespace {

volatile std::sig_atomic_t stop_asked = 0;

}  // namespace

int produce(const Common&, const Settings& settings, const ProduceOptions& options) {
  auto connection = connection_of(options.kafka);
  if (!connection) return report(connection.error());
  ingest::ProduceSettings produce_settings;
  produce_settings.connection = *connection;
  produce_settings.topic = options.topic;
  produce_settings.speed = options.speed;
  produce_settings.time_pointer = options.time_pointer;
  produce_settings.are_records = options.are_records;
  produce_settings.decoder = decoder_settings_of(settings);
  std::signal(SIGINT, [](int) { stop_asked = 1; });
  std::signal(SIGTERM, [](int) { stop_asked = 1; });
  produce_settings.should_stop = [] { return stop_asked != 0; };
  const auto done = ingest::produce_file(options.file, produce_settings);
  if (!done) return report(done.error());
  std::cerr << fmt::format("{} records in {}, {} to {} IST\n", done->records, options.topic,
                           serve::ist_date_time(done->first_ms), serve::ist_date_time(done->last_ms));
  return ExitCode::ok;
}

}  // namespace thap::app
