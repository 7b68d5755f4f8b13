#include "tests/engine/support/heap_calls.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

// glibc's own, under the names that it keeps for programs which replace malloc.
extern "C" {
void* __libc_malloc(size_t);            // NOLINT(bugprone-reserved-identifier)
void* __libc_calloc(size_t, size_t);    // NOLINT(bugprone-reserved-identifier)
void* __libc_realloc(void*, size_t);    // NOLINT(bugprone-reserved-identifier)
void* __libc_memalign(size_t, size_t);  // NOLINT(bugprone-reserved-identifier)
}

namespace sweepscope::testing {
namespace {

constexpr int kFrames = 14, kOwnFrames = 2;  // note() and the replaced function
constexpr int kPlaceFrames = 7;              // two stacks that differ behind these are one place
constexpr size_t kMostPlaces = 64;

// Where a call came from. Written by the thread that took it from places_taken; `ready` (release) publishes it to the
// threads that compare (acquire).
struct Place {
  std::atomic<bool> ready;
  std::atomic<uint64_t> calls;  // relaxed: a count, read when no thread adds
  const char* function;
  size_t bytes;  // of the first call
  int depth;
  std::array<void*, kFrames> frames;
};

std::array<Place, kMostPlaces> places;
std::atomic<size_t> places_taken{0};  // relaxed: each taker gets a place of its own
std::atomic<uint64_t> calls{0};       // relaxed: as Place::calls
std::atomic<bool> watching{false};    // relaxed: the test orders its start with the threads
bool abort_at_once = false;           // written before `watching`

thread_local int allowed = 0;

bool same_place(const Place& place, const Place& now) {
  const int depth = std::min(now.depth, kPlaceFrames);
  return place.depth >= depth &&
         std::equal(now.frames.begin(), now.frames.begin() + depth, place.frames.begin());
}

[[gnu::noinline]] void note(const char* function, size_t bytes) {
  if (!watching.load(std::memory_order_relaxed) || allowed != 0) return;
  const HeapCallsAllowed own_calls;
  calls.fetch_add(1, std::memory_order_relaxed);
  Place now{};
  now.depth = backtrace(now.frames.data(), kFrames);
  if (abort_at_once) {
    backtrace_symbols_fd(now.frames.data(), now.depth, 2);
    std::abort();
  }
  const size_t taken = std::min(places_taken.load(std::memory_order_relaxed), kMostPlaces);
  for (size_t i = 0; i < taken; ++i) {
    if (!places[i].ready.load(std::memory_order_acquire) || !same_place(places[i], now)) continue;
    places[i].calls.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  const size_t mine = places_taken.fetch_add(1, std::memory_order_relaxed);
  if (mine >= kMostPlaces) return;  // counted in `calls`
  Place& place = places[mine];
  place.calls.store(1, std::memory_order_relaxed);
  place.function = function;
  place.bytes = bytes;
  place.depth = now.depth;
  place.frames = now.frames;
  place.ready.store(true, std::memory_order_release);
}

// "function+0x12  program+0x3456": the second is for addr2line, since only exported functions have names here.
std::string frame_text(void* address) {
  char text[64];
  Dl_info info{};
  if (dladdr(address, &info) == 0) {
    std::snprintf(text, sizeof text, "%p", address);
    return text;
  }
  const auto distance = [address](const void* from) {
    return static_cast<unsigned long>(static_cast<char*>(address) - static_cast<const char*>(from));
  };
  std::string line;
  if (info.dli_sname != nullptr) {
    int status = 0;
    char* const name = abi::__cxa_demangle(info.dli_sname, nullptr, nullptr, &status);
    line = status == 0 ? name : info.dli_sname;
    std::free(name);
    std::snprintf(text, sizeof text, "+0x%lx  ", distance(info.dli_saddr));
    line += text;
  }
  const char* const slash = std::strrchr(info.dli_fname, '/');
  std::snprintf(text, sizeof text, "+0x%lx", distance(info.dli_fbase));
  return line + (slash != nullptr ? slash + 1 : info.dli_fname) + text;
}

}  // namespace

HeapWatch::HeapWatch() {
  void* frames[4];
  static_cast<void>(backtrace(frames, 4));  // its first call loads a library
  abort_at_once = std::getenv("SWEEPSCOPE_ABORT_ON_HEAP_CALL") != nullptr;
  calls.store(0, std::memory_order_relaxed);
  places_taken.store(0, std::memory_order_relaxed);
  for (Place& place : places) place.ready.store(false, std::memory_order_relaxed);
  watching.store(true, std::memory_order_relaxed);
}

std::string HeapWatch::end() {
  watching.store(false, std::memory_order_relaxed);
  const uint64_t all = calls.exchange(0, std::memory_order_relaxed);
  if (all == 0) return {};
  std::string report = std::to_string(all) + " calls of the heap\n";
  for (size_t i = 0; i < std::min(places_taken.load(std::memory_order_relaxed), kMostPlaces); ++i) {
    const Place& place = places[i];
    if (!place.ready.load(std::memory_order_acquire)) continue;
    report += std::to_string(place.calls.load(std::memory_order_relaxed)) + " x " + place.function + "(" +
              std::to_string(place.bytes) + ")\n";
    for (int frame = kOwnFrames; frame < place.depth; ++frame)
      report += "    " + frame_text(place.frames[static_cast<size_t>(frame)]) + "\n";
  }
  return report;
}

HeapCallsAllowed::HeapCallsAllowed() { ++allowed; }
HeapCallsAllowed::~HeapCallsAllowed() { --allowed; }

}  // namespace sweepscope::testing

using sweepscope::testing::note;

extern "C" {

void* malloc(size_t bytes) noexcept {
  note("malloc", bytes);
  return __libc_malloc(bytes);
}

void* calloc(size_t count, size_t bytes) noexcept {
  note("calloc", count * bytes);
  return __libc_calloc(count, bytes);
}

void* realloc(void* block, size_t bytes) noexcept {
  note("realloc", bytes);
  return __libc_realloc(block, bytes);
}

void* memalign(size_t alignment, size_t bytes) noexcept {
  note("memalign", bytes);
  return __libc_memalign(alignment, bytes);
}

void* aligned_alloc(size_t alignment, size_t bytes) noexcept {
  note("aligned_alloc", bytes);
  return __libc_memalign(alignment, bytes);
}

int posix_memalign(void** block, size_t alignment, size_t bytes) noexcept {
  note("posix_memalign", bytes);
  void* const made = __libc_memalign(alignment, bytes);
  if (made == nullptr) return ENOMEM;
  *block = made;
  return 0;
}

}  // extern "C"
