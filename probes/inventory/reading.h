// What the readers of certificates at rest share: the bytes of one file go in, what it holds and what is wrong with it comes out.
// One file per format, one row per format in format.cc; a format is recognised by its content, never by its name. Readers never
// throw and never fail: they report. Private keys met on the way are not kept. Any thread.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "probes/observations/inventory.h"
#include "probes/revocation/lists.h"
#include "probes/tls/handles.h"
#include "probes/tls/secret_file.h"

namespace probes::inventory {

// The largest file that is read, 16 MiB: the largest public bundles are under 1.
inline constexpr std::size_t largest_file = 16u << 20;
// The largest file of revocation lists that a trust store reads, 256 MiB: a list of a million entries takes 50 as text.
inline constexpr std::size_t largest_list_file = 256u << 20;
// The largest certificate that is read, 1 MiB of DER: each name and extension in it takes a few bytes there and a hundred or more
// once it is parsed. Those in use take some thousand bytes.
inline constexpr std::size_t largest_certificate = 1u << 20;
// Certificates and revocation lists taken from one file; what is above is too_large.
inline constexpr std::size_t most_entries = 10'000;
// A manifest may hold a keystore, and nothing in that is opened again.
inline constexpr int deepest_nesting = 2;

// One file being read, or a piece of one. Adds to `found`, which it borrows as it does the rest.
class Reading {
 public:
  // `path`: names the file in what is found, and anchors what it refers to. `passphrases`: tried in order where one is needed.
  Reading(const std::string& path, std::span<const tls::Secret> passphrases, observations::Inventory& found)
      : path_(path), passphrases_(passphrases), found_(found) {}

  // The signatures of revocation lists are checked against these (borrowed); without them they are not.
  [[nodiscard]] Reading with_issuers(std::span<X509* const> issuers) const;

  // `refers` (borrowed) is told of every other file before it is read for this one.
  [[nodiscard]] Reading telling(const std::function<void(const std::string& path)>& refers) const;
  void refers_to(const std::string& path) const;

  // Files that this one names lie below `root` (borrowed), as if it were /.
  [[nodiscard]] Reading below(const std::string& root) const;
  const std::string& root() const { return *root_; }

  // It is of another machine: what it names as files is not opened here.
  [[nodiscard]] Reading without_files() const;
  bool may_open_files() const { return may_open_files_; }

  // The certificates themselves are put into `handles` (borrowed), in the order in which they are found.
  [[nodiscard]] Reading with_handles(std::vector<tls::Ptr<X509>>& handles) const;

  // The revocation lists themselves are put into `lists` (borrowed), in the order in which they are found.
  [[nodiscard]] Reading with_lists(std::vector<revocation::NamedList>& lists) const;

  // The same file, `alias` in it: what is read there stands under that alias.
  [[nodiscard]] Reading inside(std::string alias) const;

  // The same file under the same alias, one wrapping further in.
  [[nodiscard]] Reading deeper() const { return inside(alias_); }

  const std::string& path() const { return path_; }
  std::span<const tls::Secret> passphrases() const { return passphrases_; }
  int nesting() const { return nesting_; }
  // Certificates and revocation lists found so far in the whole file, and whether there was trouble.
  [[nodiscard]] std::size_t taken() const;
  [[nodiscard]] bool troubled() const { return !found_.troubles.empty(); }

  // Whether a certificate of so many bytes of DER may be parsed; otherwise it is told to be too_large. Asked by formats in which
  // the size stands before it.
  [[nodiscard]] bool admits(std::size_t size);

  // Nothing is read of one that is too large. `alias`: the entry it stands under; empty: the one that the piece itself has.
  void certificate(X509* certificate, std::string_view alias = {});
  [[nodiscard]] bool revocation_list(std::string_view der);  // false: it is none
  void trouble(observations::SourceReason reason, std::string detail);

 private:
  static const std::string no_root;

  [[nodiscard]] bool full();

  const std::string& path_;
  std::span<const tls::Secret> passphrases_;
  observations::Inventory& found_;
  std::span<X509* const> issuers_;
  const std::function<void(const std::string& path)>* refers_ = nullptr;
  const std::string* root_ = &no_root;
  std::vector<tls::Ptr<X509>>* handles_ = nullptr;
  std::vector<revocation::NamedList>* lists_ = nullptr;
  std::string alias_;
  int nesting_ = 0;
  bool may_open_files_ = true;
};

// The formats, each in a file of its own. REQUIRES: its row in format.cc recognises `bytes`.
void read_utf16(std::string_view bytes, Reading reading);    // text of any of the formats below
void read_base64(std::string_view bytes, Reading reading);   // a file of base64 and nothing else, of any of the formats below
void read_openvpn(std::string_view bytes, Reading reading);  // a profile: PEM, and a keystore in <pkcs12>
void read_pem(std::string_view bytes, Reading reading);      // also base64 of PEM, wherever it stands in text
void read_der(std::string_view bytes, Reading reading);      // certificates, one behind the other, or a revocation list
void read_pkcs7(std::string_view bytes, Reading reading);    // DER
void read_pkcs12(std::string_view bytes, Reading reading);
void read_java_keystore(std::string_view bytes, Reading reading);  // JKS and JCEKS
void read_bouncy_castle(std::string_view bytes, Reading reading);  // recognised, to say that it is not read
void read_kubeconfig(std::string_view bytes, Reading reading);
void read_manifest(std::string_view bytes, Reading reading);  // Kubernetes Secrets, ConfigMaps, and what has a caBundle

// How they are recognised.
[[nodiscard]] bool is_utf16(std::string_view bytes);
[[nodiscard]] bool is_base64(std::string_view bytes);
[[nodiscard]] bool is_openvpn(std::string_view bytes);
[[nodiscard]] bool is_pem(std::string_view bytes);
[[nodiscard]] bool is_der(std::string_view bytes);
[[nodiscard]] bool is_pkcs7(std::string_view bytes);
[[nodiscard]] bool is_pkcs12(std::string_view bytes);
[[nodiscard]] bool is_java_keystore(std::string_view bytes);
[[nodiscard]] bool is_bouncy_castle(std::string_view bytes);
[[nodiscard]] bool is_kubeconfig(std::string_view bytes);
[[nodiscard]] bool is_manifest(std::string_view bytes);

// Base64 with white space anywhere; false where it is none. `out` is overwritten.
[[nodiscard]] bool decode_base64(std::string_view text, std::string& out);

// How base64 of PEM begins ("-----BEGI"), wherever it stands.
inline constexpr std::string_view base64_of_pem = "LS0tLS1CRUdJ";

}  // namespace probes::inventory
