#include "engine/laboratory/seam/written_pages.h"

#include <signal.h>
#include <sys/mman.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>

namespace sweepscope::laboratory {
namespace {

// All existing objects; the fault handler searches them for its block.
std::array<std::atomic<WrittenPages*>, 64> living{};
struct sigaction before;

[[noreturn]] void refused(const char* what) {
  std::fprintf(stderr, "fatal: cannot watch the memory of a run: %s\n", what);
  std::abort();
}

void on_fault(int number, siginfo_t* info, void* context) {
  for (const auto& place : living) {
    // acquire: pairs with the release in the constructor, for a fault of another thread.
    WrittenPages* const watcher = place.load(std::memory_order_acquire);
    if (watcher != nullptr && watcher->written(info->si_addr)) return;
  }
  if ((before.sa_flags & SA_SIGINFO) != 0) return before.sa_sigaction(number, info, context);
  if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) return before.sa_handler(number);
  signal(number, SIG_DFL);  // the access is repeated and ends the process
}

void protect(std::span<std::byte> block, int protection) {
  if (mprotect(block.data(), block.size(), protection) != 0) refused("mprotect");
}

std::byte* reserve(size_t bytes) {
  void* const space =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (space == MAP_FAILED) refused("mmap");
  return static_cast<std::byte*>(space);
}

}  // namespace

WrittenPages::WrittenPages(std::span<std::byte> block) : block_(block), originals_(reserve(block.size())) {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction ours = {};
    ours.sa_sigaction = on_fault;
    ours.sa_flags = SA_SIGINFO;
    if (sigaction(SIGSEGV, &ours, &before) != 0) refused("sigaction");
  });
  pages_.reserve(block.size() / kPage);
  for (auto& place : living) {
    WrittenPages* none = nullptr;
    // release: pairs with the handler's acquire. On failure nothing is read.
    if (place.compare_exchange_strong(none, this, std::memory_order_release, std::memory_order_relaxed))
      return;
  }
  refused("too many runs at a time");
}

WrittenPages::~WrittenPages() {
  forget();
  for (auto& place : living) {
    WrittenPages* self = this;
    // relaxed: only the thread that owns the block faults in it.
    if (place.compare_exchange_strong(self, nullptr, std::memory_order_relaxed)) break;
  }
  munmap(originals_, block_.size());
}

void WrittenPages::watch() {
  pages_.clear();
  watches_ = true;
  protect(block_, PROT_READ);
}

void WrittenPages::forget() {
  if (!watches_) return;
  protect(block_, PROT_READ | PROT_WRITE);
  watches_ = false;
  pages_.clear();
}

bool WrittenPages::written(const void* address) {
  const size_t offset = static_cast<size_t>(static_cast<const std::byte*>(address) - block_.data());
  if (!watches_ || offset >= block_.size()) return false;
  const auto page = static_cast<uint32_t>(offset / kPage);
  std::memcpy(originals_ + page * kPage, at(page), kPage);
  pages_.push_back(page);
  protect({at(page), kPage}, PROT_READ | PROT_WRITE);
  return true;
}

}  // namespace sweepscope::laboratory
