// Observations and settings to test the estate with: a healthy mutual-TLS target on a fixed clock, to be spoilt one fact at a
// time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "exporter/estate/estate.h"
#include "tests/support/draft_of.h"

namespace tests::support {

using exporter::WallTime;

// 2026-11-01T00:00:00Z.
inline constexpr WallTime today{std::chrono::seconds(1793491200)};

std::shared_ptr<const config::Module> a_module(config::ClientAuth client_auth = {});
std::shared_ptr<const config::Target> a_target(std::string name, std::shared_ptr<const config::Module> module,
                                               config::Labels labels = {});
config::Settings settings_of(std::vector<std::shared_ptr<const config::Target>> targets,
                             config::Detail detail = config::Detail::standard);

probes::observations::CertificatePtr a_certificate(std::string common_name, int days_left = 90);
probes::observations::ChainJudgementPtr a_judgement(bool valid = true, std::vector<probes::observations::Problem> problems = {});

// Mutual TLS, accepted, chain valid, name right, finished at `at`.
probes::observations::Handshake a_good_probe(WallTime at = today);

// Failed at `stage`; no certificate came.
probes::observations::Handshake a_failed_probe(probes::observations::Stage stage, probes::observations::Reason reason,
                                               WallTime at = today);

// A slot whose last probe is `last`, seen with identity "service-a".
exporter::WatchSlot a_slot(probes::observations::Handshake last, config::ClientAuth client_auth = {},
                           std::string identity = "service-a");

}  // namespace tests::support
