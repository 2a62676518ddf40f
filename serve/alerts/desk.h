// The desk that tells receivers: decides who is owed what, tries it again, remembers who was told.
// At least once: what is owed is written with the transition and deleted when the other side has it.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "serve/alerts/alertmanager.h"
#include "serve/alerts/courier.h"
#include "serve/alerts/ledger.h"
#include "serve/alerts/receiver.h"

namespace thap::serve {

struct AlertSettings {
  std::vector<Receiver> receivers;
  std::string site;  // "https://thap.example", for links; empty: none
};

struct ReceiverFigures {
  std::string name;
  Format format{Format::webhook};
  std::uint64_t delivered{0}, failed{0}, given_up{0};  // since the start
  std::size_t owed{0};
  bool is_disabled{false};   // it answered 410
  std::string last_failure;  // empty: the last attempt went well
};

// Delays after the first failures, of Standard Webhooks; after the last one the message is given up.
inline constexpr std::chrono::seconds retry_delays[] = {
    std::chrono::seconds(5), std::chrono::minutes(5), std::chrono::minutes(30),
    std::chrono::hours(2),   std::chrono::hours(5),   std::chrono::hours(10),
    std::chrono::hours(14),  std::chrono::hours(20),  std::chrono::hours(24)};

// To a receiver of the format file or output; the answer is 200, or has the failure.
Answer write_line(const Receiver& receiver, const std::string& line);

// Threads: the pipeline's, the store's one writer.
class AlertDesk {
 public:
  using Say = std::function<void(std::string_view)>;
  // Whether a first notice of this incident is muted now; see mutes.
  using IsMuted = std::function<bool(const rules::Incident&, std::int64_t now_ms)>;

  // Takes up what a run before this one left. Fails with `corrupt`, `newer_format`.
  static ingest::Result<std::unique_ptr<AlertDesk>> open(store::WindowStore& store, AlertSettings settings,
                                                         nlp::Lexicon::Pointer lexicon, std::int64_t now_ms,
                                                         Say say = {});

  void use(nlp::Lexicon::Pointer lexicon) { lexicon_ = std::move(lexicon); }
  void mute_by(IsMuted is_muted) { is_muted_ = std::move(is_muted); }

  // For the batch that carries the transitions. Called again for the same ones it gives the same.
  std::vector<store::KeyedBytes> owed(const std::vector<rules::Transition>& transitions, std::int64_t now_ms);

  // Between batches; never waits for a receiver. While we are not caught up, nobody is told of an incident
  // for the first time: it may have ended long ago, and then nobody is told at all.
  ingest::Result<void> work(std::int64_t now_ms, bool is_caught_up);
  // At the end: lets requests under way come back.
  ingest::Result<void> finish(std::chrono::milliseconds deadline, std::int64_t now_ms);

  // Sends again what was delivered or given up, under the same id; `rows` are written with it. Fails with
  // `not_found`.
  ingest::Result<void> send_again(const OwedKey& key, std::int64_t now_ms,
                                  std::vector<store::KeyedBytes> rows = {});

  std::size_t left() const { return ledger_.owed.size(); }
  std::vector<ReceiverFigures> figures() const;

 private:
  struct InFlight {
    OwedKey key;
    std::string thread;
  };
  struct Desk {  // of one receiver
    Receiver receiver;
    std::int64_t free_ms{0};  // no message before
    std::optional<InFlight> in_flight;
    ReceiverFigures figures;
    std::unique_ptr<AlertmanagerFeed> feed;
  };
  using OwedPlace = std::map<OwedKey, Owed>::iterator;

  AlertDesk(store::WindowStore& store, AlertSettings settings, nlp::Lexicon::Pointer lexicon, Say say);
  ingest::Result<void> take_up(std::int64_t now_ms);
  void owe(Desk& desk, const rules::Transition& transition, EventType type, std::int64_t now_ms,
           std::vector<store::KeyedBytes>& out);
  ingest::Result<void> take_answers(std::int64_t now_ms);
  ingest::Result<void> settle(Desk& desk, const InFlight& sent, const Answer& answer, std::int64_t now_ms);
  ingest::Result<void> serve_one(Desk& desk, std::int64_t now_ms);
  std::optional<OwedPlace> next_due(Desk& desk, std::int64_t now_ms, store::Batch& dropped);
  bool is_held(const Desk& desk, const OwedPlace& place, std::int64_t now_ms) const;
  bool drop_if_over(const OwedPlace& place, store::Batch& dropped);
  ingest::Result<void> deliver(Desk& desk, OwedPlace place, std::int64_t now_ms);
  ingest::Result<Notice> compose(const Desk& desk, const OwedKey& key, const Owed& owed,
                                 const std::string& thread) const;
  std::string thread_for(const Desk& desk, const std::string& incident) const;
  void disable(Desk& desk, store::Batch& batch);
  ingest::Result<void> tidy(std::int64_t now_ms);

  store::WindowStore& store_;
  std::string site_;
  nlp::Lexicon::Pointer lexicon_;
  Say say_;
  IsMuted is_muted_;
  std::vector<Desk> desks_;
  Ledger ledger_;
  std::map<std::string, std::string> group_of_;  // of incidents that share a cause
  bool is_caught_up_{false};
  std::int64_t tidied_ms_{0};
  struct Sent {
    std::size_t desk{0};
    std::optional<std::size_t> member;  // of an Alertmanager
  };
  std::map<std::uint64_t, Sent> sent_;  // by ticket
  std::unique_ptr<Courier> courier_;    // none where nothing is sent by HTTP
};

}  // namespace thap::serve
