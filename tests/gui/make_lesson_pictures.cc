// Draws every screen of a lesson into PNG files, in a real window where there is a screen:
//   gui_make_lesson_pictures DIRECTORY THEME WxH LESSON
// For looking at; the lesson is played on the laboratory in this process.
#include <QApplication>
#include <QDir>
#include <QVBoxLayout>
#include <cstdio>

#include "gui/app/lesson_page.h"
#include "gui/app/presenter_window.h"
#include "gui/views/lesson_card.h"
#include "gui/views/lesson_list.h"
#include "tests/gui/support/lesson_player.h"

using namespace sweepscope;

namespace {

void settle() {
  for (int i = 0; i < 10; ++i) QApplication::processEvents(QEventLoop::AllEvents, 20);
}

}  // namespace

int main(int argc, char** argv) {
  const QApplication app(argc, argv);
  const QStringList arguments = QApplication::arguments();
  if (arguments.size() != 5) {
    std::fprintf(stderr, "usage: gui_make_lesson_pictures DIRECTORY THEME WxH LESSON\n");
    return 2;
  }
  const auto kind = gui::parseTheme(arguments[2]);
  const QStringList parts = arguments[3].split(QLatin1Char('x'));
  if (!kind || parts.size() != 2 || !gui::embeddedLesson(arguments[4]).lesson) return 2;
  const QDir out(arguments[1]);
  const gui::Theme theme(*kind);
  theme.apply(*qApp);
  const QSize size = QSize(parts[0].toInt(), parts[1].toInt()) - QSize(0, 46);  // menu and status bar
  int pictures = 0;
  const auto take = [&](QWidget& widget) {
    settle();
    const QString name = QStringLiteral("%1-%2-%3-%4.png")
                             .arg(arguments[4], arguments[2], arguments[3])
                             .arg(pictures++, 2, 10, QLatin1Char('0'));
    if (!widget.grab().toImage().save(out.filePath(name)))
      std::fprintf(stderr, "cannot write %s\n", qPrintable(name));
  };
  gui::LessonList list(theme, [](const QString&) { return gui::LessonProgress{}; });
  list.resize(size);
  list.show();
  take(list);
  list.hide();
  testing::LessonPlayer player(arguments[4]);
  gui::LessonRun& run = player.run;
  gui::LessonPage page(player.scene, theme);
  page.resize(size);
  page.show();
  page.setRun(&run);
  gui::PresenterWindow presenter(theme, nullptr);
  presenter.refresh(&run);
  presenter.show();
  take(presenter);
  presenter.hide();
  for (bool more = true; more;) {
    const gui::LessonRun::Next next = run.next();
    page.refresh();
    take(page);
    // Of the steps in the middle of a beat two are enough.
    if (next == gui::LessonRun::Next::kStep && run.step() == 2)
      while (run.step() + 1 < run.steps()) player.forward();
    if (next == gui::LessonRun::Next::kChoose) {
      run.pick(run.beatNumber() % 2 == 0 ? run.beat().prediction->right : 0);
      page.refresh();
      take(page);
    }
    if (const auto pair = next == gui::LessonRun::Next::kDo ? run.example() : std::nullopt) {
      page.card->setNumbers(pair->first, pair->second);
      page.card->setTypedAnswer(run.type(pair->first, pair->second));
      continue;
    }
    more = player.forward() && !run.progress().finished;
  }
  return 0;
}
