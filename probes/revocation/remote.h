// What is asked over HTTP of revocation: a list at its URL, a responder about a certificate. Each place is asked once for
// everybody who wants to know, and says what it was last told; who judges asks here and never waits. Any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "probes/observations/revocation.h"
#include "probes/revocation/list.h"

namespace probes::revocation {

// What a place had to say when it was last asked.
struct Told {
  bool asked = false;                                   // at least once, whatever came of it
  ListPtr list = nullptr;                               // of a distribution point; kept while no other can be had
  std::shared_ptr<const std::string> answer = nullptr;  // of a responder, in DER; kept so
  std::string trouble = {};                             // why the last attempt came to nothing; empty: it did not
};

class Place {
 public:
  explicit Place(std::string url) : url_(std::move(url)) {}

  const std::string& url() const { return url_; }

  Told told() const {
    const std::scoped_lock lock(mutex_);
    return told_;
  }
  void tell(Told told) {
    const std::scoped_lock lock(mutex_);
    told_ = std::move(told);
    ++version_;
  }

  // Grows whenever something is told.
  std::uint64_t version() const { return version_; }

  // A place that nobody wants any more is not asked any more.
  void want(std::chrono::sys_seconds at) { wanted_ = at; }
  std::chrono::sys_seconds wanted() const { return wanted_; }

 private:
  const std::string url_;
  mutable std::mutex mutex_;
  Told told_;
  std::atomic<std::uint64_t> version_ = 0;
  std::atomic<std::chrono::sys_seconds> wanted_{};
};

using PlacePtr = std::shared_ptr<Place>;

// A judgement that rests on what a place had told by then.
struct Ticket {
  PlacePtr place;
  std::uint64_t version = 0;
  bool holds() const { return place->version() == version; }
};

// A responder is asked about a certificate. Borrowed; what is kept of them is a share.
struct Query {
  std::string url;
  X509* certificate = nullptr;
  X509* issuer = nullptr;  // signed it, and is trusted
  bool nonce = false;
};

class Remote {
 public:
  virtual ~Remote() = default;

  // The place of this URL, asked soon where it is new and then at least every `refresh`. Null: it is none that is asked (another
  // scheme than http and https), or there are too many. `issuer`: of the certificate, who most likely signs the list; borrowed.
  virtual PlacePtr list_at(const std::string& url, std::chrono::milliseconds refresh, X509* issuer) = 0;

  // The same of a responder. An answer is asked for again before it ends, and after `refresh` where it does not say when.
  virtual PlacePtr answer_about(const Query& query, std::chrono::milliseconds refresh) = 0;
};

}  // namespace probes::revocation
