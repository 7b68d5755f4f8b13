// The lesson mode as a window: a whole lesson by keys on the real sweepctl, the list, the card at both sizes, the presenter's
// window, progress, bad lessons.
#include <gtest/gtest.h>
#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAction>
#include <QApplication>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>
#include <QTextBrowser>

#include "gui/app/lesson_page.h"
#include "gui/app/lesson_window.h"
#include "gui/app/presenter_window.h"
#include "gui/session/lesson_source.h"
#include "gui/views/board_area.h"
#include "gui/views/challenge_bar.h"
#include "gui/views/choice_button.h"
#include "gui/views/fault_pane.h"
#include "gui/views/lanes_widget.h"
#include "gui/views/lesson_card.h"
#include "gui/views/lesson_list.h"
#include "gui/views/ruler_widget.h"
#include "gui/views/spotlight.h"
#include "gui/views/threads_panel.h"

namespace sweepscope::gui {
namespace {

using Next = LessonRun::Next;
constexpr int kPatienceMs = 60'000;

class Lessons : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!qEnvironmentVariableIsSet("SWEEPCTL")) GTEST_SKIP() << "SWEEPCTL is not set";
    // sweepctl is searched in the directory of the program, where these tests have none, then in PATH.
    qputenv("PATH", QFileInfo(qEnvironmentVariable("SWEEPCTL")).path().toLocal8Bit() + ':' + path_);
    options_.lesson = true;
    options_.screenshot =
        QStringLiteral("unused.png");  // keeps this test's progress out of the user's settings
    options_.size = QSize(1440, 840);
  }
  void TearDown() override { qputenv("PATH", path_); }

  LessonWindow& window() {
    if (window_ == nullptr) {
      window_ = std::make_unique<LessonWindow>(options_);
      window_->show();
      window_->activateWindow();
      window_->begin();
    }
    return *window_;
  }
  bool arrived() {
    return QTest::qWaitFor(
        [this] {
          return window().run() != nullptr && window().run()->ready() &&
                 window().client().scene().shown() == window().run()->node() &&
                 window().client().scene().shownView() != nullptr;
        },
        kPatienceMs);
  }
  void key(Qt::Key key) { QTest::keyClick(&window(), key); }
  template <class Widget>
  Widget* part(const char* name = nullptr) {
    return window().findChild<Widget*>(name == nullptr ? QString() : QLatin1String(name));
  }
  QString card() { return part<LessonCard>()->plainText(); }
  bool listShown() { return part<LessonList>()->isVisible(); }

  const QByteArray path_ = qgetenv("PATH");
  Options options_;
  std::unique_ptr<LessonWindow> window_;
};

TEST_F(Lessons, AWholeLessonIsPlayedByKeys) {
  options_.lessonName = QStringLiteral("4");  // two runs of the engine, a hands-on beat
  ASSERT_TRUE((window(), arrived()));
  const LessonRun* run = window().run();
  std::set<uint32_t> seen;
  for (int presses = 0; !listShown(); ++presses) {
    ASSERT_LT(presses, 400);
    ASSERT_TRUE(arrived()) << run->beat().name;
    seen.insert(run->beatNumber());
    if (run->asks()) {
      EXPECT_FALSE(card().contains("Right."));
      key(static_cast<Qt::Key>(Qt::Key_1 + static_cast<int>(run->beat().prediction->right)));
      EXPECT_EQ(run->picked(), run->beat().prediction->right);
      key(Qt::Key_PageDown);
      EXPECT_TRUE(card().contains("Right."));
      EXPECT_TRUE(card().contains(QString::fromStdString(run->beat().prediction->because).left(20)));
    } else {
      key(Qt::Key_PageDown);
    }
  }
  EXPECT_EQ(seen.size(), 4u);
  EXPECT_TRUE(part<QLabel>("lessonMessage")->text().contains("Finished"));
  EXPECT_EQ(part<LessonList>()->selected(), "5");
}

