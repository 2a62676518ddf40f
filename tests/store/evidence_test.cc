// Evidence: three posts a service and minute, and gone when their authors say so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/store/store_testing.h"

namespace thap::store {
namespace {

using ingest::Operation;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr MinuteRange hour{day_start, day_start + 60};

Evidence a_post(std::uint64_t n, Minute minute = day_start, nlp::ServiceId service = whatsapp,
                std::uint64_t author = 0) {
  Evidence evidence;
  evidence.service = service;
  evidence.minute = minute;
  evidence.post = {0, n};
  evidence.author = author == 0 ? 1000 + n : author;
  evidence.event_ms = ms_of(minute);
  evidence.text = "post " + std::to_string(n);
  return evidence;
}

EvidenceChange change(Operation op, std::uint64_t n, std::string text = {}) {
  EvidenceChange change;
  change.op = op;
  (op == Operation::remove_author ? change.author : change.post.low) = n;
  change.text = std::move(text);
  change.event_ms = ms_of(day_start + 30);
  return change;
}

class EvidenceTest : public testing::Test {
 protected:
  WriteSummary write(std::vector<Evidence> evidence, std::vector<EvidenceChange> changes = {},
                     Minute clock = day_start) {
    Batch batch;
    batch.tally.evidence = std::move(evidence);
    batch.tally.changes = std::move(changes);
    batch.tally.newest_clock_ms = ms_of(clock);
    const auto written = store->write(batch);
    if (!written) {
      ADD_FAILURE() << ingest::to_string(written.error());
      return {};
    }
    return *written;
  }
  std::vector<std::string> texts(nlp::ServiceId service = whatsapp) {
    std::vector<std::string> all;
    const auto evidence = store->evidence(service, hour, 100);
    EXPECT_TRUE(evidence);
    for (const auto& one : *evidence) all.push_back(one.text);
    return all;
  }
  void reopen() {
    store.reset();
    store = open_or_fail(settings_in(folder / "data"));
  }

