// A lexicon with one file of any bytes, one phrase of any letters or one name of any letters: it loads or
// says where it is wrong; what has loaded can be checked and read with.
#include <algorithm>
#include <cstdlib>
#include <string>

#include <nlohmann/json.hpp>

#include "nlp/reader.h"
#include "tests/nlp/small_lexicon.h"

using namespace thap::nlp;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

std::string quoted(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<LexiconFile> files = small_lexicon_files();
  if (size < 1) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t choice = data[0] % (files.size() + 3);
  std::vector<LexiconFile> changed;
  if (choice < files.size()) {
    changed = with(files, files[choice].name, std::string(bytes));
  } else if (choice == files.size()) {
    changed =
        with(files, "predicates.json",
             R"({"groups": {"outage": ["down", )" + quoted(bytes) + R"(], "fails": ["{neg} ho {raha}"]}})");
  } else if (choice == files.size() + 1) {
    changed = with(files, "services/new.json",
                   R"([{"id": "n", "name": {}, "class": "ott", "aliases": [)" + quoted(bytes) +
                       R"(], "not": ["x y"]}])");
  } else {
    changed = with(files, "services/new.json",
                   R"([{"id": "n", "name": {}, "class": "ott", "ambiguous": [{"aliases": ["nn"], "near": [)" +
                       quoted(bytes) + "]}]}]");
  }
  const auto lexicon = Lexicon::from_files(changed);
  if (!lexicon) {
    require(lexicon.error().code == thap::ingest::Code::bad_setting);
    require(!lexicon.error().text.empty() && !lexicon.error().place.empty());
    return 0;
  }
  for (const Finding& finding : (*lexicon)->check()) require(!finding.text.empty());
  const Reader reader(*lexicon);
  reader.explain("lahar is down, nn and pankh message nahi ho raha #TarangDown");
  reader.explain(bytes);
  return 0;
}
