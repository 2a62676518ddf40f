// thap send-test, thap deliveries, thap send-again: whether receivers can be reached, and what they were
// told.
#include <fmt/format.h>

#include <iostream>

#include "app/alert_commands.h"
#include "app/alert_settings.h"
#include "app/local_socket.h"
#include "app/upkeep.h"
#include "app/wall_clock.h"
#include "serve/alerts/courier.h"
#include "serve/alerts/ledger.h"
#include "serve/incident_json.h"

namespace thap::app {

using ingest::Code;
using ingest::Error;

namespace {

constexpr std::chrono::seconds answer_deadline{25};

int print_answer(const std::string& where, const serve::Answer& answer) {
  if (answer.status == 0) {
    std::cout << fmt::format("{}: no answer: {}\n", where, answer.failure);
    return ExitCode::failed;
  }
  std::cout << fmt::format("{}: answered {}{}{}\n", where, answer.status, answer.body.empty() ? "" : ": ",
                           answer.body);
  return answer.is_success() ? ExitCode::ok : ExitCode::failed;
}

}  // namespace

int send_test(const Common&, const Settings& settings, const std::string& name) {
  const auto alerts = alert_settings(settings);
  if (!alerts) return report(alerts.error());
  const auto found = std::find_if(alerts->receivers.begin(), alerts->receivers.end(),
                                  [&](const auto& one) { return one.name == name; });
  if (found == alerts->receivers.end()) {
    std::vector<std::string> names;
    for (const auto& one : alerts->receivers) names.push_back(one.name);
    return report({Code::not_found,
                   names.empty() ? "the settings have no receivers (--settings FILE, alerts.receivers)"
                                 : fmt::format("no such receiver; there are {}", fmt::join(names, ", ")),
                   name});
  }
  const auto now_ms = wall_clock_ms();
  const std::string delivery = fmt::format("msg_test_{}_{}", now_ms, name);
  if (found->urls.empty()) {
    const auto line = serve::json_line(serve::test_notice(*found, now_ms), delivery);
    return print_answer(found->path.empty() ? "standard output" : found->path,
                        serve::write_line(*found, line));
  }
  serve::Courier courier;
  int exit_code = ExitCode::ok;
  for (std::size_t member = 0; member < found->urls.size(); ++member) {
    courier.send(found->format == serve::Format::alertmanager
                     ? serve::test_alert(*found, member, now_ms)
                     : serve::outgoing(*found, serve::test_notice(*found, now_ms), delivery, now_ms / 1'000));
    static_cast<void>(courier.wait(answer_deadline));
    const auto answers = courier.take_answers();
    // The address itself may be a secret.
    const std::string where = found->urls.size() == 1 ? name : fmt::format("{}, member {}", name, member + 1);
    if (answers.empty())
      exit_code = report({Code::unavailable, "no answer came in time", where});
    else
      exit_code = std::max(exit_code, print_answer(where, answers.front()));
  }
  return exit_code;
}

int list_deliveries(const Common& common, const std::string& receiver, int limit) {
  store::StoreSettings store_settings;
  store_settings.directory = common.data;
  store_settings.read_only = true;
  const auto store = store::WindowStore::open(store_settings);
  if (!store) return report(store.error());
  const auto ledger = serve::read_ledger(**store);
  if (!ledger) return report(ledger.error());
  const auto attempts = serve::read_attempts(**store, receiver, static_cast<std::size_t>(limit));
  if (!attempts) return report(attempts.error());
  for (const auto& one : *attempts) {
    if (common.json)
      std::cout << serve::attempt_json(one).dump() << '\n';
    else
      std::cout << fmt::format("{} IST  {}  {} {}  {}, attempt {}{}{}\n", serve::ist_date_time(one.at_ms),
                               padded(one.key.receiver, 16), serve::delivery_id(one.key),
                               serve::name(one.type), serve::outcome(one), one.number,
                               one.failure.empty() ? "" : ": ", one.failure);
  }
  for (const auto& [key, owed] : ledger->owed) {
    if (!receiver.empty() && key.receiver != receiver) continue;
    if (common.json)
      std::cout << serve::owed_json(key, owed).dump() << '\n';
    else
      std::cout << fmt::format("{} IST  {}  {} {}  owed, after {} attempts\n",
                               serve::ist_date_time(owed.due_ms), padded(key.receiver, 16),
                               serve::delivery_id(key), serve::name(owed.type), owed.attempts);
  }
  return ExitCode::ok;
}

int send_again(const Common& common, const std::string& delivery, const std::string& reason) {
  const auto answer =
      ask_at(socket_path(common.data), {{"do", "send_again"}, {"delivery", delivery}, {"reason", reason}},
             answer_deadline);
  if (!answer && answer.error().code == Code::not_found)
    return report({Code::unavailable, "no thap run writes this store: it is what sends", common.data});
  if (!answer) return report(answer.error());
  if (const auto found = answer->find("error"); found != answer->end())
    return report({Code::io, found->is_string() ? found->get<std::string>() : found->dump(), delivery});
  std::cout << (common.json ? answer->dump() : fmt::format("{}: on its way", delivery)) << '\n';
  return ExitCode::ok;
}

}  // namespace thap::app
