#include "gui/models/laboratory_note.h"

#include <QCoreApplication>
#include <QRegularExpression>

#include "gui/models/sentences.h"

namespace sweepscope::gui {

namespace {

QString tr(const char* text) { return QCoreApplication::translate("LaboratoryNote", text); }

}  // namespace

LaboratoryNote noteOf(const telemetry::SessionInfo& info, const std::optional<telemetry::CheckFired>& atEnd) {
  static const QRegularExpression kFault(
      QStringLiteral("\\(fault ([a-z0-9-]+)\\)"));  // as the recorder writes it
  const auto fault = kFault.match(QString::fromStdString(info.command_line));
  LaboratoryNote note;
  note.title = fault.hasMatch() ? tr("The real engine with one rule left out: %1").arg(fault.captured(1))
                                : tr("The real engine, driven step by step");
  note.detail = tr("Recorded in the laboratory, one atomic step at a time, sequentially consistent.");
  if (atEnd) note.detail += QLatin1Char(' ') + tr("At its end: %1.").arg(describe(*atEnd, info.check_names));
  note.detail += QLatin1Char(' ') + tr("<b>Shift+.</b> takes the next step, <b>Shift+,</b> the one before.");
  return note;
}

}  // namespace sweepscope::gui
