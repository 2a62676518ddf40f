#include "app/source_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace thap::app {

using ingest::Code;
using ingest::fail;
using ingest::GenericMapping;
using ingest::Result;
using nlohmann::json;

namespace {

struct Bad {
  std::string place, text;
};

std::string string_at(const json& value, const std::string& place) {
  if (!value.is_string()) throw Bad{place, "must be a string"};
  return value.get<std::string>();
}

ingest::Operation operation_named(const std::string& text, const std::string& place) {
  if (text == "create") return ingest::Operation::create;
  if (text == "edit") return ingest::Operation::edit;
  if (text == "delete") return ingest::Operation::remove;
  if (text == "author_delete") return ingest::Operation::remove_author;
  throw Bad{place, "must be \"create\", \"edit\", \"delete\" or \"author_delete\""};
}

void read_map(const json& map, const std::string& place, GenericMapping& mapping) {
  if (!map.is_object()) throw Bad{place, "must be an object of field names and JSON pointers"};
  for (const auto& [field, pointers] : map.items()) {
    const auto at = std::find(GenericMapping::field_names.begin(), GenericMapping::field_names.end(), field);
    if (at == GenericMapping::field_names.end())
      throw Bad{place + "/" + field,
                fmt::format("unknown field; known: {}", fmt::join(GenericMapping::field_names, ", "))};
    auto& list = mapping.pointers[static_cast<std::size_t>(at - GenericMapping::field_names.begin())];
    if (pointers.is_array()) {
      for (std::size_t i = 0; i < pointers.size(); ++i)
        list.push_back(string_at(pointers[i], fmt::format("{}/{}/{}", place, field, i)));
    } else {
      list.push_back(string_at(pointers, place + "/" + field));
    }
  }
}

ingest::SourceFormat read_format(const json& entry, const std::string& place) {
  ingest::SourceFormat format;
  for (const auto& [key, value] : entry.items()) {
    const std::string at = place + "/" + key;
    if (key == "source") {
      continue;
    } else if (key == "format") {
      const auto named = ingest::format_named(string_at(value, at));
      if (!named) throw Bad{at, fmt::format("\"{}\" is no format", value.get<std::string>())};
      format.format = *named;
    } else if (key == "instance") {
      format.instance = string_at(value, at);
    } else if (key == "deletes") {
      if (!value.is_boolean()) throw Bad{at, "must be true or false"};
      format.is_deletes = value.get<bool>();
    } else if (key == "map") {
      read_map(value, at, format.mapping);
    } else if (key == "time_set_by") {
      const std::string who = string_at(value, at);
      if (who != "platform" && who != "author") throw Bad{at, "must be \"platform\" or \"author\""};
      format.mapping.time_set_by = who == "platform" ? ingest::SetBy::platform : ingest::SetBy::author;
    } else if (key == "text_markup") {
      const auto named = ingest::markup_named(string_at(value, at));
      if (!named) throw Bad{at, "must be \"plain\", \"entities\", \"html\" or \"markdown\""};
      format.mapping.markup = *named;
    } else if (key == "ops") {
      if (!value.is_object()) throw Bad{at, "must be an object"};
      for (const auto& [word, op] : value.items())
        format.mapping.operations.emplace(word,
                                          operation_named(string_at(op, at + "/" + word), at + "/" + word));
    } else if (key == "network") {
      const auto named = ingest::network_named(string_at(value, at));
      if (!named) throw Bad{at, fmt::format("\"{}\" is no network", value.get<std::string>())};
      format.mapping.network = *named;
    } else {
      throw Bad{at,
                "unknown key; known: source, format, instance, deletes, map, time_set_by, text_markup, ops, "
                "network"};
    }
  }
  if (format.format == ingest::Format::generic)
    if (auto checked = ingest::check(format.mapping); !checked)
      throw Bad{place + "/" + checked.error().place, checked.error().text};
  return format;
}

}  // namespace

Result<void> add_source(const json& entry, const std::string& place, ingest::DecoderSettings& settings) {
  try {
    if (!entry.is_object() || !entry.contains("source"))
      throw Bad{place, "must be an object with a \"source\""};
    const std::string source = string_at(entry["source"], place + "/source");
    ingest::SourceFormat format = read_format(entry, place);
    if (source == "*")
      settings.any_source = std::move(format);
    else if (!settings.sources.emplace(source, std::move(format)).second)
      throw Bad{place + "/source", fmt::format("\"{}\" stands twice", source)};
  } catch (const Bad& bad) {
    return fail(Code::bad_setting, bad.text, bad.place);
  }
  return {};
}

Result<void> add_official_account(const json& entry, const std::string& place,
                                  ingest::DecoderSettings& settings) {
  if (!entry.is_string()) return fail(Code::bad_setting, "must be a string such as \"x:4711\"", place);
  const std::string text = entry.get<std::string>();
  const auto colon = text.find(':');
  const auto network = ingest::network_named(text.substr(0, colon));
  if (colon == std::string::npos || colon + 1 == text.size() || !network)
    return fail(Code::bad_setting, fmt::format("\"{}\" is no account: NETWORK:AUTHOR_ID", text), place);
  settings.official_accounts.emplace(*network, text.substr(colon + 1));
  return {};
}

}  // namespace thap::app
