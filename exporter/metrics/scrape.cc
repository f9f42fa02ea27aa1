#include "exporter/metrics/scrape.h"

#include <utility>

namespace exporter::metrics {

Exposition scrape(const Estate& estate, const OwnMetrics& own, Format format, WallTime now, SlotTexts more) {
  SlotTexts texts = estate.texts(now);
  for (auto& text : more) texts.push_back(std::move(text));
  texts.push_back(std::make_shared<SlotText>(own.text(format)));
  return {std::move(texts), families(), format, now};
}

std::string probe_scrape(SlotText slot, SlotText blackbox, Format format, WallTime now) {
  Exposition exposition({std::make_shared<SlotText>(std::move(slot))}, families(), format, now);
  exposition.append({std::make_shared<SlotText>(std::move(blackbox))}, blackbox_families());
  return text_of(std::move(exposition));
}

}  // namespace exporter::metrics