TEST_F(Lessons, TheStudentStepsAHandsOnBeatByKeysAndTheListFills) {
  options_.lessonName = QStringLiteral("2");
  ASSERT_TRUE((window(), arrived()));
  const LessonRun* run = window().run();
  EXPECT_TRUE(part<ThreadsPanel>()->isHidden()) << "the next accesses would give the answer away";
  key(Qt::Key_Right);
  EXPECT_EQ(window().client().scene().shown(), run->opens());
  key(Qt::Key_PageDown);  // without a choice: only a hint
  EXPECT_TRUE(run->asks());
  key(Qt::Key_3);
  key(Qt::Key_Return);
  ASSERT_FALSE(run->asks());
  const uint32_t before = run->node();
  key(Qt::Key_PageDown);  // the task is the student's: only a hint
  EXPECT_EQ(run->node(), before);
  ASSERT_FALSE(part<ThreadsPanel>()->isHidden());
  EXPECT_TRUE(card().contains(QStringLiteral("\u2610 sg is 6")));
  const auto& scene = window().client().scene();
  for (const auto& thread : scene.shownView()->threads)
    if (thread.name == "collector") part<ThreadsPanel>()->choose(thread.thread);
  for (int steps = 0; steps < 40 && !run->handsOnDone(); ++steps) {
    const uint32_t was = scene.shown();
    key(Qt::Key_Return);
    ASSERT_TRUE(QTest::qWaitFor(
        [&] { return scene.shown() != was && scene.shownView() != nullptr && !window().client().stepping(); },
        kPatienceMs));
  }
  EXPECT_TRUE(run->handsOnDone());
  EXPECT_TRUE(card().contains(QStringLiteral("\u2611 sg is 6 (done)")));
}

TEST_F(Lessons, BothNumbersAreTypedAndAnsweredInWords) {
  options_.lessonName = QStringLiteral("1");
  ASSERT_TRUE((window(), arrived()));
  const LessonRun* run = window().run();
  while (!run->types()) {
    ASSERT_TRUE(arrived());
    key(Qt::Key_PageDown);
  }
  ASSERT_TRUE(arrived());
  const auto fields = part<LessonCard>()->findChildren<QLineEdit*>();
  ASSERT_EQ(fields.size(), 2);
  fields[0]->setFocus();
  QTest::keyClicks(fields[0], "6");  // no answer and no thread: a number
  QTest::keyClicks(fields[1], "7");
  fields[1]->setFocus();
  QTest::keyClick(fields[1], Qt::Key_Return);
  EXPECT_TRUE(card().contains("stale")) << qPrintable(card());
  EXPECT_TRUE(run->checks()[3].ticked);
  // Show me types the others.
  for (int i = 0; i < 6 && !run->handsOnDone(); ++i) key(Qt::Key_PageDown);
  EXPECT_TRUE(run->handsOnDone());
}

TEST_F(Lessons, TheScreenIsBlankedAndTheRunRestarts) {
  options_.lessonName = QStringLiteral("2");
  ASSERT_TRUE((window(), arrived()));
  auto* blank = part<QWidget>("blank");
  for (const Qt::Key hide : {Qt::Key_Escape, Qt::Key_Period})
    for (const Qt::Key back : {Qt::Key_Escape, Qt::Key_Period, Qt::Key_B, Qt::Key_PageDown, Qt::Key_3,
                               Qt::Key_R, Qt::Key_Return}) {
      key(hide);
      EXPECT_TRUE(blank->isVisible());
      EXPECT_EQ(blank->geometry(), window().rect());
      key(back);
      EXPECT_FALSE(blank->isVisible());
    }
  EXPECT_FALSE(window().run()->picked().has_value());
  EXPECT_TRUE(window().run()->asks()) << "the key that ends the blank does no more";
  key(Qt::Key_1);
  key(Qt::Key_PageDown);
  EXPECT_FALSE(window().run()->asks());
  key(Qt::Key_F5);
  EXPECT_TRUE(window().run()->asks());
  EXPECT_TRUE(arrived());
}

