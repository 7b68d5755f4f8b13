#include "gui/app/lesson_page.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLabel>
#include <algorithm>

#include "gui/models/bench_words.h"
#include "gui/views/board_area.h"
#include "gui/views/board_widget.h"
#include "gui/views/challenge_bar.h"
#include "gui/views/fault_pane.h"
#include "gui/views/lanes_widget.h"
#include "gui/views/lesson_card.h"
#include "gui/views/ruler_widget.h"
#include "gui/views/source_pane.h"
#include "gui/views/spotlight.h"
#include "gui/views/threads_panel.h"

namespace sweepscope::gui {

using namespace telemetry;
using On = lessons::Spotlight::On;

namespace {

constexpr int kWide = 1400, kLowBelow = 720;
constexpr int kCard = 440, kCardNarrow = 360, kThreads = 250, kThreadsNarrow = 220;
constexpr int kStrip = 32, kRuler = 112, kRulerLow = 64, kLanes = 72, kSource = 220;

}  // namespace

LessonPage::LessonPage(const BenchScene& scene, const Theme& theme, QWidget* parent)
    : QWidget(parent), scene_(scene), theme_(theme) {
  strip_ = new QWidget(this);
  auto* row = new QHBoxLayout(strip_);
  row->setContentsMargins(12, 0, 12, 0);
  row->setSpacing(14);
  const auto label = [&](const char* name, int stretch) {
    auto* made = new QLabel(strip_);
    made->setObjectName(QLatin1String(name));
    made->setTextFormat(Qt::PlainText);
    made->setMinimumWidth(20);
    if (stretch > 0) made->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    row->addWidget(made, stretch);
    return made;
  };
  title_ = label("lessonTitle", 0), setup_ = label("lessonSetup", 1), lamp_ = label("lessonLamp", 0);
  threads = new ThreadsPanel(scene, theme, this);
  area = new BoardArea(scene, theme, this);
  source_ = new SourcePane(theme, this);
  fault_ = new FaultPane(theme, this);
  fault_->hide();
  hint = new QAction(tr("&Hint"), this);
  hint->setEnabled(false);
  hint->setToolTip(tr("The next step of a way to break it, found by a search (H)"));
  challengeBar_ = new ChallengeBar(scene, challenge_, theme, hint, this);
  challengeBar_->hide();
  lanes = new LanesWidget(scene, theme, this);
  card = new LessonCard(scene, theme, this);
  spotlight = new Spotlight(theme, this);
  connect(area, &BoardArea::hovered, this, &LessonPage::hovered);
  connect(lanes, &LanesWidget::hovered, this, &LessonPage::hovered);
  connect(lanes, &LanesWidget::nodeRequested, this, &LessonPage::nodeRequested);
  connect(threads, &ThreadsPanel::chosenChanged, this, [this] {
    lanes->onScene(threadInFocus());
    placeSpotlight();
  });
  setTabOrder(card, threads);
  setTabOrder(threads, area);
  setTabOrder(area, lanes);
}

void LessonPage::setRun(const LessonRun* run) {
  run_ = run;
  taskOf_.reset();
  challenge_.end();
  challengeOf_.reset();
  hint->setEnabled(false);
  card->setRun(run);
}

void LessonPage::refresh() {
  if (run_ == nullptr) return;
  fillStrip();
  followChallenge();
  fillFault();
  card->refresh();
  const bool can = run_->canStep();
  const BenchView* view = scene_.shownView();
  QString why = can ? QString() : tr("The lesson steps this beat.");
  if (can && view != nullptr && view->verdict.outcome != BenchOutcome::kRunning)
    why = tr("The run has ended here. Left goes back, to step another way.");
  threads->setCanStep(can && why.isEmpty() && view != nullptr, why);
  arrange();
  threads->onScene();
  // The card names this thread, and so it is chosen when the task begins.
  if (can && taskOf_ != run_->beatNumber() && threadOfTask() != kNoThread) {
    taskOf_ = run_->beatNumber();
    threads->choose(threadOfTask());
  }
  area->onScene();
  lanes->beginAt(run_->opens(), tr("The steps of this beat will appear here."));
  lanes->onScene(threadInFocus());
  if (sourceWanted() && view != nullptr) {
    const auto at = std::find_if(view->threads.begin(), view->threads.end(),
                                 [this](const BenchThread& t) { return t.thread == threadInFocus(); });
    if (at != view->threads.end())
      source_->show(QString::fromStdString(at->file), at->line, nextSentence(*at, *view));
  }
  placeSpotlight();
}

void LessonPage::fillStrip() {
  const lessons::Lesson& lesson = run_->lesson();
  title_->setFont(theme_.strong());
  setup_->setFont(theme_.body());
  lamp_->setFont(theme_.strong());
  title_->setText(
      tr("Lesson %1: %2").arg(QString::fromStdString(lesson.id), QString::fromStdString(lesson.title)));
  const BenchSetup& setup = lesson.runs[run_->run()].setup;
  QStringList parts{tr("policy %1").arg(QString::fromStdString(setup.policy))};
  if (!setup.fault.empty())
    parts.prepend(run_->hidesFault() ? tr("left out: one rule")
                                     : tr("left out: %1").arg(QString::fromStdString(setup.fault)));
  for (const std::string& check : setup.checks) parts << tr("check %1").arg(QString::fromStdString(check));
  setup_->setText(parts.join(QStringLiteral(" \u00b7 ")));
  setup_->setToolTip(setup_->text());
  const BenchView* view = run_->ready() ? scene_.shownView() : nullptr;
  const LampWords lamp = view == nullptr ? LampWords{} : lampOf(*view);
  QPalette lit = palette();
  lit.setColor(QPalette::WindowText, lamp.bad ? theme_.ui().bad : theme_.ui().dim);
  lamp_->setPalette(lit);
  lamp_->setText(lamp.text);
  lamp_->parentWidget()->layout()->activate();  // the spotlight asks for its place before the next event
}

// The student is the scheduler of an exam: a hint is the next step of a search. Steps that were shown are no challenge.
void LessonPage::followChallenge() {
  const bool on = run_->examines() && run_->canStep() && !run_->showing();
  if (!on) {
    challenge_.end();
    challengeOf_.reset();
  } else if (challengeOf_ != run_->beatNumber()) {
    challengeOf_ = run_->beatNumber();
    challenge_.begin(Challenge::Fault::kHidden);
  }
  challenge_.onScene(scene_);
  challengeBar_->setVisible(on);
  challengeBar_->onScene();
  hint->setEnabled(on);
}

// What an exam has left out, once the student has answered.
void LessonPage::fillFault() {
  const auto& faults = scene_.catalogue().faults;
  const std::string& name = run_->lesson().runs[run_->run()].setup.fault;
  const auto fault =
      std::find_if(faults.begin(), faults.end(), [&](const BenchFault& f) { return f.name == name; });
  const bool shown = run_->examines() && !run_->hidesFault() && fault != faults.end();
  fault_->setVisible(shown);
  if (shown) fault_->show(*fault);
}

// --- regions ---------------------------------------------------------------------------------------------

bool LessonPage::threadsWanted() const {
  if (run_ == nullptr || run_->asks()) return false;  // the next accesses would give the answer away
  const auto& on = run_->beat().spotlights;
  return run_->canStep() ||
         std::any_of(on.begin(), on.end(), [](const auto& s) { return s.on == On::kThreads; });
}

bool LessonPage::sourceWanted() const {
  if (run_ == nullptr) return false;
  const auto& on = run_->beat().spotlights;
  return std::any_of(on.begin(), on.end(), [](const auto& s) { return s.on == On::kSource; });
}

void LessonPage::arrange() {
  const bool wide = width() >= kWide, low = height() < kLowBelow - 40;
  const int cardLeft = width() - (wide ? kCard : kCardNarrow);
  strip_->setGeometry(0, 0, cardLeft, kStrip);
  card->setGeometry(cardLeft, 0, width() - cardLeft, height());
  spotlight->setGeometry(0, 0, cardLeft, height());
  const int lanesTop = height() - kLanes;
  const bool withThreads = threadsWanted(), withSource = sourceWanted();
  const int left = withThreads ? (wide ? kThreads : kThreadsNarrow) : 0;
  const int top = challengeBar_->isHidden() ? kStrip : kStrip + challengeBar_->height();
  challengeBar_->setGeometry(0, kStrip, cardLeft, challengeBar_->height());
  threads->setVisible(withThreads);
  threads->setGeometry(0, top, left, lanesTop - top);
  const int areaLeft = withThreads ? left + 1 : 0;
  const int bottom = withSource || !fault_->isHidden() ? lanesTop - kSource : lanesTop;
  area->setRulerHeight(low ? kRulerLow : kRuler);
  area->setGeometry(areaLeft, top, cardLeft - areaLeft, bottom - top);
  fault_->setGeometry(areaLeft, bottom, cardLeft - areaLeft, kSource);
  source_->setVisible(withSource);
  source_->setGeometry(areaLeft, bottom, cardLeft - areaLeft, kSource);
  lanes->setGeometry(0, lanesTop, cardLeft, kLanes);
}

void LessonPage::resizeEvent(QResizeEvent*) {
  arrange();
  placeSpotlight();
}

// --- the spotlight ---------------------------------------------------------------------------------------

uint32_t LessonPage::threadNamed(const std::string& name) const {
  const BenchView* view = scene_.shownView();
  if (view == nullptr) return kNoThread;
  const auto at = std::find_if(view->threads.begin(), view->threads.end(),
                               [&](const BenchThread& t) { return t.name == name; });
  return at == view->threads.end() ? kNoThread : at->thread;
}

uint32_t LessonPage::threadOfTask() const {
  for (const lessons::Act& act : run_->beat().acts)
    if (act.kind == lessons::Act::Kind::kGoal && threadNamed(act.thread) != kNoThread)
      return threadNamed(act.thread);
  return kNoThread;
}

uint32_t LessonPage::threadInFocus() const {
  if (run_ == nullptr) return threads->chosen();
  for (const lessons::Spotlight& on : run_->beat().spotlights)
    if (on.on == On::kThread && threadNamed(on.thread) != kNoThread) return threadNamed(on.thread);
  if (!threadsWanted() && threadOfTask() != kNoThread) return threadOfTask();
  return threads->chosen();
}

QRect LessonPage::inPage(const QWidget* widget, const QRect& box) const {
  if (box.isEmpty() || widget->isHidden()) return {};
  return QRect(widget->mapTo(this, box.topLeft()), box.size());
}

QVector<QRect> LessonPage::boxesOf(const lessons::Spotlight& on) const {
  const BoardWidget* board = area->board;
  const auto onBoard = [&](const QVector<QRect>& boxes) {
    QVector<QRect> all;
    for (const QRect& box : boxes) all << inPage(board, box);
    return all;
  };
  switch (on.on) {
    case On::kSg: return onBoard({board->boxOfSg()});
    case On::kRuler: return {inPage(area->ruler, area->ruler->rect())};
    case On::kSource: return {inPage(source_, source_->rect())};
    case On::kRules: return {inPage(lamp_, lamp_->rect().adjusted(-8, -2, 8, 2))};
    case On::kQueues: return onBoard(board->boxesOfQueues());
    case On::kLists:
      return onBoard(board->boxesOfPlace(BoardPlace::kNonempty) + board->boxesOfPlace(BoardPlace::kEmpty));
    case On::kSpan: return onBoard({board->boxOfSpan(on.number)});
    case On::kObjects: return onBoard({board->boxOfObjects()});
    case On::kObject: return onBoard({board->boxOfObject(on.number)});
    case On::kCache:
      return onBoard(board->boxesOfPlace(BoardPlace::kCache, static_cast<uint16_t>(on.number)));
    case On::kThreads:
      return {threads->isHidden() ? inPage(lanes, lanes->rect()) : inPage(threads, threads->rect())};
    case On::kThread: {
      const uint32_t thread = threadNamed(on.thread);
      return {inPage(threads, threads->boxOfThread(thread)), inPage(lanes, lanes->boxOfThread(thread))};
    }
  }
  return {};
}

void LessonPage::placeSpotlight() {
  QVector<QRect> lit, bright{strip_->geometry()};
  if (!challengeBar_->isHidden()) bright << challengeBar_->geometry();
  if (!fault_->isHidden()) bright << fault_->geometry();
  if (run_ != nullptr && run_->ready() && spotlightShown_)
    for (const lessons::Spotlight& on : run_->beat().spotlights) lit += boxesOf(on);
  lit.removeAll(QRect());
  lit.erase(std::remove_if(lit.begin(), lit.end(), [](const QRect& box) { return box.isEmpty(); }),
            lit.end());
  if (!threads->isHidden()) bright << threads->geometry() << lanes->geometry();
  if (run_ != nullptr && run_->canStep()) bright << area->geometry();  // the student watches all of it
  spotlight->show(lit, bright);
  spotlight->raise();
}

void LessonPage::showSpotlight(bool shown) {
  spotlightShown_ = shown;
  placeSpotlight();
}

}  // namespace sweepscope::gui
