#include "exporter/web/web_config.h"

#include <gtest/gtest.h>

#include "config/load.h"

namespace exporter::web {
namespace {

constexpr const char* hash = "$2y$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234";

std::string mistakes(const std::string& text) {
  try {
    (void)parse_web_config(text, "/etc/web.yml");
    return "";
  } catch (const config::ConfigurationError& error) {
    return error.what();
  }
}

std::string tls(const std::string& more) { return "tls_server_config:\n  cert_file: a.crt\n  key_file: a.key\n" + more; }

TEST(WebConfig, AnEmptyFileIsPlainHttp) {
  for (const char* text :
       {"", "{}", "# nothing\n", "tls_server_config:\n", "tls_server_config: {}\nhttp_server_config: {}\nrate_limit: {}\n"}) {
    const WebConfig web = parse_web_config(text, "web.yml");
    EXPECT_FALSE(web.tls) << text;
    EXPECT_TRUE(web.users.empty() && web.headers.empty() && !web.rate_limit) << text;
  }
}

TEST(WebConfig, ReadsEverythingExporterToolkitDoes) {
  const WebConfig web = parse_web_config(tls(R"(  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: /ca.pem
  client_allowed_sans: [prometheus.internal, 10.0.0.1]
  min_version: TLS11
  max_version: TLS12
  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256]
  prefer_server_cipher_suites: false
  curve_preferences: [X25519, CurveP256]
http_server_config:
  http2: true
  headers: {Strict-Transport-Security: max-age=31536000, X-Frame-Options: DENY}
basic_auth_users:
  prometheus: )") + std::string(hash) + "\nrate_limit: {interval: 1s, burst: 20}\n",
                                         "/etc/web.yml");
  ASSERT_TRUE(web.tls);
  EXPECT_EQ(web.tls->cert_file, "/etc/a.crt");
  EXPECT_EQ(web.tls->client_ca_file, "/ca.pem");
  EXPECT_EQ(web.tls->client_auth_type, ClientAuthType::require_and_verify_client_cert);
  EXPECT_EQ(web.tls->client_allowed_sans, (std::vector<std::string>{"prometheus.internal", "10.0.0.1"}));
  EXPECT_EQ(web.tls->min_version, config::TlsVersion::tls1_1);
  EXPECT_EQ(web.tls->max_version, config::TlsVersion::tls1_2);
  EXPECT_EQ(web.tls->cipher_suites, std::vector<std::string>{"ECDHE-ECDSA-AES128-GCM-SHA256"});
  EXPECT_FALSE(web.tls->prefer_server_cipher_suites);
  EXPECT_EQ(web.tls->curve_preferences, (std::vector<std::string>{"X25519", "P-256"}));
  EXPECT_EQ(web.headers.size(), 2u);
  EXPECT_EQ(web.users.at("prometheus"), hash);
  EXPECT_EQ(web.rate_limit->interval, std::chrono::seconds(1));
  EXPECT_EQ(web.rate_limit->burst, 20);
}

// One rule: a text that keeps it, one that breaks it, and what is then said.
struct Rule {
  std::string good;
  std::string bad;
  std::string said;
};

// A test's name is the same in every run.
void PrintTo(const Rule& rule, std::ostream* out) { *out << rule.said; }

class WebConfigRule : public testing::TestWithParam<Rule> {};

TEST_P(WebConfigRule, TakesTheGoodAndSaysWhereTheBadIsWrong) {
  EXPECT_EQ(mistakes(GetParam().good), "");
  const std::string said = mistakes(GetParam().bad);
  EXPECT_NE(said.find(GetParam().said), std::string::npos) << said;
  EXPECT_TRUE(said.starts_with("/etc/web.yml:")) << said;
}

std::string user(const std::string& name, const std::string& text) { return "basic_auth_users:\n  " + name + ": " + text + "\n"; }

INSTANTIATE_TEST_SUITE_P(
    All, WebConfigRule,
    testing::Values(
        Rule{"rate_limit: {interval: 1s}\n", "rate_limits: {interval: 1s}\n", "web.yml:1:1: unknown key `rate_limits`"},
        Rule{tls(""), tls("  cert_files: a\n"), "web.yml:4:3: unknown key `cert_files`"},
        Rule{tls(""), "tls_server_config:\n  key_file: a.key\n", "2:3: `cert_file` is missing"},
        Rule{tls(""), "tls_server_config:\n  cert_file: a.crt\n", "2:3: `key_file` is missing"},
        Rule{"tls_server_config: {cert: \"-----BEGIN C\", key: \"-----BEGIN K\"}\n",
             "tls_server_config: {cert: a.pem, key: \"-----BEGIN K\"}\n",
             "1:27: `cert` holds no PEM; write it as a block (cert: |), or name a file with `cert_file`"},
        Rule{tls(""), tls("  cert: \"-----BEGIN C\"\n"), "4:9: both `cert_file` and `cert`; keep one of them"},
        Rule{tls(""), tls("  key: \"-----BEGIN K\"\n"), "4:8: both `key_file` and `key`"},
        Rule{tls("  client_auth_type: RequireAndVerifyClientCert\n  client_ca: \"-----BEGIN C\"\n"),
             tls("  client_auth_type: RequireAndVerifyClientCert\n  client_ca: \"-----BEGIN C\"\n  client_ca_file: a\n"),
             "5:14: both `client_ca_file` and `client_ca`"},
        Rule{tls("  client_auth_type: VerifyClientCertIfGiven\n  client_ca: \"-----BEGIN C\"\n"),
             tls("  client_ca: \"-----BEGIN C\"\n"), "4:14: `client_ca_file` without"},
        Rule{tls("  client_auth_type: RequestClientCert\n"), tls("  client_auth_type: Request\n"),
             "4:21: unknown client_auth_type `Request`"},
        Rule{tls("  client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: ca\n"),
             tls("  client_auth_type: VerifyClientCertIfGiven\n"), "4:21: client certificates are to be verified"},
        Rule{tls("  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca\n"),
             tls("  client_auth_type: RequireAndVerifyClientCert\n"), "4:21: client certificates are to be verified"},
        Rule{tls("  client_auth_type: RequireAnyClientCert\n  client_ca_file: ca\n"), tls("  client_ca_file: ca\n"),
             "4:19: `client_ca_file` without"},
        Rule{tls("  client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: ca\n  client_allowed_sans: [a]\n"),
             tls("  client_auth_type: RequireAnyClientCert\n  client_allowed_sans: [a]\n"),
             "5:24: `client_allowed_sans` without"},
        Rule{tls("  min_version: TLS13\n"), tls("  min_version: TLS14\n"), "4:16: unknown TLS version `TLS14`"},
        Rule{tls("  min_version: TLS12\n  max_version: TLS12\n"), tls("  min_version: TLS13\n  max_version: TLS12\n"),
             "4:16: `min_version` is above"},
        Rule{tls("  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]\n"),
             tls("  cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]\n"), "4:19: unknown cipher suite"},
        Rule{tls("  curve_preferences: [CurveP521]\n"), tls("  curve_preferences: [P-521]\n"), "4:23: unknown curve"},
        Rule{tls("  prefer_server_cipher_suites: true\n"), tls("  prefer_server_cipher_suites: perhaps\n"), "4:32: "},
        Rule{"http_server_config: {http2: false}\n", "http_server_config: {http2: maybe}\n", "1:29: "},
        Rule{"http_server_config: {http2: false}\n", "http_server_config: {http3: false}\n", "1:22: unknown key `http3`"},
        Rule{"http_server_config: {headers: {X-XSS-Protection: \"0\"}}\n", "http_server_config: {headers: {Set-Cookie: a}}\n",
             "1:32: unknown header `Set-Cookie`"},
        Rule{"http_server_config: {headers: {X-Frame-Options: sameorigin}}\n",
             "http_server_config: {headers: {X-Frame-Options: allow}}\n", "1:49: unknown value of X-Frame-Options"},
        Rule{"http_server_config: {headers: {X-Content-Type-Options: nosniff}}\n",
             "http_server_config: {headers: {X-Content-Type-Options: sniff}}\n", "unknown value of X-Content-Type-Options"},
        Rule{"http_server_config: {headers: {Content-Security-Policy: a}}\n",
             "http_server_config: {headers: {Content-Security-Policy: \"a\\r\\nb\"}}\n", "1:57: "},
        Rule{user("a", hash), user("a", "secret"), "2:6: the password of `a` is no bcrypt hash"},
        Rule{user("a", hash), user("a", "\"$2x$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234\""), "is no bcrypt hash"},
        Rule{user("a", hash), user("a", "\"$2y$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ0123:\""), "is no bcrypt hash"},
        Rule{user("a", hash), user("a", "\"$2y$15$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234\""), "has a bcrypt cost"},
        Rule{user("a", hash), user("a", "\"$2y$03$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234\""), "has a bcrypt cost"},
        Rule{user("a", hash), user("\"a:b\"", hash), "2:3: no user can have this name"},
        Rule{"rate_limit: {interval: 1s, burst: 1}\n", "rate_limit: {interval: 1, burst: 1}\n", "1:24: "},
        Rule{"rate_limit: {interval: 1s, burst: 1}\n", "rate_limit: {interval: 1s, burst: 0}\n", "1:35: "},
        Rule{"rate_limit: {interval: 1s}\n", "rate_limit: {burst: 2}\n", "`interval` is missing"},
        Rule{"rate_limit: {interval: 1s}\n", "rate_limit: {interval: 1s}\nrate_limit: {interval: 2s}\n", "2:1: "},
        Rule{"{}\n", "[a]\n", "1:1: "}));

TEST(WebConfig, NeverRepeatsAPassword) { EXPECT_EQ(mistakes(user("a", "hunter2")).find("hunter2"), std::string::npos); }

TEST(WebConfig, NeverRepeatsAKey) {
  EXPECT_EQ(mistakes("tls_server_config: {cert_file: a, key: s3cret}\n").find("s3cret"), std::string::npos);
}

TEST(WebConfig, SaysThatAFileIsMissing) {
  EXPECT_THROW((void)load_web_config("/does/not/exist.yml"), config::ConfigurationError);
}

}  // namespace
}  // namespace exporter::web
