#include "gui/views/fault_pane.h"

#include <QDirIterator>
#include <QFile>
#include <algorithm>

#include "gui/models/fault_code.h"
#include "gui/models/formats.h"
#include "gui/models/invariants.h"
#include "gui/views/paragraph.h"

namespace sweepscope::gui {

namespace {

const std::vector<std::pair<QString, QString>>& embeddedSources() {
  static const auto kSources = [] {
    std::vector<std::pair<QString, QString>> sources;
    const QString root = QStringLiteral(":/sources/");
    for (QDirIterator it(root + QStringLiteral("engine"), QDir::Files, QDirIterator::Subdirectories);
         it.hasNext();) {
      QFile file(it.next());
      const QString name = file.fileName().mid(root.size());
      if (!name.startsWith(QLatin1String("engine/laboratory/")) && file.open(QIODevice::ReadOnly))
        sources.emplace_back(name, QString::fromUtf8(file.readAll()));
    }
    std::sort(sources.begin(), sources.end());
    return sources;
  }();
  return kSources;
}

QStringList textsOf(const std::vector<std::string>& names) {
  QStringList list;
  for (const std::string& name : names) list << QString::fromStdString(name);
  return list;
}

}  // namespace

FaultPane::FaultPane(const Theme& theme, QWidget* parent) : QTextBrowser(parent), theme_(theme) {
  setObjectName(QStringLiteral("fault"));
  setAccessibleName(tr("What the fault leaves out, in words and in code"));
  setFrameShape(QFrame::NoFrame);
  setOpenLinks(false);
  document()->setDocumentMargin(12);
}

QString FaultPane::code(const QString& heading, const QString& text, Rgb edge) const {
  const QString lines = text.isEmpty() ? tr("(nothing)") : text;
  return QStringLiteral(
             "<p style='margin-bottom:2px; color:%1'>%2</p>"
             "<table width='100%' cellspacing='0' cellpadding='0'><tr><td width='4' bgcolor='%3'></td>"
             "<td style='padding-left:8px'><pre style='font-family:\"%4\"; font-size:%5px; "
             "white-space:pre-wrap'>%6</pre></td></tr></table>")
      .arg(theme_.ui().dim.name(), heading.toHtmlEscaped(), toColor(edge).name(), theme_.mono().family())
      .arg(theme_.mono().pixelSize())
      .arg(lines.toHtmlEscaped());
}

void FaultPane::show(const telemetry::BenchFault& fault) {
  if (fault.name == shown_ && kind_ == theme_.kind()) return;  // keeps the place that is read
  shown_ = fault.name;
  kind_ = theme_.kind();
  QFont reading = theme_.body();
  reading.setPixelSize(reading.pixelSize() + 1);
  setFont(reading);
  const QString name = QString::fromStdString(fault.name);
  QString html =
      QStringLiteral("<p style='font-size:15px; font-weight:600'>%1</p>").arg(name.toHtmlEscaped());
  QString words = QString::fromStdString(fault.text);
  const bool identifier = words.section(QLatin1Char(' '), 0, 0).contains(QLatin1Char('_'));
  if (!words.isEmpty() && !identifier) words[0] = words[0].toUpper();
  html += paragraph(words + QLatin1Char('.'));
  const std::vector<FaultSite> sites = faultSites(name, embeddedSources());
  for (const FaultSite& site : sites) {
    html += QStringLiteral("<p style='margin-top:14px; margin-bottom:2px'><b>%1</b></p>")
                .arg(tr("%1, line %2").arg(site.file).arg(site.line).toHtmlEscaped());
    html += code(tr("The engine:"), site.withoutFault, theme_.canvas()[CellState::kSwept]);
    html += code(tr("With this fault:"), site.withFault, theme_.canvas()[CellState::kStale]);
  }
  if (sites.empty()) html += paragraph(tr("Its lines are not part of this program."));
  if (!fault.rules.empty())
    html += paragraph(tr("A search finds a violation of %1.").arg(textsOf(fault.rules).join(tr(" or "))));
  for (const QString& rule : textsOf(fault.rules))
    if (const QString demand = invariantWords(rule); !demand.isEmpty())
      html += paragraph(QStringLiteral("%1: %2.").arg(rule, demand));
  setHtml(html);
}

}  // namespace sweepscope::gui
