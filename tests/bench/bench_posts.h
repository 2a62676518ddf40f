// Posts for benchmarks: the labelled ones, which all mean something, and a stream as it comes, in which few
// do.
#pragma once
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "app/evaluation.h"
#include "nlp/reader.h"
#include "nlp/text.h"

namespace thap::bench {

inline const nlp::Reader& reader() {
  static const nlp::Reader reader([] {
    auto lexicon = nlp::Lexicon::embedded();
    if (!lexicon) std::cerr << ingest::to_string(lexicon.error()) << '\n', std::exit(1);
    return *lexicon;
  }());
  return reader;
}

// Texts of the labelled sets, or of the file in THAP_BENCH_POSTS (JSON lines with "text").
inline const std::vector<std::string>& labelled_texts() {
  static const std::vector<std::string> texts = [] {
    std::vector<std::string> files;
    if (const char* file = std::getenv("THAP_BENCH_POSTS")) {
      files.emplace_back(file);
    } else {
      const auto folder = std::filesystem::path(__FILE__).parent_path().parent_path() / "nlp" / "labelled";
      for (const char* set : {"set-a.jsonl", "set-b.jsonl", "set-c.jsonl"})
        files.push_back((folder / set).string());
    }
    std::vector<std::string> out;
    for (const auto& file : files) {
      const auto posts = app::load_labelled(file);
      if (!posts) std::cerr << ingest::to_string(posts.error()) << '\n', std::exit(1);
      for (const auto& post : *posts) out.push_back(post.text);
    }
    if (out.empty()) std::cerr << "no posts to measure with\n", std::exit(1);
    return out;
  }();
  return texts;
}

// `count` texts, of which `telling` in 100 are labelled ones; the others are ten to twenty words that name no
// service.
inline std::vector<std::string> stream_texts(std::size_t count, std::uint32_t telling,
                                             std::uint32_t seed = 1) {
  static const std::vector<std::string> words = [] {
    std::vector<std::string> out;
    for (const std::string& text : labelled_texts())
      for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find(' ', at), text.size());
        const std::string word = text.substr(at, end - at);
        if (!word.empty() && word.find_first_of("#@") == std::string::npos &&
            reader().read(word).services.empty())
          out.push_back(word);
        at = end + 1;
      }
    return out;
  }();
  std::mt19937 random(seed);
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) {
    if (random() % 100 < telling) {
      out.push_back(labelled_texts()[random() % labelled_texts().size()]);
      continue;
    }
    std::string text;
    for (std::size_t n = 10 + random() % 11; n > 0; --n)
      text += (text.empty() ? "" : " ") + words[random() % words.size()];
    out.push_back(std::move(text));
  }
  return out;
}

}  // namespace thap::bench
