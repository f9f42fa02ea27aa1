// Our HTTP against somebody else's: civetweb's server is what we fetch lists of targets, revocation lists and OCSP answers from,
// and its client asks our public front.
#include <CivetServer.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "exporter/service.h"
#include "probes/net/fetch.h"
#include "tests/support/probing.h"

namespace exporter {
namespace {

using namespace ::tests::support;
using probes::net::fetch;
using probes::net::Fetched;
using testing::HasSubstr;

// Answers a GET with a document of `size` bytes in chunks, and a POST with what was posted.
class Documents : public CivetHandler {
 public:
  explicit Documents(std::size_t size) : size_(size) {}

  bool handleGet(CivetServer*, mg_connection* connection) override {
    mg_printf(connection, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string piece(4096, 'x');
    for (std::size_t left = size_; left > 0;) {
      const auto part = static_cast<unsigned>(std::min(left, piece.size()));
      mg_send_chunk(connection, piece.data(), part);
      left -= part;
    }
    mg_send_chunk(connection, "", 0);
    return true;
  }

  bool handlePost(CivetServer*, mg_connection* connection) override {
    const std::string body = CivetServer::getPostData(connection);
    mg_printf(connection, "HTTP/1.1 200 OK\r\nContent-Type: application/ocsp-response\r\nContent-Length: %zu\r\n\r\n",
              body.size());
    mg_write(connection, body.data(), body.size());
    return true;
  }

 private:
  std::size_t size_;
};

class Foreign : public testing::Test {
 protected:
  Foreign() { server_.addHandler("/document", documents_); }
  std::string url(const std::string& path) {
    return "http://127.0.0.1:" + std::to_string(server_.getListeningPorts().at(0)) + path;
  }

  Documents documents_{1'000'000};
  CivetServer server_{std::vector<std::string>{"listening_ports", "127.0.0.1:0", "num_threads", "2"}};
};

TEST_F(Foreign, AListInChunksIsFetchedWhole) {
  const auto answer = fetch({.url = url("/document")});
  ASSERT_TRUE(std::holds_alternative<Fetched>(answer)) << std::get<probes::net::FetchFailure>(answer).why;
  EXPECT_EQ(std::get<Fetched>(answer).body.size(), 1'000'000u);
}

TEST_F(Foreign, AQuestionWithZerosInItIsPostedWhole) {
  std::string question("\x30\x03\x00\x01\x00", 5);
  const auto answer = fetch({.url = url("/document"), .headers = {"Content-Type: application/ocsp-request"}, .post = question});
  ASSERT_TRUE(std::holds_alternative<Fetched>(answer));
  EXPECT_EQ(std::get<Fetched>(answer).body, question);
}

TEST_F(Foreign, WhatIsNotThereIsAnAnswer) {
  const auto answer = fetch({.url = url("/elsewhere")});
  ASSERT_TRUE(std::holds_alternative<Fetched>(answer));
  EXPECT_EQ(std::get<Fetched>(answer).status, 404);
}

TEST(Front, AnswersAForeignClient) {
  const TemporaryFolder folder;
  const std::string file = folder.write("empty.yml", "targets: []\n");
  Service service(file, Serve{.listen = {{"127.0.0.1", 0}}, .telemetry_listen = config::Address{"", 0}});
  EXPECT_FALSE(service.telemetry_address().empty());
  const std::string address = service.addresses().at(0);
  const int port = std::stoi(address.substr(address.rfind(':') + 1));
  std::array<char, 256> error{};
  mg_connection* answered = mg_download("127.0.0.1", port, 0, error.data(), error.size(), "%s",
                                        "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  ASSERT_NE(answered, nullptr) << error.data();
  EXPECT_EQ(mg_get_response_info(answered)->status_code, 200);
  std::string body;
  std::array<char, 4096> piece{};
  for (int got = 0; (got = mg_read(answered, piece.data(), piece.size())) > 0;)
    body.append(piece.data(), static_cast<std::size_t>(got));
  mg_close_connection(answered);
  EXPECT_THAT(body, HasSubstr("mtls_exporter_build_info{"));
}

TEST(Front, TelemetryForEverybodyIsRefusedWhereTheFrontAsksForTls) {
  const TemporaryFolder folder;
  const std::string file = folder.write("empty.yml", "targets: []\n");
  const std::string web = folder.write("web.yml", "{}\n");
  EXPECT_THROW(
      Service(file,
              Serve{.listen = {{"127.0.0.1", 0}}, .web_config_file = web, .telemetry_listen = config::Address{"0.0.0.0", 0}}),
      web::ListenError);
}

}  // namespace
}  // namespace exporter
