// A doubly linked list of spans, intrusive. All changes under the lock of its owner: an mcentral's, or
// mheap.lock. Fatal "span list corrupt": the caller holds no lock of that rank, a span that is on some list
// is inserted, or one that is not on this list removed (Go: mSpanList's throws).
#pragma once

#include "engine/base/lock.h"
#include "engine/heap/mspan.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class SpanList {
 public:
  SpanList(observe::ListMembership name, Rank guard) : name_(name), guard_(guard) {}

  MSpan* front() const { return first_; }
  bool contains(const MSpan& span) const { return span.list == name_; }

  void push_front(Context& context, MSpan& span) {
    check_on(context, span, observe::ListMembership::kNone);
    span.next = first_;
    span.previous = nullptr;
    (first_ != nullptr ? first_->previous : last_) = &span;
    first_ = &span;
    span.list = name_;
  }
  void push_back(Context& context, MSpan& span) {
    check_on(context, span, observe::ListMembership::kNone);
    span.previous = last_;
    span.next = nullptr;
    (last_ != nullptr ? last_->next : first_) = &span;
    last_ = &span;
    span.list = name_;
  }
  void remove(Context& context, MSpan& span) {
    check_on(context, span, name_);
    (span.previous != nullptr ? span.previous->next : first_) = span.next;
    (span.next != nullptr ? span.next->previous : last_) = span.previous;
    span.next = span.previous = nullptr;
    span.list = observe::ListMembership::kNone;
  }

 private:
  void check_on(Context& context, const MSpan& span, observe::ListMembership expected) const {
    const bool locked = (context.held_ranks >> static_cast<uint32_t>(guard_) & 1) != 0;
    check(context, locked && span.list == expected, FatalCode::kSpanListCorrupt, Operand{"span", span.id},
          Operand{"list", static_cast<uint64_t>(span.list)},
          Operand{"expected_list", static_cast<uint64_t>(expected)}, Operand{"locked", locked});
  }

  MSpan* first_ = nullptr;
  MSpan* last_ = nullptr;
  observe::ListMembership name_;
  Rank guard_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