  TemporaryFolder folder;
  std::unique_ptr<WindowStore> store = open_or_fail(settings_in(folder / "data"));
};

TEST_F(EvidenceTest, ComesBackWhole) {
  auto evidence = a_post(1);
  evidence.blamed = {jio};
  evidence.link = "https://example.org/17";
  evidence.sensitive = true;
  write({evidence});
  EXPECT_THAT(*store->evidence(whatsapp, hour, 10), ElementsAre(evidence));
  EXPECT_THAT(*store->evidence(jio, hour, 10), IsEmpty());
  EXPECT_THAT(*store->evidence(whatsapp, {day_start + 1, day_start + 60}, 10), IsEmpty());
  EXPECT_THAT(*store->evidence(whatsapp, hour, 0), IsEmpty());
}

TEST_F(EvidenceTest, IsThreePostsAServiceAndMinute) {
  const auto first = write({a_post(1), a_post(2), a_post(3, day_start, jio)});
  EXPECT_EQ(first.evidence_kept, 3u);
  const auto second = write({a_post(4), a_post(5), a_post(6, day_start + 1)});
  EXPECT_EQ(second.evidence_kept, 2u);
  EXPECT_EQ(second.evidence_dropped, 1u);
  EXPECT_THAT(texts(), ElementsAre("post 1", "post 2", "post 4", "post 6"));
  reopen();
  EXPECT_EQ(write({a_post(7)}).evidence_dropped, 1u) << "counted from the rows";
}

TEST_F(EvidenceTest, GoesWhenThePostIsDeleted) {
  write({a_post(1), a_post(1, day_start + 2, jio), a_post(2)});
  write({}, {change(Operation::remove, 1)});
  EXPECT_THAT(texts(), ElementsAre("post 2"));
  EXPECT_THAT(texts(jio), IsEmpty());
  write({a_post(1)});
  EXPECT_THAT(texts(), ElementsAre("post 2")) << "and does not come back";
  write({a_post(3), a_post(4)});
  EXPECT_THAT(texts(), ElementsAre("post 2", "post 3", "post 4")) << "its place is free";
}

TEST_F(EvidenceTest, StaysAwayWhenTheDeletionCameFirst) {
  write({}, {change(Operation::remove, 1)});
  reopen();
  EXPECT_EQ(write({a_post(1), a_post(2)}).evidence_dropped, 1u);
  EXPECT_THAT(texts(), ElementsAre("post 2"));
}

TEST_F(EvidenceTest, StaysAwayWhenDeletedInTheSameBatch) {
  const auto written = write({a_post(1), a_post(2)}, {change(Operation::remove, 1)});
  EXPECT_EQ(written.evidence_kept, 1u);
  EXPECT_EQ(written.evidence_dropped, 1u);
  EXPECT_THAT(texts(), ElementsAre("post 2"));
  write({a_post(3), a_post(4)});
  EXPECT_THAT(texts(), ElementsAre("post 2", "post 3", "post 4"));
}

TEST_F(EvidenceTest, GoesWithItsAuthor) {
  write({a_post(1, day_start, whatsapp, 7), a_post(2, day_start + 1, jio, 7), a_post(3)});
  write({a_post(4, day_start, whatsapp, 7)}, {change(Operation::remove_author, 7)});
  EXPECT_THAT(texts(), ElementsAre("post 3"));
  EXPECT_THAT(texts(jio), IsEmpty());
  write({a_post(5, day_start + 29, whatsapp, 7), a_post(6, day_start + 31, whatsapp, 7)});
  EXPECT_THAT(texts(), ElementsAre("post 3", "post 6"))
      << "older posts stay away, later ones are the author's choice";
}

TEST_F(EvidenceTest, OfUnknownAuthorsIsNotOneAuthors) {
  auto evidence = a_post(1);
  evidence.author = 0;
  write({evidence}, {change(Operation::remove_author, 0)});
  EXPECT_THAT(texts(), ElementsAre("post 1"));
}

TEST_F(EvidenceTest, ShowsTheEditedText) {
  write({a_post(1), a_post(2)}, {change(Operation::edit, 2, "edited at once")});
  write({}, {change(Operation::edit, 1, "edited later")});
  EXPECT_THAT(texts(), ElementsAre("edited later", "edited at once"));
  EXPECT_TRUE(store->evidence(whatsapp, hour, 1)->front().edited);
}

TEST_F(EvidenceTest, IsHiddenByAnEditWithoutText) {
  write({a_post(1), a_post(2)});
  write({}, {change(Operation::edit, 1)});
  EXPECT_THAT(texts(), ElementsAre("post 2"));
  write({}, {change(Operation::edit, 1, "refreshed")});
  EXPECT_THAT(texts(), ElementsAre("refreshed", "post 2"));
}

TEST_F(EvidenceTest, EditedBeforeItCameStaysAway) {
  write({}, {change(Operation::edit, 1, "new")});
  write({a_post(1)});
  EXPECT_THAT(texts(), IsEmpty()) << "its first text is not what the author says now";
}

TEST_F(EvidenceTest, IsNotBroughtBackByAnEditAfterItsDeletion) {
  write({a_post(1)});
  write({}, {change(Operation::remove, 1), change(Operation::edit, 1, "x")});
  EXPECT_THAT(texts(), IsEmpty());
}

TEST_F(EvidenceTest, ExpiresAfterItsDays) {
  write({a_post(1)}, {}, day_start + 7 * 1440);
  EXPECT_THAT(texts(), ElementsAre("post 1"));
  write({}, {}, day_start + 7 * 1440 + 1);
  EXPECT_THAT(texts(), IsEmpty());
  EXPECT_EQ(write({a_post(2)}).evidence_dropped, 1u) << "too old to be kept at all";
}

TEST_F(EvidenceTest, IsNeverKeptLongerThanThirtyDays) {
  store.reset();
  auto settings = settings_in(folder / "data");
  settings.evidence_days = 300;
  store = open_or_fail(settings);
  write({a_post(1)});
  write({}, {}, day_start + 30 * 1440 + 1);
  EXPECT_THAT(texts(), IsEmpty());
}

}  // namespace
}  // namespace thap::store
