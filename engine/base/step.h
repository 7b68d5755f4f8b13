// Names of atomic protocol actions. Every access to a shared word, every lock and every wait
// of the engine names its Step; production drops the name, the laboratory shows it to the user
// and stores it in schedules.
#pragma once

#include <cstdint>
#ifdef SWEEPSCOPE_LABORATORY
#include <source_location>
#endif

#include "engine/base/build.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

#ifndef SWEEPSCOPE_LABORATORY

// Empty: the program does not contain the text, and passing an empty argument costs no instruction.
// tests/steps compares the object code with that of sources without any step.
struct Step {
  consteval Step(const char*) {}  // NOLINT: implicit, reads as a label
};

#else

// FNV-1a of the text, so that ids need no central list and stay the same between builds and runs.
struct Step {
  const char* name;
  uint32_t id;
  uint32_t line;     // of the access in the sources
  const char* file;  // as the compiler names it

  consteval Step(const char* text,  // NOLINT: implicit, reads as a label
                 std::source_location here = std::source_location::current())
      : name(text), id(2166136261u), line(here.line()), file(here.file_name()) {
    for (const char* c = text; *c != '\0'; ++c) id = (id ^ static_cast<uint8_t>(*c)) * 16777619u;
  }
};

#endif

// Which protocol word an access touches.
// Together with the object's number this names the word: "span 41 sweepgen".
enum class Word : uint8_t {
  kNone = 0,
  kHeapGen,     // h; object 0
  kSweepgen,    // object = span
  kSpanState,   // object = span
  kFreeIndex,   // object = span
  kBitsSwap,    // object = span: which of its two bitmaps holds the marks
  kListLock,    // object = span class: an mcentral's lock and so its lists
  kNmalloc,     // object = span class
  kSweepQueue,  // object = 0 or 1
  kSweepDone,
  kSweepers,
  kUnflushed,
  kFlushGen,   // object = P
  kPStatus,    // object = P
  kSafePoint,  // object = P: a for_each_p request
  kPhase,
  kWorld,      // stop bit + number running
  kAttention,  // polls must take the slow path
  kHeapLive,
  kPagesSwept,
  kHeapLock,
  kSchedLock,
  kWorldSema,
  kPermits,
  kThread,        // object = thread: started, finished
  kUnsweptLarge,  // large spans in use that were not swept since the turn
  kSpecials,      // object = span: its list of specials
  kSweepCredit,
  kOther,
  kReference,  // in a heap object or a Global; reported while a marker may read it
  kStackScan,  // object = thread: whether its shadow stack was scanned in this mark phase
  kMarkWork,   // object: MarkWord
  kRoom,       // held by the thread that makes room at the heap limit
  kScavenge,   // object 0: a piece of free pages is out of the free runs, 1: bytes given back to the system
  kPacer,      // object 0: trigger, 1: goal, 2: bound
  kCrew,       // object: CrewWord
};
const char* name(Word word);

// The words of Word::kMarkWork.
enum class MarkWord : uint32_t {
  kPhase = 0,  // whether threads may drain
  kDraining,   // how many do
  kRootJobs,
  kCredit,
  kScanDone,
  kDedicated,
  kFractional,
  kHungry,       // workers of a stopped world without work
  kFullBuffers,  // the list of buffers with work
  kEmptyBuffers,
  kBufferLinks,  // + the number of the buffer: the one below it on its list
};
constexpr uint32_t object(MarkWord word) { return static_cast<uint32_t>(word); }

// The words of Word::kCrew.
enum class CrewWord : uint32_t { kRound = 0, kBusy, kPiece, kQuit };
constexpr uint32_t object(CrewWord word) { return static_cast<uint32_t>(word); }

enum class Op : uint8_t { kLoad = 1, kStore, kCasWon, kCasLost, kRmw, kLock, kUnlock, kWait, kChoice };

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
