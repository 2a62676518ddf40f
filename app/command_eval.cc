// thap eval: precision, recall and F1 of the reader on labelled posts, by language variety and by kind.
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "app/cli.h"
#include "app/evaluation.h"

namespace thap::app {
namespace {

void print_row(const std::string& label, const Scores& s) {
  const double n = std::max<double>(1, static_cast<double>(s.posts));
  std::cout << fmt::format(
      "{:<14} {:>5}  {:.3f}  {:.3f}  {:.3f} ({:.3f}/{:.3f})  {:.3f}/{:.3f}  {:.3f}  {:.3f}  {:.3f}  {:.3f}\n",
      label, s.posts, s.services.f1(), s.service_status.f1(), s.service_status_merged.f1(),
      s.service_status_merged.precision(), s.service_status_merged.recall(), s.present_posts.precision(),
      s.present_posts.recall(), s.symptoms.f1(), static_cast<double>(s.kind_right) / n, s.places.f1(),
      static_cast<double>(s.language_right) / n);
}

std::string said(const LabelledPost& p) {
  std::vector<std::string> parts;
  for (const auto& [id, status] : p.services) parts.push_back(id + "=" + status);
  return fmt::format("{} | {} | {} | {} | {}", parts.empty() ? "-" : fmt::format("{}", fmt::join(parts, " ")),
                     p.symptoms.empty() ? "-" : fmt::format("{}", fmt::join(p.symptoms, " ")), p.kind,
                     p.places.empty() ? "-" : fmt::format("{}", fmt::join(p.places, " ")), p.lang);
}

nlohmann::ordered_json counts_json(const Counts& c) {
  return {{"precision", c.precision()}, {"recall", c.recall()}, {"f1", c.f1()}};
}
nlohmann::ordered_json scores_json(const Scores& s) {
  const double n = std::max<double>(1, static_cast<double>(s.posts));
  return {{"posts", s.posts},
          {"services", counts_json(s.services)},
          {"service_status", counts_json(s.service_status)},
          {"service_status_merged", counts_json(s.service_status_merged)},
          {"present_posts", counts_json(s.present_posts)},
          {"symptoms", counts_json(s.symptoms)},
          {"places", counts_json(s.places)},
          {"kind_accuracy", static_cast<double>(s.kind_right) / n},
          {"language_accuracy", static_cast<double>(s.language_right) / n}};
}

// What changed against earlier predictions of the same posts, each with what the label says.
void print_comparison(const std::vector<LabelledPost>& labels, const std::vector<LabelledPost>& before,
                      const nlp::Reader& reader) {
  std::map<std::string, const LabelledPost*> old;
  for (const auto& p : before) old[p.id] = &p;
  int won = 0, lost = 0, other = 0;
  for (const auto& label : labels) {
    const auto at = old.find(label.id);
    if (at == old.end()) continue;
    const LabelledPost now = predict(reader, label);
    const std::string was = said(*at->second), is = said(now), right = said(label);
    if (was == is) continue;
    const char* verdict = !label.is_labelled ? "changed"
                          : is == right      ? "won"
                          : was == right     ? "lost"
                                             : "changed";
    won += verdict[0] == 'w';
    lost += verdict[0] == 'l';
    other += verdict[0] == 'c';
    std::cout << fmt::format("{} {}\n  {}\n  before {}\n  now    {}\n", verdict, label.id, label.text, was,
                             is);
    if (label.is_labelled) std::cout << "  label  " << right << '\n';
  }
  std::cout << fmt::format("{} won, {} lost, {} changed otherwise\n", won, lost, other);
}

}  // namespace

int eval(const Common& common, const Settings& settings, const EvalOptions& options) {
  auto lexicon = load_lexicon(common, settings);
  if (!lexicon) return report(lexicon.error());
  const nlp::Reader reader(*lexicon);
  std::vector<LabelledPost> posts;
  for (const auto& file : options.files) {
    auto loaded = load_labelled(file);
    if (!loaded) return report(loaded.error());
    posts.insert(posts.end(), std::make_move_iterator(loaded->begin()),
                 std::make_move_iterator(loaded->end()));
  }
  if (!options.predictions.empty()) {
    std::ofstream out(options.predictions);
    for (const auto& post : posts) out << to_json_line(predict(reader, post)) << '\n';
    if (!out.flush()) return report({ingest::Code::io, "cannot be written", options.predictions});
  }
  if (!options.compare.empty()) {
    auto before = load_labelled(options.compare);
    if (!before) return report(before.error());
    print_comparison(posts, *before, reader);
  }
  if (options.present_only) {
    std::uint64_t present = 0;
    for (const auto& post : posts) {
      const LabelledPost read = predict(reader, post);
      bool is_present = false;
      for (const auto& [id, status] : read.services)
        is_present = is_present || status == "down" || status == "degraded";
      if (!is_present) continue;
      ++present;
      std::cout << fmt::format("{}\t{}\t{}\n", post.id, said(read), post.text);
    }
    std::cout << fmt::format("{} of {} posts read as a present outage\n", present, posts.size());
  }
  const Evaluation result = evaluate(reader, posts);
  if (result.all.posts == 0) return ExitCode::ok;
  if (common.json) {
    nlohmann::ordered_json out;
    out["all"] = scores_json(result.all);
    for (const auto& [language, s] : result.by_language) out["by_language"][language] = scores_json(s);
    for (const auto& [kind, s] : result.by_kind) out["by_kind"][kind] = scores_json(s);
    out["lexicon"] = (*lexicon)->version();
    std::cout << out.dump(2) << '\n';
    return ExitCode::ok;
  }
  if (!options.quiet)
    for (const auto& wrong : result.wrong)
      std::cout << fmt::format("{} [{}] {}\n  label {}\n  read  {}\n", wrong.label->id,
                               fmt::join(wrong.fields, ", "), wrong.label->text, said(*wrong.label),
                               said(wrong.read));
  std::cout << "                posts service +status merged (P/R)          present P/R  sympt. kind   "
               "places language\n";
  print_row("all", result.all);
  for (const auto& [language, s] : result.by_language) print_row(language, s);
  for (const auto& [kind, s] : result.by_kind) print_row(kind, s);
  return ExitCode::ok;
}

}  // namespace thap::app
