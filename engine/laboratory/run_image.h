// The memory of a run: all that a run's engine allocates lies in one block at a fixed address, so that a run
// can be copied, and put back later, as bytes.
//
//   [ header | operator new, lend() ...     used ...     | lend() of whole pages: the heap     used ... ]
//
// Two ways in. lend(): zeroed tables and heap of a small engine, the run's until it is over; mapping and
// unmapping them took 70 % of the time of a search. allocate(): operator new of the fibers (run_heap.cc),
// when the scheduler says so; freed blocks are handed out again, last in first out, so equal histories give
// equal bytes. An abandoned run's share comes back with everything else. The pages of the heap lie apart, on
// whole pages.
//
// Of some 160 KB that a small engine has, a program writes to 15 pages, and there to some 80 lines of 64
// bytes. So the first copy is the base of all others: from there on the hardware tells which pages are
// written (written_pages.h), and a copy is the lines of those in which they differ from the base.
//
// Used by the Scheduler and run_heap.cc, on the OS thread of the run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/laboratory/written_pages.h"

namespace sweepscope::laboratory {

class RunImage {
 public:
  RunImage() = default;
  ~RunImage();
  RunImage(const RunImage&) = delete;
  RunImage& operator=(const RunImage&) = delete;

  // Takes everything back and clears what was used.
  void begin_run();

  // Zeroed; valid until begin_run(). Null: more than a small engine asks for. alignment: a power of two.
  std::byte* lend(size_t bytes, size_t alignment);
  // Not cleared. Null: the block is full.
  void* allocate(size_t bytes, size_t alignment);
  void give_back(void* block);

  // A copy of all that is here, and the way back to it. Between the two, begin_run() must not be called.
  struct Line {
    std::byte bytes[64];
  };
  struct Copy {
    uint64_t run = 0;             // whose it is
    std::vector<uint64_t> lines;  // by written page: bit = line that differs from the base
    std::vector<Line> contents;   // theirs, one after the other
  };
  void save(Copy& to);
  void restore(const Copy& from);

  // Whether some image, of whatever run, handed this out.
  static bool owns(const void* address) {
    return reinterpret_cast<uintptr_t>(address) - space_begin < space_bytes;
  }

 private:
  static constexpr size_t kGrain = 16;
  static constexpr size_t kClasses = 65;  // free lists by size in grains; larger blocks are not used again
  struct Header {
    size_t used, pages_used;
    void* free[kClasses];
  };
  struct Tag {  // before each allocated block
    size_t grains;
    size_t unused;
  };

  bool map();
  std::byte* bump(size_t bytes, size_t alignment);
  std::byte* bump_pages(size_t bytes, size_t alignment);

  // Address space of all images of the process, reserved with the first one: owns() is one comparison.
  static inline uintptr_t space_begin = 0;
  static inline size_t space_bytes = 0;
  static bool reserve_space();

  Header* header_ = nullptr;             // the block; mapped when first asked for
  int place_ = -1;                       // of the block in the space
  uint64_t runs_ = 0;                    // begun
  std::optional<WrittenPages> written_;  // since the base; made with the first copy
};

// Where this OS thread's operator new takes its memory; null: from malloc. Returns what it was.
RunImage* allocate_from(RunImage* image);

// The code within belongs to the laboratory, not to the run: it allocates from malloc.
class OutsideRun {
 public:
  OutsideRun() : before_(allocate_from(nullptr)) {}
  ~OutsideRun() { allocate_from(before_); }
  OutsideRun(const OutsideRun&) = delete;
  OutsideRun& operator=(const OutsideRun&) = delete;

 private:
  RunImage* before_;
};

}  // namespace sweepscope::laboratory
