#include "nlp/mask.h"

#include <re2/re2.h>

namespace thap::nlp {

std::string mask(std::string_view text, const std::function<bool(std::string_view)>& keep_handle) {
  // One alternation, leftmost match wins: a link before what looks like an address in it, an address before
  // its handle.
  static const re2::RE2 personal(
      R"((https?://[^\s/?#]+)[^\s]*)"             // 1: link, host kept
      R"(|[\pL\pN._%+-]+@[\pL\pN.-]*[\pL\pN])"    // mail address or UPI id
      R"(|([@＠][\pL\pM\pN_.]+))"                 // 2: handle
      R"(|\+?[\p{Nd}][\p{Nd} ().-]{6,}[\p{Nd}])"  // phone, card, account, order number
      R"(|\p{Nd}{6,})");
  re2::StringPiece rest(text.data(), text.size());
  std::string out;
  out.reserve(text.size());
  re2::StringPiece groups[3];
  std::size_t at = 0;
  while (at <= text.size() && personal.Match(re2::StringPiece(text.data(), text.size()), at, text.size(),
                                             re2::RE2::UNANCHORED, groups, 3)) {
    const auto begin = static_cast<std::size_t>(groups[0].data() - text.data());
    out.append(text.substr(at, begin - at));
    if (!groups[1].empty()) {
      out.append(groups[1].data(), groups[1].size());
      out.append("/…");
    } else if (!groups[2].empty()) {
      const std::string_view handle(groups[2].data(), groups[2].size());
      if (keep_handle && keep_handle(handle))
        out.append(handle);
      else
        out.append("@…");
    } else {
      out.append("…");
    }
    at = begin + groups[0].size();
  }
  out.append(text.substr(std::min(at, text.size())));
  return out;
}

}  // namespace thap::nlp
