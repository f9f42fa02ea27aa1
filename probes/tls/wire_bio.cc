#include "probes/tls/wire_bio.h"

#include <cerrno>

namespace probes::tls {

namespace {

net::Wire& wire_of(BIO* bio) { return *static_cast<net::Wire*>(BIO_get_data(bio)); }

bool again() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

int read(BIO* bio, char* into, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t came = wire_of(bio).receive({into, static_cast<std::size_t>(size)});
  if (came < 0 && again()) BIO_set_retry_read(bio);
  if (came == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(came);
}

int write(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t left = wire_of(bio).send({bytes, static_cast<std::size_t>(size)});
  if (left < 0 && again()) BIO_set_retry_write(bio);
  return static_cast<int>(left);
}

long control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return 0;
}

BIO_METHOD* method() {
  static BIO_METHOD* const made = [] {
    BIO_METHOD* one = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "wire");
    if (one == nullptr) return one;
    BIO_meth_set_read(one, &read);
    BIO_meth_set_write(one, &write);
    BIO_meth_set_ctrl(one, &control);
    return one;
  }();
  return made;
}

}  // namespace

BIO* wire_bio(net::Wire& wire) {
  BIO* bio = method() == nullptr ? nullptr : BIO_new(method());
  if (bio == nullptr) return nullptr;
  BIO_set_data(bio, &wire);
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace probes::tls
