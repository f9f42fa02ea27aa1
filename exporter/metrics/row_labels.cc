#include "exporter/metrics/row_labels.h"

#include <map>
#include <optional>

#include "exporter/metrics/label.h"

namespace exporter::metrics {

using probes::observations::Certificate;
using probes::observations::RevocationList;

config::Labels merged(const config::Labels& own, const config::Labels& of_the_estate) {
  config::Labels labels = own;
  labels.insert(of_the_estate.begin(), of_the_estate.end());
  return labels;
}

void append_labels(std::string& out, const config::Labels& labels) {
  for (const auto& [name, value] : labels) append_label(out, name, value);
}

namespace {

void append_place(std::string& out, const Place& place) {
  append_label(out, "target", place.target);
  append_label(out, "identity", place.identity);
  append_label(out, "address", place.address);
}

}  // namespace

std::string watch_labels(const Place& place) {
  std::string text;
  append_place(text, place);
  append_labels(text, place.labels);
  return text;
}

std::string chain_labels(const Place& place) {
  std::string text;
  append_label(text, "source", place.source);
  append_place(text, place);
  append_labels(text, place.labels);
  return text;
}

std::string certificate_labels(const Place& place, std::string_view position, std::string_view common_name) {
  std::string text;
  append_label(text, "source", place.source);
  append_place(text, place);
  append_label(text, "position", position);
  append_label(text, "subject_cn", common_name);
  append_labels(text, place.labels);
  return text;
}

std::string source_labels(const Place& place, const std::string& name) {
  std::string text;
  append_label(text, "source", place.source);
  append_label(text, "name", name);
  append_labels(text, place.labels);
  return text;
}

std::vector<RevocationListRow> revocation_list_rows(const Place& place, const std::string& name,
                                                    const std::vector<RevocationList>& lists) {
  // Of each part of an issuer's certificates the latest list counts; of these, the one that lapses first. A delta counts where
  // there is nothing else.
  std::map<std::pair<std::string, std::string>, const RevocationList*> parts;
  for (const RevocationList& list : lists) {
    const RevocationList*& known = parts[{clean_label(list.issuer), list.part}];
    if (known == nullptr || std::pair(!known->delta, known->this_update) < std::pair(!list.delta, list.this_update))
      known = &list;
  }
  const auto lapses = [](const RevocationList& list) { return list.next_update.value_or(std::chrono::sys_seconds::max()); };
  std::map<std::string, const RevocationList*> latest;  // by issuer, as the label has it
  for (const auto& [part, list] : parts) {
    const RevocationList*& known = latest[part.first];
    if (known == nullptr || lapses(*list) < lapses(*known)) known = list;
  }
  std::vector<RevocationListRow> found;
  for (const auto& [issuer, list] : latest) {
    RevocationListRow row{.labels = {}, .list = list};
    append_label(row.labels, "source", place.source);
    append_label(row.labels, "name", name);
    append_label(row.labels, "issuer", list->issuer);
    append_labels(row.labels, place.labels);
    found.push_back(std::move(row));
  }
  return found;
}

std::vector<StoredRow> stored_rows(const Place& place, const WatchSlot& slot) {
  const Certificate& served = *slot.received->certificates.front();
  std::vector<StoredRow> found;
  for (const StoredLeaf& leaf : slot.stored) {
    const std::optional<bool> lags = stale(served, *leaf.certificate);
    if (!lags) continue;
    StoredRow row{.labels = {}, .stale = *lags};
    append_place(row.labels, place);
    append_label(row.labels, "path", leaf.place.text());
    append_labels(row.labels, place.labels);
    found.push_back(std::move(row));
  }
  return found;
}

}  // namespace exporter::metrics
