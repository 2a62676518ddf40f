// Hides what identifies a person in a text that is kept or shown.
#pragma once
#include <functional>
#include <string>
#include <string_view>

namespace thap::nlp {

// Phone numbers, mail addresses, UPI ids, card and other long digit runs (native digits too) and handles
// become "…"; links keep their host only, days and hours of day stay. `keep_handle(name)` says which handles
// are a service's own and stay. Linear. Any thread.
std::string mask(std::string_view text, const std::function<bool(std::string_view)>& keep_handle = {});

}  // namespace thap::nlp
