#include "serve/http_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <charconv>

#include "serve/client_address.h"
#include "serve/http_connection.h"
#include "serve/http_subscriber.h"

namespace thap::serve {

namespace net = boost::asio;
using tcp = net::ip::tcp;
using boost::system::error_code;
using ingest::Code;
using ingest::fail;
using ingest::Result;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {
constexpr std::size_t kept_events = 1'024;
}

Result<void> HttpServer::Impl::listen() {
  error_code error;
  const auto address = net::ip::make_address(settings.host, error);
  const std::string place = fmt::format("{}:{}", settings.host, settings.port);
  if (error) return fail(Code::usage, "not an address: a number as 127.0.0.1 or ::1, no name", place);
  const tcp::endpoint endpoint(address, settings.port);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(net::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(1'024, error);
  if (!error) bound_port = acceptor.local_endpoint(error).port();
  if (error) return fail(Code::io, "cannot listen here: " + error.message(), place);
  return {};
}

std::shared_ptr<void> HttpServer::Impl::place_for(const net::ip::address& address) {
  const std::string text = address.to_string();
  std::string name = address_for_limits(text);
  const bool is_limited = !is_loopback(text) && std::find(settings.proxies.begin(), settings.proxies.end(),
                                                          text) == settings.proxies.end();
  const std::lock_guard hold(figures_mutex);
  const auto known = by_address.find(name);
  const std::size_t held = known == by_address.end() ? 0 : known->second;
  if (is_stopping || connections >= settings.connections ||
      (is_limited && held >= settings.connections_an_address)) {
    ++counts.refused;
    return nullptr;
  }
  counts.connections = ++connections;
  if (is_limited) ++by_address[name];
  return {this, [name = std::move(name), is_limited](void* server) {
            auto& self = *static_cast<Impl*>(server);
            const std::lock_guard again(self.figures_mutex);
            self.counts.connections = --self.connections;
            if (!is_limited) return;
            const auto found = self.by_address.find(name);
            if (found != self.by_address.end() && --found->second == 0) self.by_address.erase(found);
          }};
}

void HttpServer::Impl::accept() {
  acceptor.async_accept([this](error_code error, tcp::socket socket) {
    if (is_stopping || error == net::error::operation_aborted) return;
    if (error) {
      // No descriptors left, most likely: others have to go first.
      auto pause = std::make_shared<net::steady_timer>(io, milliseconds(50));
      pause->async_wait([this, pause](error_code) {
        if (!is_stopping) accept();
      });
      return;
    }
    const auto peer = socket.remote_endpoint(error);
    if (!error) {
      if (auto place = place_for(peer.address())) {
        socket.set_option(tcp::no_delay(true), error);
        std::make_shared<Connection>(*this, std::move(socket), peer.address().to_string(), std::move(place))
            ->begin();
      } else {
        socket.close(error);
      }
    }
    accept();
  });
}

bool HttpServer::Impl::host_is_ours(std::string_view host) const {
  if (host.empty()) return false;
  const auto bracket = host.rfind(']');
  const auto colon = host.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  std::string name(host.substr(0, has_port ? colon : host.size()));
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  for (const auto& ours : settings.public_hosts)
    if (name == ours || host == ours) return true;
  if (has_port && host.substr(colon + 1) != std::to_string(bound_port)) return false;
  return name == "localhost" || name == "127.0.0.1" || name == "[::1]" || name == settings.host ||
         name == "[" + settings.host + "]";
}

void HttpServer::Impl::subscribe(tcp::socket socket, const StreamStart& start, std::shared_ptr<void> place) {
  auto subscriber = std::make_shared<Subscriber>(*this, std::move(socket), start.wants, std::move(place));
  subscribers.insert(subscriber);
  count_streams();
  // Spread, so that a restart does not bring everyone back at once.
  std::string first = fmt::format("retry: {}\n\n", 2'000 + subscribers.size() * 37 % 3'000);
  first += start.first;
  for (const auto& event : recent)
    if (event->number > start.after && subscriber->wants(*event)) first += event->text;
  subscriber->begin(std::move(first));
}

void HttpServer::Impl::deliver(std::shared_ptr<const StreamEvent> event) {
  recent.push_back(event);
  if (recent.size() > kept_events) recent.pop_front();
  const std::shared_ptr<const std::string> text(event, &event->text);
  const std::vector<std::shared_ptr<Subscriber>> all(subscribers.begin(), subscribers.end());
  for (const auto& subscriber : all)
    if (subscriber->wants(*event)) subscriber->send(text);
}

void HttpServer::Impl::beat() {
  heartbeat.expires_after(settings.heartbeat);
  heartbeat.async_wait([this](error_code error) {
    if (error || is_stopping) return;
    const std::vector<std::shared_ptr<Subscriber>> all(subscribers.begin(), subscribers.end());
    for (const auto& subscriber : all) subscriber->beat();
    beat();
  });
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<HttpServer>> HttpServer::open(const HttpSettings& settings, std::vector<Route> routes,
                                                     std::shared_ptr<Gate> gate) {
  auto impl = std::make_unique<Impl>(settings, std::move(routes), std::move(gate));
  if (auto listening = impl->listen(); !listening) return tl::unexpected(listening.error());
  impl->accept();
  impl->beat();
  impl->thread = std::thread([server = impl.get()] { server->io.run(); });
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::~HttpServer() { stop(); }

std::uint16_t HttpServer::port() const { return impl_->bound_port; }

std::string HttpServer::address() const {
  const bool is_v6 = impl_->settings.host.find(':') != std::string::npos;
  return is_v6 ? fmt::format("http://[{}]:{}", impl_->settings.host, impl_->bound_port)
               : fmt::format("http://{}:{}", impl_->settings.host, impl_->bound_port);
}

void HttpServer::publish(StreamEvent event) {
  {
    const std::lock_guard hold(impl_->figures_mutex);
    ++impl_->counts.events;
  }
  net::post(impl_->io, [impl = impl_.get(), shared = std::make_shared<const StreamEvent>(std::move(event))] {
    impl->deliver(shared);
  });
}

HttpFigures HttpServer::figures() const {
  const std::lock_guard hold(impl_->figures_mutex);
  return impl_->counts;
}

void HttpServer::stop(milliseconds grace) {
  if (impl_->is_stopped.exchange(true)) return;
  net::post(impl_->io, [impl = impl_.get()] {
    impl->is_stopping = true;
    error_code ignored;
    impl->acceptor.close(ignored);
    impl->heartbeat.cancel();
    std::size_t n = 0;
    const std::vector<std::shared_ptr<Subscriber>> all(impl->subscribers.begin(), impl->subscribers.end());
    for (const auto& subscriber : all)
      subscriber->finish(fmt::format("event: bye\nretry: {}\ndata: {{}}\n\n", 2'000 + n++ * 97 % 8'000));
  });
  // Ends by itself once nobody is connected.
  const auto until = steady_clock::now() + grace;
  while (steady_clock::now() < until) {
    {
      const std::lock_guard hold(impl_->figures_mutex);
      if (impl_->counts.connections == 0) break;
    }
    std::this_thread::sleep_for(milliseconds(5));
  }
  impl_->workers.stop();
  impl_->workers.join();
  impl_->io.stop();
  if (impl_->thread.joinable()) impl_->thread.join();
  impl_->subscribers.clear();
}

Result<std::pair<std::string, std::uint16_t>> parse_listen(std::string_view text) {
  std::string host = "127.0.0.1";
  std::string_view port = text;
  if (const auto colon = text.rfind(':'); colon != std::string_view::npos) {
    host = std::string(text.substr(0, colon));
    port = text.substr(colon + 1);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  }
  unsigned number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc{} || end != port.data() + port.size() || number > 65'535 || host.empty())
    return fail(Code::usage, "to listen say HOST:PORT or PORT", std::string(text));
  return std::pair{host, static_cast<std::uint16_t>(number)};
}

}  // namespace thap::serve
