#include "engine/gc/prefaulter.h"

#include <algorithm>

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

Prefaulter::Prefaulter(MHeap& heap, HeapThread& m) : heap_(heap) {
  quit_.bind(Word::kThread, m.id);
  thread_ = Thread("prefaulter", [this] { run(); });
}

Prefaulter::~Prefaulter() {
  quit_.put(1);
  heap_.growth.wake_all();
  thread_.join();
}

PageRange Prefaulter::next_piece(uint32_t from, uint32_t used_end, uint32_t grown_end) {
  // The program faults in the huge page that it has begun, or begins next.
  const uint32_t first = std::max(from, (used_end / kPiece + 1) * kPiece);
  const uint32_t end = std::min(grown_end, used_end + std::min(used_end / kShareAhead, kMostAhead));
  return {first, end >= kPiece && first <= end - kPiece ? kPiece : 0};
}

void Prefaulter::run() {
  uint32_t done = 0;  // page
  const auto next = [&] { return next_piece(done, heap_.used_end(), heap_.grown_end()); };
  while (true) {
    heap_.growth.wait_until("prefaulter: wait until the heap grows",
                            [&] { return quit_.peek() != 0 || next().pages > 0; });
    if (quit_.peek() != 0) return;
    const PageRange piece = next();
    done = piece.first + piece.pages;
    if (!heap_.memory().populate(piece))
      return;  // the kernel is too old or refuses: the program faults them in
  }
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
