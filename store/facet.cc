#include <array>
#include <utility>

#include "store/series.h"

namespace thap::store {
namespace {
constexpr std::array<std::pair<FacetKind, std::string_view>, 9> names = {
    {{FacetKind::complaints, "complaints"},
     {FacetKind::mentions, "mentions"},
     {FacetKind::recovered, "recovered"},
     {FacetKind::reposts, "reposts"},
     {FacetKind::symptom, "symptom"},
     {FacetKind::language, "language"},
     {FacetKind::place, "place"},
     {FacetKind::kind, "kind"},
     {FacetKind::source, "source"}}};
}  // namespace

std::string_view name(FacetKind kind) {
  for (const auto& [k, text] : names)
    if (k == kind) return text;
  return "unknown";
}

std::optional<FacetKind> facet_kind_named(std::string_view text) {
  for (const auto& [kind, name] : names)
    if (name == text) return kind;
  return std::nullopt;
}

}  // namespace thap::store
