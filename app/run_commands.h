// Commands that live with Kafka: run, and what demos and tests need beside it.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "app/cli.h"

namespace thap::app {

// How to reach Kafka. THAP_KAFKA_PASSWORD, where set, is the password of SASL.
struct KafkaOptions {
  std::string brokers{"127.0.0.1:9092"};
  std::vector<std::string> settings;  // NAME=VALUE, handed to librdkafka
};

struct RunOptions {
  KafkaOptions kafka;
  std::vector<std::string> topics;
  std::string group{"thap"};
  std::string instance{"thap"};
  std::string from;                         // empty: where the group stood, else earliest
  std::string incidents{"thap.incidents"};  // "none": not sent
  std::string dead_letters;                 // folder; empty: TOPIC.dead
  std::string deployment{"thap"};           // in ce_source
  std::string listen;                       // HOST:PORT; empty: of the settings, else the default; "none"
  std::int64_t queue_mb{64};
  std::int64_t idle_ms{1'000};
  int threads{1};
};
int run(const Common& common, const Settings& settings, const RunOptions& options);

// The API over a store, read anew every `refresh_s` seconds, until SIGTERM.
int serve_store(const Common& common, const Settings& settings, const std::string& listen, int refresh_s);

// Exit code 0: ready (or, `alive_only`, it answers at all); 1: not, and why is printed.
int healthcheck(const Settings& settings, const std::string& listen, bool alive_only);

// Which letters: those of a folder, or of TOPIC.dead where a topic is named.
struct LetterOptions {
  KafkaOptions kafka;
  std::string topic;   // of posts
  std::string folder;  // empty: DATA.dead
  std::vector<std::string> reasons;
  std::string source;          // topic or file that the record came from
  std::int64_t partition{-1};  // -1: any
  std::string offsets;         // N or N-M; empty: any
  std::string from, to;        // when the letter was written, as for trends
  std::int64_t limit{0};       // 0: all
  std::string place;           // show: SOURCE/PARTITION/OFFSET
  bool raw{false};             // show: the bytes as they are
  bool dry_run{false};         // replay
  std::string out;             // replay of a folder: file; "-": standard output
  std::string to_topic;        // replay: instead of the topic they came from
};
int list_letters(const Common& common, const Settings& settings, const LetterOptions& options);
int show_letter(const Common& common, const Settings& settings, const LetterOptions& options);
int replay_letters(const Common& common, const Settings& settings, const LetterOptions& options);

struct ProduceOptions {
  KafkaOptions kafka;
  std::string file, topic, time_pointer;
  double speed{0};
  bool are_records{false};
};
int produce(const Common& common, const Settings& settings, const ProduceOptions& options);

}  // namespace thap::app
