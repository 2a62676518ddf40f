// What a service manager hears from us, through a socket as it would open one.
#include "app/supervisor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "tests/store/store_testing.h"

namespace thap::app {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::MatchesRegex;

// The receiving end: every datagram, in order.
class Manager {
 public:
  explicit Manager(std::string address) : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    sockaddr_un place{};
    place.sun_family = AF_UNIX;
    std::memcpy(place.sun_path, address.data(), address.size());
    const bool is_abstract = address[0] == '@';
    if (is_abstract) place.sun_path[0] = '\0';
    const auto length =
        static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size() + (is_abstract ? 0 : 1));
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&place), length), 0)
        << std::strerror(errno);
  }
  std::vector<std::string> heard() {
    std::vector<std::string> out;
    char text[4096];
    for (ssize_t n; (n = ::recv(socket_.get(), text, sizeof text, 0)) >= 0;)
      out.emplace_back(text, static_cast<std::size_t>(n));
    return out;
  }

 private:
  Descriptor socket_;
};

std::string address_of(bool is_abstract, const store::TemporaryFolder& folder) {
  return is_abstract ? "@thap-test-" + std::to_string(getpid()) : folder / "notify";
}

class Notify : public testing::TestWithParam<bool> {
 protected:
  store::TemporaryFolder folder_;
  std::string address_ = address_of(GetParam(), folder_);
  Manager manager_{address_};
};

TEST_P(Notify, TellsALife) {
  Supervisor supervisor(address_);
  supervisor.status("waiting\nREADY=1");
  supervisor.reloading();  // before the start has ended it is part of the start
  supervisor.reloaded();
  EXPECT_THAT(manager_.heard(), ElementsAre("STATUS=waiting READY=1"));
  supervisor.ready();
  supervisor.ready();
  EXPECT_THAT(manager_.heard(), ElementsAre("READY=1"));
  supervisor.reloading();
  supervisor.reloaded();
  supervisor.reloaded();
  EXPECT_THAT(manager_.heard(), ElementsAre(MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[0-9]+"), "READY=1"));
  supervisor.stopping();
  EXPECT_THAT(manager_.heard(), ElementsAre("STOPPING=1"));
}
INSTANTIATE_TEST_SUITE_P(Sockets, Notify, testing::Bool(),
                         [](const auto& row) { return row.param ? "abstract" : "path"; });

TEST(Watchdog, IsFedBySteps) {
  store::TemporaryFolder folder;
  const std::string address = address_of(false, folder);
  Manager manager(address);
  Supervisor supervisor(address, std::chrono::seconds(8));
  const auto begin = SteadyClock::now();
  supervisor.step(begin);
  EXPECT_THAT(manager.heard(), ElementsAre("WATCHDOG=1"));
  supervisor.step(begin + milliseconds(1'999));
  EXPECT_THAT(manager.heard(), IsEmpty());
  supervisor.step(begin + milliseconds(2'000));
  EXPECT_THAT(manager.heard(), ElementsAre("WATCHDOG=1"));
  int asked = 0;
  for (int second = 3; second < 23; ++second)
    supervisor.step(begin + std::chrono::seconds(second), [&] { return std::to_string(++asked); });
  EXPECT_EQ(asked, 2);
  EXPECT_THAT(manager.heard(), testing::Contains("STATUS=2"));
  supervisor.ready();
  supervisor.step(begin + std::chrono::seconds(22), [] { return "ready at last"; });
  EXPECT_THAT(manager.heard(), testing::Contains("STATUS=ready at last"));
}

TEST(Watchdog, OnlyWhereItIsMeantForUs) {
  store::TemporaryFolder folder;
  const std::string address = address_of(false, folder);
  Manager manager(address);
  ::setenv("NOTIFY_SOCKET", address.c_str(), 1);
  struct Case {
    std::string microseconds, process;
    bool is_fed;
  };
  for (const Case& c :
       {Case{"8000000", "", true}, Case{"8000000", std::to_string(getpid()), true},
        Case{"8000000", "1", false}, Case{"", "", false}, Case{"8s", "", false}, Case{"-8", "", false}}) {
    ::setenv("WATCHDOG_USEC", c.microseconds.c_str(), 1);
    ::setenv("WATCHDOG_PID", c.process.c_str(), 1);
    Supervisor::from_environment().step(SteadyClock::now());
    EXPECT_EQ(manager.heard().size(), c.is_fed ? 1U : 0U) << c.microseconds << ' ' << c.process;
  }
  for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
}

TEST(Notify, NobodyListens) {
  for (const std::string& address : {std::string(), std::string("/nowhere/notify"), std::string("@"),
                                     std::string("relative"), "/" + std::string(200, 'x')}) {
    Supervisor supervisor(address, std::chrono::seconds(1));
    supervisor.ready();
    supervisor.step(SteadyClock::now(), []() -> std::string { return "not asked for"; });
    supervisor.stopping();
  }
}

// A manager that has stopped reading costs a fifth of a second a word, and we tell it again that we are
// ready.
TEST(Notify, AFullSocketIsToldLater) {
  store::TemporaryFolder folder;
  const std::string address = address_of(false, folder);
  Manager manager(address);
  Supervisor other(address), supervisor(address);
  // Its queue is counted in datagrams: net.unix.max_dgram_qlen.
  std::ifstream in("/proc/sys/net/unix/max_dgram_qlen");
  int most = 0;
  ASSERT_TRUE(in >> most);
  for (int i = 0; i <= most; ++i) other.status("x");
  supervisor.ready();
  EXPECT_THAT(manager.heard(), testing::Each("STATUS=x"));
  supervisor.ready();
  EXPECT_THAT(manager.heard(), ElementsAre("READY=1"));
}

TEST(StatusLine, SaysHowWeAre) {
  RunFigures figures;
  figures.kafka.partitions = 4;
  figures.kafka.lag = 120;
  figures.incidents = {{rules::State::suspected, 5}, {rules::State::confirmed, 1}, {rules::State::easing, 1}};
  EXPECT_EQ(status_line(figures, {}), "4 partitions, 120 records behind, 2 incidents");
  EXPECT_EQ(status_line(figures, {{}, {"no record for 70 s"}}),
            "4 partitions, 120 records behind, 2 incidents; no record for 70 s");
  EXPECT_EQ(status_line(figures, {{"no broker answers", "stopping"}, {}}),
            "not ready: no broker answers; stopping");
}

}  // namespace
}  // namespace thap::app
