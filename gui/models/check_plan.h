// What a session's stops are and could be: its breakpoints in words, and what each check does when it fires. Pure.
#pragma once

#include <QString>
#include <QStringList>
#include <map>
#include <vector>

#include "gui/models/bench_scene.h"

namespace sweepscope::gui {

// "arc T7" becomes "arc T7: the flusher of a cache claims a stale span in it". Other texts stay as they are.
QString breakpointWords(const QString& breakpoint);
// The breakpoint that a step ended at, in words; empty: it ended otherwise.
QString breakpointMet(const telemetry::BenchNode& node);

// The checks and what each of them does, those that do not stop the run first. A mode that was chosen is only wanted until
// the session begins with it.
class CheckPlan {
 public:
  struct Row {
    QString rule;
    telemetry::BenchRuleMode mode = telemetry::BenchRuleMode::kStop;
    bool changed = false;  // from what the session does
  };
  void onScene(const BenchScene& scene);  // a session with other checks forgets the choices
  void choose(const QString& rule, telemetry::BenchRuleMode mode);
  const std::vector<Row>& rows() const { return rows_; }
  bool changed() const { return !wanted_.empty(); }
  QStringList settings() const;  // "I1=note", of the changed ones

 private:
  telemetry::BenchRuleMode sessionMode(const QString& rule) const;

  std::vector<Row> rows_;
  std::map<QString, telemetry::BenchRuleMode> session_, wanted_;  // session_: those that do not stop
  telemetry::BenchSetup setup_;
};

QString modeWords(telemetry::BenchRuleMode mode);  // "stop", "note", "off": as settings name them

// The same schedule with these settings after its own.
QString withChecks(const QString& schedule, const QStringList& settings);

}  // namespace sweepscope::gui
