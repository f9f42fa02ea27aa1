#include "exporter/memory.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <new>
#include <thread>

namespace exporter {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds first_pause(1);
constexpr milliseconds longest_pause(100);
constexpr milliseconds patience(1000);

// After an allocation of this thread has failed: false when its patience is over. One that fails after a second without a failure
// has all of it again.
bool pause() {
  thread_local steady_clock::time_point began, last;
  thread_local milliseconds next = first_pause;
  const auto now = steady_clock::now();
  if (now - last > patience) {
    began = now;
    next = first_pause;
  }
  last = now;
  if (now - began > patience) return false;
  std::this_thread::sleep_for(next);
  next = std::min(2 * next, longest_pause);
  return true;
}

// What `operator new` calls after each failure, until it succeeds or this throws.
void pause_or_give_up() {
  if (!pause()) throw std::bad_alloc();
}

void* patiently(auto attempt) {
  void* made = attempt();
  while (made == nullptr && pause()) made = attempt();
  return made;
}

// OpenSSL's, for which a length of zero is nothing.
void* allocate(std::size_t size, const char*, int) {
  return size == 0 ? nullptr : patiently([&] { return std::malloc(size); });
}
void* reallocate(void* old, std::size_t size, const char*, int) {
  if (size != 0) return patiently([&] { return std::realloc(old, size); });
  std::free(old);
  return nullptr;
}
void release(void* old, const char*, int) { std::free(old); }

}  // namespace

void wait_for_memory() {
  std::set_new_handler(pause_or_give_up);
  CRYPTO_set_mem_functions(allocate, reallocate, release);
}

}  // namespace exporter
