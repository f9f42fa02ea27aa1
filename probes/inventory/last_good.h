// What stays of a file that cannot be read now. It is not known to be gone: half of it may be written, or its owner wrong for a
// moment, and an alert that resolves meanwhile is a lie. As soon as anything of it can be read, that is what it holds. Judgements
// do not stay: nothing would work them out again when a certificate ends or the anchors become others.
#pragma once

#include "probes/inventory/scan.h"
#include "probes/observations/inventory.h"

namespace probes::inventory {

// Whether it may be over at the next look though the file looks the same: rights that a folder or a policy gives, descriptors
// that had run out, a writer that is done.
[[nodiscard]] bool passes(const observations::Trouble& trouble);

// `file` without judgements: itself where it has none.
[[nodiscard]] FilePtr unjudged(const FilePtr& file);

// `found`, just read, gets what the file held `before` (not null) if it holds nothing and a trouble says that this may be hidden.
void keep_last_good(observations::Inventory& found, const FilePtr& before);

}  // namespace probes::inventory
