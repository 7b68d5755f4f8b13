#include "gui/app/modes.h"

#include <QActionGroup>
#include <QApplication>
#include <QCoreApplication>
#include <array>

#include "gui/app/lesson_window.h"
#include "gui/app/main_window.h"
#include "gui/app/step_window.h"

namespace sweepscope::gui {

namespace {

QString tr(const char* text) { return QCoreApplication::translate("Modes", text); }

struct ModeWords {
  Mode mode;
  const char *window, *text, *tip;  // window: its object name
  QKeyCombination key;
};
const std::array kModes{
    ModeWords{Mode::kWatch, "mainWindow", "&Watch an engine", "Watch an engine collect its garbage",
              Qt::CTRL | Qt::Key_1},
    ModeWords{Mode::kStep, "stepWindow", "&Step through the protocol",
              "Step the engine one access at a time, leave out rules, search for a violation",
              Qt::CTRL | Qt::Key_2},
    ModeWords{Mode::kLesson, "lessonWindow", "&Lessons", "Learn the protocol, lesson by lesson",
              Qt::CTRL | Qt::Key_3}};

QMainWindow* openWindow(Mode mode) {
  for (const ModeWords& words : kModes)
    for (QWidget* window : QApplication::topLevelWidgets())
      if (words.mode == mode && window->isVisible() && window->objectName() == QLatin1String(words.window))
        return qobject_cast<QMainWindow*>(window);
  return nullptr;
}

template <class Window>
void show(const Options& options) {
  auto* const window = new Window(options);
  window->setAttribute(Qt::WA_DeleteOnClose);
  window->show();
  window->begin();
}

}  // namespace

void openMode(Mode mode, const Options& from, const Theme& theme, const QString& schedule) {
  if (QMainWindow* open = schedule.isEmpty() ? openWindow(mode) : nullptr) {
    open->raise();
    open->activateWindow();
    return;
  }
  Options options;
  options.theme = theme.kind();
  options.scale = from.scale;
  options.size = from.size;
  options.screenshot = from.screenshot;  // if there is one, the window leaves the settings alone
  options.file = schedule;
  switch (mode) {
    case Mode::kWatch: return show<MainWindow>(options);
    case Mode::kStep: return show<StepWindow>(options);
    case Mode::kLesson: return show<LessonWindow>(options);
  }
}

QMenu* modeMenu(QMainWindow& window, Mode own, const Options& options, const Theme& theme) {
  auto* const menu = new QMenu(tr("&Mode"), &window);
  auto* const group = new QActionGroup(menu);
  for (const ModeWords& words : kModes) {
    QAction* const action = menu->addAction(tr(words.text));
    action->setShortcut(words.key);
    action->setToolTip(tr(words.tip));
    action->setStatusTip(tr(words.tip));
    action->setCheckable(true);
    action->setChecked(words.mode == own);
    group->addAction(action);
    window.addAction(action);
    QObject::connect(action, &QAction::triggered, &window, [&options, &theme, group, own, mode = words.mode] {
      group->actions().at(static_cast<qsizetype>(own))->setChecked(true);  // this window keeps its mode
      if (mode != own) openMode(mode, options, theme);
    });
  }
  return menu;
}

}  // namespace sweepscope::gui
