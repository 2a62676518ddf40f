// A disk that takes nothing more, and then does.
#include "app/run_rescue.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/store/store_testing.h"

namespace thap::app {
namespace {

using store::TemporaryFolder;

// A limit on the size of files stands for a full disk; it would last for all tests, so it is set in a child.
void limit_file_size(rlim_t bytes) {
  const rlimit limit{bytes, RLIM_INFINITY};
  setrlimit(RLIMIT_FSIZE, &limit);
}

store::Batch batch_of(std::int64_t n) {
  store::Batch batch;
  batch.tally.positions = {{"posts", 0, n, 0}};
  batch.bytes = {{store::Family::incidents, "some", std::string(2'000, 'x')}};
  return batch;
}

TEST(Rescue, WaitsForTheDiskAndSaysSoOnce) {
  const TemporaryFolder folder;
  const auto child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    const auto store = store::open_or_fail(store::settings_in(folder / "data"));
    limit_file_size(64 << 10);
    std::int64_t next = 1;
    while (store->write(batch_of(next))) ++next;
    std::vector<std::string> said;
    int passes = 0;
    StoreRescue rescue(*store, folder / "data",
                       {[] { return false; },
                        [&] {
                          usleep(10'000);
                          if (++passes == 250) limit_file_size(RLIM_INFINITY);
                        },
                        [&](std::string_view text) { said.emplace_back(text); }});
    if (!rescue.wait() || passes < 250) _exit(1);
    if (store->figures().broken || !store->write(batch_of(next))) _exit(2);
    if (store->positions().front().next != next) _exit(3);
    if (said.size() != 3) _exit(4);  // broken; why writing still fails; written again
    if (said[0].find("nothing is read") == std::string::npos) _exit(5);
    if (said[2].find("written again") == std::string::npos) _exit(6);
    if (std::filesystem::exists(folder / "data/thap-write-test")) _exit(7);
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(Rescue, EndsWhenAskedTo) {
  const TemporaryFolder folder;
  const auto store = store::open_or_fail(store::settings_in(folder / "data"));
  int asked = 0;
  StoreRescue rescue(*store, folder / "data", {[&] { return ++asked > 3; }, [] {}, [](std::string_view) {}});
  EXPECT_FALSE(rescue.wait());
}

TEST(CheckDisk, NamesThePlace) {
  const auto checked = check_disk("/nowhere/at/all");
  ASSERT_FALSE(checked);
  EXPECT_THAT(to_string(checked.error()), testing::HasSubstr("/nowhere/at/all"));
}

}  // namespace
}  // namespace thap::app
