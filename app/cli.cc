#include "app/cli.h"

#include <fmt/format.h>
#include <malloc.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

#include "app/alert_commands.h"
#include "app/manual.h"
#include "app/run_commands.h"
#include "app/version.h"

namespace thap::app {

int report(const ingest::Error& error) {
  std::cerr << "thap: " << ingest::to_string(error) << '\n';
  return error.code == ingest::Code::usage ? ExitCode::usage : ExitCode::failed;
}

ingest::Result<nlp::Lexicon::Pointer> load_lexicon(const Common& common, const Settings& settings) {
  const std::string& folder =
      common.lexicon_folder.empty() ? settings.nlp.lexicon_folder : common.lexicon_folder;
  auto lexicon = folder.empty() ? nlp::Lexicon::embedded() : nlp::Lexicon::from_folder(folder);
#ifdef __GLIBC__
  malloc_trim(0);  // loading takes far more memory than what is loaded: who runs for months gives it back
#endif
  return lexicon;
}

ingest::Result<std::shared_ptr<const rules::RuleSet>> load_rule_set(const Common& common,
                                                                    const Settings& settings) {
  const std::string& folder = common.rules_folder.empty() ? settings.rules.folder : common.rules_folder;
  if (folder.empty()) return rules::load_rules(rules::embedded_rule_files(), settings.rules.set);
  auto files = rules::read_rule_files(folder);
  if (!files) return tl::unexpected(files.error());
  return rules::load_rules(*files, settings.rules.set);
}

bool stdout_is_terminal() {
  static const bool is = isatty(STDOUT_FILENO) && std::getenv("NO_COLOR") == nullptr;
  return is;
}
std::string painted(std::string_view text, std::string_view ansi) {
  return stdout_is_terminal() ? fmt::format("\x1b[{}m{}\x1b[0m", ansi, text) : std::string(text);
}

std::size_t columns(std::string_view text) {
  std::size_t n = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    char32_t c = lead;
    if (length == 3 && i + 2 < text.size())
      c = static_cast<char32_t>(((lead & 0x0F) << 12) |
                                ((static_cast<unsigned char>(text[i + 1]) & 0x3F) << 6) |
                                (static_cast<unsigned char>(text[i + 2]) & 0x3F));
    const bool mark = (c >= 0x0900 && c <= 0x0903) || (c >= 0x093A && c <= 0x094F && c != 0x093D) ||
                      (c >= 0x0981 && c <= 0x0983) || (c >= 0x09BC && c <= 0x09CD && c != 0x09BD) ||
                      c == 0x09D7 || (c >= 0x200B && c <= 0x200D);
    n += mark ? 0 : length == 4 ? 2 : 1;
    i += length;
  }
  return n;
}
std::string padded(std::string_view text, std::size_t width) {
  const std::size_t n = columns(text);
  return std::string(text) + std::string(n < width ? width - n : 0, ' ');
}

