// One interface to the heaps of tests/bench/peers that C++ programs can link: HEAP_BOEHM, HEAP_MIMALLOC or, as the
// control without a collector, glibc's malloc. dispose() frees by hand, or does nothing.
#pragma once

#include <cstddef>

#if defined(HEAP_BOEHM)
#define GC_THREADS 1
#include <gc/gc.h>
#elif defined(HEAP_MIMALLOC)
#include <mimalloc.h>
#else
#include <cstdlib>
#endif

namespace sweepscope::bench::heap {

#if defined(HEAP_BOEHM)
inline constexpr bool kCollects = true;
inline void start() {
  GC_INIT();
  GC_allow_register_threads();
  GC_start_mark_threads();  // else there is one marker, whatever GC_MARKERS says
}
inline void* make(size_t bytes) { return GC_MALLOC(bytes); }                // zeroed, scanned
inline void* make_noscan(size_t bytes) { return GC_MALLOC_ATOMIC(bytes); }  // not zeroed
inline void* make_root(size_t bytes) { return GC_MALLOC_UNCOLLECTABLE(bytes); }
inline void dispose(void*) {}
inline void dispose_root(void* root) { GC_FREE(root); }
inline void collecting(bool on) { on ? GC_enable() : GC_disable(); }
inline void collect() { GC_gcollect(); }
#else
inline constexpr bool kCollects = false;
inline void start() {}
#if defined(HEAP_MIMALLOC)
inline void* make(size_t bytes) { return mi_malloc(bytes); }  // not zeroed, as in all of these
inline void dispose(void* object) { mi_free(object); }
inline void* make_root(size_t bytes) { return mi_zalloc(bytes); }
#else
inline void* make(size_t bytes) { return std::malloc(bytes); }
inline void dispose(void* object) { std::free(object); }
inline void* make_root(size_t bytes) { return std::calloc(1, bytes); }
#endif
inline void* make_noscan(size_t bytes) { return make(bytes); }
inline void dispose_root(void* root) { dispose(root); }
inline void collecting(bool) {}
inline void collect() {}
#endif

}  // namespace sweepscope::bench::heap
