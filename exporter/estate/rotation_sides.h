// Which of a rotation's two CAs a certificate, a list or a store is of. Private to exporter/estate/rotation*.cc; one thread.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/estate/estate.h"
#include "exporter/estate/known_issuers.h"

namespace exporter {

enum class Side : std::uint8_t { neither, before, after, unclear };

// Whether a door or a store takes certificates of a CA; nothing: it cannot be told.
using Takes = std::optional<bool>;

// What takes the old and the new CA. A store that holds a CA above one of them takes it, too, and need not be changed for it.
struct Taken {
  Takes before;                // the old CA, by itself or by one above it
  Takes after;                 // the new one, likewise
  bool before_itself = false;  // the old CA by itself: there is something to be taken away
};

class RotationSides {
 public:
  RotationSides(const config::Rotation& rotation, const Estate& estate, const KnownIssuers& known);

  [[nodiscard]] const std::string& unready() const { return unready_; }  // why nothing can be told; empty: it can

  [[nodiscard]] Side of(const probes::observations::Certificate& leaf, const probes::observations::ChainJudgement* chain) const;
  [[nodiscard]] Side of(NamedIssuer issuer) const;
  [[nodiscard]] Taken by(const std::vector<probes::observations::CertificatePtr>& store) const;
  [[nodiscard]] Taken by(const probes::observations::AcceptableAuthorities& list) const;

 private:
  // A CA of the rotation, or the two sets of them.
  struct Ca {
    std::set<std::uint64_t> keys;
    std::set<std::string, std::less<>> names;
    std::set<std::uint64_t> keys_above;
    std::set<std::string, std::less<>> names_above;
  };
  void take(Ca& ca, const std::string& store, const Estate& estate);
  [[nodiscard]] Side of(const std::vector<Above>& above) const;
  [[nodiscard]] static Takes takes(const Ca& ca, const Ca& other, const probes::observations::AcceptableAuthorities& list);

  const KnownIssuers& known_;
  Ca before_;
  Ca after_;
  std::string unready_;
};

}  // namespace exporter
