#include "gui/models/check_plan.h"

#include <QCoreApplication>
#include <algorithm>

#include "gui/models/bench_words.h"
#include "gui/models/invariants.h"

namespace sweepscope::gui {

using namespace telemetry;

QString breakpointWords(const QString& breakpoint) {
  const QString kind = breakpoint.section(QLatin1Char(' '), 0, 0),
                name = breakpoint.section(QLatin1Char(' '), 1);
  QString words;
  if (kind == QLatin1String("rule")) words = invariantWords(name);
  if (kind == QLatin1String("arc"))
    if (const ArcRule* rule = ruleOfArc(name)) words = QCoreApplication::translate("Bench", rule->words);
  return words.isEmpty() ? breakpoint : QStringLiteral("%1: %2").arg(breakpoint, words);
}

QString breakpointMet(const BenchNode& node) {
  if (node.stop != BenchStop::kBreakpoint) return {};
  QString name = QString::fromStdString(node.why);
  if (name.startsWith(QLatin1String("breakpoint "))) name.remove(0, 11);
  return breakpointWords(name);
}

QString modeWords(BenchRuleMode mode) {
  switch (mode) {
    case BenchRuleMode::kStop: return QStringLiteral("stop");
    case BenchRuleMode::kNote: return QStringLiteral("note");
    case BenchRuleMode::kOff: return QStringLiteral("off");
  }
  return {};
}

BenchRuleMode CheckPlan::sessionMode(const QString& rule) const {
  const auto it = session_.find(rule);
  return it == session_.end() ? BenchRuleMode::kStop : it->second;
}

void CheckPlan::onScene(const BenchScene& scene) {
  rows_.clear();
  if (!scene.begun()) return;
  if (const BenchSetup& setup = scene.state().setup; setup != setup_) {
    setup_ = setup;
    wanted_.clear();
    session_.clear();
  }
  // The lamps of a view have the mode of every rule that does not stop.
  if (const BenchView* view = scene.shownView()) {
    session_.clear();
    for (const BenchRule& rule : view->board.rules)
      if (rule.mode != BenchRuleMode::kStop) session_[QString::fromStdString(rule.rule)] = rule.mode;
  }
  for (const std::string& rule : scene.catalogue().rules) {
    Row row;
    row.rule = QString::fromStdString(rule);
    const auto wanted = wanted_.find(row.rule);
    row.changed = wanted != wanted_.end();
    row.mode = row.changed ? wanted->second : sessionMode(row.rule);
    rows_.push_back(row);
  }
  std::stable_partition(rows_.begin(), rows_.end(),
                        [this](const Row& row) { return sessionMode(row.rule) != BenchRuleMode::kStop; });
}

void CheckPlan::choose(const QString& rule, BenchRuleMode mode) {
  if (mode == sessionMode(rule))
    wanted_.erase(rule);
  else
    wanted_[rule] = mode;
  for (Row& row : rows_)
    if (row.rule == rule) row.mode = mode, row.changed = wanted_.count(rule) > 0;
}

QStringList CheckPlan::settings() const {
  QStringList settings;
  for (const auto& [rule, mode] : wanted_) settings << QStringLiteral("%1=%2").arg(rule, modeWords(mode));
  return settings;
}

QString withChecks(const QString& schedule, const QStringList& settings) {
  QStringList lines = schedule.split(QLatin1Char('\n'));
  qsizetype at =
      1;  // among the header's lines: after the first, before the first fiber; the last of a rule counts
  while (at < lines.size() && !lines[at].isEmpty() && !lines[at].startsWith(QLatin1String("fiber "))) ++at;
  for (const QString& setting : settings) lines.insert(at++, QStringLiteral("check %1").arg(setting));
  return lines.join(QLatin1Char('\n'));
}

}  // namespace sweepscope::gui
