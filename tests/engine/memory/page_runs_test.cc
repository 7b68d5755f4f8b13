// The page-run allocator: one test for each rule, and a comparison with a naive model over random histories.
// SWEEPSCOPE_TEST_SEED=N repeats a random history.
#include "engine/memory/page_runs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <vector>

namespace sweepscope::engine {
namespace {

PageRuns make(uint32_t max_pages) {
  std::string error;
  std::optional<PageRuns> runs = PageRuns::create(max_pages, error);
  if (!runs) ADD_FAILURE() << error;
  return std::move(runs).value();
}

PageRuns make_with(uint32_t pages) {
  PageRuns runs = make(pages);
  EXPECT_TRUE(runs.add(0, pages));
  return runs;
}

// A whole pass; returns the pieces.
std::vector<PageRuns::Look> scavenge_all(PageRuns& runs,
                                         PageRuns::Contents contents = PageRuns::Contents::kZero) {
  std::vector<PageRuns::Look> pieces;
  runs.begin_pass();
  for (PageRuns::Look look = runs.take_dirty(); look.more; look = runs.take_dirty()) {
    if (look.pages == 0) continue;
    pieces.push_back(look);
    EXPECT_TRUE(runs.is_valid());
    runs.put_back(contents);
    EXPECT_TRUE(runs.is_valid());
  }
  return pieces;
}

std::vector<std::pair<uint32_t, uint32_t>> ranges(const std::vector<PageRuns::Look>& pieces) {
  std::vector<std::pair<uint32_t, uint32_t>> result;
  for (const PageRuns::Look& piece : pieces) result.emplace_back(piece.first, piece.pages);
  return result;
}
using Ranges = std::vector<std::pair<uint32_t, uint32_t>>;

TEST(PageRuns, AllocatesFromTheLowEnd) {
  PageRuns runs = make_with(100);
  EXPECT_EQ(runs.allocate(3)->first, 0u);
  EXPECT_EQ(runs.allocate(5)->first, 3u);
  EXPECT_EQ(runs.free_pages(), 92u);
  EXPECT_EQ(runs.in_use_pages(), 8u);
  EXPECT_EQ(runs.largest(), 92u);
  EXPECT_TRUE(runs.is_valid());
}

TEST(PageRuns, TakesTheLowestOfTheShortestRunsThatFit) {
  PageRuns runs = make_with(100);
  ASSERT_TRUE(runs.allocate(100));
  ASSERT_TRUE(runs.free(80, 4));
  ASSERT_TRUE(runs.free(10, 6));
  ASSERT_TRUE(runs.free(60, 4));
  ASSERT_TRUE(runs.free(30, 9));
  EXPECT_EQ(runs.allocate(3)->first, 60u);
  EXPECT_EQ(runs.allocate(4)->first, 80u);
  EXPECT_EQ(runs.allocate(4)->first, 10u);
  EXPECT_EQ(runs.allocate(9)->first, 30u);
  EXPECT_EQ(runs.allocate(3), std::nullopt);
  EXPECT_EQ(runs.allocate(2)->first, 14u);
  EXPECT_TRUE(runs.is_valid());
}

TEST(PageRuns, FreedRunMergesWithBothNeighbours) {
  PageRuns runs = make_with(30);
  ASSERT_TRUE(runs.allocate(30));
  ASSERT_TRUE(runs.free(0, 10));
  ASSERT_TRUE(runs.free(20, 10));
  EXPECT_EQ(runs.runs(), 2u);
  ASSERT_TRUE(runs.free(10, 10));
  EXPECT_EQ(runs.runs(), 1u);
  EXPECT_EQ(runs.largest(), 30u);
  EXPECT_TRUE(runs.is_valid());
}

TEST(PageRuns, MergesWithOneNeighbourOnEitherSide) {
  PageRuns runs = make_with(30);
  ASSERT_TRUE(runs.allocate(30));
  ASSERT_TRUE(runs.free(10, 5));
  ASSERT_TRUE(runs.free(15, 5));
  EXPECT_EQ(runs.runs(), 1u);
  ASSERT_TRUE(runs.free(8, 2));
  EXPECT_EQ(runs.runs(), 1u);
  EXPECT_EQ(runs.largest(), 12u);
  EXPECT_TRUE(runs.is_valid());
}

TEST(PageRuns, PartOfAnAllocationCanBeFreed) {
  PageRuns runs = make_with(10);
  ASSERT_TRUE(runs.allocate(10));
  EXPECT_TRUE(runs.free(4, 2));
  EXPECT_EQ(runs.allocate(2)->first, 4u);
  EXPECT_TRUE(runs.is_valid());
}

TEST(PageRuns, GrownArenaMergesWithTheFreeEndOfTheLast) {
  PageRuns runs = make(64);
  ASSERT_TRUE(runs.add(0, 16));
  ASSERT_TRUE(runs.allocate(10));
  EXPECT_EQ(runs.allocate(20), std::nullopt);
  ASSERT_TRUE(runs.add(16, 16));
  EXPECT_EQ(runs.allocate(20)->first, 10u);
  ASSERT_TRUE(runs.add(40, 16));  // a gap of 8 pages
  EXPECT_EQ(runs.runs(), 2u);
  EXPECT_EQ(runs.largest(), 16u);
  EXPECT_TRUE(runs.is_valid());
}

TEST(PageRuns, RefusesMisuseAndChangesNothing) {
  PageRuns runs = make(64);
  ASSERT_TRUE(runs.add(0, 32));
  ASSERT_EQ(runs.allocate(8)->first, 0u);
  EXPECT_EQ(runs.allocate(0), std::nullopt);
  EXPECT_EQ(runs.allocate(25), std::nullopt);
  EXPECT_EQ(runs.allocate(UINT32_MAX), std::nullopt);
  EXPECT_FALSE(runs.free(0, 0));
  EXPECT_FALSE(runs.free(6, 4));           // half of it is free
  EXPECT_FALSE(runs.free(8, 1));           // never allocated
  EXPECT_FALSE(runs.free(40, 1));          // never added
  EXPECT_FALSE(runs.free(1, UINT32_MAX));  // wraps around
  EXPECT_FALSE(runs.add(16, 32));          // overlaps
  EXPECT_FALSE(runs.add(32, 33));          // past the end
  EXPECT_FALSE(runs.add(32, 0));
  ASSERT_TRUE(runs.free(0, 8));
  EXPECT_FALSE(runs.free(0, 8));  // twice
  EXPECT_EQ(runs.free_pages(), 32u);
  EXPECT_TRUE(runs.is_valid());
}

TEST(PageRuns, FreshPagesAreKnownZeroAndUsedOnesAreNot) {
  PageRuns runs = make_with(100);
  EXPECT_TRUE(runs.allocate(10)->known_zero);
  ASSERT_TRUE(runs.free(0, 10));
  EXPECT_EQ(runs.dirty_free_pages(), 10u);
  EXPECT_FALSE(runs.allocate(20)->known_zero);  // ten used pages and ten fresh pages
  EXPECT_TRUE(runs.allocate(10)->known_zero);   // the rest of the merged run is still fresh
  EXPECT_TRUE(runs.is_valid());
}

// One run of dirty, clean and dirty pages.
TEST(PageRuns, OwnerFindsWhichOfItsPagesWereDirty) {
  PageRuns runs = make_with(300);
  ASSERT_TRUE(runs.allocate(2));
  ASSERT_TRUE(runs.allocate(126));
  ASSERT_TRUE(runs.allocate(1));
  ASSERT_TRUE(runs.free(2, 126));
  ASSERT_EQ(ranges(scavenge_all(runs)), (Ranges{{2, 126}}));
  ASSERT_TRUE(runs.free(0, 2));
  ASSERT_TRUE(runs.free(128, 1));
  ASSERT_EQ(runs.allocate(200)->first, 0u);
  const auto dirty = [&](uint32_t from, uint32_t end, uint32_t most = 300) {
    const PageRuns::Range range = runs.last_dirty(from, end, most);
    return std::pair(range.first, range.pages);
  };
  EXPECT_EQ(dirty(0, 200), std::pair(128u, 1u));
  EXPECT_EQ(dirty(0, 128), std::pair(0u, 2u));
  EXPECT_EQ(dirty(0, 128, 2), std::pair(0u, 2u));
  EXPECT_EQ(dirty(0, 128, 1), std::pair(1u, 1u));
  EXPECT_EQ(dirty(0, 1), std::pair(0u, 1u));
  EXPECT_EQ(dirty(1, 100), std::pair(1u, 1u));
  EXPECT_EQ(dirty(2, 128).second, 0u);
  EXPECT_EQ(dirty(129, 200).second, 0u);
  EXPECT_TRUE(runs.is_valid());
}

TEST(PageRuns, ScavengedPagesAreKnownZeroAgain) {
  PageRuns runs = make_with(100);
  ASSERT_TRUE(runs.allocate(50));
  ASSERT_TRUE(runs.free(0, 50));
  EXPECT_EQ(ranges(scavenge_all(runs)), (Ranges{{0, 50}}));  // not the other 50, which are fresh
  EXPECT_EQ(runs.dirty_free_pages(), 0u);
  EXPECT_EQ(runs.runs(), 1u);
  EXPECT_TRUE(runs.allocate(50)->known_zero);
  EXPECT_TRUE(runs.is_valid());
}

TEST(PageRuns, PagesTakenOutAreNeitherFreeNorInUse) {
  PageRuns runs = make_with(30);
  ASSERT_TRUE(runs.allocate(30));
  ASSERT_TRUE(runs.free(0, 30));
  ASSERT_TRUE(runs.allocate(4));
  runs.begin_pass();
  const PageRuns::Look piece = runs.take_dirty();
  EXPECT_EQ(piece.first, 4u);
  EXPECT_EQ(piece.pages, 26u);
  EXPECT_EQ(runs.taken_pages(), 26u);
  EXPECT_EQ(runs.free_pages(), 0u);
  EXPECT_EQ(runs.in_use_pages(), 4u);
  EXPECT_EQ(runs.allocate(1), std::nullopt);
  EXPECT_FALSE(runs.free(4, 26));
  EXPECT_FALSE(runs.free(0, 10));
  EXPECT_FALSE(runs.free(29, 1));
  EXPECT_FALSE(runs.take_dirty().more) << "one piece at a time";
  ASSERT_TRUE(runs.free(0, 4));
  ASSERT_TRUE(runs.is_valid());
  runs.put_back(PageRuns::Contents::kZero);
  EXPECT_EQ(runs.largest(), 30u);
  EXPECT_EQ(runs.dirty_free_pages(), 4u);
  EXPECT_TRUE(runs.is_valid());
}

TEST(PageRuns, ScavengesLongestRunsFirstAndTheirHighEndsBeforeTheirLowEnds) {
  PageRuns runs = make_with(100);
  ASSERT_TRUE(runs.allocate(100));
  ASSERT_TRUE(runs.free(0, 5));
  ASSERT_TRUE(runs.free(20, 30));
  ASSERT_TRUE(runs.free(60, 8));
  EXPECT_EQ(ranges(scavenge_all(runs)), (Ranges{{20, 30}, {60, 8}, {0, 5}}));
  // Two dirty stretches of one run, with clean pages between them.
  ASSERT_EQ(runs.allocate(5)->first, 0u);
  ASSERT_EQ(runs.allocate(30)->first, 20u);
  ASSERT_TRUE(runs.free(40, 10));
  ASSERT_EQ(ranges(scavenge_all(runs)), (Ranges{{40, 10}}));
  ASSERT_TRUE(runs.free(35, 5));
  ASSERT_TRUE(runs.free(50, 5));
  EXPECT_EQ(ranges(scavenge_all(runs)), (Ranges{{50, 5}, {35, 5}}));
}

TEST(PageRuns, PieceDoesNotCrossTheBorderOfAHugePage) {
  constexpr uint32_t kHuge = PageRuns::kPiecePages;
  PageRuns runs = make_with(4 * kHuge);
  ASSERT_TRUE(runs.allocate(4 * kHuge));
  ASSERT_TRUE(runs.free(kHuge / 2, 2 * kHuge));
  EXPECT_EQ(ranges(scavenge_all(runs)),
            (Ranges{{2 * kHuge, kHuge / 2}, {kHuge, kHuge}, {kHuge / 2, kHuge / 2}}));
}

TEST(PageRuns, ALookEndsAfterSomeRunsAndTheNextContinuesThere) {
  PageRuns runs = make_with(1000);
  ASSERT_TRUE(runs.allocate(1000));
  for (uint32_t i = 1; i < 1000; i += 2) ASSERT_TRUE(runs.free(i, 1));
  scavenge_all(runs);
  ASSERT_EQ(runs.dirty_free_pages(), 0u);
  ASSERT_TRUE(runs.allocate(1));  // the lowest of equal runs, which a pass visits last
  ASSERT_TRUE(runs.free(1, 1));
  runs.begin_pass();
  int looks = 1;
  PageRuns::Look look = runs.take_dirty();
  for (; look.more && look.pages == 0; look = runs.take_dirty()) ++looks;
  EXPECT_EQ(look.first, 1u);
  EXPECT_EQ(look.pages, 1u);
  EXPECT_GT(looks, 4);
}

TEST(PageRuns, PagesThatCouldNotBeDecommittedStayDirty) {
  PageRuns runs = make_with(10);
  ASSERT_TRUE(runs.allocate(10));
  ASSERT_TRUE(runs.free(0, 10));
  runs.begin_pass();
  ASSERT_EQ(runs.take_dirty().pages, 10u);
  runs.put_back(PageRuns::Contents::kUnknown);
  EXPECT_EQ(runs.dirty_free_pages(), 10u);
  EXPECT_FALSE(runs.allocate(10)->known_zero);
  EXPECT_TRUE(runs.is_valid());
}

TEST(PageRuns, EveryOtherPageFreeGivesTheMaximumOfRuns) {
  for (const uint32_t pages : {1u, 2u, 63u, 64u, 65u, 4096u}) {
    PageRuns runs = make_with(pages);
    for (uint32_t i = 0; i < pages; ++i) ASSERT_TRUE(runs.allocate(1));
    for (uint32_t i = 0; i < pages; i += 2) ASSERT_TRUE(runs.free(i, 1));
    EXPECT_EQ(runs.runs(), (pages + 1) / 2);
    ASSERT_TRUE(runs.is_valid());
    for (uint32_t i = 1; i < pages; i += 2) ASSERT_TRUE(runs.free(i, 1));
    EXPECT_EQ(runs.largest(), pages);
    ASSERT_TRUE(runs.is_valid());
  }
}

TEST(PageRuns, TableThatIsTooLargeGivesAnErrorMessage) {
  std::string error;
  EXPECT_FALSE(PageRuns::create(0, error));
  EXPECT_FALSE(error.empty());
  error.clear();
  EXPECT_FALSE(PageRuns::create(UINT32_MAX, error));
  EXPECT_FALSE(error.empty());
}

// The naive model: one entry for each page, and linear searches.
class Model {
 public:
  explicit Model(uint32_t max_pages) : pages_(max_pages) {}

