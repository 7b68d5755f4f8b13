// The threads of a bench session: each with its P and its next access, or why it is blocked and by which thread. The
// chosen thread's full sentence, and the buttons that let it take a step, lie below the list. GUI thread.
#pragma once

#include <QAbstractListModel>
#include <QWidget>
#include <vector>

#include "gui/models/bench_scene.h"
#include "gui/theme/theme.h"

class QComboBox;
class QLabel;
class QListView;
class QPushButton;
class QVBoxLayout;

namespace sweepscope::gui {

class ThreadListModel : public QAbstractListModel {
  Q_OBJECT

 public:
  enum Role {
    kThreadRole = Qt::UserRole,
    kNameRole,
    kPRole,
    kStateRole,
    kNextRole,
    kBetweenRole,
    kCreditRole
  };
  explicit ThreadListModel(const BenchScene& scene, QObject* parent)
      : QAbstractListModel(parent), scene_(scene) {}
  void refresh();
  int rowCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;

 private:
  const BenchScene& scene_;
  int rows_ = 0;
};

class ThreadsPanel : public QWidget {
  Q_OBJECT

 public:
  ThreadsPanel(const BenchScene& scene, const Theme& theme, QWidget* parent = nullptr);

  void onScene();
  // A thread that may step and the connection to the session.
  void setCanStep(bool can, const QString& why);
  uint32_t chosen() const { return chosen_; }
  void choose(uint32_t thread);
  void chooseRow(int row);                   // the digits
  QRect boxOfThread(uint32_t thread) const;  // its row, in this widget's coordinates; empty: not visible
  // The step of the chosen thread; a thread that must choose only takes its choice. False: it cannot.
  bool request(telemetry::BenchStepKind kind);

 signals:
  void stepRequested(sweepscope::telemetry::BenchStepKind kind, quint32 thread, quint32 choice);
  void chosenChanged(quint32 thread);

 private:
  void rebuildChoices(const telemetry::BenchThread& thread);
  void refreshActions();
  const telemetry::BenchThread* chosenThread() const;
  QPushButton* addButton(const QString& text, const QString& name, telemetry::BenchStepKind kind);

  const BenchScene& scene_;
  const Theme& theme_;
  ThreadListModel* model_;
  QListView* list_;
  QLabel *who_, *next_, *hint_;
  QWidget *steps_, *choices_;
  QVBoxLayout* choiceLayout_;
  QComboBox* manyChoices_ = nullptr;
  QPushButton *access_, *arc_, *run_;
  std::vector<std::string> shownChoices_;
  uint32_t chosen_ = 0, followed_ = ~0u;
  bool canStep_ = false;
  QString whyNot_;
};

}  // namespace sweepscope::gui
