#include "gui/models/laboratory_note.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <QStringList>

#include "gui/models/invariants.h"
#include "gui/models/sentences.h"

namespace sweepscope::gui {

namespace {

constexpr int kLongest = 400;  // of a text from a file, which may be of any length

QString tr(const char* text) { return QCoreApplication::translate("LaboratoryNote", text); }

QString textOf(const std::string& text) { return withSg(QString::fromStdString(text).left(kLongest)); }

// A recording without the fault field has the fault in its command line, as the recorder writes it.
QString faultOf(const telemetry::SessionInfo& info) {
  if (!info.fault.empty()) return textOf(info.fault);
  static const QRegularExpression kFault(QStringLiteral("\\(fault ([a-z0-9-]+)\\)"));
  return kFault.match(QString::fromStdString(info.command_line)).captured(1);
}

QString titleOf(const telemetry::SessionInfo& info) {
  const QString fault = faultOf(info);
  if (fault.isEmpty()) return tr("The real engine, driven step by step");
  if (info.fault_text.empty()) return tr("One rule left out: %1").arg(fault);
  return tr("One rule left out: %1 (%2)").arg(textOf(info.fault_text), fault);
}

QString originOf(const telemetry::SessionInfo& info) {
  QStringList parts;
  if (!info.policy.empty()) parts << tr("policy %1").arg(textOf(info.policy));
  if (!info.workload.empty()) parts << tr("scenario %1").arg(textOf(info.workload));
  if (info.procs > 0) parts << (info.procs == 1 ? tr("1 P") : tr("%1 Ps").arg(info.procs));
  parts << tr("random seed %1").arg(info.seed);
  return tr("The real engine, one atomic step at a time: %1, sequentially consistent.")
      .arg(parts.join(QStringLiteral(", ")).toHtmlEscaped());
}

// The outcome: the rule, what it requires, and how it was broken.
QString endOf(const telemetry::SessionInfo& info, const std::optional<telemetry::CheckFired>& atEnd) {
  const QString rule = !info.broken_rule.empty()     ? textOf(info.broken_rule)
                       : atEnd && atEnd->oracle != 0 ? oracleRuleName(atEnd->oracle)
                                                     : QString();
  QString end;
  if (info.broken_rule.empty()) {
    if (!atEnd) return {};
    end = tr("At the end: %1").arg(describe(*atEnd, info.check_names));
  } else if (!atEnd) {  // a deadlocked run has no check that fires
    end = tr("At the end, rule %1 breaks").arg(rule);
  } else {
    end = firedByOracle(*atEnd) ? tr("At the end, oracle %1 fires").arg(rule)
          : atEnd->oracle != 0  ? tr("At the end, the engine's heap verifier finds rule %1 broken").arg(rule)
                                : tr("At the end, engine check \"%1\" fires").arg(rule);
  }
  if (const QString demand = invariantWords(rule); !demand.isEmpty()) end += tr(" (%1)").arg(demand);
  if (!info.broken_text.empty()) end += tr(": %1").arg(textOf(info.broken_text));
  return end.toHtmlEscaped() + QLatin1Char('.');
}

}  // namespace

LaboratoryNote noteOf(const telemetry::SessionInfo& info, const std::optional<telemetry::CheckFired>& atEnd) {
  QStringList lines;
  if (const QString end = endOf(info, atEnd); !end.isEmpty()) lines << end;
  lines << originOf(info) + QLatin1Char(' ') +
               tr("Press <b>Shift+.</b> for the next step, <b>Shift+,</b> for the previous one.");
  return {titleOf(info), lines.join(QStringLiteral("<br>"))};
}

}  // namespace sweepscope::gui
