// Answers made small for slow links.
#pragma once
#include <string>
#include <string_view>

#include "serve/http.h"

namespace thap::serve {

// The whole of `text` as one gzip member (RFC 1952), the same bytes each time. Any thread.
std::string gzipped(std::string_view text);

// Whether an Accept-Encoding header takes gzip: "gzip" or "*", and not with q=0.
bool accepts_gzip(std::string_view accept_encoding);

// Compresses an answer of text that is long enough to be worth it and not compressed already, where the
// client takes it. An ETag then ends in -gzip: other bytes, other tag. Any thread.
void compress_if_wanted(const HttpRequest& request, HttpResponse& response);

}  // namespace thap::serve
