#include "gui/models/flush_comparison.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <map>
#include <optional>

#include "gui/models/formats.h"

namespace sweepscope::gui {

namespace {

QString tr(const char* text) { return QCoreApplication::translate("FlushComparison", text); }

std::optional<double> number(const QJsonObject& row, const char* key) {
  const QJsonValue value = row.value(QLatin1String(key));
  return value.isDouble() ? std::optional(value.toDouble()) : std::nullopt;
}

struct Pair {
  QJsonObject eager, lazy;
};

}  // namespace

telemetry::Result<FlushComparison> readComparison(const QByteArray& json) {
  QJsonParseError error;
  const QJsonObject all = QJsonDocument::fromJson(json, &error).object();
  if (error.error != QJsonParseError::NoError)
    return telemetry::fail(
        tr("Could not parse the output of sweepctl compare: %1").arg(error.errorString()).toStdString());
  std::map<int, Pair> pairs;
  for (const QJsonValue& value : all.value(QLatin1String("rows")).toArray()) {
    const QJsonObject row = value.toObject();
    const QString policy = row.value(QLatin1String("flush_policy")).toString();
    Pair& pair = pairs[row.value(QLatin1String("procs")).toString().toInt()];
    if (policy == QLatin1String("eager")) pair.eager = row;
    if (policy == QLatin1String("lazy")) pair.lazy = row;
  }
  FlushComparison comparison;
  comparison.runs = all.value(QLatin1String("repeat")).toInt();
  for (const auto& [procs, pair] : pairs) {
    const auto spans = number(pair.eager, "spans_per_pause"), eager = number(pair.eager, "pause_go_p50_us"),
               lazy = number(pair.lazy, "pause_go_p50_us"), ratio = number(pair.lazy, "ratio_eager");
    if (!spans || !eager || !lazy || !ratio) continue;
    comparison.rows.push_back({procs, *spans, *eager * 1000, *lazy * 1000, *ratio});
  }
  if (comparison.rows.empty())
    return telemetry::fail(tr("sweepctl compare measured no pair of eager and lazy pauses.").toStdString());
  const QJsonObject environment = all.value(QLatin1String("runs"))
                                      .toArray()
                                      .first()
                                      .toObject()
                                      .value(QLatin1String("environment"))
                                      .toObject();
  comparison.cores = environment.value(QLatin1String("cores")).toInt();
  comparison.cpu = environment.value(QLatin1String("cpu")).toString();
  return comparison;
}

QString describe(const FlushComparison& comparison) {
  const FlushComparison::Row &few = comparison.rows.front(), &many = comparison.rows.back();
  return tr("From %1 to %2 cached spans, the eager pause changes from %3 to %4, the lazy pause from %5 to %6.")
      .arg(formatCount(static_cast<uint64_t>(few.cachedSpans)),
           formatCount(static_cast<uint64_t>(many.cachedSpans)), formatDuration(few.eagerNs),
           formatDuration(many.eagerNs), formatDuration(few.lazyNs), formatDuration(many.lazyNs));
}

}  // namespace sweepscope::gui
