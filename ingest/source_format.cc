#include "ingest/source_format.h"

namespace thap::ingest {

namespace {

constexpr std::array<std::string_view, format_count> format_names{
    "auto",      "canonical", "x-v2",   "x-v1",     "x-connect", "jetstream", "at-kafka",
    "bsky-flat", "mastodon",  "reddit", "telegram", "youtube",   "generic"};
constexpr std::array<std::string_view, 4> markup_names{"plain", "entities", "html", "markdown"};

template <class Enum, std::size_t n>
std::optional<Enum> named(const std::array<std::string_view, n>& names, std::string_view text) {
  for (std::size_t i = 0; i < n; ++i)
    if (names[i] == text) return static_cast<Enum>(i);
  return std::nullopt;
}

}  // namespace

std::string_view name(Format format) { return format_names[static_cast<std::size_t>(format)]; }
std::optional<Format> format_named(std::string_view text) { return named<Format>(format_names, text); }

std::string_view name(Markup markup) { return markup_names[static_cast<std::size_t>(markup)]; }
std::optional<Markup> markup_named(std::string_view text) { return named<Markup>(markup_names, text); }

std::optional<Network> network_of(Format format) {
  switch (format) {
    case Format::x_v2:
    case Format::x_v1:
    case Format::x_connect:
      return Network::x;
    case Format::jetstream:
    case Format::at_kafka:
    case Format::bsky_flat:
      return Network::bluesky;
    case Format::mastodon:
      return Network::mastodon;
    case Format::reddit:
      return Network::reddit;
    case Format::telegram:
      return Network::telegram;
    case Format::youtube:
      return Network::youtube;
    case Format::automatic:
    case Format::canonical:
    case Format::generic:
      break;
  }
  return std::nullopt;
}

Result<void> check(const GenericMapping& mapping) {
  for (std::size_t field = 0; field < mapping.pointers.size(); ++field)
    for (const std::string& pointer : mapping.pointers[field]) {
      bool is_good = pointer.starts_with('/');
      for (std::size_t i = 0; i < pointer.size(); ++i)
        if (pointer[i] == '~' &&
            (i + 1 == pointer.size() || (pointer[i + 1] != '0' && pointer[i + 1] != '1')))
          is_good = false;
      if (!is_good)
        return fail(Code::bad_setting, "\"" + pointer + "\" is no JSON pointer",
                    "map/" + std::string(GenericMapping::field_names[field]));
    }
  if (mapping.pointers[GenericMapping::text].empty())
    return fail(Code::bad_setting, "no pointer to the text", "map/text");
  return {};
}

std::string_view current_state_code(std::string_view code) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> renamed{{
      {"IN-CT", "IN-CG"},
      {"IN-OR", "IN-OD"},
      {"IN-TG", "IN-TS"},
      {"IN-UT", "IN-UK"},
      {"IN-DN", "IN-DH"},
      {"IN-DD", "IN-DH"},
  }};
  for (const auto& [before, now] : renamed)
    if (code == before) return now;
  return code;
}

}  // namespace thap::ingest
