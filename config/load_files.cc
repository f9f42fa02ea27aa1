// files: named sets of files that may hold certificates. Names are unique: they label the series of their source.
#include "config/sections.h"
#include "config/unique_names.h"

namespace config {
namespace {

void take_file_set_name(const Node& node, FileSet& set, Reading& reading) {
  take_source_name(node, set.name, reading);
  if (set.name == served_files)
    reading.mistakes.add(node.place(), "the name " + quote(set.name) + " is reserved: it stands for the files that targets serve",
                         "choose another name");
}

// A name or `**/name` is left out wherever it lies; other patterns are anchored as paths are.
void take_exclude(const Node& node, FileSet& set, Reading& reading) {
  if (!take(node, set.exclude, reading.mistakes)) return;
  for (std::string& pattern : set.exclude)
    if (pattern.find('/') != std::string::npos && !pattern.starts_with("**/")) pattern = (reading.folder / pattern).string();
}

void take_root(const Node& node, FileSet& set, Reading& reading) {
  if (!take(node, set.root, reading.mistakes)) return;
  if (!set.root.starts_with('/'))
    reading.mistakes.add(node.place(), quote(set.root) + " is no absolute path", "write where the other machine's / is mounted");
  while (set.root.ends_with('/')) set.root.pop_back();
}

void take_file_trust(const Node& node, FileSet& set, Reading& reading) {
  if (check_word(node, "trust store", names(reading.settings.trust), reading.mistakes)) set.trust = node.text();
}

constexpr Field<FileSet> fields[] = {
    {"name", take_file_set_name},
    {"paths", paths_into<&FileSet::paths>},
    {"exclude", take_exclude},
    {"root", take_root},
    {"passphrase_file", passphrase_files_into<&FileSet::passphrase_files>},
    {"trust", take_file_trust},
    {"follow_symlinks", into<&FileSet::follow_symlinks>},
    {"interval", into<&FileSet::interval>},
    {"publish_within", publish_within_into},
    {"max_series", max_series_into},
    {"labels", labels_into<&FileSet::labels>},
};

void check_file_set(const Node& node, const FileSet& set, Mistakes& mistakes) {
  if (node.find("name") == nullptr) mistakes.add(node.place(), "files without a `name`", "give them one: it labels their source");
  if (const Node* paths = node.find("paths"); paths == nullptr || (paths->is_sequence() && paths->items().empty()))
    mistakes.add(node.place(), "files " + quote(set.name) + " have no `paths`", "give them files, folders or globs");
  if (set.root.empty()) return;
  for (const std::string& path : set.paths)
    if (!path.starts_with(set.root + "/") && path != set.root)
      mistakes.add(node.find("root")->place(), "the path " + quote(path) + " does not lie below the root " + quote(set.root),
                   "write paths as they are here: " + set.root + path);
}

}  // namespace

Fields<FileSet> file_set_fields() { return fields; }

void take_source_name(const Node& node, std::string& name, Reading& reading) {
  if (take(node, name, reading.mistakes) && name.size() > name_limit)
    reading.mistakes.add(node.place(), "a name of more than 256 bytes", "shorten it");
}

void take_publish_within(const Node& node, Publishing& publish, Reading& reading) {
  std::chrono::milliseconds within{};
  if (take(node, within, reading.mistakes)) publish.within = within;
}

// At full detail, with the longest labels there can be, a hundred thousand certificates stay below the 4 GB of a slot's text.
void take_max_series(const Node& node, Publishing& publish, Reading& reading) {
  if (int most = 0; take_integer(node, 0, 100'000, most, reading.mistakes)) publish.max_series = static_cast<std::size_t>(most);
}

void take_files(const Node& node, Settings& settings, Reading& reading) {
  if (!is_list(node, reading.mistakes)) return;
  UniqueNames seen("files", reading.mistakes);
  for (const Node& item : node.items()) {
    if (item.is_null()) reading.mistakes.add(item.place(), "files without a `name`", "remove the dash, or give them a `name`");
    if (item.is_null() || !check_keys(item, keys(file_set_fields()), reading.mistakes)) continue;
    FileSet set;
    take_fields(item, file_set_fields(), set, reading);
    check_file_set(item, set, reading.mistakes);
    if (set.name.empty()) continue;
    seen.add(item, set.name, "");
    settings.files.emplace(set.name, std::move(set));
  }
}

}  // namespace config
