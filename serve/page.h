// The page for people, built from serve/web and compiled in.
#pragma once
#include <vector>

#include "serve/http.h"

namespace thap::serve {

// "/" and what it loads. Nothing else may be loaded or run by it: a strict content policy goes with every
// answer. Any thread.
std::vector<Route> page_routes();

}  // namespace thap::serve
