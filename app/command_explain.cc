// thap explain: what a text says and why.
#include <fmt/format.h>

#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "app/cli.h"
#include "ingest/post_source.h"
#include "nlp/reader.h"
#include "serve/explanation_json.h"

namespace thap::app {

int explain(const Common& common, const Settings& settings, const std::string& text) {
  auto lexicon = load_lexicon(common, settings);
  if (!lexicon) return report(lexicon.error());
  const nlp::Reader reader(*lexicon);
  std::string body = text;
  if (text == "-") body.assign(std::istreambuf_iterator<char>(std::cin), {});
  const nlp::Explanation e = reader.explain(body);

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
