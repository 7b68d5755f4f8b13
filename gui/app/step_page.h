// The step mode's page: threads, board over ruler, Inspector, branch, lanes. Shows a BenchScene, asks for steps by
// signals; knows no client, so that lessons and tests may show a scene of their own. GUI thread.
#pragma once

#include <QWidget>

#include "gui/models/bench_scene.h"
#include "gui/theme/theme.h"

namespace sweepscope::gui {

class BenchInspector;
class BoardArea;
class BoardWidget;
class Breadcrumb;
class LanesWidget;
class RulerWidget;
class ThreadsPanel;

class StepPage : public QWidget {
  Q_OBJECT

 public:
  StepPage(const BenchScene& scene, const Theme& theme, QWidget* parent = nullptr);

  void onScene();
  void showTable(bool table);
  void showInspector(bool shown);
  bool inspectorShown() const { return inspectorShown_; }
  void toggleFold();

  ThreadsPanel* threads;
  BoardWidget* board;
  RulerWidget* ruler;
  LanesWidget* lanes;
  Breadcrumb* breadcrumb;
  BenchInspector* inspector;

 signals:
  void nodeRequested(quint32 node);
  void hovered(const QString& text);

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void arrange();

  const BenchScene& scene_;
  const Theme& theme_;
  BoardArea* centre_;
  bool inspectorShown_ = true, wide_ = true;
};

}  // namespace sweepscope::gui
