// A doubly linked list of spans, intrusive. All operations under the lock of the mcentral that owns it.
// Fatal "span list corrupt": a span that is on some list is inserted, or one that is not on
// this list removed (Go: mSpanList's throws).
#pragma once

#include "engine/base/context.h"
#include "engine/heap/mspan.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class SpanList {
 public:
  explicit SpanList(observe::ListMembership name) : name_(name) {}

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
  static void check_on(Context& context, const MSpan& span, observe::ListMembership expected) {
    check(context, span.list == expected, FatalCode::kSpanListCorrupt, Operand{"span", span.id},
          Operand{"list", static_cast<uint64_t>(span.list)},
          Operand{"expected_list", static_cast<uint64_t>(expected)});
  }

  MSpan* first_ = nullptr;
  MSpan* last_ = nullptr;
  observe::ListMembership name_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
