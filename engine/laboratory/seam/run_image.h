// The memory of a run: everything that a run's engine allocates lies in one block at a fixed address, so that
// a run can be copied and restored as bytes.
//
//   [ header | operator new, lend() ...     used ...     | lend() of whole pages: the heap     used ... ]
//
// lend() provides zeroed tables and the heap of a small engine until the end of the run; mapping and
// unmapping them took 70 % of the time of a search. allocate() is operator new of the fibers (run_heap.cc);
// freed blocks are reused last in, first out, so equal histories give equal bytes. An abandoned run's memory
// is freed with everything else. The heap lies in a separate part, on whole pages.
//
// Of the 160 KB of a small engine, a program writes to 15 pages, and there to some 80 lines of 64 bytes. So
// the first copy is the base of all others: from then on page faults record the written pages
// (written_pages.h), and a copy holds the lines in which these pages differ from the base.
//
// Used by the Scheduler and run_heap.cc, on the OS thread of the run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/laboratory/seam/written_pages.h"

namespace sweepscope::laboratory {

class RunImage {
 public:
  RunImage() = default;
  ~RunImage();
  RunImage(const RunImage&) = delete;
  RunImage& operator=(const RunImage&) = delete;

  // Frees everything and clears the used memory.
  void begin_run();

  // Zeroed; valid until begin_run(). Null: too large for an image. alignment: a power of two.
  std::byte* lend(size_t bytes, size_t alignment);
  // Not cleared. Null: the block is full.
  void* allocate(size_t bytes, size_t alignment);
  void give_back(void* block);

  // Copies the image, and restores it. begin_run() must not be called between the two.
  struct Line {
    std::byte bytes[64];
  };
  struct Copy {
    uint64_t run = 0;             // number of the run
    std::vector<uint64_t> lines;  // by written page: bit = line that differs from the base
    std::vector<Line> contents;   // of these lines, in order
  };
  void save(Copy& to);
  void restore(const Copy& from);

  // Whether the address lies in an image of any run.
  static bool owns(const void* address) {
    return reinterpret_cast<uintptr_t>(address) - space_begin < space_bytes;
  }

 private:
  static constexpr size_t kGrain = 16;
  static constexpr size_t kClasses = 65;  // free lists by size in grains; larger blocks are not reused
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

  Header* header_ = nullptr;             // the block; mapped at the first use
  int place_ = -1;                       // index of the block in the space
  uint64_t runs_ = 0;                    // number of begin_run() calls
  std::optional<WrittenPages> written_;  // since the base; created with the first copy
};

// Sets the image from which this OS thread's operator new allocates; null: malloc. Returns the previous one.
RunImage* allocate_from(RunImage* image);

// A scope of laboratory code within a run: it allocates from malloc.
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
