// The Inspector: the history of the selected span in sentences, the numbers of the cycle, and the events around
// the play head. Activating a row seeks to its event. GUI thread.
#pragma once

#include <QAbstractListModel>
#include <QTabWidget>
#include <QTimer>
#include <vector>

#include "gui/models/sentences.h"
#include "gui/session/session_controller.h"
#include "gui/theme/theme.h"

class QLabel;
class QListView;

namespace sweepscope::gui {

// Played events as rows; a virtual model, so the cost depends only on the visible rows.
class EventListModel : public QAbstractListModel {
  Q_OBJECT

 public:
  enum Role {
    kSeqRole = Qt::UserRole,
    kSentenceRole,
    kRuleRole,
    kStepRole,
    kStateRole,
    kWhenRole,
    kCurrentRole
  };
  EventListModel(const SessionController& session, QObject* parent)
      : QAbstractListModel(parent), session_(session) {}
  void setEvents(std::vector<PlayedEvent> events, int current);
  int rowCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;

 private:
  const SessionController& session_;  // for the names
  std::vector<PlayedEvent> events_;
  int current_ = -1;
};

class Inspector : public QTabWidget {
  Q_OBJECT

 public:
  Inspector(SessionController& session, const Theme& theme, QWidget* parent = nullptr);

  void onPicture();  // throttled
  void showSpan(telemetry::SpanId span);
  void setStory(const SpanStory& story);

 signals:
  void seekRequested(quint64 seq);
  void rowHovered(const QString& text);

 private:
  QListView* addList(EventListModel* model, const QString& name);
  QWidget* page(QLabel* head, QWidget* body);
  void refreshSpan();
  void refreshCycle();
  void refreshEvents();

  SessionController& session_;
  const Theme& theme_;
  telemetry::SpanId span_ = telemetry::kNoId;
  uint32_t storyNumber_ = 0;  // number of the last transition in the story
  QLabel* spanHead_;
  QLabel* cycleText_;
  QLabel* eventHead_;
  EventListModel* story_;
  EventListModel* events_;
  QListView* eventView_ = nullptr;
  QElapsedTimer lastRefresh_;
  QTimer trailing_;  // refreshes after the last picture of a burst
};

}  // namespace sweepscope::gui
