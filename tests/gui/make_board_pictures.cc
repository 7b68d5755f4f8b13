// Draws the step mode's page from the fixture into PNG files, in a real window where there is a screen:
//   gui_make_board_pictures DIRECTORY [THEME WxH STORY]
// For looking at; the tests compare smaller pictures (tests/golden).
#include <QApplication>
#include <QDir>
#include <QTimer>
#include <QVBoxLayout>
#include <cstdio>

#include "gui/app/step_page.h"
#include "gui/app/step_strip.h"
#include "gui/views/bench_form.h"
#include "gui/views/threads_panel.h"
#include "tests/gui/support/bench_fixture.h"

using namespace sweepscope;

namespace {

bool draw(const QDir& out, gui::ThemeKind kind, QSize size, const QString& story) {
  const gui::Theme theme(kind);
  theme.apply(*qApp);
  const bool hostile = story == QLatin1String("hostile");
  const testing::BenchFixture fixture =
      hostile ? testing::hostileFixture(4096, 1024)
              : testing::benchFixture(story == QLatin1String("fault") ? testing::Story::kCachedIsPlusTwo
                                                                      : testing::Story::kCorrect);
  gui::BenchScene scene = testing::benchScene(fixture);
  if (story == QLatin1String("turn")) scene.show(4);
  if (story == QLatin1String("choice")) scene.show(5);
  if (story == QLatin1String("between")) scene.show(1);
  QWidget window;
  auto* layout = new QVBoxLayout(&window);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  if (story == QLatin1String("form")) {
    auto* form = new gui::BenchForm(scene, theme, &window);
    form->onCatalogue();
    form->setSetup(fixture.state.setup);
    form->setReady(true);
    layout->addWidget(form);
  } else {
    auto* strip = new gui::StepStrip(scene, theme, {}, &window);
    auto* page = new gui::StepPage(scene, theme, &window);
    layout->addWidget(strip);
    layout->addWidget(page, 1);
    page->threads->setCanStep(true, {});
    strip->onScene();
    page->onScene();
    if (story == QLatin1String("table")) page->showTable(true);
    if (story == QLatin1String("open")) page->toggleFold();
  }
  window.resize(size - QSize(0, 46));  // menu and status bar
  window.show();
  for (int i = 0; i < 20; ++i) QApplication::processEvents(QEventLoop::AllEvents, 20);
  const QString name =
      QStringLiteral("%1-%2-%3x%4.png").arg(story, gui::themeName(kind)).arg(size.width()).arg(size.height());
  return window.grab().toImage().save(out.filePath(name));
}

}  // namespace

int main(int argc, char** argv) {
  const QApplication app(argc, argv);
  const QStringList arguments = QApplication::arguments();
  if (arguments.size() != 5) {
    std::fprintf(stderr, "usage: gui_make_board_pictures DIRECTORY THEME WxH STORY\n");
    return 2;
  }
  const auto theme = gui::parseTheme(arguments[2]);
  const QStringList size = arguments[3].split(QLatin1Char('x'));
  if (!theme || size.size() != 2) return 2;
  return draw(QDir(arguments[1]), *theme, QSize(size[0].toInt(), size[1].toInt()), arguments[4]) ? 0 : 1;
}
