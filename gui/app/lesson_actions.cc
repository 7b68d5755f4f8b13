// The actions of the lesson window, their keys and menus.
#include <QApplication>
#include <QMenuBar>
#include <type_traits>

#include "gui/app/lesson_page.h"
#include "gui/app/lesson_window.h"
#include "gui/app/modes.h"
#include "gui/app/presenter_window.h"
#include "gui/app/theme_actions.h"
#include "gui/views/board_area.h"
#include "gui/views/lanes_widget.h"
#include "gui/views/lesson_card.h"
#include "gui/views/overlays.h"
#include "gui/views/threads_panel.h"

namespace sweepscope::gui {

using telemetry::BenchStepKind;

QAction* LessonWindow::add(const QString& text, const QList<QKeySequence>& keys, const QString& tip) {
  auto* action = new QAction(text, this);
  action->setShortcuts(keys);
  action->setToolTip(
      keys.isEmpty() ? tip
                     : QStringLiteral("%1 (%2)").arg(tip, keys.first().toString(QKeySequence::NativeText)));
  addAction(action);
  presenter_->addAction(action);  // the same keys work in the presenter's window
  return action;
}

template <class Act>
QAction* LessonWindow::inLesson(const QString& text, const QList<QKeySequence>& keys, const QString& tip,
                                Act act) {
  QAction* action = add(text, keys, tip);
  connect(action, &QAction::triggered, this, [this, act](bool on) {
    if (blank_->isVisible()) return showBlank(false);  // the key that ends the blank does no more
    if constexpr (std::is_invocable_v<Act, bool>)
      act(on);
    else
      act();
  });
  lessonActions_ << action;
  return action;
}

void LessonWindow::createActions() {
  QMenu* file = menuBar()->addMenu(tr("&Lessons"));
  file->addAction(inLesson(tr("&All lessons"), {QKeySequence(Qt::CTRL | Qt::Key_L)},
                           tr("Back to the list of lessons"), [this] { showList({}); }));
  QAction* openFile =
      add(tr("&Open a lesson file..."), {QKeySequence(QKeySequence::Open)}, tr("Open a lesson file"));
  connect(openFile, &QAction::triggered, this, &LessonWindow::openFile);
  file->addAction(openFile);
  file->addAction(
      inLesson(tr("&Restart the lesson"), {Qt::Key_F5}, tr("Restart the lesson"), [this] { restart(); }));
  file->addSeparator();
  QAction* quit = add(tr("&Quit"), {QKeySequence(QKeySequence::Quit)}, tr("Quit"));
  connect(quit, &QAction::triggered, this, &QWidget::close);
  file->addAction(quit);

  QMenu* go = menuBar()->addMenu(tr("&Go"));
  go->addAction(inLesson(tr("&Next"), {Qt::Key_PageDown}, tr("Answer, next step or next beat"),
                         [this] { pageDown(); }));
  go->addAction(inLesson(tr("&Back"), {Qt::Key_PageUp}, tr("One step or one beat back"), [this] { back(); }));
  go->addAction(inLesson(tr("The lesson's &board"), {Qt::Key_B, Qt::Key_Backspace},
                         tr("Back to the lesson's board"), [this] {
                           showBlank(false);
                           if (run_->ready()) client_.show(run_->node());
                         }));
  blankAction_ =
      inLesson(tr("Blank &screen"), {Qt::Key_Escape, Qt::Key_Period},
               tr("Blank the screen, or show it again"), [this] { showBlank(!blank_->isVisible()); });
  blankAction_->setCheckable(true);
  go->addAction(blankAction_);
  createStepActions();
  createViewActions();
}

void LessonWindow::createStepActions() {
  // Enter and Space press what has the focus, in the list, too.
  QAction* enter =
      add(tr("&Arc of the chosen thread, or next"), {Qt::Key_Return, Qt::Key_Enter},
          tr("Press the focused button; otherwise step the chosen thread to its next arc, or continue"));
  connect(enter, &QAction::triggered, this, [this] { press(true); });
  QAction* space = add(tr("The same by Space"), {Qt::Key_Space},
                       tr("Choose the focused answer; otherwise the same as Enter"));
  connect(space, &QAction::triggered, this, [this] { press(false); });
  QMenu* steps = menuBar()->addMenu(tr("&Step"));
  steps->addAction(enter);
  steps->addAction(inLesson(tr("One a&ccess"), {Qt::Key_A}, tr("Take one access of the chosen thread"),
                            [this] { page_->threads->request(BenchStepKind::kAccess); }));
  steps->addAction(inLesson(tr("&Run"), {Qt::Key_R}, tr("Run until the thread blocks, ends or must choose"),
                            [this] { page_->threads->request(BenchStepKind::kRun); }));
  page_->hint->setShortcut(Qt::Key_H);
  addAction(page_->hint);
  presenter_->addAction(page_->hint);
  connect(page_->hint, &QAction::triggered, this,
          [this] { blank_->isVisible() ? showBlank(false) : askHint(); });
  steps->addAction(page_->hint);
  steps->addSeparator();
  steps->addAction(inLesson(tr("Look at the step &before"), {Qt::Key_Left}, tr("Look at the step before"),
                            [this] { lookBeside(false); }));
  steps->addAction(inLesson(tr("Look at the step a&fter"), {Qt::Key_Right}, tr("Look at the step after"),
                            [this] { lookBeside(true); }));
  for (int i = 0; i < 9; ++i)
    inLesson(tr("Answer or thread %1").arg(i + 1), {QKeySequence(Qt::Key_1 + i)},
             tr("Choose answer or thread %1").arg(i + 1), [this, i] { digit(i); });
}

void LessonWindow::createViewActions() {
  menuBar()->addMenu(modeMenu(*this, Mode::kLesson, options_, theme_));
  QMenu* view = menuBar()->addMenu(tr("&View"));
  presenterAction_ =
      add(tr("&Presenter's window"), {Qt::Key_F6}, tr("Notes, answer and clock in a window of their own"));
  presenterAction_->setCheckable(true);
  connect(presenterAction_, &QAction::triggered, this, &LessonWindow::showPresenter);
  QAction* spot = inLesson(tr("Spot&light"), {Qt::Key_L}, tr("Show or hide the spotlight"),
                           [this](bool on) { page_->showSpotlight(on); });
  spot->setCheckable(true);
  spot->setChecked(true);
  QAction* table = inLesson(tr("Board as &table"), {Qt::Key_T}, tr("Show the board as a table"),
                            [this](bool on) { page_->area->showTable(on); });
  table->setCheckable(true);
  view->addActions({presenterAction_, spot, table});
  view->addAction(inLesson(tr("Open or f&old its accesses"), {Qt::Key_F},
                           tr("Open or fold the accesses of this step"),
                           [this] { page_->lanes->toggleFold(client_.scene().shown()); }));
  QMenu* themes = view->addMenu(tr("The&me"));
  QActionGroup* group = themeActions(this);
  checkTheme(*group, theme_.kind());
  themes->addActions(group->actions());
  connect(group, &QActionGroup::triggered, this, [this](QAction* action) { applyTheme(themeOf(action)); });
  QAction* keys =
      add(tr("&Keyboard shortcuts"), {QKeySequence(QStringLiteral("?"))}, tr("Show all keyboard shortcuts"));
  connect(keys, &QAction::triggered, this, [this] { KeySheet(actions(), theme_, this).exec(); });
  menuBar()->addMenu(tr("&Help"))->addAction(keys);
}

}  // namespace sweepscope::gui
