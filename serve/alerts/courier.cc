#include "serve/alerts/courier.h"

#include <curl/curl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "serve/alerts/address_guard.h"

namespace thap::serve {

namespace {

constexpr std::size_t most_answer_bytes = 4'096;
constexpr long connect_timeout_ms = 10'000;
// A reader of one byte a second must not keep a connection for as long as it likes.
constexpr long slow_bytes_per_s = 10, slow_for_s = 15;

struct Transfer {
  std::uint64_t ticket{0};
  OutgoingRequest request;
  CURL* easy{nullptr};
  curl_slist* headers{nullptr};
  std::string answer;
  bool is_refused{false};

  ~Transfer() {
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
  }
};

curl_socket_t open_checked(void* context, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(context);
  if (!transfer.request.is_own_network && !is_public(address->addr)) {
    transfer.is_refused = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::size_t keep_answer(char* bytes, std::size_t, std::size_t count, void* context) {
  auto& answer = static_cast<Transfer*>(context)->answer;
  answer.append(bytes, std::min(count, most_answer_bytes - std::min(most_answer_bytes, answer.size())));
  // What is longer is not read to its end: curl takes a short count for an error.
  return answer.size() < most_answer_bytes ? count : 0;
}

}  // namespace

struct Courier::Impl {
  explicit Impl(std::chrono::milliseconds most) : timeout(most) {
    static const bool is_ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    static_cast<void>(is_ready);
    multi = curl_multi_init();
    thread = std::thread([this] { live(); });
  }
  ~Impl() {
    {
      const std::lock_guard hold(mutex);
      is_stopped = true;
    }
    curl_multi_wakeup(multi);
    thread.join();
    for (auto& [easy, transfer] : running) curl_multi_remove_handle(multi, easy);
    running.clear();
    curl_multi_cleanup(multi);
  }

  void live() {
    while (true) {
      std::vector<std::unique_ptr<Transfer>> fresh;
      {
        const std::lock_guard hold(mutex);
        if (is_stopped) return;
        fresh.swap(waiting);
      }
      for (auto& transfer : fresh) start(std::move(transfer));
      int active = 0;
      curl_multi_perform(multi, &active);
      collect();
      curl_multi_poll(multi, nullptr, 0, 1'000, nullptr);
    }
  }

  void start(std::unique_ptr<Transfer> transfer) {
    CURL* easy = transfer->easy = curl_easy_init();
    const OutgoingRequest& request = transfer->request;
    for (const auto& header : request.headers)
      transfer->headers = curl_slist_append(transfer->headers, header.c_str());
    // Many receivers answer "417" or wait where curl asks first whether a body may come.
    transfer->headers = curl_slist_append(transfer->headers, "expect:");
    curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_timeout_ms);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, slow_bytes_per_s);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, slow_for_s);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_checked);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer.get());
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, keep_answer);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer.get());
    // A connection kept open was checked when it was made, for this very receiver; still none is shared.
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    if (curl_multi_add_handle(multi, easy) != CURLM_OK) {
      give(*transfer, CURLE_FAILED_INIT);
      return;
    }
    running.emplace(easy, std::move(transfer));
  }

  void collect() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const auto found = running.find(message->easy_handle);
      if (found == running.end()) continue;
      const auto result = message->data.result;
      curl_multi_remove_handle(multi, found->first);
      give(*found->second, result);
      running.erase(found);
    }
  }

  void give(const Transfer& transfer, CURLcode result) {
    Answer answer;
    answer.ticket = transfer.ticket;
    answer.body = transfer.answer;
    long status = 0;
    curl_off_t retry_after_s = 0;
    curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(transfer.easy, CURLINFO_RETRY_AFTER, &retry_after_s);
    const bool is_cut = result == CURLE_WRITE_ERROR && transfer.answer.size() >= most_answer_bytes;
    if (transfer.is_refused)
      answer.failure = "its name leads to an address of a private network";
    else if (result != CURLE_OK && !is_cut)
      answer.failure = curl_easy_strerror(result);
    else
      answer.status = static_cast<int>(status);
    if (retry_after_s > 0) answer.retry_after_s = retry_after_s;
    const std::lock_guard hold(mutex);
    answers.push_back(std::move(answer));
    --under_way;
    changed.notify_all();
  }

  const std::chrono::milliseconds timeout;
  CURLM* multi{nullptr};
  std::map<CURL*, std::unique_ptr<Transfer>> running;  // the thread's own

  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::unique_ptr<Transfer>> waiting;
  std::vector<Answer> answers;
  std::uint64_t last_ticket{0};
  std::size_t under_way{0};
  bool is_stopped{false};
  std::thread thread;
};

Courier::Courier(std::chrono::milliseconds timeout) : impl_(std::make_unique<Impl>(timeout)) {}
Courier::~Courier() = default;

std::uint64_t Courier::send(OutgoingRequest request) {
  auto transfer = std::make_unique<Transfer>();
  transfer->request = std::move(request);
  std::uint64_t ticket = 0;
  {
    const std::lock_guard hold(impl_->mutex);
    ticket = transfer->ticket = ++impl_->last_ticket;
    ++impl_->under_way;
    impl_->waiting.push_back(std::move(transfer));
  }
  curl_multi_wakeup(impl_->multi);
  return ticket;
}

std::vector<Answer> Courier::take_answers() {
  const std::lock_guard hold(impl_->mutex);
  return std::exchange(impl_->answers, {});
}

bool Courier::wait(std::chrono::milliseconds deadline) {
  std::unique_lock hold(impl_->mutex);
  return impl_->changed.wait_for(hold, deadline, [&] { return impl_->under_way == 0; });
}

}  // namespace thap::serve