TEST_F(Lessons, ThePresenterSeesNotesAnswerAndNextBeatAndSteersFromThere) {
  options_.lessonName = QStringLiteral("2");
  ASSERT_TRUE((window(), arrived()));
  key(Qt::Key_F6);
  auto* presenter = part<PresenterWindow>();
  ASSERT_TRUE(presenter->isVisible());
  EXPECT_TRUE(presenter->isWindow());
  const auto text = [&](const char* name) {
    return presenter->findChild<QLabel*>(QLatin1String(name))->text();
  };
  EXPECT_TRUE(text("notes").contains("Ask before the reveal"));
  EXPECT_TRUE(text("answer").contains("None"));
  EXPECT_TRUE(text("nextBeat").contains(QString::fromStdString(window().run()->lesson().beats[1].name)));
  EXPECT_TRUE(text("clock").contains("of 3 minutes"));
  presenter->activateWindow();
  ASSERT_TRUE(QTest::qWaitForWindowActive(presenter, kPatienceMs));
  QTest::keyClick(presenter, Qt::Key_PageDown);
  QTest::keyClick(presenter, Qt::Key_PageDown);  // the second shows the answer without a choice
  EXPECT_FALSE(window().run()->asks());
  QTest::keyClick(presenter, Qt::Key_L, Qt::ControlModifier);  // the list: no lesson is open
  EXPECT_EQ(text("clock"), QString());
  EXPECT_FALSE(presenter->findChild<QPushButton*>()->isVisible()) << "no clock to reset";
  presenter->close();
  EXPECT_FALSE(presenter->isVisible());
}

// All that the window shows or says to a screen reader.
QString everyWord(const QWidget& window) {
  QStringList all{window.windowTitle()};
  const auto add = [&](const QWidget* w) {
    all << w->accessibleName() << w->accessibleDescription() << w->toolTip() << w->windowTitle();
    if (const auto* label = qobject_cast<const QLabel*>(w)) all << label->text();
    if (const auto* button = qobject_cast<const QAbstractButton*>(w)) all << button->text();
    if (const auto* pane = qobject_cast<const QTextBrowser*>(w)) all << pane->toPlainText();
    if (const auto* list = qobject_cast<const QAbstractItemView*>(w);
        list != nullptr && list->model() != nullptr)
      for (int row = 0; row < list->model()->rowCount(); ++row)
        all << list->model()->index(row, 0).data(Qt::AccessibleTextRole).toString();
  };
  for (const auto* w : window.findChildren<QWidget*>())
    if (w->isVisible()) add(w);
  return all.join(QLatin1Char('\n'));
}

TEST_F(Lessons, TheExamNamesItsFaultOnlyAfterTheAnswerAndThenShowsItsLines) {
  options_.lessonName = QStringLiteral("exam");
  ASSERT_TRUE((window(), arrived()));
  const LessonRun* run = window().run();
  const auto fault = [&] { return QString::fromStdString(run->lesson().runs[run->run()].setup.fault); };
  const auto* pane = part<FaultPane>();
  int exams = 0, hidden = 0, shown = 0;
  for (int presses = 0; !listShown() && presses < 400; ++presses) {
    ASSERT_TRUE(arrived()) << run->beat().name;
    if (run->examines() && run->hidesFault()) {
      ++hidden;
      EXPECT_FALSE(everyWord(window()).contains(fault())) << run->beat().name;
      EXPECT_TRUE(everyWord(window()).contains("left out: one rule"));
      EXPECT_TRUE(pane->isHidden());
      EXPECT_EQ(part<ChallengeBar>()->isVisible(), run->canStep() && !run->showing());
      shown += run->showing();
    }
    if (run->asks()) {
      key(Qt::Key_1);
      key(Qt::Key_PageDown);
      EXPECT_TRUE(everyWord(window()).contains(QStringLiteral("left out: ") + fault()));
      EXPECT_TRUE(pane->isVisible());
      EXPECT_TRUE(pane->toPlainText().contains(fault()));
      EXPECT_FALSE(part<ChallengeBar>()->isVisible());
      ++exams;
    } else {
      key(Qt::Key_PageDown);
    }
  }
  EXPECT_EQ(exams, 3);
  EXPECT_GT(shown, 0) << "a task that Page Down has shown";
  EXPECT_GE(hidden, 6) << "a task and a question of each";
}

