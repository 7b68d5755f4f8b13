// The colour distances that must hold after any change of the palette.
#include "gui/theme/palette.h"

#include <gtest/gtest.h>

#include "tests/gui/colour_science.h"

namespace sweepscope::gui {
namespace {

using testing::Vision;

constexpr int kCompared = 7;  // needs sweep to free: the states that fill the map

TEST(ColourScience, AgreesWithSharmasPublishedPair) {
  EXPECT_NEAR(testing::ciede2000({50.0000, 2.6772, -79.7751}, {50.0000, 0.0000, -82.7485}), 2.0425, 1e-4);
  EXPECT_NEAR(testing::ciede2000({60.2574, -34.0099, 36.2677}, {60.4626, -34.1751, 39.4387}), 1.2644, 1e-4);
}

TEST(Palette, AnyTwoStatesAreDistinguishableUnderEveryKindOfVision) {
  for (const Vision vision : {Vision::kNormal, Vision::kProtan, Vision::kDeutan, Vision::kTritan}) {
    for (int a = 0; a < kCompared; ++a) {
      for (int b = 0; b < a; ++b) {
        const double d = testing::difference(kDarkCanvas.state[static_cast<size_t>(a)],
                                             kDarkCanvas.state[static_cast<size_t>(b)], vision);
        EXPECT_GE(d, 16.35) << words(static_cast<CellState>(a)).name << " and "
                            << words(static_cast<CellState>(b)).name << ", vision "
                            << static_cast<int>(vision);
      }
    }
  }
}

TEST(Palette, EveryStateButFreeStandsOutFromTheCanvas) {
  for (int s = 0; s < kCellStates; ++s) {
    if (static_cast<CellState>(s) == CellState::kFree) continue;
    EXPECT_GE(testing::contrast(kDarkCanvas.state[static_cast<size_t>(s)], kDarkCanvas.canvas), 3.0)
        << words(static_cast<CellState>(s)).name;
  }
}

TEST(Palette, TextOnTheCanvasIsReadable) {
  for (const CanvasPalette* palette : {&kDarkCanvas, &kProjectorCanvas}) {
    EXPECT_GE(testing::contrast(palette->text, palette->canvas), 7.0);
    EXPECT_GE(testing::contrast(palette->dim, palette->canvas), 4.5);
    EXPECT_GE(testing::contrast(palette->outline, palette->canvas), palette == &kProjectorCanvas ? 7.0 : 1.0);
  }
}

TEST(Palette, OnlyFreeHasNoLetterAmongTheStatesOfASpan) {
  for (int s = 0; s < kCellStates; ++s) {
    const bool free = static_cast<CellState>(s) == CellState::kFree;
    const bool unknown = static_cast<CellState>(s) == CellState::kUnknown;
    if (unknown) continue;
    EXPECT_EQ(words(static_cast<CellState>(s)).letter == 0, free);
  }
}

}  // namespace
}  // namespace sweepscope::gui
