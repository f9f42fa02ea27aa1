// The server behind a web configuration: TLS, client certificates, basic auth, and their change while it runs.
#include <crypt.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <future>
#include <sstream>
#include <stop_token>

#include "config/load.h"
#include "exporter/web/endpoints.h"
#include "exporter/web/server.h"
#include "tests/exporter/web/tls_client.h"

namespace exporter::web {
namespace {

using namespace std::chrono_literals;
using tests::support::issue;
using tests::support::Issued;
using tests::support::pem;
using tests::support::root;
using tests::support::TemporaryFolder;
using tests::web::Answer;
using tests::web::ask;
using tests::web::Client;
using tests::web::get;
using tests::web::tls_ask;
using tests::web::TlsAnswer;

const std::string healthy = get("/-/healthy");

std::string hashed(const std::string& password) {
  char salt[CRYPT_GENSALT_OUTPUT_SIZE];
  crypt_gensalt_rn("$2y$", 4, nullptr, 0, salt, sizeof salt);
  crypt_data state{};
  return crypt_r(password.c_str(), salt, &state);
}

// A folder with a server certificate, a client CA and the web configuration; a server that runs on it.
struct Secured {
  explicit Secured(const std::string& web_config, ServerLimits limits = {}) {
    limits.web_config_check = 10ms;
    serve(issue({.common_name = "first"}, &authority));
    folder.write("ca.pem", pem(authority.certificate.get()));
    server = std::make_unique<Server>(
        ServerOptions{
            .listen_addresses = {"127.0.0.1:0"}, .web_config_file = folder.write("web.yml", web_config), .limits = limits},
        endpoints({.scrape = [](Format) { return pieces_of(std::string(8 * 1024 * 1024, '#')); },
                   .every_target_tried = [] { return true; },
                   .reload = [] { return std::nullopt; }}));
    server->start();
    address = server->addresses().front();
  }

  // Replaces a file as certificate managers do: at once.
  void replace(const std::string& name, const std::string& content) const {
    std::filesystem::rename(folder.write(name + ".new", content), std::filesystem::path(folder.path()) / name);
  }
  void serve(const Issued& issued) const { replace("server.pem", pem(issued.certificate.get()) + pem(issued.key.get())); }

