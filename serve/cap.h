// An incident as messages of the Common Alerting Protocol 1.2 (OASIS, 1 July 2010), for desks whose systems
// speak it. We are no alerting authority: off until the operator names a sender, always Restricted, never
// Observed, never Extreme, and Test until the operator says otherwise.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "nlp/lexicon.h"
#include "rules/incident.h"

namespace thap::serve {

struct CapSettings {
  std::string sender{};                             // who answers for it, "desk@thap.example"; empty: off
  std::string restriction{"Subscribed newsrooms"};  // for whom the messages are
  bool is_actual{false};                            // status Actual; otherwise Test
  std::string site{};                               // "https://thap.example": for links; may be empty
};

// What CAP does not allow in `sender` (spaces, commas, < and &); empty if there is nothing wrong.
std::string wrong_with_cap_sender(const std::string& sender);

// The message about the last of `steps` that people are told of, one <info> a language; earlier ones are its
// references. `steps`: transitions of one incident, oldest first. nullopt: nobody was told of any.
std::optional<std::string> cap_message(const std::vector<rules::Transition>& steps,
                                       const nlp::Lexicon& lexicon, const CapSettings& settings);

}  // namespace thap::serve
