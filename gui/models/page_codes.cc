#include "gui/models/page_codes.h"

#include <algorithm>

namespace sweepscope::gui {

using telemetry::Replica;
using telemetry::SpanPicture;
using telemetry::SpanStatus;

namespace {

CellCode baseCode(const SpanPicture& span, uint32_t sg) {
  if (span.unknown) return kUnknownCode;
  if (span.status == SpanStatus::kManual) return kStackCode;
  CellCode code = genCode(span.sweepgen, sg);
  if (span.span_class < 2) code |= kLargeObject;
  return code;
}

}  // namespace

CellState stateOf(const SpanPicture& span, uint32_t sg) {
  if (span.status == SpanStatus::kFree) return CellState::kFree;
  return stateTable(sg)[baseCode(span, sg) & kKindMask];
}

void PageCodes::writeSpan(const SpanPicture& span, PageRun within) {
  const uint32_t end = span.first_page + span.pages;
  const uint32_t first = std::max(span.first_page, within.first);
  const uint32_t last = std::min(end, within.second);
  if (first >= last) return;
  const CellCode code = baseCode(span, sweepgen_);
  std::fill(bytes_.begin() + first, bytes_.begin() + last, code);
  if (first == span.first_page) bytes_[first] |= kSpanStart;
  if (last == end) bytes_[last - 1] |= kSpanEnd;
}

void PageCodes::rebuild(const Replica& replica) {
  sweepgen_ = replica.sweepgen();
  bytes_.assign(replica.page_extent(), kFreeCode);
  for (const SpanPicture& span : replica.spans()) {
    if (span.id == telemetry::kNoId || span.status == SpanStatus::kFree) continue;
    writeSpan(span, {0, pages()});
  }
}

void PageCodes::refresh(const Replica& replica, std::span<const PageRun> dirty) {
  sweepgen_ = replica.sweepgen();
  bytes_.resize(replica.page_extent(), kFreeCode);
  for (PageRun run : dirty) {
    run.second = std::min(run.second, pages());
    for (uint32_t page = run.first; page < run.second;) {
      const SpanPicture* span = replica.span_at_page(page);
      if (span == nullptr) {
        bytes_[page++] = kFreeCode;
        continue;
      }
      writeSpan(*span, run);
      page = std::max(page + 1, span->first_page + span->pages);
    }
  }
}

}  // namespace sweepscope::gui
