// The whole way: a line in a file or on a socket, and the estate's text.
#include "exporter/callers/reader.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <thread>

#include "exporter/callers/syslog_receiver.h"
#include "exporter/metrics/scrape.h"
#include "probes/bytes/base64.h"
#include "tests/support/an_estate.h"
#include "tests/support/test_ca.h"

namespace exporter::callers {
namespace {

using namespace ::tests::support;
using namespace std::chrono_literals;

class Reading : public testing::Test {
 protected:
  Reading()
      : reader(
            estate, [] { return std::make_shared<const Materials>(); }, &probes::observations::wall_now) {
    settings = settings_of({});
  }

  config::Callers& door(const std::string& name) {
    config::Callers& callers = settings.callers[name];
    callers.name = name;
    return callers;
  }
  void watch() {
    estate.adopt(settings);
    reader.adopt(settings);
    ASSERT_TRUE(soon([&] { return reader.read_once(); }));
  }
  std::string text() const {
    return metrics::text_of({estate.texts(probes::observations::wall_now()), metrics::families(), metrics::Format::text,
                             probes::observations::wall_now()});
  }
  template <typename Condition>
  static bool soon(Condition condition) {
    for (const auto end = std::chrono::steady_clock::now() + 10s; std::chrono::steady_clock::now() < end;
         std::this_thread::sleep_for(10ms))
      if (condition()) return true;
    return false;
  }
  bool shows(const std::string& what) const {
    return soon([&] { return text().find(what) != std::string::npos; });
  }

  static std::string line(const std::string& name) {
    const Issued issued = issue({.common_name = name});
    return R"({"verify":"SUCCESS","status":200,"address":"192.0.2.1","certificate":")" +
           probes::bytes::base64(der(issued.certificate.get())) + "\"}";
  }

