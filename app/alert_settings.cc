#include "app/alert_settings.h"

#include <fmt/format.h>

#include <cstdlib>
#include <set>

namespace thap::app {

using ingest::Code;
using ingest::fail;

ingest::Result<serve::AlertSettings> alert_settings(const Settings& settings) {
  serve::AlertSettings out;
  out.site = settings.alerts.site;
  while (out.site.ends_with('/')) out.site.pop_back();
  if (!out.site.empty() && !out.site.starts_with("https://") && !out.site.starts_with("http://"))
    return fail(Code::bad_setting, "is an address like https://thap.example", "alerts.site");
  std::set<std::string> names;
  for (const auto& [entry, place] : settings.alerts.receivers) {
    auto receiver = serve::receiver_from(entry, place, [](const char* name) { return std::getenv(name); });
    if (!receiver) return tl::unexpected(receiver.error());
    if (!names.insert(receiver->name).second)
      return fail(Code::bad_setting, fmt::format("there are two receivers named {}", receiver->name),
                  place + "/name");
    out.receivers.push_back(std::move(*receiver));
  }
  return out;
}

}  // namespace thap::app
