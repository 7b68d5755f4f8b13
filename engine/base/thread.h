// A thread of the engine. Production: an OS thread. Laboratory: a fiber of the current run.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "engine/base/build.h"
#ifndef SWEEPSCOPE_LABORATORY
#include <thread>
#endif

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

// Of the calling OS thread, unique among those that live. 0 in the laboratory, where all fibers share one:
// callers that compare it do nothing there.
uint64_t this_thread_id();

class Thread {
 public:
  Thread() = default;
  Thread(std::string_view name, std::function<void()> body);
  Thread(Thread&&) noexcept = default;
  Thread& operator=(Thread&&) noexcept = default;
  void join();  // waits for its end; the thread must not wait for the caller

 private:
#ifdef SWEEPSCOPE_LABORATORY
  uint32_t fiber_ = ~0u;
#else
  std::thread thread_;
#endif
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
