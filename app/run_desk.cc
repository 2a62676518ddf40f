#include "app/run_desk.h"

#include <fmt/format.h>

#include <algorithm>

namespace thap::app {

using ingest::Code;
using ingest::fail;
using ingest::Result;

Result<void> RunDesk::begin(store::WindowStore& store) {
  const auto trail = serve::audit_trail(store);
  if (!trail) return tl::unexpected(trail.error());
  if (trail->broken_at != 0)
    return fail(Code::corrupt, "the audit log was altered", fmt::format("entry {}", trail->broken_at));
  if (!trail->entries.empty()) last_ = trail->entries.back();
  auto mutes = serve::mutes_in(store, now_ms_());
  if (!mutes) return tl::unexpected(mutes.error());
  mutes_.use(std::move(*mutes));
  store_ = &store;
  return {};
}

void RunDesk::work(Pipeline& pipeline, const PipelineHooks& hooks) {
  desk_.work([&](const serve::Act& act) { return apply(act, pipeline, hooks); });
}

// The id of the mute.
Result<std::string> RunDesk::change_mutes(const serve::Act& act, std::vector<store::KeyedBytes>& rows,
                                          std::int64_t now_ms) {
  if (act.kind == serve::Act::Kind::mute) {
    serve::Mute mute = act.mute;
    mute.id = fmt::format("mute_{}", last_.number + 1);  // that of its audit entry
    rows.push_back(serve::mute_row(mute));
    return mute.id;
  }
  const auto all = serve::mutes_in(*store_, now_ms);
  if (!all) return tl::unexpected(all.error());
  if (std::none_of(all->begin(), all->end(), [&](const auto& one) { return one.id == act.mute.id; }))
    return fail(Code::not_found, fmt::format("no mute \"{}\" is in force", act.mute.id));
  rows.push_back(serve::no_mute_row(act.mute.id));
  return act.mute.id;
}

Result<serve::AuditEntry> RunDesk::apply(const serve::Act& act, Pipeline& pipeline,
                                         const PipelineHooks& hooks) {
  const auto now_ms = now_ms_();
  serve::AuditEntry entry;
  entry.at_ms = now_ms;
  entry.who = act.who;
  entry.reason = act.reason;
  std::vector<store::KeyedBytes> rows;
  if (act.kind == serve::Act::Kind::judge) {
    entry.act = rules::name(act.verdict);
    entry.target = act.incident;
    rows.push_back(serve::audit_row(last_, entry));
    auto judged = pipeline.judge(act.incident, act.verdict,
                                 fmt::format("{} by {}: {}", rules::word(act.verdict), act.who, act.reason),
                                 std::move(rows), hooks);
    if (!judged) return tl::unexpected(judged.error());
  } else if (act.kind == serve::Act::Kind::send_again) {
    entry.act = "send_again";
    entry.target = serve::delivery_id(act.delivery);
    rows.push_back(serve::audit_row(last_, entry));
    if (!send_again_) return fail(Code::not_found, "no receivers", entry.target);
    if (auto sent = send_again_(act.delivery, now_ms, std::move(rows)); !sent)
      return tl::unexpected(sent.error());
  } else {
    auto id = change_mutes(act, rows, now_ms);
    if (!id) return tl::unexpected(id.error());
    entry.act = act.kind == serve::Act::Kind::mute ? "mute" : "unmute";
    entry.target = *id;
    rows.push_back(serve::audit_row(last_, entry));
    store::Batch batch;
    batch.bytes = std::move(rows);
    batch.has_transition = true;  // synced: who was told that it is done must not find it undone
    if (auto written = store_->write(batch); !written) return tl::unexpected(written.error());
    auto mutes = serve::mutes_in(*store_, now_ms);
    if (!mutes) return tl::unexpected(mutes.error());
    mutes_.use(std::move(*mutes));
  }
  last_ = entry;
  return entry;
}

}  // namespace thap::app
