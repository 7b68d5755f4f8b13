#include "engine/base/thread.h"

#include <string>
#include <utility>

#ifdef SWEEPSCOPE_LABORATORY
#include "engine/base/driver.h"
#else
#include <pthread.h>
#endif

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

#ifdef SWEEPSCOPE_LABORATORY

uint64_t this_thread_id() { return 0; }

Thread::Thread(std::string_view name, std::function<void()> body)
    : fiber_(driver()->spawn(name, std::move(body))) {}

void Thread::join() {
  if (fiber_ == ~0u || driver() == nullptr) return;
  auto ended = [this] { return driver()->finished(fiber_); };
  driver()->wait(Access{"join", Word::kThread, Op::kWait, fiber_}, PredicateRef(ended), nullptr);
}

#else

uint64_t this_thread_id() { return static_cast<uint64_t>(pthread_self()); }

Thread::Thread(std::string_view name, std::function<void()> body) : thread_(std::move(body)) {
  pthread_setname_np(thread_.native_handle(), std::string(name.substr(0, 15)).c_str());
}

void Thread::join() {
  if (thread_.joinable()) thread_.join();
}

#endif

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
