#include "gui/views/glyphs.h"

#include <cstdint>

namespace sweepscope::gui {

namespace {

constexpr Rgb kInk = 0xff14171A, kWhite = 0xffffffff;
constexpr int kDarkBelow = 110;  // of 255: on a darker ground a dark letter is illegible

int brightness(Rgb c) {
  return static_cast<int>((2 * ((c >> 16) & 255) + 5 * ((c >> 8) & 255) + (c & 255)) / 8);
}

// The letters of the map as 5x7 dots, one byte per row.
const uint8_t* letterDots(char letter) {
  static constexpr uint8_t kN[7] = {0b10001, 0b11001, 0b11101, 0b10111, 0b10011, 0b10001, 0b10001};
  static constexpr uint8_t kW[7] = {0b10001, 0b10001, 0b10001, 0b10101, 0b10101, 0b11011, 0b10001};
  static constexpr uint8_t kR[7] = {0b11110, 0b10001, 0b10001, 0b11110, 0b10100, 0b10010, 0b10001};
  static constexpr uint8_t kS[7] = {0b01111, 0b10000, 0b10000, 0b01110, 0b00001, 0b00001, 0b11110};
  static constexpr uint8_t kC[7] = {0b01111, 0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b01111};
  static constexpr uint8_t kK[7] = {0b10001, 0b10010, 0b10100, 0b11000, 0b10100, 0b10010, 0b10001};
  static constexpr uint8_t kBang[7] = {0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b00000, 0b00100};
  static constexpr uint8_t kQuestion[7] = {0b01110, 0b10001, 0b00001, 0b00110, 0b00100, 0b00000, 0b00100};
  switch (letter) {
    case 'N': return kN;
    case 'W': return kW;
    case 'R': return kR;
    case 'S': return kS;
    case 'C': return kC;
    case 'K': return kK;
    case '!': return kBang;
    default: return kQuestion;
  }
}

void drawLetter(const TileCanvas& tile, char letter, Rgb ink) {
  const uint8_t* dots = letterDots(letter);
  const int dot = std::max(1, tile.px / 16);
  const int left = (tile.px - 1 - 5 * dot) / 2, top = (tile.px - 1 - 7 * dot) / 2;
  for (int row = 0; row < 7; ++row) {
    for (int column = 0; column < 5; ++column) {
      if (dots[row] >> (4 - column) & 1) tile.fill(left + column * dot, top + row * dot, dot, dot, ink);
    }
  }
}

void drawDot(const TileCanvas& tile, Rgb ink) {
  const bool lettered = tile.px >= kLetterFromPx;
  const int side = lettered ? 4 : std::max(2, tile.px / 4);
  const int at = lettered ? 3 : (tile.px - 1 - side) / 2;
  tile.fill(at, at, side, side, ink);
}

void drawDiagonals(const TileCanvas& tile, int pitch, int thickness, int offset, Rgb ink) {
  for (int y = 0; y < tile.px - 1; ++y) {
    for (int x = 0; x < tile.px - 1; ++x) {
      if ((x + y + offset) % pitch < thickness) tile.set(x, y, ink);
    }
  }
}

}  // namespace

void drawStateGlyph(const TileCanvas& tile, CellState state, Rgb ground, const CanvasPalette& palette,
                    bool spanStart, int motion) {
  const int px = tile.px;
  const Rgb ink = mix(ground, kInk, 78);
  switch (state) {
    case CellState::kSweeping: {
      const int pitch = std::max(px - 1, 6);
      drawDiagonals(tile, pitch, std::max(1, px / 6), motion % pitch, ink);
      break;
    }
    case CellState::kStack:
      drawDiagonals(tile, std::max(4, px / 3), 1, 0, mix(ground, palette.canvas, 55));
      break;
    case CellState::kIllegal:
      for (int i = 1; i < px - 2; ++i) {
        tile.fill(i, i, 2, 1, kInk);
        tile.fill(px - 3 - i, i, 2, 1, kInk);
      }
      break;
    case CellState::kStale:
      if (spanStart) {
        drawDot(tile, ink);
        const int notch = std::max(3, px / 3);
        for (int i = 0; i < notch; ++i) tile.fill(px - 1 - notch + i, i, notch - i + 1, 1, palette.canvas);
      }
      break;
    case CellState::kCached:
      if (spanStart) drawDot(tile, ink);
      break;
    case CellState::kNeeds:
    case CellState::kSwept:
    case CellState::kFree:
    case CellState::kUnknown: break;
  }
  const char letter = words(state).letter;
  if (!spanStart || px < kLetterFromPx || letter == 0 || state == CellState::kIllegal) return;
  // A cell dimmed by a filter keeps a dim letter.
  const Rgb strong = mix(ground, brightness(ground) < kDarkBelow ? kWhite : kInk, 90);
  drawLetter(tile, letter, ground == palette[state] ? strong : ink);
}

void drawBracket(const TileCanvas& tile, Rgb ink, CellCode flags) {
  const int px = tile.px, tick = std::max(2, px / 4);
  if (flags & kSpanStart) {
    tile.fill(1, 1, 1, px - 3, ink);
    tile.fill(1, 1, tick, 1, ink);
    tile.fill(1, px - 3, tick, 1, ink);
  }
  if (flags & kSpanEnd) {
    tile.fill(px - 3, 1, 1, px - 3, ink);
    tile.fill(px - 2 - tick, 1, tick, 1, ink);
    tile.fill(px - 2 - tick, px - 3, tick, 1, ink);
  }
}

}  // namespace sweepscope::gui
