#include "nlp/mask.h"

#include <re2/re2.h>

namespace thap::nlp {

std::string mask(std::string_view text, const std::function<bool(std::string_view)>& keep_handle) {
  // One alternation, leftmost match wins: a link before what looks like an address in it, an address before
  // its handle.
  static const re2::RE2 personal(
      R"((?i:(?:https?://)(?:[^\s/?#@]*@)*([^\s/?#@]+))\S*)"  // 1: link, host kept, no user before it
      R"(|\b((?i:(?:[a-z0-9-]+\.)+[a-z]{2,}))/\S+)"           // 2: link without a scheme: t.me/name
      R"(|[\pL\pM\pN._%+-]+@[\pL\pM\pN.-]*[\pL\pM\pN])"       // mail address or UPI id
      R"(|([@＠][\pL\pM\pN_.]+))"                             // 3: handle
      R"(|(\+?[\p{Nd}][\p{Nd} ().-]{6,}[\p{Nd}]))"            // 4: phone, card, account, order number
      R"(|\p{Nd}{6,})");
  // What has as many digits and is nobody's: a day, with an hour behind it or not, and from when to when.
  static const re2::RE2 day_or_hours(
      R"((?:(?:0?[1-9]|[12]\d|3[01])[-.](?:0?[1-9]|1[0-2])[-.](?:(?:19|20)\d\d|\d\d))"
      R"(|(?:19|20)\d\d[-.](?:0?[1-9]|1[0-2])[-.](?:0?[1-9]|[12]\d|3[01]))(?: \d{1,2}(?:\.\d\d)?)?)"
      R"(|[012]?\d\.[0-5]\d ?- ?[012]?\d\.[0-5]\d)");
  std::string out;
  out.reserve(text.size());
  re2::StringPiece groups[5];
  std::size_t at = 0;
  while (at <= text.size() && personal.Match(re2::StringPiece(text.data(), text.size()), at, text.size(),
                                             re2::RE2::UNANCHORED, groups, 5)) {
    const auto begin = static_cast<std::size_t>(groups[0].data() - text.data());
    out.append(text.substr(at, begin - at));
    if (!groups[1].empty()) {
      out.append("https://");
      out.append(groups[1].data(), groups[1].size());
      out.append("/…");
    } else if (!groups[2].empty()) {
      out.append(groups[2].data(), groups[2].size());
      out.append("/…");
    } else if (!groups[3].empty()) {
      const std::string_view handle(groups[3].data(), groups[3].size());
      if (keep_handle && keep_handle(handle))
        out.append(handle);
      else
        out.append("@…");
    } else if (!groups[4].empty() && re2::RE2::FullMatch(groups[4], day_or_hours)) {
      out.append(groups[4].data(), groups[4].size());
    } else {
      out.append("…");
    }
    at = begin + groups[0].size();
  }
  out.append(text.substr(std::min(at, text.size())));
  return out;
}

}  // namespace thap::nlp
