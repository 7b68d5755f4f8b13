// The branch tree in a line of 24 px: back, forward, the last nodes of the path with their names, and the siblings of the
// shown node. GUI thread.
#pragma once

#include <QWidget>
#include <vector>

#include "gui/models/bench_scene.h"
#include "gui/theme/theme.h"

class QHBoxLayout;
class QLabel;
class QMenu;
class QToolButton;

namespace sweepscope::gui {

class Breadcrumb : public QWidget {
  Q_OBJECT

 public:
  Breadcrumb(const BenchScene& scene, const Theme& theme, QWidget* parent = nullptr);
  void onScene();
  static QString nodeName(const telemetry::BenchState& state, uint32_t node);

 signals:
  void nodeRequested(quint32 node);
  void nameRequested();

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void fillSiblings();

  const BenchScene& scene_;
  const Theme& theme_;
  QToolButton *back_, *forward_, *siblings_, *name_;
  QLabel* where_;
  QHBoxLayout* crumbs_;
  std::vector<QToolButton*> nodes_;
  QMenu* siblingMenu_;
};

}  // namespace sweepscope::gui