  TemporaryFolder folder;
  Issued authority = root("Client CA");
  std::unique_ptr<Server> server;
  std::string address;
};

std::string tls(const std::string& more = "") {
  return "tls_server_config:\n  cert_file: server.pem\n  key_file: server.pem\n" + more;
}

TEST(SecureServer, AnswersOverEveryVersionItOffers) {
  const Secured secured(tls());
  EXPECT_EQ(tls_ask(secured.address, healthy).http.status, 200);
  EXPECT_EQ(tls_ask(secured.address, healthy, {.max_version = TLS1_2_VERSION}).http.status, 200);
  const TlsAnswer old = tls_ask(secured.address, healthy, {.max_version = TLS1_1_VERSION});
  EXPECT_FALSE(old.shaken);
  EXPECT_EQ(old.alert, SSL_AD_PROTOCOL_VERSION);
}

TEST(SecureServer, OffersOldVersionsWhenAskedTo) {
  const Secured secured(tls("  min_version: TLS10\n"));
  EXPECT_EQ(tls_ask(secured.address, healthy, {.max_version = TLS1_VERSION}).http.status, 200);
}

TEST(SecureServer, KeepsToItsCipherSuites) {
  const Secured secured(tls("  max_version: TLS12\n  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]\n"));
  EXPECT_EQ(tls_ask(secured.address, healthy).cipher, "ECDHE-ECDSA-AES256-GCM-SHA384");
  EXPECT_EQ(tls_ask(secured.address, healthy, {.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256"}).alert, SSL_AD_HANDSHAKE_FAILURE);
}

TEST(SecureServer, SpeaksHttp1Only) {
  const Secured secured(tls());
  EXPECT_EQ(tls_ask(secured.address, healthy, {.protocol = "http/1.1"}).http.status, 200);
  EXPECT_EQ(tls_ask(secured.address, healthy, {.protocol = "h2"}).alert, SSL_AD_NO_APPLICATION_PROTOCOL);
}

TEST(SecureServer, TellsAPlainClientWhatIsWrong) {
  const Secured secured(tls());
  const Answer answer = ask(secured.address, healthy);
  EXPECT_EQ(answer.status, 400);
  EXPECT_NE(answer.body.find("https"), std::string::npos);
}

// Whom each client_auth_type lets in, in TLS 1.2 and 1.3.
struct Door {
  std::string type;
  bool none, rogue, good;
};

// A test's name is the same in every run.
void PrintTo(const Door& door, std::ostream* out) { *out << door.type; }

class ClientAuth : public testing::TestWithParam<Door> {};

TEST_P(ClientAuth, LetsInWhomItSays) {
  const Door& door = GetParam();
  const bool verifies = door.type.find("Verify") != std::string::npos;
  const Secured secured(tls("  client_auth_type: " + door.type + "\n" + (verifies ? "  client_ca_file: ca.pem\n" : "")));
  const Issued good = issue({}, &secured.authority);
  const Issued stranger = root("Client CA");
  const Issued rogue = issue({}, &stranger);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    EXPECT_EQ(tls_ask(secured.address, healthy, {.max_version = version}).http.status, door.none ? 200 : 0) << version;
    EXPECT_EQ(tls_ask(secured.address, healthy, {.identity = &rogue, .max_version = version}).http.status, door.rogue ? 200 : 0)
        << version;
    EXPECT_EQ(tls_ask(secured.address, healthy, {.identity = &good, .max_version = version}).http.status, door.good ? 200 : 0)
        << version;
  }
}

INSTANTIATE_TEST_SUITE_P(All, ClientAuth,
                         testing::Values(Door{"NoClientCert", true, true, true}, Door{"RequestClientCert", true, true, true},
                                         Door{"RequireAnyClientCert", false, true, true},
                                         Door{"VerifyClientCertIfGiven", true, false, true},
                                         Door{"RequireAndVerifyClientCert", false, false, true}),
                         [](const auto& door) { return door.param.type; });

TEST(SecureServer, RefusesWithAnAlertThatArrives) {
  const Secured secured(tls("  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n"));
  const Issued stranger = root("Client CA");
  const Issued rogue = issue({}, &stranger);
  for (int round = 0; round < 20; ++round) {
    EXPECT_EQ(tls_ask(secured.address, healthy).alert, 116);
    EXPECT_EQ(tls_ask(secured.address, healthy, {.identity = &rogue}).alert, SSL_AD_UNKNOWN_CA);
    EXPECT_EQ(tls_ask(secured.address, healthy, {.identity = &rogue, .max_version = TLS1_2_VERSION}).alert, SSL_AD_UNKNOWN_CA);
  }
}

TEST(SecureServer, AClientCertificateMustBeFitForClients) {
  const Secured secured(tls("  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n"));
  const Issued server_only = issue({.extended_key_usage = "serverAuth"}, &secured.authority);
  const Issued expired = issue({.starts = -2h, .ends = -1h}, &secured.authority);
  EXPECT_EQ(tls_ask(secured.address, healthy, {.identity = &server_only}).http.status, 0);
  EXPECT_EQ(tls_ask(secured.address, healthy, {.identity = &expired}).alert, SSL_AD_CERTIFICATE_EXPIRED);
}

TEST(SecureServer, TakesCertificatesWithAnAllowedNameOnly) {
  const Secured secured(
      tls("  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n"
          "  client_allowed_sans: [prometheus.internal, 10.0.0.1, a@b.example, \"spiffe://x/y\", \"2001:db8::1\"]\n"));
  for (const char* name : {"DNS:prometheus.internal", "IP:10.0.0.1", "email:a@b.example", "URI:spiffe://x/y", "IP:2001:db8::1"}) {
    const Issued named = issue({.names = {"DNS:else.internal", name}}, &secured.authority);
    EXPECT_EQ(tls_ask(secured.address, healthy, {.identity = &named}).http.status, 200) << name;
  }
  for (const char* name :
       {"DNS:else.internal", "DNS:*.internal", "DNS:prometheus.internal.evil", "IP:10.0.0.2", "DNS:10.0.0.1"}) {
    const Issued named = issue({.common_name = "prometheus.internal", .names = {name}}, &secured.authority);
    EXPECT_EQ(tls_ask(secured.address, healthy, {.identity = &named}).http.status, std::string(name) == "DNS:10.0.0.1" ? 200 : 0)
        << name;
  }
  const Issued nameless = issue({.names = {}}, &secured.authority);
  EXPECT_EQ(tls_ask(secured.address, healthy, {.identity = &nameless}).http.status, 0);
}

TEST(SecureServer, AsksForAPassword) {
  const Secured secured("basic_auth_users:\n  ann: " + hashed("secret") + "\n");
  const auto with = [&](const std::string& authorization) { return ask(secured.address, get("/-/healthy", authorization)); };
  const Answer none = with("");
  EXPECT_EQ(none.status, 401);
  EXPECT_TRUE(none.headers.at("www-authenticate").starts_with("Basic realm="));
  for (int again = 0; again < 2; ++again) {
    EXPECT_EQ(with("Authorization: Basic YW5uOnNlY3JldA==\r\n").status, 200);  // ann:secret
    EXPECT_EQ(with("Authorization: Basic YW5uOndyb25n\r\n").status, 401);      // ann:wrong
    EXPECT_EQ(with("Authorization: Basic ZXZlOnNlY3JldA==\r\n").status, 401);  // eve:secret
    EXPECT_EQ(with("Authorization: Bearer YW5uOnNlY3JldA==\r\n").status, 401);
  }
}

TEST(SecureServer, TurnsAwayGuessesThatWouldWaitTooLong) {
  const Secured secured("basic_auth_users:\n  ann: " + hashed("secret") + "\n", {.passwords_waiting = 0});
  EXPECT_EQ(ask(secured.address, get("/-/healthy", "Authorization: Basic YW5uOnNlY3JldA==\r\n")).status, 503);
}

TEST(SecureServer, SendsItsHeadersWithEveryAnswer) {
  const Secured secured("http_server_config:\n  headers: {X-Frame-Options: deny, X-Content-Type-Options: nosniff}\n");
  for (const std::string& request : {healthy, get("/nowhere"), std::string("nonsense\r\n\r\n")})
    EXPECT_EQ(ask(secured.address, request).headers.at("x-frame-options"), "deny");
}

TEST(SecureServer, LimitsTheRate) {
  const Secured secured("rate_limit: {interval: 1h, burst: 2}\n");
  EXPECT_EQ(ask(secured.address, healthy).status, 200);
  EXPECT_EQ(ask(secured.address, healthy).status, 200);
  EXPECT_EQ(ask(secured.address, healthy).status, 429);
}

TEST(SecureServer, ServesARenewedCertificateWithoutARestart) {
  const Secured secured(tls());
  EXPECT_EQ(tls_ask(secured.address, healthy).server_common_name, "first");
  secured.serve(issue({.common_name = "second"}, &secured.authority));
  while (tls_ask(secured.address, healthy).server_common_name != "second") continue;
}

TEST(SecureServer, TakesAChangedConfiguration) {
  const Secured secured(tls());
  secured.replace("web.yml", tls("basic_auth_users:\n  ann: " + hashed("secret") + "\n"));
  while (tls_ask(secured.address, healthy).http.status != 401) continue;
}

TEST(SecureServer, KeepsTheOldPolicyWhenTheNewOneIsBad) {
  testing::internal::CaptureStderr();
  const Secured secured(tls());
  secured.replace("web.yml", "nonsense: 1\n");
  secured.replace("server.pem", "half a certificate");
  // A good change that comes after shows that the bad ones have been seen; until then the old certificate is served.
  secured.replace("web.yml", tls("http_server_config: {headers: {X-Frame-Options: deny}}\n"));
  for (int round = 0; round < 20; ++round) EXPECT_EQ(tls_ask(secured.address, healthy).server_common_name, "first");
  secured.serve(issue({.common_name = "second"}, &secured.authority));
  while (tls_ask(secured.address, healthy).server_common_name != "second") continue;
  EXPECT_EQ(tls_ask(secured.address, healthy).http.headers.at("x-frame-options"), "deny");
  EXPECT_NE(testing::internal::GetCapturedStderr().find("stays in force"), std::string::npos);
}

TEST(SecureServer, DoesNotStartOnFilesItCannotUse) {
  EXPECT_THROW(Secured("nonsense: 1\n"), config::ConfigurationError);
  EXPECT_THROW(Secured("tls_server_config: {cert_file: absent.pem, key_file: server.pem}\n"), config::ConfigurationError);
  EXPECT_THROW(Secured("tls_server_config: {cert_file: ca.pem, key_file: server.pem}\n"), config::ConfigurationError);
  EXPECT_THROW(Secured(tls("  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: web.yml\n")),
               config::ConfigurationError);
}

// A PEM as a block of the configuration.
std::string block(const std::string& key, const std::string& text) {
  std::string out = "  " + key + ": |\n";
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) out += "    " + line + "\n";
  return out;
}

TEST(SecureServer, TakesCertificatesAndKeyFromTheConfigurationItself) {
  const Issued authority = root("Inline CA"), server = issue({.common_name = "inline"}, &authority),
               client = issue({.common_name = "client"}, &authority);
  const std::string text = "tls_server_config:\n  client_auth_type: RequireAndVerifyClientCert\n" +
                           block("cert", pem(server.certificate.get()) + pem(authority.certificate.get())) +
                           block("key", pem(server.key.get())) + block("client_ca", pem(authority.certificate.get()));
  const Secured secured(text);
  const TlsAnswer answer = tls_ask(secured.address, healthy, {.identity = &client});
  EXPECT_EQ(answer.http.status, 200);
  EXPECT_EQ(answer.server_common_name, "inline");
  const Issued stranger = issue({.common_name = "stranger"}, &secured.authority);
  EXPECT_NE(tls_ask(secured.address, healthy, {.identity = &stranger}).http.status, 200);
}

TEST(SecureServer, DoesNotStartOnMaterialItCannotUse) {
  const Issued one = root(), other = root();
  const std::string cert = block("cert", pem(one.certificate.get())), key = block("key", pem(one.key.get()));
  const std::string verify = "  client_auth_type: RequireAndVerifyClientCert\n";
  EXPECT_NO_THROW(Secured("tls_server_config:\n" + cert + key));
  for (const std::string& bad :
       {cert + block("key", pem(other.key.get())), cert + block("key", pem(one.key.get(), "passphrase")),
        block("cert", pem(one.key.get())) + key, cert + key + verify + block("client_ca", pem(one.key.get()))}) {
    std::string said;
    try {
      const Secured never("tls_server_config:\n" + bad);
    } catch (const config::ConfigurationError& error) {
      said = error.what();
    }
    EXPECT_TRUE(said.starts_with("tls_server_config: ")) << said;
    EXPECT_EQ(said.find("BEGIN"), std::string::npos) << said;
  }
}

TEST(SecureServer, AnEncryptedKeyIsAnErrorNotAQuestion) {
  const TemporaryFolder folder;
  const Issued issued = root();
  folder.write("server.pem", pem(issued.certificate.get()));
  folder.write("key.pem", pem(issued.key.get(), "passphrase"));
  const std::string file = folder.write("web.yml", "tls_server_config: {cert_file: server.pem, key_file: key.pem}\n");
  Server server({.listen_addresses = {"127.0.0.1:0"}, .web_config_file = file}, {});
  EXPECT_THROW(server.start(), config::ConfigurationError);
}

TEST(SecureServer, ClientsThatStallInTheHandshakeHoldNobodyUp) {
  const Secured secured(tls());
  std::vector<Client> stalled;
  for (int count = 0; count < 200; ++count) {
    stalled.emplace_back(secured.address);
    stalled.back().send(
        std::string_view("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 1 + static_cast<std::size_t>(count) % 11));
  }
  EXPECT_EQ(tls_ask(secured.address, get("/metrics")).http.body.size(), 8u * 1024 * 1024);
}

TEST(SecureServer, CutsAStalledHandshakeAtTheDeadline) {
  const Secured secured(tls(), {.request_time = 100ms});
  const Client stalled(secured.address);
  stalled.send(std::string_view("\x16\x03\x01\x02", 4));
  EXPECT_TRUE(stalled.closed());
}

std::string output_of(const std::string& command) {
  std::string output;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  std::array<char, 4096> buffer;
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) output.append(buffer.data(), got);
  pclose(pipe);
  return output;
}

// A close_notify is a goodbye, too: under TLS the peer's end is not seen on the bare socket.
TEST(SecureServer, TellsAHandlerThatItsClientHasGone) {
  const TemporaryFolder folder;
  const Issued issued = root();
  folder.write("server.pem", pem(issued.certificate.get()) + pem(issued.key.get()));
  std::promise<std::stop_token> asked;
  Server server({.listen_addresses = {"127.0.0.1:0"}, .web_config_file = folder.write("web.yml", tls())},
                {{"/later", {"GET"}, [&](const RequestPtr& request, const Reply&) { asked.set_value(request->gone); }}});
  server.start();
  auto impatient = std::async(
      std::launch::async, [&] { return output_of("curl -sS -k --max-time 1 https://" + server.addresses().front() + "/later"); });
  const std::stop_token gone = asked.get_future().get();
  std::promise<void> told;
  const std::stop_callback callback(gone, [&] { told.set_value(); });
  EXPECT_EQ(told.get_future().wait_for(20s), std::future_status::ready);
  EXPECT_NE(impatient.get().find("timed out"), std::string::npos);
}

TEST(SecureServer, CurlComesInWithCertificateAndPassword) {
  const Secured secured(tls(
      "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\nbasic_auth_users:\n  ann: " + hashed("secret") +
      "\n"));
  const Issued client = issue({.common_name = "curl"}, &secured.authority);
  secured.folder.write("client.pem", pem(client.certificate.get()) + pem(client.key.get()));
  const std::string curl = "curl -sS --max-time 20 -w ' %{http_code}' --cacert " + secured.folder.path() + "/ca.pem ";
  const std::string identity = "--cert " + secured.folder.path() + "/client.pem ";
  const std::string url = "https://" + secured.address + "/-/healthy";
  EXPECT_EQ(output_of(curl + identity + "-u ann:secret " + url), "mtls_exporter is healthy.\n 200");
  EXPECT_EQ(output_of(curl + identity + "-u ann:wrong " + url), "Unauthorized.\n 401");
  EXPECT_NE(output_of(curl + "-u ann:secret " + url).find("alert"), std::string::npos);
  EXPECT_EQ(output_of(curl + identity + "-u ann:secret --compressed -o /dev/null https://" + secured.address + "/metrics"),
            " 200");
  EXPECT_EQ(output_of(curl + identity + "-u ann:secret -I -o /dev/null https://" + secured.address + "/metrics"), " 200");
}

}  // namespace
}  // namespace exporter::web
