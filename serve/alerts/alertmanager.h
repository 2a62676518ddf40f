// What an Alertmanager (API v2) is told: state, not messages. Every alert is sent again and again with an end
// some minutes ahead, so that it resolves by itself when we fall silent; one that has ended is repeated for a
// while, so that a restart on the other side loses nothing.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "nlp/lexicon.h"
#include "rules/incident.h"
#include "serve/alerts/courier.h"
#include "serve/alerts/receiver.h"

namespace thap::serve {

// An alert named ThapTest that ends by itself in a minute, to one member.
OutgoingRequest test_alert(const Receiver& receiver, std::size_t member, std::int64_t now_ms);

// One receiver, every member of its cluster. Times are wall clock. Threads: one.
class AlertmanagerFeed {
 public:
  static constexpr std::chrono::milliseconds send_every{60'000}, ends_ahead{240'000}, repeat_ended{900'000},
      retry_after{10'000};

  AlertmanagerFeed(const Receiver& receiver, std::string site)
      : receiver_(&receiver), site_(std::move(site)), members_(receiver.urls.size()) {}

  // At the start: what is open, and what has ended so lately that an end may not have been sent.
  void take_up(const rules::Incident& incident, const nlp::Lexicon& lexicon, std::int64_t now_ms);
  void apply(const rules::Transition& transition, const nlp::Lexicon& lexicon, std::int64_t now_ms);

  struct Sending {
    std::size_t member{0};
    OutgoingRequest request;
  };
  // What is to be sent now.
  std::vector<Sending> due(std::int64_t now_ms);
  // What came of it. A batch with a bad alert is refused as a whole though its good ones are kept: then each
  // goes alone.
  void answered(std::size_t member, const Answer& answer, std::int64_t now_ms);

  std::size_t alerts() const { return alerts_.size(); }

 private:
  using Labels = std::tuple<std::string, std::string, std::string>;  // service, region, severity
  struct Alert {
    std::string incident;
    nlohmann::ordered_json annotations;
    std::int64_t started_ms{0}, ended_ms{0};  // 0: fires
  };
  struct Member {
    std::int64_t next_ms{0};
    std::size_t in_flight{0};  // alerts in the request under way; 0: none
    std::vector<nlohmann::ordered_json> alone;
  };
  void put(const rules::Incident& incident, const std::string& reason, const nlp::Lexicon& lexicon,
           std::int64_t now_ms);
  nlohmann::ordered_json json(const Labels& labels, const Alert& alert, std::int64_t now_ms) const;

  const Receiver* receiver_;
  std::string site_;
  std::map<Labels, Alert> alerts_;
  std::vector<Member> members_;
};

}  // namespace thap::serve
