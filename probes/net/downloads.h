// Several answers over HTTP at once, taken as they come: what streams for minutes, like a watch of the Kubernetes API, stands
// beside what is asked meanwhile. The bytes are handed on and never kept. HTTP/1.1, a connection for each; no redirects, no
// proxies. One thread begins, turns and ends; wake() is for any.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <variant>
#include <vector>

#include "probes/net/fetch.h"

namespace probes::net {

struct Download {
  FetchRequest request;  // `timeout`: of the whole answer; `redirects`, `closed` and `limit` do not count
  // Called when the head of an answer is there, ahead of its body, which may be long in coming. May be empty.
  std::function<void(int status)> answered;
  // Called for the bytes of the body. False: enough, it ends as too_large.
  std::function<bool(int status, std::string_view bytes)> take;
  // Called once, at the end: the status and the head of the answer, without a body, or why there is none or it broke off.
  std::function<void(std::variant<Fetched, FetchFailure> outcome)> ended;
};

class Downloads {
 public:
  Downloads();
  ~Downloads();  // what is under way ends, and nobody is told
  Downloads(const Downloads&) = delete;
  Downloads& operator=(const Downloads&) = delete;

  // The callbacks come from turn(), and may begin others.
  void begin(Download download);

  // Waits until something happens, at most `longest`, and calls back.
  void turn(std::chrono::milliseconds longest);

  // The turn that waits, or the next, returns at once. Any thread.
  void wake();

 private:
  struct Exchange;
  void finish(void* handle, int code);

  struct Multi;
  std::unique_ptr<Multi> multi_;
  std::vector<std::unique_ptr<Exchange>> exchanges_;
};

}  // namespace probes::net