TEST_F(Lessons, AHintOfTheExamIsTheNextStepOfASearch) {
  options_.lessonName = QStringLiteral("exam");
  ASSERT_TRUE((window(), arrived()));
  const LessonRun* run = window().run();
  EXPECT_FALSE(part<LessonPage>()->hint->isEnabled());
  while (!run->canStep()) {
    key(Qt::Key_PageDown);
    ASSERT_TRUE(arrived());
  }
  EXPECT_TRUE(part<LessonPage>()->hint->isEnabled());
  const auto& scene = window().client().scene();
  for (int hints = 0; hints < 200 && !run->handsOnDone(); ++hints) {
    key(Qt::Key_H);
    ASSERT_TRUE(QTest::qWaitFor([&] { return part<QLabel>("challengeHint")->text().startsWith("Let "); },
                                kPatienceMs))
        << qPrintable(part<QLabel>("challengeHint")->text());
    const uint32_t was = scene.shown();
    const auto next = part<LessonPage>()->challenge().hinted(scene);
    ASSERT_TRUE(next.has_value());
    const auto& step = scene.state().nodes[*next];
    part<ThreadsPanel>()->choose(step.thread);
    for (uint32_t n = 0; n < (step.stop == telemetry::BenchStop::kAccess ? step.steps : 1u); ++n) {
      const uint32_t before = scene.shown();
      key(step.stop == telemetry::BenchStop::kAccess ? Qt::Key_A : Qt::Key_Return);
      ASSERT_TRUE(QTest::qWaitFor(
          [&] {
            return scene.shown() != before && scene.shownView() != nullptr && !window().client().stepping();
          },
          kPatienceMs));
    }
    ASSERT_NE(scene.shown(), was);
  }
  EXPECT_TRUE(run->handsOnDone());
}

TEST_F(Lessons, RegionsFitAndEveryControlHasANameAtBothSizes) {
  options_.lessonName = QStringLiteral("7");
  ASSERT_TRUE((window(), arrived()));
  for (const QSize size : {QSize(1440, 840), QSize(1280, 660)}) {
    window().resize(size);
    QApplication::processEvents();
    const auto* page = part<LessonPage>();
    const auto box = [&](const QWidget* w) { return QRect(w->mapTo(page, QPoint(0, 0)), w->size()); };
    const std::vector<QRect> boxes{box(page->area), box(page->lanes), box(page->card)};
    for (size_t i = 0; i < boxes.size(); ++i) {
      EXPECT_TRUE(page->rect().contains(boxes[i])) << i;
      for (size_t j = i + 1; j < boxes.size(); ++j)
        EXPECT_FALSE(boxes[i].intersects(boxes[j])) << i << " " << j;
    }
    EXPECT_EQ(page->card->width(), size.width() == 1440 ? 440 : 360);
    EXPECT_EQ(page->lanes->height(), 72);
    EXPECT_FALSE(page->spotlight->lit().isEmpty());
    for (const QRect& lit : page->spotlight->lit()) EXPECT_TRUE(page->rect().contains(lit));
    for (const auto* label : page->card->findChildren<QLabel*>()) {
      if (label->isVisible()) {
        EXPECT_GE(label->fontInfo().pixelSize(), 16) << qPrintable(label->objectName());
      }
    }
  }
  for (const auto* button : window().findChildren<QAbstractButton*>()) {
    if (!button->isVisible() || button->objectName().startsWith(QLatin1String("qt_"))) continue;
    EXPECT_FALSE(button->accessibleName().isEmpty() && button->text().isEmpty())
        << button->metaObject()->className();
  }
  QSet<QString> keys;
  for (const QAction* action : window().actions())
    for (const QKeySequence& sequence : action->shortcuts()) {
      EXPECT_FALSE(keys.contains(sequence.toString())) << qPrintable(sequence.toString());
      keys.insert(sequence.toString());
    }
  for (const char* key : {"PgDown", "PgUp", ".", "B", "F5", "F6", "Esc", "Return", "1", "A", "R"})
    EXPECT_TRUE(keys.contains(QLatin1String(key))) << key;
}

