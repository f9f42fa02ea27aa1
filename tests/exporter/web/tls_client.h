// A TLS client for the server under test: what it offers is the test's choice. Blocking.
#pragma once

#include <string>

#include "tests/exporter/web/client.h"
#include "tests/support/test_ca.h"

namespace tests::web {

struct Offer {
  const support::Issued* identity = nullptr;  // the client's certificate; null: none
  int max_version = TLS1_3_VERSION;
  std::string ciphers;   // TLS 1.2
  std::string protocol;  // ALPN; empty: none
};

struct TlsAnswer {
  bool shaken = false;  // the client's handshake finished: under TLS 1.3 that is no acceptance yet
  int alert = 0;        // the number of the fatal alert that came
  Answer http;          // status 0: none came
  std::string cipher;
  std::string server_common_name;
};

// Asks `address` for `request` over TLS. The server's certificate is looked at, not judged.
[[nodiscard]] TlsAnswer tls_ask(const std::string& address, const std::string& request, const Offer& offer = {});

}  // namespace tests::web
