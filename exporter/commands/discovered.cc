#include "exporter/commands/discovered.h"

#include <algorithm>
#include <ostream>

namespace exporter {

void warn_of(const std::vector<discovery::Looked>& looked, std::ostream& err) {
  constexpr std::size_t troubles_shown = 10;  // of a discovery
  for (const auto& [discovery, at_all, look] : looked) {
    const std::string about = "warning: discovery " + discovery.name + ": ";
    if (!at_all) err << about << "left out, for it takes longer than one answer\n";
    else if (!look.complete) err << about << "not all of its list could be made\n";
    const auto& named = look.troubles.named();
    const std::size_t shown = std::min(named.size(), troubles_shown);
    for (std::size_t index = 0; index < shown; ++index)
      err << about << discovery::place_text(named[index]) << ": " << word(named[index].reason) << ": " << named[index].detail
          << '\n';
    if (look.troubles.total() > shown) err << about << "and " << look.troubles.total() - shown << " more\n";
  }
}

}  // namespace exporter
