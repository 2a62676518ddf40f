#include "app/run_teller.h"

#include <fmt/format.h>

#include <iostream>

#include "app/incident_text.h"
#include "app/run_outbox.h"
#include "serve/incident_json.h"

namespace thap::app {

namespace {
constexpr std::chrono::seconds say_every{60};
}  // namespace

void say(std::string_view text) { std::cerr << fmt::format("thap: {}\n", text) << std::flush; }

void Teller::ready(const ingest::KafkaGauges& gauges, const RunOptions& options, std::int64_t clock_ms) {
  if (is_ready_ || gauges.partitions == 0) return;
  is_ready_ = true;
  if (json_)
    std::cout << nlohmann::ordered_json{{"ready", true},
                                        {"partitions", gauges.partitions},
                                        {"topics", options.topics}}
                     .dump();
  else
    std::cout << fmt::format(
        "ready: {} partitions of {}, {}", gauges.partitions, fmt::join(options.topics, ", "),
        clock_ms == 0 ? "nothing counted yet" : "counted up to " + serve::ist_date_time(clock_ms) + " IST");
  std::cout << '\n' << std::flush;
}

void Teller::transition(const rules::Transition& transition) {
  if (transition.annotated || !serve::event_type(transition)) return;
  std::cout << (json_ ? serve::incident_json(transition.after, *lexicon_, 0).dump()
                      : transition_line(transition, *lexicon_))
            << '\n'
            << std::flush;
}

void Teller::progress(const RunFigures& figures, SteadyClock::time_point now) {
  const auto records = figures.summary.records;
  const bool is_silent = now - figures.last_record >= silence_after;
  if (!is_silent_ && is_silent && is_ready_ && !figures.kafka.is_waiting) {
    is_silent_ = true;
    say(fmt::format("no record for {} s: nothing opens, eases or ends until some come",
                    silence_after.count()));
  } else if (is_silent_ && !is_silent) {
    is_silent_ = false;
    say("records come again");
  }
  if (now - said_ < say_every || records == said_records_) return;
  const double seconds = std::chrono::duration<double>(now - said_).count();
  say(fmt::format("{} records, {:.0f} a second, {} behind, {} dead letters, at {} IST", records,
                  static_cast<double>(records - said_records_) / seconds,
                  figures.kafka.lag < 0 ? "?" : std::to_string(figures.kafka.lag),
                  figures.summary.dead_letters, serve::ist_date_time(figures.clock_ms)));
  said_ = now;
  said_records_ = records;
}

}  // namespace thap::app
