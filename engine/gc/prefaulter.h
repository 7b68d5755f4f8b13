// Prefaulter: a thread that makes the memory which the heap grows into resident, ahead of the program.
//
// The first thread to touch 2 MiB of new memory waits until the system has found and cleared a huge page: 0.2 ms, and
// much longer on a virtual machine whose host must find it first. That would be the longest gap of a program. Pages that
// were never in use are handed out in the order of their addresses, so those that come next are known. Populating changes
// no contents, also of pages that are in use meanwhile: it needs no lock and no P. No stop waits for it, unless the heap
// grows by an arena meanwhile: the kernel lets that system call wait for at most one piece.
#pragma once

#include "engine/base/thread.h"
#include "engine/heap/mheap.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class Prefaulter {
 public:
  static constexpr uint32_t kPiece = kPagesPerHugePage;              // pages populated at a time
  static constexpr uint32_t kMostAhead = (16u << 20) >> kPageShift;  // pages
  static constexpr uint32_t kShareAhead = 32;  // at most used_end / kShareAhead pages are populated ahead

  Prefaulter(MHeap& heap, HeapThread& m);  // starts the thread
  ~Prefaulter();                           // ends and joins it

  // The next piece; 0 pages: none. `from`: the end of the last one.
  static PageRange next_piece(uint32_t from, uint32_t used_end, uint32_t grown_end);

 private:
  void run();

  MHeap& heap_;
  Shared<uint32_t> quit_;
  Thread thread_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
