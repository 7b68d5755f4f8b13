// The arcs of the sweep protocol: one named function each, and no other way to change a span's sweepgen.
//
// Each checks where it comes from, counts the span's transition number, emits the transition,
// and stores or CASes with the order that the arc needs. The number is counted before a releasing
// store (after it another thread may own the span) and after a winning CAS (before it we do not own it):
// ownership passes with sweepgen, so it is plain.
#pragma once

#include <utility>

#include "engine/heap/heap_thread.h"
#include "engine/heap/mspan.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

// The right and the duty to sweep one span (state SWEEPING), or nothing. Move-only; spent by arc_swept. Fatal if dropped.
class SweepToken {
 public:
  SweepToken() = default;
  SweepToken(SweepToken&& other) noexcept : m_(other.m_), span_(std::exchange(other.span_, nullptr)) {}
  SweepToken& operator=(SweepToken&& other) noexcept {
    drop();
    m_ = other.m_;
    span_ = std::exchange(other.span_, nullptr);
    return *this;
  }
  ~SweepToken() { drop(); }
  explicit operator bool() const { return span_ != nullptr; }
  MSpan& span() const { return *span_; }  // not of an empty token

 private:
  void drop() const {
    if (span_ != nullptr) [[unlikely]]
      fail(*m_, FatalCode::kSweepTokenDropped, {{"span", span_->id}});
  }
  SweepToken(HeapThread& m, MSpan& span) : m_(&m), span_(&span) {}
  friend SweepToken arc_claim_stale(HeapThread&, MSpan&, uint32_t);
  friend SweepToken arc_claim(HeapThread&, MSpan&, uint32_t, observe::Cause);
  friend void arc_swept(HeapThread&, SweepToken&&, uint32_t, observe::Arc);
  HeapThread* m_ = nullptr;
  MSpan* span_ = nullptr;
};

// T1: free -> SWEPT. By the allocator under mheap.lock; the caller publishes `state` afterwards.
void arc_allocate(HeapThread& m, MSpan& span, uint32_t h);

// T2: SWEPT -> CACHED. By refill of the P that took the span off its list,
// so no other thread can allocate from it.
void arc_cache(HeapThread& m, MSpan& span, uint32_t h);

// T3: CACHED -> SWEPT, the span is full. By refill. Fatal "bad sweepgen in refill" when it is not CACHED.
void arc_replace_full(HeapThread& m, MSpan& span, uint32_t h);

// T4: CACHED -> SWEPT, the cache is released within its cycle.
// `list_after`: where the caller is about to put it.
void arc_uncache(HeapThread& m, MSpan& span, uint32_t h, observe::ListMembership list_after);

// T6: NEEDS -> SWEEPING by CAS; empty when another thread was faster or the span does not need it.
SweepToken arc_claim(HeapThread& m, MSpan& span, uint32_t h, observe::Cause cause);

// T7: STALE -> SWEEPING. By the flusher of the mcache that holds the span;
// no CAS: only the flusher may write at STALE.
SweepToken arc_claim_stale(HeapThread& m, MSpan& span, uint32_t h);

// T8: SWEEPING -> SWEPT. T8b (kT8SweptListed) under mcentral.lock after the list move, else T8a.
void arc_swept(HeapThread& m, SweepToken&& token, uint32_t h, observe::Arc arc);

// The life of a manual span, under mheap.lock: no arc, sweepgen stays as its last free left it.
void emit_manual_allocated(HeapThread& m, MSpan& span);
void emit_manual_freed(HeapThread& m, MSpan& span);

// T9: SWEPT -> free, under mheap.lock: emits the free and makes the struct reusable. sweepgen stays.
void arc_free(HeapThread& m, MSpan& span, uint32_t h);

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
