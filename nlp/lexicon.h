// Names and words as data: loaded from JSON, folded like posts, compiled into tries, then shared by every
// thread.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ingest/result.h"
#include "nlp/ids.h"
#include "nlp/reading.h"

namespace thap::nlp {

struct Names {
  std::string en, hi, bn;
};

struct Service {
  ServiceId number;
  std::string id;  // "whatsapp"
  Names names;
  std::string klass;  // "messaging"
  std::string owner;
  std::vector<std::string> handles;
};

struct Place {
  PlaceId number;
  std::string id;         // "IN-Kolkata"
  std::string iso;        // "IN-WB"; the country alone where it has no state
  std::string kind;       // country, state, city, division
  Names names, in_names;  // "Kolkata", "in Kolkata"
};

struct LexiconFile {
  std::string name;  // "services/telecom.json"
  std::string text;
};

// A finding of `thap check`: place is file#/json/pointer.
struct Finding {
  std::string place, text;
};

// What is behind a span of a reading: for explaining.
struct EntryRef {
  std::string group;  // "service", "place", "outage", "recovery", ...
  std::string text;   // the phrase or alias as written in the lexicon
  std::string place;  // file#/json/pointer
};

// Threads: immutable after load; any thread.
class Lexicon {
 public:
  using Pointer = std::shared_ptr<const Lexicon>;

  // The lexicon compiled into the binary.
  static ingest::Result<Pointer> embedded();
  // Every *.json below `folder`, at most 4 MiB a file. Fails with `bad_setting` and file#/pointer.
  static ingest::Result<Pointer> from_folder(const std::string& folder);
  static ingest::Result<Pointer> from_files(std::vector<LexiconFile> files);
  ~Lexicon();

  const std::string& version() const;  // 12 hex digits over the contents
  std::span<const Service> services() const;
  std::span<const Place> places() const;
  const Service* service(ServiceId id) const;
  const Service* service(std::string_view id) const;
  const Place* place(PlaceId id) const;
  const Place* place(std::string_view id) const;
  const Names& symptom_names(Symptom symptom) const;    // "login"
  const Names& symptom_phrases(Symptom symptom) const;  // "login failures": for sentences

  // Runs every entry's own examples and looks for duplicates, ordinary words without a condition, phrases
  // that can never win. Empty: all well.
  std::vector<Finding> check() const;

  std::size_t bytes() const;  // of the compiled tables

  struct Tables;  // nlp/lexicon_tables.h: what the reader matches with
  const Tables& tables() const { return *tables_; }

 private:
  explicit Lexicon(std::unique_ptr<Tables> tables);
  std::unique_ptr<Tables> tables_;
};

}  // namespace thap::nlp