int run_command_line(int argc, char** argv) {
  CLI::App cli{
      "thap reads public posts and notices that a service is failing while the first complaints come in.",
      "thap"};
  cli.require_subcommand(1);
  cli.set_version_flag("--version", std::string(version));
  cli.get_formatter()->column_width(30);

  Common common;
  Settings settings;
  int exit_code = ExitCode::ok;
  std::function<int()> command;

  auto general = [&](CLI::App* sub, bool reads_store) {
    sub->add_option("--settings", common.settings_file, "settings file (JSON, comments allowed)");
    sub->add_option("--lexicon", common.lexicon_folder,
                    "folder with lexicon files instead of the compiled-in ones");
    sub->add_option("--rules", common.rules_folder,
                    "folder with rules files instead of the compiled-in ones");
    sub->add_flag("--json", common.json, "JSON lines instead of text");
    if (reads_store) sub->add_option("--data", common.data, "folder of the store")->capture_default_str();
  };

  ReplayOptions replay_options;
  auto* replay_cmd =
      cli.add_subcommand("replay", "run the whole chain over files of posts and print the incidents");
  replay_cmd->add_option("FILE", replay_options.files, "NDJSON, plain, gzip or zstd; - is standard input")
      ->required();
  auto* data_option = replay_cmd->add_option("--data", common.data,
                                             "store to resume in and keep; without it a temporary one");
  replay_cmd->add_option("--dead-letters", replay_options.dead_letters,
                         "folder for records that cannot be read (default: beside the store; without a store "
                         "they are only named)");
  replay_cmd->add_option("--threads", replay_options.threads, "threads that read posts")
      ->check(CLI::Range(1, 64));
  auto* serve_flag =
      replay_cmd->add_flag("--serve", replay_options.serves, "show it on the page while it runs, and after");
  replay_cmd
      ->add_option("--speed", replay_options.speed, "with --serve: times faster than the posts were written")
      ->needs(serve_flag)
      ->check(CLI::Range(0.1, 100'000.0))
      ->capture_default_str();
  replay_cmd
      ->add_option("--from", replay_options.from,
                   "with --serve: time (RFC 3339) up to which all is read at once")
      ->needs(serve_flag);
  replay_cmd
      ->add_option("--listen", replay_options.listen, "with --serve: HOST:PORT (default 127.0.0.1:8470)")
      ->needs(serve_flag);
  general(replay_cmd, false);
  replay_cmd->callback([&] {
    common.data_given = data_option->count() > 0;
    command = [&] { return replay(common, settings, replay_options); };
  });

  auto reach_kafka = [&](CLI::App* sub, KafkaOptions& kafka) {
    sub->add_option("--brokers", kafka.brokers, "HOST:PORT of brokers, separated by commas")
        ->capture_default_str();
    sub->add_option("--kafka", kafka.settings,
                    "NAME=VALUE for librdkafka: security.protocol=ssl, ssl.ca.location=...; may be repeated")
        ->take_all();
  };
  RunOptions run_options;
  auto* run_cmd =
      cli.add_subcommand("run", "run the whole chain over Kafka topics and send the incidents to Kafka");
  run_cmd->add_option("--topic", run_options.topics, "topic of posts; may be repeated")
      ->required()
      ->take_all();
  reach_kafka(run_cmd, run_options.kafka);
  run_cmd->add_option("--group", run_options.group, "consumer group; one thap a group")
      ->capture_default_str();
  run_cmd
      ->add_option("--instance", run_options.instance, "name within the group: a restart moves no partition")
      ->capture_default_str();
  run_cmd->add_option(
      "--from", run_options.from,
      "where to begin without a position in the store: earliest, latest or a time (RFC 3339); "
      "default: where the group stood, else earliest");
  run_cmd
      ->add_option("--incidents", run_options.incidents, "compacted topic for incidents; none: do not send")
      ->capture_default_str();
  run_cmd->add_option("--dead-letters", run_options.dead_letters,
                      "folder for records that cannot be read (default: topic TOPIC.dead)");
  run_cmd->add_option("--deployment", run_options.deployment, "name in ce_source: urn:thap:NAME")
      ->capture_default_str();
  run_cmd->add_option(
      "--listen", run_options.listen,
      "HOST:PORT for API, health and metrics (default 127.0.0.1:8470); none: nothing listens");
  run_cmd->add_option("--queue-mb", run_options.queue_mb, "MB fetched ahead; 1000 to catch up quickly")
      ->check(CLI::Range(1, 1900))
      ->capture_default_str();
  run_cmd
      ->add_option("--idle-ms", run_options.idle_ms,
                   "a partition at its end holds back decisions for so long")
      ->check(CLI::Range(0, 60'000))
      ->capture_default_str();
  run_cmd->add_option("--threads", run_options.threads, "threads that read posts")->check(CLI::Range(1, 64));
  general(run_cmd, true);
  run_cmd->callback([&] { command = [&] { return run(common, settings, run_options); }; });

  std::string served_place;
  int refresh_s = 2;
  auto* serve_cmd = cli.add_subcommand("serve", "answer the API over a store, beside thap run or after it");
  serve_cmd->add_option("--listen", served_place, "HOST:PORT (default 127.0.0.1:8470)");
  serve_cmd->add_option("--refresh", refresh_s, "seconds between looks at the store")
      ->check(CLI::Range(1, 3'600))
      ->capture_default_str();
  general(serve_cmd, true);
  serve_cmd->callback(
      [&] { command = [&] { return serve_store(common, settings, served_place, refresh_s); }; });

  TokenOptions token_options;
  auto* token_cmd =
      cli.add_subcommand("token", "make a token for the API: shown once, the settings get its hash");
  token_cmd->add_option("NAME", token_options.name, "who gets it; stands in the audit log")->required();
  token_cmd->add_option("--role", token_options.role, "read, evidence (texts of posts) or admin (changes)")
      ->check(CLI::IsMember({"read", "evidence", "admin"}))
      ->capture_default_str();
  token_cmd->add_option("--days", token_options.days, "expires after so many days; 0: never")
      ->check(CLI::Range(0, 3'650))
      ->capture_default_str();
  token_cmd->add_flag("--json", common.json, "one JSON object instead of text");
  token_cmd->callback([&] { command = [&] { return make_token(common, token_options); }; });

  std::string asked_place;
  bool alive_only = false;
  auto* health_cmd =
      cli.add_subcommand("healthcheck", "ask a running thap whether it is ready; exit code 1 if not");
  health_cmd->add_option("--listen", asked_place, "HOST:PORT where it listens (default 127.0.0.1:8470)");
  health_cmd->add_flag("--alive", alive_only, "only whether it answers at all");
  health_cmd->add_option("--settings", common.settings_file, "settings file (JSON, comments allowed)");
  health_cmd->callback([&] { command = [&] { return healthcheck(settings, asked_place, alive_only); }; });

  LetterOptions letter_options;
  auto* letters_cmd =
      cli.add_subcommand("dead-letters", "look at records that could not be read, and play them again");
  letters_cmd->require_subcommand(1);
  auto letters = [&](const char* name, const char* help, auto function) {
    auto* sub = letters_cmd->add_subcommand(name, help);
    sub->add_option("--topic", letter_options.topic, "those of this topic of posts: TOPIC.dead in Kafka");
    sub->add_option("--folder", letter_options.folder, "those of this folder (default: DATA.dead)");
    sub->add_option("--reason", letter_options.reasons, "only with this reason; may be repeated")->take_all();
    sub->add_option("--source", letter_options.source, "only of records from this topic or file");
    sub->add_option("--partition", letter_options.partition, "only of this partition")
        ->check(CLI::NonNegativeNumber);
    sub->add_option("--offset", letter_options.offsets, "only of this offset, or of N-M");
    sub->add_option("--from", letter_options.from,
                    "only those written since: RFC 3339, a day in India, or 90m, 6h, 7d ago");
    sub->add_option("--to", letter_options.to, "only those written before");
    sub->add_option("--limit", letter_options.limit, "so many at most")->check(CLI::PositiveNumber);
    reach_kafka(sub, letter_options.kafka);
    general(sub, true);
    sub->callback(
        [&, function] { command = [&, function] { return function(common, settings, letter_options); }; });
    return sub;
  };
  letters("list", "one line a letter: when, where, why", list_letters);
  auto* show_letter_cmd = letters("show", "one letter with its payload, escaped and masked", show_letter);
  show_letter_cmd->add_option("PLACE", letter_options.place, "SOURCE/PARTITION/OFFSET, as list prints it")
      ->required();
  show_letter_cmd->add_flag("--raw", letter_options.raw, "the payload alone, every byte as it came");
  auto* replay_letters_cmd =
      letters("replay",
              "send letters that can be read by now to their topic once more, or print them for thap replay",
              replay_letters);
  replay_letters_cmd->add_flag("--dry-run", letter_options.dry_run, "only say what would become of each");
  replay_letters_cmd->add_option("--out", letter_options.out,
                                 "of a folder: file for the records, a line each (default: standard output)");
  replay_letters_cmd->add_option("--to-topic", letter_options.to_topic,
                                 "topic to send to (default with --topic: the one they came from)");

  ProduceOptions produce_options;
  auto* produce_cmd =
      cli.add_subcommand("produce", "post a file of posts to a topic, each under its own time")->group("");
  produce_cmd->add_option("FILE", produce_options.file, "NDJSON, plain, gzip or zstd; - is standard input")
      ->required();
  produce_cmd->add_option("--topic", produce_options.topic, "topic to post to")->required();
  produce_cmd
      ->add_option("--speed", produce_options.speed,
                   "times faster than they were written; 0: as fast as it goes")
      ->capture_default_str();
  produce_cmd->add_option("--timestamp-field", produce_options.time_pointer,
                          "JSON pointer of the time (default: the post's own)");
  produce_cmd->add_flag("--records", produce_options.are_records,
                        "lines are records: {ms, key, value or base64, headers, partition}");
  reach_kafka(produce_cmd, produce_options.kafka);
  general(produce_cmd, false);
  produce_cmd->callback([&] { command = [&] { return produce(common, settings, produce_options); }; });

  std::string text;
  auto* explain_cmd =
      cli.add_subcommand("explain", "show what a text says, and which lexicon entries say so");
  explain_cmd->add_option("TEXT", text, "the text; - reads standard input")->required();
  std::string written_at;
  explain_cmd->add_option("--at", written_at, "when it was written: times of day in it become moments");
  general(explain_cmd, false);
  explain_cmd->callback([&] { command = [&] { return explain(common, settings, text, written_at); }; });

  auto* check_cmd =
      cli.add_subcommand("check", "check settings, lexicon and rules, every entry's own examples included");
  general(check_cmd, false);
  check_cmd->callback([&] { command = [&] { return check(common, settings); }; });

  auto* incidents_cmd = cli.add_subcommand("incidents", "list the incidents in a store");
  general(incidents_cmd, true);
  incidents_cmd->callback([&] { command = [&] { return list_incidents(common, settings); }; });

  std::string known_at;
  auto* asof_cmd = cli.add_subcommand("asof", "list the incidents as they were known at a time");
  asof_cmd->add_option("TIME", known_at, "RFC 3339, a day, or so long before the newest record: 90m, 6h, 7d")
      ->required();
  general(asof_cmd, true);
  asof_cmd->callback([&] { command = [&] { return list_incidents_as_of(common, settings, known_at); }; });

  std::string incident;
  auto* show_cmd = cli.add_subcommand("show", "show one incident: its life, its counts, and why it opened");
  show_cmd->add_option("ID", incident, "incident id")->required();
  bool as_pack = false;
  show_cmd->add_flag("--pack", as_pack,
                     "as JSON for the file: counts, steps, words, post hashes, and hashes over it");
  general(show_cmd, true);
  show_cmd->callback([&] { command = [&] { return show_incident(common, settings, incident, as_pack); }; });

  auto* export_cmd = cli.add_subcommand("export", "print everything in a store, one JSON object a line");
  bool all = true;
  export_cmd->add_flag("--all", all, "windows, authors, positions, incidents and transitions (the default)");
  general(export_cmd, true);
  export_cmd->callback([&] { command = [&] { return export_store(common, settings); }; });

  TrendsOptions trends_options;
  auto* trends_cmd = cli.add_subcommand("trends", "complaints over time, several services on one scale");
  trends_cmd->add_option("SERVICE", trends_options.services, "service ids")->required();
  trends_cmd->add_option(
      "--by", trends_options.by,
      "symptom, language, place, kind, source (a line each), or one as place=IN-Mumbai; also mentions, "
      "recovered, reposts");
  trends_cmd->add_option("--from", trends_options.from,
                         "begin: RFC 3339, a day in India, or 90m, 6h, 7d before the end");
  trends_cmd->add_option("--to", trends_options.to, "end (default: the end of the data)");
  trends_cmd->add_option("--step", trends_options.step_minutes, "minutes a point")
      ->check(CLI::Range(1, 43'200))
      ->capture_default_str();
  trends_cmd->add_flag("--csv", trends_options.csv, "comma-separated values instead of a chart");
  general(trends_cmd, true);
  trends_cmd->callback([&] { command = [&] { return trends(common, settings, trends_options); }; });

  ForgetOptions forget_options;
  auto* forget_cmd = cli.add_subcommand(
      "forget", "remove a post's or an author's evidence, from the files as well, and keep it away");
  forget_cmd->add_option("WHAT", forget_options.what, "post or author")
      ->required()
      ->check(CLI::IsMember({"post", "author"}));
  forget_cmd
      ->add_option("NETWORK", forget_options.network,
                   "x, bluesky, mastodon, reddit, telegram, youtube, generic")
      ->required();
  forget_cmd
      ->add_option(
          "ID", forget_options.id,
          "as the network's posts carry it: X's numbers, a DID or DID/app.bsky.feed.post/KEY, an account's "
          "or post's address (INSTANCE/NUMBER where the source names its instance), t1_, t2_ and t3_ names, "
          "CHAT or CHAT/MESSAGE, a channel or comment id, SOURCE/ID")
      ->required();
  general(forget_cmd, true);
  forget_cmd->callback([&] { command = [&] { return forget_evidence(common, settings, forget_options); }; });

  std::string backup_folder;
  auto* backup_cmd =
      cli.add_subcommand("backup", "copy a store, also one that is being written, and read the copy back");
  backup_cmd->add_option("DIR", backup_folder, "folder of the copy; must not exist")->required();
  general(backup_cmd, true);
  backup_cmd->callback([&] { command = [&] { return backup(common, settings, backup_folder); }; });

  EvalOptions eval_options;
  std::string receiver;
  auto* send_test_cmd =
      cli.add_subcommand("send-test", "send a receiver a message that says it is a test, print the answer");
  send_test_cmd->add_option("RECEIVER", receiver, "name in the settings")->required();
  general(send_test_cmd, false);
  send_test_cmd->callback([&] { command = [&] { return send_test(common, settings, receiver); }; });
  std::string of_receiver;
  int most_deliveries = 50;
  auto* deliveries_cmd =
      cli.add_subcommand("deliveries", "what receivers were told, what failed, what is still owed");
  deliveries_cmd->add_option("RECEIVER", of_receiver, "only this one");
  deliveries_cmd->add_option("--limit", most_deliveries, "newest attempts to show")
      ->check(CLI::Range(1, 100'000));
  general(deliveries_cmd, true);
  deliveries_cmd->callback(
      [&] { command = [&] { return list_deliveries(common, of_receiver, most_deliveries); }; });

  std::string delivery, reason;
  auto* send_again_cmd = cli.add_subcommand(
      "send-again", "have a running thap send a delivery again, under the same id; see deliveries");
  send_again_cmd->add_option("DELIVERY", delivery, "its id, msg_...")->required();
  send_again_cmd->add_option("--reason", reason, "for the audit log")->default_val("asked for at a terminal");
  general(send_again_cmd, true);
  send_again_cmd->callback([&] { command = [&] { return send_again(common, delivery, reason); }; });

  auto* eval_cmd = cli.add_subcommand("eval", "score the reader on labelled posts");
  eval_cmd
      ->add_option("LABELLED", eval_options.files,
                   "JSON lines with labels; posts without labels are only predicted")
      ->required();
  eval_cmd->add_option("--predictions", eval_options.predictions,
                       "write what was read of every post, in the label scheme");
  eval_cmd->add_option("--compare", eval_options.compare, "earlier predictions: show what was won and lost");
  eval_cmd->add_flag("--quiet", eval_options.quiet, "only the scores, not the wrong posts");
  eval_cmd->add_flag("--present", eval_options.present_only, "list every post read as a present outage");
  general(eval_cmd, false);
  eval_cmd->callback([&] { command = [&] { return eval(common, settings, eval_options); }; });

  std::string printed;
  auto* print_cmd = cli.add_subcommand(
      "print", "print the man page, completions for a shell, or all settings with their defaults");
  print_cmd->add_option("WHAT", printed, "man, bash, zsh, fish or settings")
      ->required()
      ->check(CLI::IsMember({"man", "bash", "zsh", "fish", "settings"}));
  print_cmd->callback([&] {
    command = [&] {
      std::cout << (printed == "settings" ? describe_settings()
                    : printed == "man"    ? manual(cli)
                                          : completions(cli, printed))
                << std::flush;
      return ExitCode::ok;
    };
  });

  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = cli.exit(error, std::cout, std::cerr);
    return code == 0 ? ExitCode::ok : ExitCode::usage;
  }
  auto loaded = load_settings(common.settings_file);
  if (!loaded) return report(loaded.error());
  settings = *loaded;
  exit_code = command();
  return exit_code;
}

}  // namespace thap::app
