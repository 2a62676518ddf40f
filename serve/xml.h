// XML as the feeds and CAP write it.
#pragma once
#include <string>
#include <string_view>

namespace thap::serve {

// Text for an element or a quoted attribute. Control characters, of which XML has none, become spaces.
std::string xml_text(std::string_view text);

}  // namespace thap::serve
