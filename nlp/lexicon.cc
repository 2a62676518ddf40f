#include "nlp/lexicon.h"

#include <algorithm>
#include <array>

#include "nlp/lexicon_tables.h"

namespace thap::nlp {
namespace {

constexpr std::array<std::pair<Group, std::string_view>, 49> group_names = {
    {{Group::topic, "topic"},
     {Group::symptom, "symptom"},
     {Group::outage, "outage"},
     {Group::fails, "fails"},
     {Group::slow, "slow"},
     {Group::crash, "crash"},
     {Group::partial, "partial"},
     {Group::works, "works"},
     {Group::back, "back"},
     {Group::not_back, "not_back"},
     {Group::mask, "masks"},
     {Group::negation_lookalike, "negation_lookalike"},
     {Group::residual, "residual"},
     {Group::retrospective, "retrospective"},
     {Group::past_marker, "past_marker"},
     {Group::planned, "planned"},
     {Group::hypothetical, "hypothetical"},
     {Group::advice, "advice"},
     {Group::wish, "wish"},
     {Group::simile, "simile"},
     {Group::metaphor, "metaphor"},
     {Group::own_trouble, "own_trouble"},
     {Group::own_ruled_out, "own_ruled_out"},
     {Group::only_mine, "only_mine"},
     {Group::others_too, "others_too"},
     {Group::question, "question"},
     {Group::government, "government"},
     {Group::company_news, "company_news"},
     {Group::customer_complaint, "customer_complaint"},
     {Group::marketing, "marketing"},
     {Group::chronic, "chronic"},
     {Group::official, "official"},
     {Group::news, "news"},
     {Group::hedge, "hedge"},
     {Group::guess, "guess"},
     {Group::blame_before, "blame_before"},
     {Group::blame_after, "blame_after"},
     {Group::refuge, "refuge"},
     {Group::rival, "rival"},
     {Group::speaker, "speaker"},
     {Group::owner, "owner"},
     {Group::deny, "deny"},
     {Group::deactivated, "deactivated"},
     {Group::meme, "meme"},
     {Group::emoji_anger, "emoji_anger"},
     {Group::emoji_recovery, "emoji_recovery"},
     {Group::emoji_meme, "emoji_meme"},
     {Group::now, "now"},
     {Group::since, "since"}}};
constexpr std::array<std::pair<Group, std::string_view>, 13> more_group_names = {
    {{Group::first_person, "first_person"},
     {Group::article_tail, "article_tail"},
     {Group::imperative_use, "imperative_use"},
     {Group::dateline, "dateline"},
     {Group::but, "but"},
     {Group::article_end, "article_end"},
     {Group::conversation, "conversation"},
     {Group::attempt, "attempt"},
     {Group::consequence, "consequence"},
     {Group::overload, "overload"},
     {Group::collective, "collective"},
     {Group::soon, "soon"},
     {Group::context, "context"}}};

}  // namespace

std::string_view name(Group group) {
  for (const auto& [g, text] : group_names)
    if (g == group) return text;
  for (const auto& [g, text] : more_group_names)
    if (g == group) return text;
  return "";
}

std::optional<Group> cue_group_named(std::string_view text) {
  if (text == "masks") return Group::mask;
  for (const auto& [g, name] : group_names)
    if (name == text && !is_state(g)) return g;
  for (const auto& [g, name] : more_group_names)
    if (name == text && g != Group::context) return g;
  return std::nullopt;
}

Lexicon::Lexicon(std::unique_ptr<Tables> tables) : tables_(std::move(tables)) {}
Lexicon::~Lexicon() = default;

const std::string& Lexicon::version() const { return tables_->version; }
std::span<const Service> Lexicon::services() const { return tables_->services; }
std::span<const Place> Lexicon::places() const { return tables_->places; }

const Service* Lexicon::service(ServiceId id) const {
  const auto at = tables_->service_by_number.find(static_cast<std::uint32_t>(id));
  return at == tables_->service_by_number.end() ? nullptr : &tables_->services[at->second];
}
const Service* Lexicon::service(std::string_view id) const {
  const Service* found = service(service_id(id));
  return found && found->id == id ? found : nullptr;
}
const Place* Lexicon::place(PlaceId id) const {
  const auto at = tables_->place_by_number.find(static_cast<std::uint32_t>(id));
  return at == tables_->place_by_number.end() ? nullptr : &tables_->places[at->second];
}
const Place* Lexicon::place(std::string_view id) const {
  const Place* found = place(place_id(id));
  return found && found->id == id ? found : nullptr;
}
const Names& Lexicon::symptom_names(Symptom symptom) const {
  return tables_->symptom_names[static_cast<std::size_t>(symptom)];
}
const Names& Lexicon::symptom_phrases(Symptom symptom) const {
  return tables_->symptom_phrases[static_cast<std::size_t>(symptom)];
}

std::size_t Lexicon::bytes() const {
  return tables_->vocabulary.bytes() + tables_->names.bytes() + tables_->phrases.bytes();
}

}  // namespace thap::nlp
