// PageInfo: what a marker needs to know of a page, in four bytes, so that it touches no MSpan: the class of the span
// that owns the page, where in the span the page lies, and where the objects hold references (heap/layout.h).
// The table of a heap of 1 GiB has 512 KiB: it stays in the cache, which span structs do not.
//
//   kind 8 bits             0: no object lies here: a free page, or memory of stacks; else span class + 1
//   page in span 8 bits     large: 0, look the span up
//   references 16 bits      leading words of each object; kBitmap: the pointer bits say it; large: 0, see the span
#pragma once

#include <cstdint>

#include "engine/memory/size_class.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class PageInfo {
 public:
  static constexpr uint32_t kBitmap = 0xFFFF;

  constexpr PageInfo() = default;  // of a page without objects
  constexpr PageInfo(SpanClass span_class, uint32_t page_in_span, uint32_t references)
      : raw_(references << 16 | page_in_span << 8 | (uint32_t{span_class.raw()} + 1)) {}
  static constexpr PageInfo from_raw(uint32_t raw) {
    PageInfo info;
    info.raw_ = raw;
    return info;
  }

  constexpr uint32_t raw() const { return raw_; }
  constexpr bool has_objects() const { return (raw_ & 0xFF) != 0; }
  // The three that follow: of a page that has objects.
  constexpr SpanClass span_class() const {
    return SpanClass::from_raw(static_cast<uint8_t>((raw_ & 0xFF) - 1));
  }
  constexpr uint32_t page_in_span() const { return raw_ >> 8 & 0xFF; }
  constexpr uint32_t references() const { return raw_ >> 16; }

 private:
  uint32_t raw_ = 0;
};

static_assert(kNumSpanClasses < 0xFF && kMaxSmallSize / 8 < PageInfo::kBitmap);

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
