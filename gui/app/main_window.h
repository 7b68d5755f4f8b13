// The window: creates its parts and connects them. The session controller supplies the data, Regions the
// layout, Actions the commands, Notices the texts. GUI thread.
#pragma once

#include <QElapsedTimer>
#include <QMainWindow>
#include <QTimer>

#include "gui/app/actions.h"
#include "gui/app/beginnings.h"
#include "gui/app/captions.h"
#include "gui/app/engine_link.h"
#include "gui/app/notices.h"
#include "gui/app/options.h"
#include "gui/app/preferences.h"
#include "gui/app/recent_files.h"
#include "gui/app/regions.h"
#include "gui/app/status_line.h"
#include "gui/app/tool_bar.h"
#include "gui/session/session_controller.h"
#include "gui/theme/theme.h"

namespace sweepscope::gui {

class MainWindow : public QMainWindow {
  Q_OBJECT

 public:
  explicit MainWindow(const Options& options);
  ~MainWindow() override;
  const SessionController& session() const { return session_; }
  void begin();  // opens, connects or starts as the options ask

 signals:
  void sessionFailed(const QString& message);

 protected:
  void closeEvent(QCloseEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void showEvent(QShowEvent* event) override;

 private:
  void wireActions();
  void wireSession();
  void wireRegions();
  void wireEngine();
  void wireBeginnings();

  void startDemo();
  void openFileDialog();
  void openRecording(const QString& path, std::optional<Anchor> anchor = {});
  void askAddress();
  void toggleRecording(bool on);

  void frame();
  void onOpened();
  void resetViews();
  void showFailingStep();
  void onPicture(const std::vector<PageRun>& dirty, bool everything);
  void refreshTransport();
  void refreshCancel();
  void onRecordingEnded(const QString& error);

  Options options_;
  Theme theme_;
  SessionController session_;
  EngineLink link_;
  Actions actions_{*this};
  Regions regions_{*this, session_, theme_};
  ToolBar* toolBar_;
  StatusLine status_;
  RecentFiles* recent_;
  Preferences preferences_{options_, actions_, regions_, *recent_, theme_};
  Captions captions_;
  Beginnings beginnings_{actions_, regions_, session_, link_, theme_, this};
  Notices notices_{regions_, session_, link_, beginnings_, options_.demo};
  telemetry::SpanId spanToSelect_ = telemetry::kNoId;  // in the recording being opened
  QTimer frameTimer_;
  QElapsedTimer frameClock_, uptime_;
};

}  // namespace sweepscope::gui
