// Scores readings against labelled posts, in the label scheme that tests/nlp/labelled/README.md tells.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/result.h"
#include "nlp/reader.h"

namespace thap::app {

// A post and what was said or read of it.
struct LabelledPost {
  std::string id, text, lang, kind, note;
  std::vector<std::pair<std::string, std::string>> services;  // id, status
  std::vector<std::string> symptoms, places;
  std::vector<std::string> blamed;  // services that are only named as the cause; read, never scored
  bool by_official{false};          // the author is on the operator's list: changes how the text is read
  bool is_labelled{true};           // false: text only
};

// One JSON object a line, as labels are written. Fails with `io` or `bad_input` and file:line.
ingest::Result<std::vector<LabelledPost>> load_labelled(const std::string& path);
LabelledPost predict(const nlp::Reader& reader, const LabelledPost& post);
std::string to_json_line(const LabelledPost& post);

// True positives, false positives, false negatives of pairs found.
struct Counts {
  std::uint64_t hit{0}, extra{0}, missed{0};
  double precision() const { return hit + extra ? double(hit) / double(hit + extra) : 1; }
  double recall() const { return hit + missed ? double(hit) / double(hit + missed) : 1; }
  double f1() const {
    return hit + extra + missed ? 2.0 * double(hit) / double(2 * hit + extra + missed) : 1;
  }
};

struct Scores {
  Counts services, service_status, service_status_merged, present_posts, symptoms, places;
  std::uint64_t posts{0}, kind_right{0}, language_right{0};
};

struct Wrong {
  const LabelledPost* label;
  LabelledPost read;
  std::vector<std::string> fields;  // "service+status", "symptoms", ...
};

struct Evaluation {
  Scores all;
  std::map<std::string, Scores> by_language, by_kind;
  std::vector<Wrong> wrong;
};

// Services outside the scheme's list are predictions too many only if the label set knows them: see
// `known_services`.
Evaluation evaluate(const nlp::Reader& reader, const std::vector<LabelledPost>& posts);

}  // namespace thap::app
