// storage: the one file that outlives a restart.
#include "config/sections.h"

namespace config {
namespace {

constexpr Field<Storage> fields[] = {
    {"path", path_into<&Storage::path>},
    {"keep", into<&Storage::keep>},
};

}  // namespace

Fields<Storage> storage_fields() { return fields; }

void take_storage(const Node& node, Settings& settings, Reading& reading) {
  if (node.is_null()) return;
  if (!check_keys(node, keys(storage_fields()), reading.mistakes)) return;
  take_fields(node, storage_fields(), settings.storage, reading);
  if (node.find("path") == nullptr)
    reading.mistakes.add(node.place(), "`storage` without a `path`", "name a file, like /var/lib/mtls_exporter/state.sqlite");
}

}  // namespace config