TEST_F(Lessons, ALessonThatCannotBePlayedIsNamedInTheListWithItsLine) {
  QTemporaryDir folder;
  const QString path = folder.filePath(QStringLiteral("mine.lesson"));
  LessonSource source = embeddedLesson(QStringLiteral("2"));
  const auto write = [&](const std::string& text) {
    QFile file(path);
    ASSERT_TRUE(file.open(QIODevice::WriteOnly));
    file.write(text.data(), static_cast<qint64>(text.size()));
  };
  write("sweepscope-lesson 1\nid: mine\nmoon: 1\n");
  window().open(lessonFile(path), false);
  EXPECT_TRUE(listShown());
  EXPECT_TRUE(part<QLabel>("lessonMessage")->text().contains(path + ":3: "))
      << qPrintable(part<QLabel>("lessonMessage")->text());
  // It parses, and its goal cannot be reached.
  std::string text = source.text;
  text.insert(text.find("goal: "), "goal: collector until span 77 is stale\n");
  write(text);
  window().open(lessonFile(path), false);
  ASSERT_TRUE(QTest::qWaitFor([&] { return listShown(); }, kPatienceMs));
  EXPECT_TRUE(part<QLabel>("lessonMessage")->text().contains("cannot be reached"));
  EXPECT_TRUE(part<QLabel>("lessonMessage")->text().startsWith(path + ":"));
  // The window plays on.
  window().open(embeddedLesson(QStringLiteral("2")), false);
  EXPECT_TRUE(arrived());
}

TEST_F(Lessons, ProgressIsKeptInTheSettings) {
  QTemporaryDir folder;
  QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, folder.path());
  QCoreApplication::setOrganizationName(QStringLiteral("sweepscope-test"));
  options_.screenshot.clear();
  options_.lessonName = QStringLiteral("2");
  ASSERT_TRUE((window(), arrived()));
  key(Qt::Key_2);
  key(Qt::Key_PageDown);
  const std::vector<int> answers = window().run()->progress().answers;
  window().close();
  window_.reset();
  ASSERT_TRUE((window(), arrived()));
  EXPECT_EQ(window().run()->progress().answers, answers);
  EXPECT_EQ(window().run()->answered(), 1u);
  window_.reset();
  options_.lessonName.clear();
  window();
  part<LessonList>()->select(QStringLiteral("2"));
  bool offered = false;
  for (const auto* button : part<LessonList>()->findChildren<QAbstractButton*>())
    offered = offered || button->text() == QLatin1String("Continue");
  EXPECT_TRUE(offered);
  // Damaged values begin anew.
  QSettings().setValue(QStringLiteral("lessons/2/answers"), QStringList{"x", "77"});
  QSettings().setValue(QStringLiteral("lessons/2/beat"), QStringLiteral("-5"));
  window().open(embeddedLesson(QStringLiteral("2")), false);
  EXPECT_TRUE(arrived());
  EXPECT_TRUE(window().run()->asks());
}

TEST(LessonList, APathShowsItsLessonsOnly) {
  const Theme theme;
  LessonList list(theme, [](const QString& id) {
    LessonProgress progress;
    progress.finished = id == QLatin1String("1");
    return progress;
  });
  auto* view = list.findChild<QListWidget*>();
  const int all = view->count();
  EXPECT_GE(all, 10);
  for (auto* button : list.findChildren<QAbstractButton*>())
    if (button->text().contains("15 minutes")) button->click();
  EXPECT_EQ(view->count(), 5);
  EXPECT_LT(view->count(), all);
  bool finished = false;
  for (int row = 0; row < view->count(); ++row)
    finished = finished || view->item(row)->data(Qt::AccessibleTextRole).toString().contains("finished");
  EXPECT_TRUE(finished);
}

TEST(LessonSource, FilesThatAreNoLessonsAreRefusedWithALine) {
  EXPECT_TRUE(findLesson(QStringLiteral("b2")).lesson);
  EXPECT_TRUE(findLesson(QStringLiteral("99")).errors.front().contains("the lessons are B2"));
  EXPECT_TRUE(lessonFile(QStringLiteral("/dev/zero")).errors.front().contains("not a regular file"));
  EXPECT_TRUE(lessonFile(QStringLiteral("/tmp")).errors.front().contains("not a regular file"));
  QTemporaryDir folder;
  QFile file(folder.filePath(QStringLiteral("big")));
  ASSERT_TRUE(file.open(QIODevice::WriteOnly));
  file.write(QByteArray(1 << 20, 'x'));
  file.close();
  EXPECT_TRUE(lessonFile(file.fileName()).errors.front().contains("65537 bytes, the limit is 65536"))
      << qPrintable(lessonFile(file.fileName()).errors.front());
}

}  // namespace
}  // namespace sweepscope::gui

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
  const QApplication app(argc, argv);
  sweepscope::gui::Theme().apply(*qApp);
  return RUN_ALL_TESTS();
}
