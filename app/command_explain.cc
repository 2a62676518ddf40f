// thap explain: what a text says and why.
#include <fmt/format.h>

#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "app/cli.h"
#include "ingest/post_source.h"
#include "nlp/reader.h"
#include "serve/explanation_json.h"
#include "serve/incident_json.h"
#include "serve/time_argument.h"

namespace thap::app {

namespace {

std::string when_text(const nlp::When& when) {
  const std::string_view about = when.approximate ? "about " : "";
  if (when.at_ms) return fmt::format("{}{}", about, serve::ist_date_time(*when.at_ms));
  if (when.minute_of_day) return fmt::format("{}{}", about, serve::clock_text(*when.minute_of_day));
  return fmt::format("{}{} minutes before", about, when.minutes_before.value_or(0));
}

// What it tells in order, since when, and why.
void print_told(const nlp::Explanation& e, const nlp::Lexicon& lexicon) {
  for (const auto& event : e.events)
    std::cout << fmt::format("{}  {} {}\n", padded(event.when ? when_text(*event.when) : "", 24),
                             lexicon.service(event.service)->id, nlp::name(event.status));
  if (!e.events.empty()) std::cout << '\n';
  if (e.onset) std::cout << "since " << when_text(*e.onset) << '\n';
  if (e.lasted_min) std::cout << fmt::format("said to have lasted {} minutes\n", *e.lasted_min);
  if (!e.cause.empty()) std::cout << "because of " << e.cause << '\n';
}

}  // namespace

int explain(const Common& common, const Settings& settings, const std::string& text,
            const std::string& written_at) {
  auto lexicon = load_lexicon(common, settings);
  if (!lexicon) return report(lexicon.error());
  const nlp::Reader reader(*lexicon);
  std::string body = text;
  if (text == "-") body.assign(std::istreambuf_iterator<char>(std::cin), {});
  nlp::ReadHints hints;
  if (!written_at.empty()) {
    const auto ms = serve::parse_time_argument(written_at, 0);
    if (!ms) return report(ms.error());
    hints.posted_at_ms = *ms;
  }
  const nlp::Explanation e = reader.explain(body, hints);

  if (common.json) {
    const auto out = serve::explanation_json(e, body, **lexicon);
    std::cout << out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
    return ExitCode::ok;
  }

  std::cout << "read as   " << e.folded << "\n\n";
  for (const auto& span : e.spans)
    std::cout << fmt::format(
        "{}  {}  {}  {}\n", padded(body.substr(span.begin, span.end - span.begin), 24),
        painted(padded(span.entry.group, 18), span.entry.group == "service" ? "1;36" : "2"),
        padded(span.note, 28), painted(fmt::format("\"{}\" {}", span.entry.text, span.entry.place), "2"));
  std::cout << '\n';
  print_told(e, **lexicon);
  for (const auto& reason : e.reasons) std::cout << reason << '\n';
  std::string symptoms, places;
  for (int i = 0; i < nlp::symptom_count; ++i)
    if (e.reading.symptoms.has(static_cast<nlp::Symptom>(i)))
      symptoms += fmt::format(" {}", nlp::name(static_cast<nlp::Symptom>(i)));
  for (const auto p : e.reading.places) places += " " + (*lexicon)->place(p)->id;
  std::cout << "symptoms" << (symptoms.empty() ? " none" : symptoms) << '\n'
            << "places" << (places.empty() ? " none" : places) << '\n';
  return ExitCode::ok;
}

}  // namespace thap::app
