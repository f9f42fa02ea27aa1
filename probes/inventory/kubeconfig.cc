// Kubeconfigs: the CA of each cluster and the client certificate of each user, embedded or in files that they name.
#include <openssl/crypto.h>

#include <cerrno>
#include <filesystem>

#include "config/regular_file.h"
#include "probes/inventory/below_root.h"
#include "probes/inventory/format.h"
#include "probes/inventory/walk.h"
#include "probes/inventory/yaml_pieces.h"

namespace probes::inventory {

using observations::SourceReason;

namespace {

// One kind of entry: `clusters: [{name, cluster: {certificate-authority}}]`, `users: [{name, user: {client-certificate}}]`.
struct Kind {
  std::string_view list;
  std::string_view entry;
  std::string_view key;
};
constexpr Kind kinds[] = {{"clusters", "cluster", "certificate-authority"}, {"users", "user", "client-certificate"}};

void read_embedded(const std::string& base64, const std::string& alias, const Reading& reading) {
  Reading piece = reading.inside(alias);
  if (piece.nesting() > deepest_nesting) return piece.trouble(SourceReason::bad_kubeconfig, "nested too deeply");
  std::string bytes;
  if (decode_base64(base64, bytes)) read_bytes(bytes, piece);
  else piece.trouble(SourceReason::bad_kubeconfig, "not base64");
  OPENSSL_cleanse(bytes.data(), bytes.size());
}

void read_named_file(const std::string& name, const std::string& alias, const Reading& reading) {
  // An absolute path is one of the machine that the file is of.
  const bool absolute = !reading.root().empty() && name.starts_with('/');
  const std::string path =
      absolute ? reading.root() + name : (std::filesystem::path(reading.path()).parent_path() / name).string();
  const std::string real = below_root(path, reading.root());
  Reading piece = reading.inside(alias);
  piece.refers_to(path);
  if (made_up(real)) return piece.trouble(SourceReason::irregular_file, name + ": a file of the kernel's");
  auto content = config::read_regular_file(real, largest_file);
  if (auto* bytes = std::get_if<std::string>(&content)) {
    // PEM and nothing else: what is named here must not be read as another kubeconfig.
    if (is_pem(*bytes)) read_pem(*bytes, piece);
    else piece.trouble(SourceReason::bad_pem, name + " is not PEM");
    return OPENSSL_cleanse(bytes->data(), bytes->size());
  }
  const auto& trouble = std::get<config::FileTrouble>(content);
  const bool missing = trouble.code == ENOENT || trouble.code == ENOTDIR;
  const bool forbidden = trouble.code == EACCES || trouble.code == EPERM;
  piece.trouble(missing     ? SourceReason::not_found
                : forbidden ? SourceReason::permission_denied
                            : SourceReason::read_failed,
                name + ": " + trouble.why);
}

void read_entry(const config::Node& entry, const Kind& kind, const Reading& reading) {
  const config::Node* inner = entry.find(kind.entry);
  if (inner == nullptr) return;
  const std::string alias = std::string(kind.entry) + "/" + text_of(entry, "name");
  // As kubectl does: data wins over a file.
  if (const std::string data = text_of(*inner, std::string(kind.key) + "-data"); !data.empty())
    return read_embedded(data, alias, reading);
  if (const std::string name = text_of(*inner, kind.key); !name.empty() && reading.may_open_files())
    read_named_file(name, alias, reading);
}

}  // namespace

bool is_kubeconfig(std::string_view bytes) {
  return says(bytes, "kind", "Config") && bytes.find("clusters") != std::string_view::npos;
}

void read_kubeconfig(std::string_view bytes, Reading reading) {
  for_each_document(bytes, reading, SourceReason::bad_kubeconfig, [&](const config::Node& root) {
    for (const Kind& kind : kinds)
      if (const config::Node* list = root.find(kind.list))
        for (const config::Node& entry : list->items()) read_entry(entry, kind, reading);
  });
}

}  // namespace probes::inventory