  void add(uint32_t first, uint32_t count) {
    for (uint32_t i = first; i < first + count; ++i) pages_[i].is_free = true;
  }

  std::optional<PageRuns::Allocation> allocate(uint32_t count) {
    uint32_t best = 0;
    uint32_t best_length = 0;
    for (const auto& [first, length] : free_runs()) {
      if (length < count || (best_length != 0 && length >= best_length)) continue;
      best = first;
      best_length = length;
    }
    if (best_length == 0) return std::nullopt;
    bool zero = true;
    for (uint32_t i = best; i < best + count; ++i) {
      zero = zero && !pages_[i].dirty;
      pages_[i].is_free = false;
    }
    return PageRuns::Allocation{best, zero};
  }
  std::pair<uint32_t, uint32_t> last_dirty(uint32_t from, uint32_t end, uint32_t most) const {
    while (end > from && !pages_[end - 1].dirty) --end;
    uint32_t first = end;
    while (first > from && end - first < most && pages_[first - 1].dirty) --first;
    return {first, end - first};
  }

  void free(uint32_t first, uint32_t count) {
    for (uint32_t i = first; i < first + count; ++i) pages_[i] = {.is_free = true, .dirty = true};
  }
  void take_out(uint32_t first, uint32_t count) {
    for (uint32_t i = first; i < first + count; ++i) {
      EXPECT_TRUE(pages_[i].is_free && pages_[i].dirty) << "page " << i;
      pages_[i].is_free = false;
    }
  }
  void put_back(uint32_t first, uint32_t count, bool zero) {
    for (uint32_t i = first; i < first + count; ++i) pages_[i] = {.is_free = true, .dirty = !zero};
  }

