#include "gui/models/formats.h"

#include <QLocale>
#include <array>
#include <cmath>

#include "telemetry/model/event.h"
#include "telemetry/model/size_class.h"

namespace sweepscope::gui {

namespace {

QString threeDigits(double value) {
  return QString::number(value, 'f', value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
}

}  // namespace

QString formatBytes(uint64_t bytes) {
  static constexpr std::array<const char*, 5> kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return QString::number(bytes) + QStringLiteral(" B");
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  while (value >= 1023.95 && unit + 1 < kUnits.size()) value /= 1024, ++unit;
  return QString::number(value, 'f', value < 99.95 ? 1 : 0) + QLatin1Char(' ') + QLatin1String(kUnits[unit]);
}

QString formatDuration(double ns, bool steps) {
  if (steps) {
    const QString count = QString::number(ns, 'f', 0);
    return count + (count == QLatin1String("1") ? QStringLiteral(" step") : QStringLiteral(" steps"));
  }
  const double magnitude = std::abs(ns);
  if (magnitude < 999.5) return QString::number(ns, 'f', 0) + QStringLiteral(" ns");
  if (magnitude < 999.5e3) return threeDigits(ns / 1e3) + QStringLiteral(" us");
  if (magnitude < 999.5e6) return threeDigits(ns / 1e6) + QStringLiteral(" ms");
  return threeDigits(ns / 1e9) + QStringLiteral(" s");
}

QString formatMoment(int64_t ns, bool steps) {
  if (steps) return QStringLiteral("step %1").arg(ns);
  const int64_t micros = ns / 1000;
  return QStringLiteral("%1.%2\u2009%3 s")
      .arg(micros / 1'000'000)
      .arg(micros / 1000 % 1000, 3, 10, QLatin1Char('0'))
      .arg(micros % 1000, 3, 10, QLatin1Char('0'));
}

QString formatCount(uint64_t n) { return QLocale(QLocale::English).toString(static_cast<qulonglong>(n)); }

QString formatCounted(uint64_t n, const char* noun) {
  return formatCount(n) + QLatin1Char(' ') + QLatin1String(noun) + QLatin1String(n == 1 ? "" : "s");
}

QString formatScale(double engineNsPerSecond, bool steps) {
  return QStringLiteral("1 s = %1").arg(formatDuration(engineNsPerSecond, steps));
}

QString formatDistance(uint32_t raw, uint32_t sg) {
  const auto distance = static_cast<int32_t>(raw - sg);
  return distance > 0 ? QStringLiteral("+%1").arg(distance) : QString::number(distance);
}

uint32_t sizeOfClass(int sizeClass) {
  return sizeClass >= 0 && sizeClass < static_cast<int>(telemetry::kSlotBytes.size())
             ? telemetry::kSlotBytes[static_cast<size_t>(sizeClass)]
             : 0;
}

QString formatSpanClass(uint8_t spanClass) {
  if (spanClass == telemetry::kManualSpanClass) return QStringLiteral("stack");
  const QString scan = spanClass & 1 ? QStringLiteral("noscan") : QStringLiteral("scan");
  if (spanClass < 2) return QStringLiteral("large object, ") + scan;
  return QStringLiteral("%1 B, %2").arg(sizeOfClass(spanClass >> 1)).arg(scan);
}

}  // namespace sweepscope::gui
