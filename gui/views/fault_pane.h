// The sabotage: what the fault of the session leaves out, in words and in code, the right lines next to the wrong ones. The
// code is that of the engine's sources that this program embeds. GUI thread.
#pragma once

#include <QTextBrowser>

#include "gui/theme/theme.h"
#include "telemetry/model/bench.h"

namespace sweepscope::gui {

class FaultPane : public QTextBrowser {
  Q_OBJECT

 public:
  explicit FaultPane(const Theme& theme, QWidget* parent = nullptr);
  void show(const telemetry::BenchFault& fault);

 private:
  QString code(const QString& heading, const QString& text, Rgb edge) const;

  const Theme& theme_;
  std::string shown_;
  ThemeKind kind_ = ThemeKind::kDark;
};

}  // namespace sweepscope::gui
