// What decoding costs: one thread, posts of about 500 bytes, copies and hashes included.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "ingest/decoder.h"

namespace {

using namespace thap::ingest;

constexpr int distinct = 4'096;  // enough that nothing stays in the first cache by luck

std::string x_v2(int i) {
  return R"({"data":{"id":")" + std::to_string(2109558523733102597 + i * 4194304LL) +
         R"(","text":"@TarangCares Tarang ka data Nagpur me subah se nahi chal raha, recharge bhi fail ho gaya, koi jawab nahi. Aur kisi ka bhi band hai kya? #TarangDown",)" +
         R"("edit_history_tweet_ids":[")" + std::to_string(2109558523733102597 + i * 4194304LL) +
         R"("],"author_id":")" + std::to_string(990000000000000041 + i) +
         R"(","conversation_id":"2109558523733102597","lang":"hi","created_at":"2026-10-12T08:15:20.000Z",)" +
         R"("public_metrics":{"retweet_count":0,"reply_count":1,"like_count":2,"quote_count":0}},"matching_rules":[{"id":"7","tag":"telecom-hinglish"}]})";
}

std::string jetstream(int i) {
  return R"({"did":"did:plc:qwertyuiopasdfghjklz)" + std::to_string(1000 + i) +
         R"(","time_us":1791792921305123,"kind":"commit","commit":{"rev":"3mxo3acm2vk2l",)" +
         R"("operation":"create","collection":"app.bsky.feed.post","rkey":"3mxo3ack)" +
         std::to_string(10000 + i) +
         R"(","cid":"bafyinvented","record":{"$type":"app.bsky.feed.post","createdAt":"2026-10-12T08:15:20.417Z","langs":["bn"],)" +
         R"("text":"পাড়ায় তরঙ্গের নেটওয়ার্ক নেই, কল যাচ্ছে না, রিচার্জও হচ্ছে না"}}})";
}

void decode(benchmark::State& state, std::string (*make)(int)) {
  std::vector<std::string> payloads;
  std::int64_t bytes = 0;
  for (int i = 0; i < distinct; ++i) payloads.push_back(make(i));
  for (const std::string& payload : payloads) bytes += static_cast<std::int64_t>(payload.size());
  Decoder decoder(std::make_shared<DecoderSettings>(),
                  AuthorKey::from_hex("000102030405060708090a0b0c0d0e0f").value());
  Record record;
  record.source = "posts";
  record.kafka_ms = 1'791'792'921'000;
  SourceBatch batch;
  for (auto _ : state) {
    batch.posts.clear();
    for (const std::string& payload : payloads) {
      record.payload = payload;
      add(decoder.decode(record), batch);
      if (batch.posts.size() == 500) batch.posts.clear();  // a batch goes on to the readers
    }
    benchmark::DoNotOptimize(batch.records);
  }
  if (!batch.dead_letters.empty()) state.SkipWithError("a dead letter");
  state.SetItemsProcessed(state.iterations() * distinct);
  state.counters["bytes_a_post"] = static_cast<double>(bytes) / distinct;
}

void DecodeXV2(benchmark::State& state) { decode(state, x_v2); }
void DecodeJetstream(benchmark::State& state) { decode(state, jetstream); }
BENCHMARK(DecodeXV2);
BENCHMARK(DecodeJetstream);

}  // namespace

BENCHMARK_MAIN();