  std::map<uint32_t, uint32_t> free_runs() const {
    std::map<uint32_t, uint32_t> runs;
    for (uint32_t i = 0; i < pages_.size(); ++i) {
      if (!pages_[i].is_free) continue;
      uint32_t end = i;
      while (end < pages_.size() && pages_[end].is_free) ++end;
      runs[i] = end - i;
      i = end;
    }
    return runs;
  }

  uint32_t dirty_free() const {
    return static_cast<uint32_t>(
        std::count_if(pages_.begin(), pages_.end(), [](const Page& p) { return p.is_free && p.dirty; }));
  }

 private:
  struct Page {
    bool is_free = false;
    bool dirty = false;
  };
  std::vector<Page> pages_;
};

struct Held {
  uint32_t first, pages;
};

TEST(PageRuns, AgreesWithANaiveModelOverRandomHistories) {
  const char* const given = std::getenv("SWEEPSCOPE_TEST_SEED");
  const uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  SCOPED_TRACE("SWEEPSCOPE_TEST_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  const auto below = [&](uint32_t n) { return static_cast<uint32_t>(random() % n); };

  for (int history = 0; history < 20; ++history) {
    const uint32_t max_pages = 64 + below(512);
    PageRuns runs = make(max_pages);
    Model model(max_pages);
    std::vector<Held> held;
    PageRuns::Look piece{};
    uint32_t end = 0;
    for (uint64_t step = 1; step <= 1000; ++step) {
      const uint32_t dice = below(100);
      if (dice < 50) {
        const uint32_t pages = 1 + below(dice < 40 ? 8 : 60);
        const auto got = runs.allocate(pages);
        const auto expected = model.allocate(pages);
        ASSERT_EQ(got.has_value(), expected.has_value()) << "step " << step;
        if (got) {
          ASSERT_EQ(got->first, expected->first) << "step " << step;
          ASSERT_EQ(got->known_zero, expected->known_zero) << "step " << step;
          held.push_back({got->first, pages});
          const uint32_t from = got->first + below(pages), last = got->first + pages,
                         most = 1 + below(2 * pages);
          const PageRuns::Range dirty = runs.last_dirty(from, last, most);
          ASSERT_EQ(std::pair(dirty.first, dirty.pages), model.last_dirty(from, last, most))
              << "step " << step;
        } else if (end < max_pages) {
          const uint32_t gap = std::min(below(3), max_pages - end - 1);
          const uint32_t more = 1 + below(std::min(64u, max_pages - end - gap));
          ASSERT_TRUE(runs.add(end + gap, more));
          model.add(end + gap, more);
          end += gap + more;
        }
      } else if (dice < 90 && !held.empty()) {
        const size_t victim = below(static_cast<uint32_t>(held.size()));
        Held& range = held[victim];
        const uint32_t part = dice < 60 ? 1 + below(range.pages) : range.pages;
        ASSERT_TRUE(runs.free(range.first, part));
        ASSERT_FALSE(runs.free(range.first, part)) << "freed twice at step " << step;
        model.free(range.first, part);
        range.first += part;
        range.pages -= part;
        if (range.pages == 0) held.erase(held.begin() + static_cast<std::ptrdiff_t>(victim));
      } else {
        if (piece.pages > 0) {
          const bool zero = below(8) != 0;
          runs.put_back(zero ? PageRuns::Contents::kZero : PageRuns::Contents::kUnknown);
          model.put_back(piece.first, piece.pages, zero);
          piece = {};
        } else {
          if (below(2) == 0) runs.begin_pass();
          piece = runs.take_dirty();
          model.take_out(piece.first, piece.pages);
        }
      }
      const std::map<uint32_t, uint32_t> expected = model.free_runs();
      ASSERT_TRUE(runs.is_valid()) << "step " << step;
      ASSERT_EQ(runs.runs(), expected.size()) << "step " << step;
      uint32_t largest = 0;
      for (const auto& [first, length] : expected) largest = std::max(largest, length);
      ASSERT_EQ(runs.largest(), largest) << "step " << step;
      ASSERT_EQ(runs.dirty_free_pages(), model.dirty_free()) << "step " << step;
    }
  }
}

TEST(PageRuns, EqualHistoriesGiveEqualResultsInTwoInstances) {
  PageRuns a = make_with(1000);
  PageRuns b = make_with(1000);
  std::mt19937 random(1);
  std::vector<uint32_t> held;
  for (int i = 0; i < 2000; ++i) {
    if (random() % 2 == 0 || held.empty()) {
      const auto x = a.allocate(3);
      const auto y = b.allocate(3);
      ASSERT_EQ(x.has_value(), y.has_value());
      if (!x) continue;
      ASSERT_EQ(x->first, y->first);
      held.push_back(x->first);
    } else {
      ASSERT_TRUE(a.free(held.back(), 3) && b.free(held.back(), 3));
      held.pop_back();
    }
  }
}

}  // namespace
}  // namespace sweepscope::engine
