#include "tests/support/tls_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <list>
#include <mutex>
#include <set>
#include <thread>

#include "tests/support/tls_peer_session.h"

namespace tests::support {

namespace {

int listening_socket(const std::string& ip, std::uint16_t port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = inet_addr(ip.c_str());
  address.sin_port = htons(port);
  const int again = port != 0;  // a port that is written was perhaps just let go
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &again, sizeof again);
  if (listener < 0 || bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(listener, 128) != 0) {
    std::perror("TLS peer");
    std::abort();
  }
  return listener;
}

// OpenSSL writes without MSG_NOSIGNAL; SIGPIPE goes to the writing thread.
void block_sigpipe() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

class TlsPeer::Server {
 public:
  explicit Server(TlsPeerOptions options)
      : options_(std::move(options)),
        own_(options_.identity ? Issued{} : issue({.common_name = "localhost"})),
        context_(peer_context(options_, options_.identity ? *options_.identity : own_)),
        listener_(listening_socket(options_.ip, options_.port)),
        acceptor_([this] { accept_all(); }) {}

  ~Server() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      shutdown(listener_, SHUT_RDWR);
      for (const int socket : sockets_) shutdown(socket, SHUT_RDWR);
    }
    acceptor_.join();
    for (std::thread& session : sessions_) session.join();
    close(listener_);
  }

  std::uint16_t port() const {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
  }

  std::vector<SeenConnection> seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
  }

  bool wait_until(const std::function<bool(const std::vector<SeenConnection>&)>& reached) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return reached(seen_); });
  }

 private:
  void accept_all() {
    block_sigpipe();
    for (;;) {
      const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0 && errno == EMFILE && !stopping()) {  // a test has taken them all: Linux says so even if nobody comes
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        continue;
      }
      if (socket < 0) return;
      const int at_once = 1;
      setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
      if (!serve(socket)) return;
    }
  }

  bool stopping() const {
    const std::lock_guard lock(mutex_);
    return stopping_;
  }

  bool serve(int socket) {
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      close(socket);
      return false;
    }
    sockets_.insert(socket);
    const std::size_t index = seen_.size();
    seen_.emplace_back();
    changed_.notify_all();
    sessions_.emplace_back([this, socket, index] { run(socket, index); });
    return true;
  }

  void run(int socket, std::size_t index) {
    block_sigpipe();
    const auto note = [this, index](const std::function<void(SeenConnection&)>& change) {
      const std::lock_guard lock(mutex_);
      change(seen_[index]);
      changed_.notify_all();
    };
    {
      Session session(socket, context_.get(), options_, note);
      session.run();
    }
    const std::lock_guard lock(mutex_);
    sockets_.erase(socket);
    close(socket);
    seen_[index].ended = true;
    changed_.notify_all();
  }

  const TlsPeerOptions options_;
  const Issued own_;
  const probes::tls::Ptr<SSL_CTX> context_;
  const int listener_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool stopping_ = false;
  std::set<int> sockets_;
  std::vector<SeenConnection> seen_;
  std::list<std::thread> sessions_;
  std::thread acceptor_;  // last: it uses all the others
};

TlsPeer::TlsPeer(TlsPeerOptions options) : server_(std::make_unique<Server>(std::move(options))) {}
TlsPeer::~TlsPeer() = default;
std::uint16_t TlsPeer::port() const { return server_->port(); }
std::vector<SeenConnection> TlsPeer::seen() const { return server_->seen(); }
bool TlsPeer::wait_until(const std::function<bool(const std::vector<SeenConnection>&)>& reached) const {
  return server_->wait_until(reached);
}

std::vector<Act> answer_http(std::string text) { return {act::AwaitRequest{}, act::Send{std::move(text)}, act::CloseNotify{}}; }

}  // namespace tests::support
