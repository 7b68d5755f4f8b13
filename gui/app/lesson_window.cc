#include "gui/app/lesson_window.h"

#include <QApplication>
#include <QCloseEvent>
#include <QFileDialog>
#include <QLabel>
#include <QStackedWidget>
#include <QStatusBar>
#include <QVBoxLayout>
#include <utility>

#include "gui/app/lesson_page.h"
#include "gui/app/presenter_window.h"
#include "gui/app/screen_fit.h"
#include "gui/app/theme_actions.h"
#include "gui/views/board_area.h"
#include "gui/views/board_widget.h"
#include "gui/views/choice_button.h"
#include "gui/views/lesson_card.h"
#include "gui/views/lesson_list.h"
#include "gui/views/threads_panel.h"

namespace sweepscope::gui {

using telemetry::BenchStepKind;

namespace {

constexpr QSize kUsualSize(1440, 840);

}  // namespace

LessonWindow::LessonWindow(const Options& options)
    : options_(options), theme_(firstTheme(options)), store_(options.screenshot.isEmpty()) {
  setObjectName(QStringLiteral("lessonWindow"));
  setWindowTitle(tr("Sweepscope: lessons"));
  theme_.apply(*qApp);
  pages_ = new QStackedWidget(this);
  list_ = new LessonList(
      theme_, [this](const QString& id) { return store_.load(id); }, pages_);
  page_ = new LessonPage(client_.scene(), theme_, pages_);
  pages_->addWidget(list_);
  pages_->addWidget(page_);
  setCentralWidget(pages_);
  presenter_ = new PresenterWindow(theme_, this);
  blank_ = new QWidget(this);
  blank_->setObjectName(QStringLiteral("blank"));
  blank_->setAccessibleName(tr("The screen is blank; any key of the lesson returns"));
  blank_->setAttribute(Qt::WA_StyledBackground);
  blank_->setStyleSheet(QStringLiteral("background: black"));
  blank_->hide();
  status_ = new QLabel(this);
  status_->setTextFormat(Qt::PlainText);
  status_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  statusBar()->addWidget(status_, 1);
  statusBar()->setSizeGripEnabled(false);
  createActions();
  wire();
  resize(options.size.isValid() ? options.size / devicePixelRatioF() : kUsualSize);
  if (!options.size.isValid() || options.screenshot.isEmpty()) fitToScreen(*this);
  showList({});
}

void LessonWindow::wire() {
  connect(&client_, &BenchClient::sceneChanged, this, &LessonWindow::onScene);
  connect(&client_, &BenchClient::catalogueArrived, this, [this] {
    if (run_) arrive();
  });
  connect(&client_, &BenchClient::lessonOpened, this, [this] {
    opened_ = true;
    onScene();
  });
  connect(&client_, &BenchClient::refused, this, [this](const QString& why) {
    if (openRun_ && !opened_) return fail(why);
    page_->card->setNotice(why);
  });
  connect(&client_, &BenchClient::failed, this, [this](const QString& why) {
    ended_ = true;
    fail(why);
  });
  connect(list_, &LessonList::openRequested, this,
          [this](const QString& id, bool fromStart) { open(embeddedLesson(id), fromStart); });
  connect(list_, &LessonList::fileRequested, this, &LessonWindow::openFile);
  connect(page_, &LessonPage::nodeRequested, this, [this](quint32 node) { client_.show(node); });
  connect(page_, &LessonPage::hovered, this, [this](const QString& text) { status_->setText(text); });
  connect(page_->threads, &ThreadsPanel::stepRequested, this,
          [this](BenchStepKind kind, quint32 thread, quint32 choice) { client_.step(kind, thread, choice); });
  connect(page_->card, &LessonCard::forwardRequested, this, &LessonWindow::forward);
  connect(page_->card, &LessonCard::backRequested, this, &LessonWindow::back);
  connect(page_->card, &LessonCard::returnRequested, this, [this] { client_.show(run_->node()); });
  connect(page_->card, &LessonCard::typed, this, &LessonWindow::type);
  connect(page_->card, &LessonCard::picked, this, [this](quint32 choice) {
    run_->pick(choice);
    refresh();
  });
  connect(presenter_, &PresenterWindow::closed, this, [this] { presenterAction_->setChecked(false); });
}

void LessonWindow::begin() {
  if (!options_.lessonName.isEmpty()) open(findLesson(options_.lessonName), false);
  connectClient();
}

void LessonWindow::connectClient() {
  ended_ = false;
  options_.connectAddress.isEmpty() ? client_.start() : client_.connectTo(options_.connectAddress);
}

// --- a lesson begins, continues, ends --------------------------------------------------------------------

void LessonWindow::open(LessonSource source, bool fromStart) {
  if (!source.lesson) return showList(source.errors.mid(0, 6).join(QLatin1Char('\n')));
  page_->setRun(nullptr);
  source_ = std::move(source);
  run_ = std::make_unique<LessonRun>(*source_.lesson);
  run_->restore(store_.load(source_.key));
  if (fromStart) run_->restart();
  showAsked_.reset();
  openRun_.reset();
  page_->setRun(run_.get());
  pages_->setCurrentWidget(page_);
  for (QAction* action : std::as_const(lessonActions_)) action->setEnabled(true);
  setWindowTitle(tr("Sweepscope: %1").arg(QString::fromStdString(run_->lesson().title)));
  presenter_->resetClock();
  arrive();
  if (ended_) connectClient();  // it ended in an earlier lesson
}

void LessonWindow::openFile() {
  const QString path =
      QFileDialog::getOpenFileName(this, tr("Open a lesson"), {}, tr("Lessons (*.lesson);;All files (*)"));
  if (!path.isEmpty()) open(lessonFile(path), false);
}

void LessonWindow::arrive() {
  if (client_.ready() && openRun_ != run_->run()) {
    openRun_ = run_->run();
    opened_ = false;
    run_->forgetTree();
    client_.openLesson(source_.text, run_->run() + 1);
  }
  save();
  onScene();
  focusPart();
}

// The tree of a run is known by the names of its nodes; until it arrives the lesson waits.
void LessonWindow::onScene() {
  const BenchScene& scene = client_.scene();
  if (run_ && !run_->ready() && opened_ && openRun_ == run_->run() && scene.begun()) {
    run_->setTree(scene.state().nodes);
    if (run_->ready()) {
      client_.show(run_->node());  // emits sceneChanged
      return focusPart();
    }
  }
  if (run_ && run_->ready()) {
    const bool was = run_->handsOnDone();
    run_->look(scene);
    if (run_->handsOnDone() != was) save();
  }
  refresh();
}

void LessonWindow::refresh() {
  if (run_ && pages_->currentWidget() == page_) {
    if (showAsked_ && run_->next() != LessonRun::Next::kDo) {
      showAsked_.reset();
      page_->card->setNotice({});
    }
    page_->refresh();
    const Challenge& challenge = page_->challenge();
    client_.conceal(challenge.open());
    if (const auto next = challenge.hinted(client_.scene())) client_.look(*next);
  }
  presenter_->refresh(run_.get());
}

void LessonWindow::save() {
  if (run_) store_.save(source_.key, run_->progress());
}

void LessonWindow::showList(const QString& message) {
  if (run_) save();
  page_->setRun(nullptr);
  run_.reset();
  openRun_.reset();
  pages_->setCurrentWidget(list_);
  for (QAction* action : std::as_const(lessonActions_)) action->setEnabled(false);
  setWindowTitle(tr("Sweepscope: lessons"));
  list_->setMessage(message);
  list_->refresh();
  list_->setFocus();
  showBlank(false);
  refresh();
}

// The session names the lesson "lesson"; the student knows the file.
void LessonWindow::fail(const QString& why) {
  QString text = why;
  if (run_ && text.startsWith(QLatin1String("lesson:")))
    text.replace(0, 6, QString::fromStdString(run_->lesson().file));
  showList(text);
}

// --- forward and back ------------------------------------------------------------------------------------

void LessonWindow::forward() {
  if (!run_) return;
  const LessonRun::Next next = run_->next();
  if (next == LessonRun::Next::kChoose && !std::exchange(skipAsked_, true))
    return page_->card->setNotice(tr("Choose an answer first. Page Down again shows it without a choice."));
  skipAsked_ = false;
  page_->card->setNotice({});
  if (next == LessonRun::Next::kDo) {
    if (const auto pair = run_->example()) {
      run_->beginShowing();
      page_->card->setNumbers(pair->first, pair->second);
      return type(pair->first, pair->second);
    }
  }
  if (!run_->forward()) return;
  save();
  if (next == LessonRun::Next::kFinish) {
    const QString id = QString::fromStdString(run_->lesson().id),
                  title = QString::fromStdString(run_->lesson().title);
    showList(tr("\u2713 Finished: %1").arg(title));
    return list_->selectNext(id);
  }
  if (next == LessonRun::Next::kBeat) return arrive();
  if (next == LessonRun::Next::kStep || next == LessonRun::Next::kDo) client_.show(run_->node());
  onScene();
  if (next == LessonRun::Next::kAnswer || next == LessonRun::Next::kChoose) focusPart();
}

void LessonWindow::pageDown() {
  const bool task = run_ && run_->next() == LessonRun::Next::kDo;
  if (task && std::exchange(showAsked_, run_->beatNumber()) != run_->beatNumber())
    return page_->card->setNotice(tr("Your turn: do it with the threads. Page Down again shows how."));
  forward();
}

void LessonWindow::back() {
  if (!run_) return;
  skipAsked_ = false;
  page_->card->setNotice({});
  const uint32_t was = run_->beatNumber();
  if (!run_->back()) return;
  if (run_->beatNumber() != was) return arrive();
  client_.show(run_->node());
}

void LessonWindow::restart() {
  if (!run_) return;
  run_->restart();
  openRun_.reset();
  page_->setRun(run_.get());
  arrive();
}

void LessonWindow::type(uint32_t sg, uint32_t sweepgen) {
  const QString words = run_->type(sg, sweepgen);
  save();
  page_->card->setTypedAnswer(words);
  refresh();
}

// --- keys ------------------------------------------------------------------------------------------------

// A button or a choice that has the focus is pressed; a hands-on beat steps; else it is "next".
void LessonWindow::press(bool enter) {
  if (blank_->isVisible()) return showBlank(false);
  QWidget* focus = QApplication::focusWidget();
  if (auto* choice = qobject_cast<ChoiceButton*>(focus);
      choice != nullptr && choice->isEnabled() && (!enter || !choice->isChecked()))
    return choice->click();
  if (auto* button = qobject_cast<QAbstractButton*>(focus);
      button != nullptr && button->isEnabled() && qobject_cast<ChoiceButton*>(focus) == nullptr)
    return button->click();
  if (!run_) return list_->openSelected();
  if (page_->card->typing()) return page_->card->checkNumbers();
  if (run_->canStep() && !run_->handsOnDone()) {
    if (!page_->threads->request(BenchStepKind::kArc))
      page_->card->setNotice(tr("This thread cannot step now. Choose another thread with 1 to 9."));
    return;
  }
  forward();
}

void LessonWindow::digit(int number) {
  if (run_->asks()) return page_->card->chooseAnswer(number);
  if (!page_->threads->isHidden()) page_->threads->chooseRow(number);
}

// Before the answer there is nothing to look at: what follows would give it away.
void LessonWindow::lookBeside(bool forward) {
  if (!run_->ready() || run_->asks()) return;
  const auto node = forward ? client_.scene().forward() : client_.scene().back();
  if (node) client_.show(*node);
}

void LessonWindow::askHint() {
  if (!run_ || !client_.ready()) return;
  switch (page_->challenge().ask(client_.scene())) {
    case Challenge::Request::kNone: break;
    case Challenge::Request::kSearch: client_.search(true); break;
    case Challenge::Request::kCancel: client_.search(false); break;
  }
  onScene();
}

void LessonWindow::focusPart() {
  if (!run_) return;
  if (run_->types() && !run_->asks()) return page_->card->focusNumbers();
  if (run_->canStep() && !run_->handsOnDone()) return page_->area->board->setFocus();
  page_->card->focusText();
}

void LessonWindow::showBlank(bool blank) {
  blank_->setGeometry(rect());
  blank_->setVisible(blank);
  blank_->raise();
  blankAction_->setChecked(blank);
}

void LessonWindow::showPresenter(bool shown) {
  presenterAction_->setChecked(shown);
  presenter_->setVisible(shown);
  presenter_->refresh(run_.get());
}

void LessonWindow::resizeEvent(QResizeEvent* event) {
  QMainWindow::resizeEvent(event);
  blank_->setGeometry(rect());
}

void LessonWindow::closeEvent(QCloseEvent* event) {
  save();
  presenter_->close();
  QMainWindow::closeEvent(event);
}

void LessonWindow::applyTheme(ThemeKind kind) {
  theme_ = Theme(kind);
  theme_.apply(*qApp);
  rememberTheme(options_, kind);
  list_->refresh();
  onScene();
}

}  // namespace sweepscope::gui
