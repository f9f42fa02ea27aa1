// Answers /probe: one probe for each request, on a thread and an event loop of its own, so that strangers who ask for probes hold
// up neither the schedule nor a scrape. At most so many at once; the others are told to come back. Nothing is kept of a probe
// once it is answered, and one whose client has gone is given up.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <thread>

#include <asio/awaitable.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/thread_pool.hpp>

#include "exporter/materials/materials.h"
#include "exporter/metrics/own.h"
#include "exporter/on_demand/question.h"
#include "probes/net/resolver.h"
#include "probes/tls/context.h"
#include "probes/worker.h"

namespace exporter::on_demand {

struct OnDemandOptions {
  std::chrono::milliseconds timeout_offset{500};  // --timeout-offset
  std::size_t in_flight = 256;                    // probes at once: each holds a descriptor, and some 100 KB while it speaks TLS
  std::string name_servers;                       // as net::Resolver takes them; empty: the system's
};

class OnDemandProbes {
 public:
  // Gives the identities and trust stores of the moment; null while there are none yet. Any thread.
  using MaterialsSource = std::function<MaterialsPtr()>;

  // `own` outlives this; its probes in flight count these, too.
  OnDemandProbes(MaterialsSource materials, metrics::OwnMetrics& own, OnDemandOptions options);
  ~OnDemandProbes();  // stop()
  OnDemandProbes(const OnDemandProbes&) = delete;
  OnDemandProbes& operator=(const OnDemandProbes&) = delete;

  // A web::Handler for /probe; replies at once where it refuses, else when the probe has ended. Any thread; none after stop().
  void answer(web::RequestPtr request, web::Reply reply);

  // Drops what is under way, unanswered, and ends the thread; returns within a moment.
  void stop();

 private:
  struct OneProbe;
  [[nodiscard]] asio::awaitable<void> run(OneProbe asked);
  [[nodiscard]] asio::awaitable<web::Response> respond(const OneProbe& asked);

  const MaterialsSource materials_;
  metrics::OwnMetrics& own_;
  const OnDemandOptions options_;
  std::atomic<std::size_t> in_flight_ = 0;

  asio::io_context loop_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{loop_.get_executor()};
  asio::thread_pool signer_{1};
  probes::Worker worker_;
  probes::net::Resolver resolver_;  // of the thread, as the contexts are
  probes::tls::Contexts contexts_;
  std::thread thread_;
};

}  // namespace exporter::on_demand