  const TemporaryFolder folder;
  config::Settings settings;
  Estate estate;
  Reader reader;
};

TEST_F(Reading, ACallerInAFileIsInTheScrape) {
  const std::string path = folder.path() + "/callers.log";
  door("gateway").log_files = {path};
  watch();
  EXPECT_TRUE(shows("mtls_source_up{source=\"caller\",name=\"gateway\"} 0\n"));
  std::ofstream(path) << line("billing") << "\n";
  ASSERT_TRUE(shows("subject_cn=\"billing\"}")) << text();
  const std::string all = text();
  EXPECT_NE(all.find("mtls_callers{name=\"gateway\",state=\"valid\"} 1\n"), std::string::npos) << all;
  EXPECT_NE(all.find("mtls_source_up{source=\"caller\",name=\"gateway\"} 1\n"), std::string::npos);
  EXPECT_NE(all.find("mtls_caller_lines_total{name=\"gateway\",result=\"read\"} 1\n"), std::string::npos);
  EXPECT_EQ(all.find("192.0.2.1"), std::string::npos);
}

int connected(int type, const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const int descriptor = socket(AF_UNIX, type, 0);
  EXPECT_EQ(connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0) << path;
  return descriptor;
}

void send_all(int descriptor, const std::string& text) {
  EXPECT_EQ(send(descriptor, text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
}

TEST_F(Reading, SyslogComesByDatagramAndByStream) {
  config::Callers& edge = door("edge");
  edge.syslog = {.kind = config::SyslogSocket::Kind::unix_datagram, .path = folder.path() + "/edge.sock"};
  config::Callers& inner = door("inner");
  inner.syslog = {.kind = config::SyslogSocket::Kind::unix_stream, .path = folder.path() + "/inner.sock"};
  watch();
  ASSERT_TRUE(shows("mtls_source_up{source=\"caller\",name=\"inner\"} 1\n"));
  const int datagrams = connected(SOCK_DGRAM, edge.syslog.path);
  send_all(datagrams, "<190>Nov 28 12:00:00 web nginx: " + line("by-datagram"));
  close(datagrams);
  const int stream = connected(SOCK_STREAM, inner.syslog.path);
  const std::string first = "<190>1 2026-11-28T12:00:00Z web haproxy 1 - - " + line("counted");
  send_all(stream, std::to_string(first.size()) + " " + first + line("by-line") + "\n");
  close(stream);
  for (const char* name : {"by-datagram", "counted", "by-line"})
    EXPECT_TRUE(shows(std::string("subject_cn=\"") + name + "\"}")) << name;
}

TEST_F(Reading, AnotherRunTakesOverASocketThatIsLeft) {
  config::Callers& edge = door("edge");
  edge.syslog = {.kind = config::SyslogSocket::Kind::unix_datagram, .path = folder.path() + "/edge.sock"};
  watch();
  ASSERT_TRUE(shows("mtls_source_up{source=\"caller\",name=\"edge\"} 1\n"));
  const auto in_use = SyslogReceiver::open(edge);
  EXPECT_TRUE(std::holds_alternative<probes::observations::Trouble>(in_use));
  reader.stop();
}

TEST_F(Reading, LinesAboveTheBudgetAreDroppedAndCounted) {
  config::Callers& edge = door("edge");
  edge.syslog = {.kind = config::SyslogSocket::Kind::unix_stream, .path = folder.path() + "/edge.sock"};
  edge.lines_per_second = 10;
  watch();
  ASSERT_TRUE(shows("mtls_source_up{source=\"caller\",name=\"edge\"} 1\n"));
  const int stream = connected(SOCK_STREAM, edge.syslog.path);
  std::string flood;
  for (int number = 0; number < 1000; ++number) flood += "garbage\n";
  send_all(stream, flood);
  const auto value = [&](const std::string& result) {
    const std::string all = text(), name = "mtls_caller_lines_total{name=\"edge\",result=\"" + result + "\"} ";
    const std::size_t at = all.find(name);
    return at == std::string::npos ? -1 : std::stoi(all.substr(at + name.size()));
  };
  EXPECT_TRUE(soon([&] { return value("dropped") + value("unreadable") == 1000; })) << text();
  EXPECT_LE(value("unreadable"), 20);
  close(stream);
}

TEST_F(Reading, AReloadKeepsWhatIsKnownAndDropsWhatIsGone) {
  const std::string path = folder.path() + "/callers.log";
  std::ofstream(path) << "";
  door("gateway").log_files = {path};
  door("other").log_files = {folder.path() + "/other.log"};
  watch();
  std::ofstream(path, std::ios::app) << line("billing") << "\n";
  ASSERT_TRUE(shows("subject_cn=\"billing\"}"));
  settings.callers.erase("other");
  door("gateway").labels = {{"owner", "web"}};
  watch();
  EXPECT_TRUE(shows("subject_cn=\"billing\",owner=\"web\"}")) << text();
  EXPECT_EQ(text().find("name=\"other\""), std::string::npos);
}

// Each Reader is a run of the exporter.
class ReadingAgain : public Reading {
 protected:
  void run() {
    again.reset();
    storage.reset();
    storage = std::make_unique<storage::Storage>(folder.path() + "/state.sqlite", 24h * 90, &probes::observations::wall_now,
                                                 storage::Pace{.every = 40ms, .gather = 30ms});
    again = std::make_unique<Reader>(
        estate, [] { return std::make_shared<const Materials>(); }, &probes::observations::wall_now, storage.get());
    estate.adopt(config::Settings());
    estate.adopt(settings);
    again->adopt(settings);
    ASSERT_TRUE(soon([&] { return again->read_once(); }));
  }
  void end() { again->stop(), storage->stop(); }
  void append(const std::string& text) const { std::ofstream(path, std::ios::app) << text; }
  static std::string accepted(int count) { return "result=\"accepted\"} " + std::to_string(count) + "\n"; }

  const std::string path = folder.path() + "/callers.log";
  std::unique_ptr<storage::Storage> storage;
  std::unique_ptr<Reader> again;
};

TEST_F(ReadingAgain, CountsEachLineOnceOverARestart) {
  const std::string billing = line("billing") + "\n";
  door("gateway").log_files = {path};
  append(billing);
  run();  // it is there, and is read from its end
  append(billing + billing);
  ASSERT_TRUE(shows(accepted(2))) << text();
  end();
  append(billing);
  run();
  EXPECT_TRUE(shows(accepted(3))) << text();
  end();
  run();
  EXPECT_TRUE(shows(accepted(3))) << text();
}

TEST_F(ReadingAgain, WhoIsForgottenStaysForgotten) {
  door("gateway").log_files = {path};
  run();
  append(line("billing") + "\n");
  ASSERT_TRUE(shows(accepted(1)));
  const auto slots = estate.sources();
  const auto slot = std::ranges::find_if(slots, [](const auto& one) { return one->callers != nullptr; });
  ASSERT_NE(slot, slots.end());
  const std::string fingerprint = (*slot)->callers->callers.front()->fingerprint;
  ASSERT_TRUE(soon([&] { return storage->figures().written.has_value(); }));
  again->forget(fingerprint);
  ASSERT_TRUE(soon([&] { return text().find("subject_cn=\"billing\"") == std::string::npos; }));
  end();
  run();
  EXPECT_TRUE(shows("mtls_callers{name=\"gateway\",state=\"valid\"} 0\n")) << text();
}

}  // namespace
}  // namespace exporter::callers
