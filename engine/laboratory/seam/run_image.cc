#include "engine/laboratory/seam/run_image.h"

#include <sys/mman.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>

namespace sweepscope::laboratory {
namespace {

constexpr size_t kBytes = size_t{32} << 20;  // address space of one image; only touched pages take memory
constexpr int kImages = 64;                  // at the same time, in one process
constexpr size_t kMostAtOnce = size_t{2} << 20;
constexpr size_t kPagesBegin = kBytes / 2;  // of the heap
constexpr size_t kPage = WrittenPages::kPage;
constexpr size_t kBlock = 512;  // cleared at a time

constexpr std::byte kNothing[kBlock] = {};

bool empty(const std::byte* block) { return std::memcmp(block, kNothing, kBlock) == 0; }

using Line = RunImage::Line;
static_assert(kPage == 64 * sizeof(Line));  // one bit of a word for each line of a page

Line* lines(std::byte* page) { return reinterpret_cast<Line*>(page); }
const Line* lines(const std::byte* page) { return reinterpret_cast<const Line*>(page); }

// The lines in which two pages differ, one bit each. Most of the cost of restore(): branch-free and with
// intrinsics, because the compiler's code is several times slower.
uint64_t differing(const Line* a, const Line* b) {
  uint64_t differ = 0;
#ifdef __SSE2__
  for (unsigned line = 0; line < 64; ++line) {
    const auto* const x = reinterpret_cast<const __m128i*>(a + line);
    const auto* const y = reinterpret_cast<const __m128i*>(b + line);
    const auto equal = [&](unsigned i) {
      return _mm_cmpeq_epi8(_mm_load_si128(x + i), _mm_load_si128(y + i));
    };
    const __m128i all = _mm_and_si128(_mm_and_si128(equal(0), equal(1)), _mm_and_si128(equal(2), equal(3)));
    differ |= uint64_t{_mm_movemask_epi8(all) != 0xFFFF} << line;
  }
#else
  for (unsigned line = 0; line < 64; ++line)
    differ |= uint64_t{std::memcmp(a + line, b + line, sizeof(Line)) != 0} << line;
#endif
  return differ;
}

std::atomic<uint64_t> taken{0};  // bit = place of a living image

}  // namespace

bool RunImage::reserve_space() {
  static std::once_flag once;
  std::call_once(once, [] {
    // At the same address if possible, so that equal searches have equal states in every process.
    void* const wanted = reinterpret_cast<void*>(uintptr_t{0x5EED} << 32);
    void* const space =
        mmap(wanted, kBytes * kImages, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (space == MAP_FAILED) return;
    space_begin = reinterpret_cast<uintptr_t>(space);
    space_bytes = kBytes * kImages;
  });
  return space_bytes != 0;
}

bool RunImage::map() {
  const OutsideRun laboratory;
  if (!reserve_space()) return false;
  uint64_t places = taken.load(std::memory_order_relaxed);
  do {
    place_ = std::countr_one(places);
    if (place_ >= kImages) return false;
    // relaxed: the bit publishes no other data.
  } while (!taken.compare_exchange_weak(places, places | uint64_t{1} << place_, std::memory_order_relaxed));
  void* const block = reinterpret_cast<void*>(space_begin + static_cast<size_t>(place_) * kBytes);
  if (mmap(block, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
           0) == MAP_FAILED)
    return false;
  header_ = static_cast<Header*>(block);
  header_->used = sizeof(Header);
  return true;
}

RunImage::~RunImage() {
  if (header_ != nullptr)
    mmap(header_, kBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  if (place_ >= 0 && place_ < kImages) taken.fetch_and(~(uint64_t{1} << place_), std::memory_order_relaxed);
}

void RunImage::begin_run() {
  ++runs_;
  if (header_ == nullptr) return;
  if (written_) written_->forget();
  std::byte* const pages = reinterpret_cast<std::byte*>(header_) + kPagesBegin;
  for (size_t at = 0; at < header_->pages_used; at += kBlock)
    if (!empty(pages + at)) std::memset(pages + at, 0, kBlock);
  std::memset(static_cast<void*>(header_), 0, header_->used);
  header_->used = sizeof(Header);
}

std::byte* RunImage::bump(size_t bytes, size_t alignment) {
  if (header_ == nullptr && !map()) return nullptr;
  const uintptr_t base = reinterpret_cast<uintptr_t>(header_);
  const size_t begin = ((base + header_->used + alignment - 1) & ~(alignment - 1)) - base;
  if (bytes > kPagesBegin || begin > kPagesBegin - bytes) return nullptr;
  header_->used = begin + bytes;
  return reinterpret_cast<std::byte*>(base + begin);
}

std::byte* RunImage::bump_pages(size_t bytes, size_t alignment) {
  if (header_ == nullptr && !map()) return nullptr;
  const uintptr_t base = reinterpret_cast<uintptr_t>(header_) + kPagesBegin;
  const size_t begin = ((base + header_->pages_used + alignment - 1) & ~(alignment - 1)) - base;
  if (begin > kPagesBegin - bytes) return nullptr;
  header_->pages_used = begin + bytes;
  return reinterpret_cast<std::byte*>(base + begin);
}

std::byte* RunImage::lend(size_t bytes, size_t alignment) {
  if (bytes > kMostAtOnce || alignment > kMostAtOnce) return nullptr;
  if (alignment > kPage) return bump_pages(bytes, alignment);
  return bump(bytes, std::max<size_t>(alignment, 64));  // tables do not share cache lines
}

void* RunImage::allocate(size_t bytes, size_t alignment) {
  const size_t grains = (std::max<size_t>(bytes, 1) + kGrain - 1) / kGrain;
  if (header_ != nullptr && grains < kClasses && alignment <= kGrain && header_->free[grains] != nullptr) {
    void* const block = header_->free[grains];
    std::memcpy(&header_->free[grains], block, sizeof(void*));  // its first word is the link
    return block;
  }
  // The tag precedes the block; a block of greater alignment is not reused.
  const size_t room = std::max(alignment, sizeof(Tag));
  std::byte* const begin = bump(room + grains * kGrain, std::max(alignment, kGrain));
  if (begin == nullptr) return nullptr;
  const Tag tag{alignment <= kGrain ? grains : kClasses, 0};
  std::memcpy(begin + room - sizeof(Tag), &tag, sizeof tag);
  return begin + room;
}

void RunImage::give_back(void* block) {
  const uintptr_t begin = reinterpret_cast<uintptr_t>(header_), at = reinterpret_cast<uintptr_t>(block);
  if (header_ == nullptr || at - begin >= kBytes) return;  // of another run
  Tag tag;
  std::memcpy(&tag, static_cast<std::byte*>(block) - sizeof(Tag), sizeof tag);
  if (tag.grains >= kClasses) return;
  std::memcpy(block, &header_->free[tag.grains], sizeof(void*));
  header_->free[tag.grains] = block;
}

void RunImage::save(Copy& to) {
  to.run = runs_;
  to.lines.clear();
  to.contents.clear();
  if (!written_) written_.emplace(std::span(reinterpret_cast<std::byte*>(header_), kBytes));
  if (!written_->watches()) return written_->watch();  // this is the base
  for (const uint32_t page : written_->pages()) {
    const Line* const now = lines(written_->at(page));
    const uint64_t differ = differing(now, lines(written_->original(page)));
    to.lines.push_back(differ);
    for (uint64_t left = differ; left != 0; left &= left - 1)
      to.contents.push_back(now[std::countr_zero(left)]);
  }
}

void RunImage::restore(const Copy& from) {
  if (from.run != runs_ || !written_ || !written_->watches()) {
    std::fputs("fatal: restore of a copy of another run\n", stderr);
    std::abort();
  }
  const Line* contents = from.contents.data();
  for (size_t i = 0; i < written_->pages().size(); ++i) {
    const uint32_t page = written_->pages()[i];
    Line* const now = lines(written_->at(page));
    const Line* const base = lines(written_->original(page));
    const uint64_t wanted = i < from.lines.size() ? from.lines[i] : 0;
    for (uint64_t left = differing(now, base) & ~wanted; left != 0; left &= left - 1)
      now[std::countr_zero(left)] = base[std::countr_zero(left)];
    for (uint64_t left = wanted; left != 0; left &= left - 1) now[std::countr_zero(left)] = *contents++;
  }
}

}  // namespace sweepscope::laboratory
