// Perceived colour differences, for the palette test: sRGB, simulated dichromacy, CIEDE2000.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace sweepscope::testing {

using Triple = std::array<double, 3>;

enum class Vision { kNormal, kProtan, kDeutan, kTritan };

inline Triple linear(uint32_t rgb) {
  Triple out{};
  for (size_t i = 0; i < 3; ++i) {
    const double v = ((rgb >> (16 - 8 * static_cast<int>(i))) & 255) / 255.0;
    out[i] = v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
  }
  return out;
}

inline Triple times(const std::array<Triple, 3>& m, const Triple& v) {
  Triple out{};
  for (size_t i = 0; i < 3; ++i) out[i] = m[i][0] * v[0] + m[i][1] * v[1] + m[i][2] * v[2];
  return out;
}

// Machado, Oliveira, Fernandes 2009, severity 1.0, on linear sRGB.
inline Triple seenBy(Vision vision, const Triple& rgb) {
  static constexpr std::array<Triple, 3> kProtan = {
      {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}};
  static constexpr std::array<Triple, 3> kDeutan = {
      {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}};
  static constexpr std::array<Triple, 3> kTritan = {
      {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}}};
  Triple out = rgb;
  if (vision == Vision::kProtan) out = times(kProtan, rgb);
  if (vision == Vision::kDeutan) out = times(kDeutan, rgb);
  if (vision == Vision::kTritan) out = times(kTritan, rgb);
  for (double& v : out) v = std::fmin(1, std::fmax(0, v));
  return out;
}

inline Triple lab(const Triple& rgb) {
  static constexpr std::array<Triple, 3> kToXyz = {{{0.4124564, 0.3575761, 0.1804375},
                                                    {0.2126729, 0.7151522, 0.0721750},
                                                    {0.0193339, 0.1191920, 0.9503041}}};
  static constexpr Triple kWhite = {0.95047, 1.0, 1.08883};
  Triple f = times(kToXyz, rgb);
  for (size_t i = 0; i < 3; ++i) {
    const double t = f[i] / kWhite[i];
    f[i] = t > 216.0 / 24389 ? std::cbrt(t) : (24389.0 / 27 * t + 16) / 116;
  }
  return {116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])};
}

// Sharma, Wu, Dalal 2005.
inline double ciede2000(const Triple& x, const Triple& y) {
  constexpr double kDegree = std::numbers::pi / 180;
  const auto pow7 = [](double v) { return std::pow(v, 7); };
  const double cBar = (std::hypot(x[1], x[2]) + std::hypot(y[1], y[2])) / 2;
  const double g = 0.5 * (1 - std::sqrt(pow7(cBar) / (pow7(cBar) + pow7(25))));
  const double a1 = (1 + g) * x[1], a2 = (1 + g) * y[1];
  const double c1 = std::hypot(a1, x[2]), c2 = std::hypot(a2, y[2]);
  const auto hue = [&](double a, double b) {
    if (a == 0 && b == 0) return 0.0;
    const double h = std::atan2(b, a) / kDegree;
    return h < 0 ? h + 360 : h;
  };
  const double h1 = hue(a1, x[2]), h2 = hue(a2, y[2]);
  double dh = 0;
  if (c1 * c2 != 0) {
    dh = h2 - h1;
    if (dh > 180) dh -= 360;
    if (dh < -180) dh += 360;
  }
  const double dL = y[0] - x[0], dC = c2 - c1, dH = 2 * std::sqrt(c1 * c2) * std::sin(dh / 2 * kDegree);
  const double lBar = (x[0] + y[0]) / 2, cpBar = (c1 + c2) / 2;
  double hBar = h1 + h2;
  if (c1 * c2 != 0) {
    if (std::abs(h1 - h2) > 180) hBar += h1 + h2 < 360 ? 360 : -360;
    hBar /= 2;
  }
  const double t = 1 - 0.17 * std::cos((hBar - 30) * kDegree) + 0.24 * std::cos(2 * hBar * kDegree) +
                   0.32 * std::cos((3 * hBar + 6) * kDegree) - 0.20 * std::cos((4 * hBar - 63) * kDegree);
  const double dTheta = 30 * std::exp(-std::pow((hBar - 275) / 25, 2));
  const double rC = 2 * std::sqrt(pow7(cpBar) / (pow7(cpBar) + pow7(25)));
  const double sL = 1 + 0.015 * std::pow(lBar - 50, 2) / std::sqrt(20 + std::pow(lBar - 50, 2));
  const double sC = 1 + 0.045 * cpBar, sH = 1 + 0.015 * cpBar * t;
  const double rT = -std::sin(2 * dTheta * kDegree) * rC;
  return std::sqrt(std::pow(dL / sL, 2) + std::pow(dC / sC, 2) + std::pow(dH / sH, 2) +
                   rT * dC / sC * dH / sH);
}

inline double difference(uint32_t a, uint32_t b, Vision vision) {
  return ciede2000(lab(seenBy(vision, linear(a))), lab(seenBy(vision, linear(b))));
}

inline double luminance(uint32_t rgb) {
  const Triple v = linear(rgb);
  return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2];
}

inline double contrast(uint32_t a, uint32_t b) {
  const double x = luminance(a), y = luminance(b);
  return (std::fmax(x, y) + 0.05) / (std::fmin(x, y) + 0.05);
}

}  // namespace sweepscope::testing
