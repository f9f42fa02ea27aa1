// For LD_PRELOAD: lets one kind of call fail, the n-th of it from when that is asked for. What is asked stands in the file that
// FAILING_CALLS names, which run.py maps, too: it may ask at any time, of a program that runs. Counts what was called.
#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
}

namespace {

// The same in run.py, in this order.
enum Kind : std::int64_t { allocate, open_file, connect_to, read_from, write_to, sync_file, start_thread, kinds };

struct Asked {
  std::int64_t kind;    // which fails
  std::int64_t after;   // calls of it that still pass
  std::int64_t times;   // how many fail then; 0: none does
  std::int64_t error;   // errno of it
  std::int64_t failed;  // how many did
  std::int64_t called[kinds];
};

Asked* asked() {
  static Asked nothing{};
  static Asked* const mapped = [] {
    const char* path = std::getenv("FAILING_CALLS");
    const int file = path == nullptr ? -1 : static_cast<int>(openat(AT_FDCWD, path, O_RDWR | O_CLOEXEC));
    if (file < 0) return &nothing;
    void* at = mmap(nullptr, sizeof(Asked), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    return at == MAP_FAILED ? &nothing : static_cast<Asked*>(at);
  }();
  return mapped;
}

bool begun = false;  // main() is: libraries that cannot be loaded end any program
int (*real_main)(int, char**, char**) = nullptr;

int begin(int count, char** values, char** environment) {
  asked();
  begun = true;
  return real_main(count, values, environment);
}

// Whether this call of `kind` is one that fails; sets errno.
bool fails(Kind kind) {
  if (!begun) return false;
  Asked& all = *asked();
  __atomic_add_fetch(&all.called[kind], 1, __ATOMIC_RELAXED);
  if (__atomic_load_n(&all.kind, __ATOMIC_RELAXED) != kind || __atomic_load_n(&all.times, __ATOMIC_RELAXED) <= 0) return false;
  if (__atomic_sub_fetch(&all.after, 1, __ATOMIC_RELAXED) >= 0) return false;
  if (__atomic_sub_fetch(&all.times, 1, __ATOMIC_RELAXED) < 0) return false;
  __atomic_add_fetch(&all.failed, 1, __ATOMIC_RELAXED);
  if (std::getenv("FAILING_CALLS_TRACE") != nullptr) {
    void* frames[64];
    backtrace_symbols_fd(frames, backtrace(frames, 64), STDERR_FILENO);
  }
  errno = static_cast<int>(all.error);
  return true;
}

template <typename Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

// Calls `name` of the C library, or fails with `value`.
#define PASS_ON(kind, value, name, ...)                   \
  static const auto next = real<decltype(::name)>(#name); \
  if (fails(kind)) return value;                          \
  return next(__VA_ARGS__)

extern "C" {

int __libc_start_main(int (*main)(int, char**, char**), int count, char** values, void (*init)(), void (*fini)(), void (*end)(),
                      void* stack) {
  real_main = main;
  return real<decltype(__libc_start_main)>("__libc_start_main")(begin, count, values, init, fini, end, stack);
}

void* malloc(std::size_t size) { return fails(allocate) ? nullptr : __libc_malloc(size); }
void* calloc(std::size_t count, std::size_t size) { return fails(allocate) ? nullptr : __libc_calloc(count, size); }
void* realloc(void* old, std::size_t size) { return fails(allocate) ? nullptr : __libc_realloc(old, size); }
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return fails(allocate) ? nullptr : __libc_memalign(alignment, size);
}

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const unsigned mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, unsigned) : 0;
  va_end(rest);
  PASS_ON(open_file, -1, open, path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const unsigned mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, unsigned) : 0;
  va_end(rest);
  PASS_ON(open_file, -1, open64, path, flags, mode);
}
std::FILE* fopen(const char* path, const char* mode) { PASS_ON(open_file, nullptr, fopen, path, mode); }
std::FILE* fopen64(const char* path, const char* mode) { PASS_ON(open_file, nullptr, fopen64, path, mode); }
int socket(int domain, int type, int protocol) noexcept { PASS_ON(open_file, -1, socket, domain, type, protocol); }
int accept4(int listener, sockaddr* from, socklen_t* size, int flags) {
  PASS_ON(open_file, -1, accept4, listener, from, size, flags);
}

int connect(int descriptor, const sockaddr* to, socklen_t size) { PASS_ON(connect_to, -1, connect, descriptor, to, size); }

ssize_t read(int descriptor, void* into, std::size_t size) { PASS_ON(read_from, -1, read, descriptor, into, size); }
ssize_t pread64(int descriptor, void* into, std::size_t size, off64_t at) {
  PASS_ON(read_from, -1, pread64, descriptor, into, size, at);
}
ssize_t recv(int descriptor, void* into, std::size_t size, int flags) {
  PASS_ON(read_from, -1, recv, descriptor, into, size, flags);
}
ssize_t recvmsg(int descriptor, msghdr* into, int flags) { PASS_ON(read_from, -1, recvmsg, descriptor, into, flags); }

ssize_t write(int descriptor, const void* from, std::size_t size) { PASS_ON(write_to, -1, write, descriptor, from, size); }
ssize_t pwrite64(int descriptor, const void* from, std::size_t size, off64_t at) {
  PASS_ON(write_to, -1, pwrite64, descriptor, from, size, at);
}
ssize_t writev(int descriptor, const iovec* from, int count) { PASS_ON(write_to, -1, writev, descriptor, from, count); }
ssize_t send(int descriptor, const void* from, std::size_t size, int flags) {
  PASS_ON(write_to, -1, send, descriptor, from, size, flags);
}
ssize_t sendmsg(int descriptor, const msghdr* from, int flags) { PASS_ON(write_to, -1, sendmsg, descriptor, from, flags); }
int ftruncate64(int descriptor, off64_t size) noexcept { PASS_ON(write_to, -1, ftruncate64, descriptor, size); }

int fsync(int descriptor) { PASS_ON(sync_file, -1, fsync, descriptor); }
int fdatasync(int descriptor) { PASS_ON(sync_file, -1, fdatasync, descriptor); }

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*), void* argument) noexcept {
  static const auto next = real<decltype(::pthread_create)>("pthread_create");
  return fails(start_thread) ? static_cast<int>(asked()->error) : next(thread, attributes, start, argument);
}

}  // extern "C"
