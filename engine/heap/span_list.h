// A doubly linked list of spans, intrusive. All operations under the lock of the mcentral that owns it.
#pragma once

#include "engine/heap/mspan.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class SpanList {
 public:
  explicit SpanList(observe::ListMembership name) : name_(name) {}

  MSpan* front() const { return first_; }
  bool contains(const MSpan& span) const { return span.list == name_; }

  void push_front(MSpan& span) {
    span.next = first_;
    span.previous = nullptr;
    (first_ != nullptr ? first_->previous : last_) = &span;
    first_ = &span;
    span.list = name_;
  }
  void push_back(MSpan& span) {
    span.previous = last_;
    span.next = nullptr;
    (last_ != nullptr ? last_->next : first_) = &span;
    last_ = &span;
    span.list = name_;
  }
  void remove(MSpan& span) {
    (span.previous != nullptr ? span.previous->next : first_) = span.next;
    (span.next != nullptr ? span.next->previous : last_) = span.previous;
    span.next = span.previous = nullptr;
    span.list = observe::ListMembership::kNone;
  }

 private:
  MSpan* first_ = nullptr;
  MSpan* last_ = nullptr;
  observe::ListMembership name_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
