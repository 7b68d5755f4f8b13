#include "gui/app/step_window.h"

#include <QAbstractButton>
#include <QApplication>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QInputDialog>
#include <QLabel>
#include <QMenuBar>
#include <QSaveFile>
#include <QStackedWidget>
#include <QStatusBar>
#include <QVBoxLayout>
#include <utility>

#include "gui/app/modes.h"
#include "gui/app/screen_fit.h"
#include "gui/app/step_page.h"
#include "gui/app/step_strip.h"
#include "gui/app/theme_actions.h"
#include "gui/models/check_plan.h"
#include "gui/views/bench_form.h"
#include "gui/views/bench_inspector.h"
#include "gui/views/board_widget.h"
#include "gui/views/breadcrumb.h"
#include "gui/views/challenge_bar.h"
#include "gui/views/overlays.h"
#include "gui/views/threads_panel.h"

namespace sweepscope::gui {

using telemetry::BenchStepKind;

namespace {

constexpr QSize kUsualSize(1440, 840);
constexpr qint64 kMostScheduleBytes = 1 << 20;

}  // namespace

StepWindow::StepWindow(const Options& options)
    : options_(options), theme_(firstTheme(options)), toLoad_(options.file) {
  setObjectName(QStringLiteral("stepWindow"));
  setWindowTitle(tr("Sweepscope: step through the protocol"));
  theme_.apply(*qApp);
  auto* body = new QWidget(this);
  auto* layout = new QVBoxLayout(body);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  createActions();
  strip_ = new StepStrip(client_.scene(), theme_, {newSession_, open_, save_, table_, inspector_}, body);
  pages_ = new QStackedWidget(body);
  form_ = new BenchForm(client_.scene(), theme_, pages_);
  page_ = new StepPage(client_.scene(), theme_, pages_);
  pages_->addWidget(form_);
  pages_->addWidget(page_);
  challengeBar_ = new ChallengeBar(client_.scene(), challenge_, theme_, hint_, body);
  strip_->setChallenge(&challenge_);
  page_->inspector->setChallenge(&challenge_);
  layout->addWidget(strip_);
  layout->addWidget(challengeBar_);
  layout->addWidget(pages_, 1);
  setCentralWidget(body);
  status_ = new QLabel(this);
  status_->setTextFormat(Qt::PlainText);
  status_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  statusBar()->addWidget(status_, 1);
  statusBar()->setSizeGripEnabled(false);
  wireClient();
  resize(options.size.isValid() ? options.size / devicePixelRatioF() : kUsualSize);
  if (!options.size.isValid() || options.screenshot.isEmpty()) fitToScreen(*this);
  showForm(true);
  onScene();
}

QAction* StepWindow::add(const QString& text, const QList<QKeySequence>& keys, const QString& tip) {
  auto* action = new QAction(text, this);
  action->setShortcuts(keys);
  action->setToolTip(
      keys.isEmpty() ? tip
                     : QStringLiteral("%1 (%2)").arg(tip, keys.first().toString(QKeySequence::NativeText)));
  addAction(action);
  return action;
}

void StepWindow::createActions() {
  const auto step = [this](const QString& text, const QList<QKeySequence>& keys, const QString& tip,
                           auto act) {
    QAction* action = add(text, keys, tip);
    connect(action, &QAction::triggered, this, act);
    stepActions_ << action;
    return action;
  };
  newSession_ = add(tr("New session..."), {QKeySequence(Qt::CTRL | Qt::Key_N)},
                    tr("Choose scenario, policy and fault"));
  open_ = add(tr("Open..."), {QKeySequence(QKeySequence::Open)}, tr("Open a schedule"));
  save_ =
      add(tr("Save..."), {QKeySequence(QKeySequence::Save)}, tr("Save the path to this step as a schedule"));
  table_ = add(tr("Table"), {QKeySequence(Qt::Key_T)}, tr("Show the board as a table"));
  inspector_ = add(tr("Inspector"), {QKeySequence(Qt::Key_I)}, tr("Show or close the Inspector"));
  table_->setCheckable(true);
  inspector_->setCheckable(true);
  connect(newSession_, &QAction::triggered, this, [this] { showForm(true); });
  connect(open_, &QAction::triggered, this, &StepWindow::openSchedule);
  connect(save_, &QAction::triggered, this, &StepWindow::saveSchedule);
  connect(table_, &QAction::triggered, this, [this](bool on) { page_->showTable(on); });
  connect(inspector_, &QAction::triggered, this, [this](bool on) { page_->showInspector(on); });
  stepActions_ << save_ << table_ << inspector_;

  QMenu* file = menuBar()->addMenu(tr("&File"));
  file->addActions({newSession_, open_, save_});
  file->addSeparator();
  QAction* quit = add(tr("&Quit"), {QKeySequence(QKeySequence::Quit)}, tr("Quit"));
  connect(quit, &QAction::triggered, this, &QWidget::close);
  file->addAction(quit);

  QMenu* steps = menuBar()->addMenu(tr("&Step"));
  steps->addAction(step(tr("&Arc of the chosen thread"), {Qt::Key_Return, Qt::Key_Enter, Qt::Key_Space},
                        tr("Step to the next arc"), [this] { request(BenchStepKind::kArc); }));
  steps->addAction(step(tr("One a&ccess"), {Qt::Key_A}, tr("Take one access"),
                        [this] { request(BenchStepKind::kAccess); }));
  steps->addAction(step(tr("&Run"), {Qt::Key_R}, tr("Run until the thread blocks, ends or must choose"),
                        [this] { request(BenchStepKind::kRun); }));
  steps->addSeparator();
  steps->addAction(step(tr("&Back"), {Qt::Key_Left}, tr("Look at the step before"), [this] {
    if (const auto node = client_.scene().back()) client_.show(*node);
  }));
  steps->addAction(step(tr("&Forward"), {Qt::Key_Right}, tr("Look at the step after"), [this] {
    if (const auto node = client_.scene().forward()) client_.show(*node);
  }));
  steps->addAction(
      step(tr("To the &start"), {Qt::Key_Home}, tr("Look at the start"), [this] { client_.show(0); }));
  steps->addAction(
      step(tr("To the session's ste&p"), {Qt::Key_End}, tr("Look at the step where the session is"), [this] {
        if (client_.scene().begun()) client_.show(client_.scene().state().current);
      }));
  steps->addSeparator();
  search_ = step(tr("Search from &here"), {Qt::Key_S}, tr("Search for a violation from this step, or cancel"),
                 [this] {
                   const auto& scene = client_.scene();
                   if (challenge_.open()) return say(tr("In a challenge there are hints instead: press H."));
                   if (scene.begun())
                     client_.search(scene.state().search.state != telemetry::BenchSearchState::kRunning);
                 });
  hint_ = step(tr("H&int"), {Qt::Key_H}, tr("Get a hint: the next step of a search, or cancel it"),
               [this] { askHint(); });
  steps->addActions({search_, hint_});
  steps->addAction(step(tr("&Name this step..."), {Qt::Key_N}, tr("Name this step"), [this] { nameNode(); }));
  steps->addAction(step(tr("Open or f&old its accesses"), {Qt::Key_F},
                        tr("Open or fold the accesses of this step"), [this] { page_->toggleFold(); }));
  for (int i = 0; i < 9; ++i)
    step(tr("Thread %1").arg(i + 1), {QKeySequence(Qt::Key_1 + i)}, tr("Choose thread %1").arg(i + 1),
         [this, i] { page_->threads->chooseRow(i); });

  menuBar()->addMenu(modeMenu(*this, Mode::kStep, options_, theme_));
  QMenu* view = menuBar()->addMenu(tr("&View"));
  view->addActions({table_, inspector_});
  QMenu* themes = view->addMenu(tr("&Theme"));
  QActionGroup* group = themeActions(this);
  checkTheme(*group, theme_.kind());
  themes->addActions(group->actions());
  connect(group, &QActionGroup::triggered, this, [this](QAction* action) { applyTheme(themeOf(action)); });
  QAction* keys =
      add(tr("&Keyboard shortcuts"), {QKeySequence(QStringLiteral("?"))}, tr("Show all keyboard shortcuts"));
  connect(keys, &QAction::triggered, this, [this] { KeySheet(actions(), theme_, this).exec(); });
  menuBar()->addMenu(tr("&Help"))->addAction(keys);
}

void StepWindow::applyTheme(ThemeKind kind) {
  theme_ = Theme(kind);
  theme_.apply(*qApp);
  rememberTheme(options_, kind);
  onScene();
}

void StepWindow::wireClient() {
  connect(&client_, &BenchClient::sceneChanged, this, &StepWindow::onScene);
  connect(&client_, &BenchClient::catalogueArrived, this, [this] {
    form_->onCatalogue();
    if (!toLoad_.isEmpty()) loadSchedule(std::exchange(toLoad_, {}));
  });
  connect(&client_, &BenchClient::readyChanged, this, [this] {
    form_->setReady(client_.ready());
    form_->setMessage(client_.ready() ? QString() : tr("Starting the laboratory..."));
    refreshSteps();
  });
  connect(&client_, &BenchClient::refused, this, [this](const QString& why) {
    openAfter_.reset();
    challengeNext_.reset();
    form_->setMessage(why);
    say(why);
  });
  connect(&client_, &BenchClient::failed, this, [this](const QString& why) {
    form_->setMessage(why);
    say(why);
    refreshSteps();
  });
  connect(&client_, &BenchClient::scheduleArrived, this, [this](const QString& text) {
    if (!toCheck_.isEmpty()) {
      expectTree();
      return client_.load(withChecks(text, std::exchange(toCheck_, {})));
    }
    QSaveFile file(saveTo_);
    const QByteArray bytes = text.toUtf8();
    const bool good = file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size() && file.commit();
    say(good ? tr("Saved %1.").arg(saveTo_) : tr("Could not write %1: %2").arg(saveTo_, file.errorString()));
  });
  connect(form_, &BenchForm::beginRequested, this, [this] {
    form_->setMessage({});
    expectTree();
    if (form_->challenge())
      challengeNext_ = form_->surprise() ? Challenge::Fault::kHidden : Challenge::Fault::kNamed;
    client_.begin(form_->setup());
  });
  connect(form_, &BenchForm::openRequested, this, &StepWindow::openSchedule);
  connect(form_, &BenchForm::backRequested, this, [this] { showForm(false); });
  connect(page_->threads, &ThreadsPanel::stepRequested, this,
          [this](BenchStepKind kind, quint32 thread, quint32 choice) { client_.step(kind, thread, choice); });
  connect(page_, &StepPage::nodeRequested, this, [this](quint32 node) { client_.show(node); });
  connect(page_, &StepPage::hovered, this,
          [this](const QString& text) { status_->setText(text.isEmpty() ? notice_ : text); });
  connect(page_->inspector, &BenchInspector::searchRequested, this,
          [this](bool begin) { client_.search(begin); });
  connect(page_->inspector, &BenchInspector::noteRequested, this, [this](const QString& rule) {
    toCheck_ = {rule + QStringLiteral("=note")};
    client_.getSchedule();
  });
  connect(page_->inspector, &BenchInspector::breakpointsRequested, this,
          [this](const QStringList& all) { client_.setBreakpoints(all); });
  connect(page_->inspector, &BenchInspector::checksRequested, this, &StepWindow::openAgain);
  connect(page_->breadcrumb, &Breadcrumb::nameRequested, this, &StepWindow::nameNode);
}

// A session was asked for: the page opens with it, and the challenge of the one before ends.
void StepWindow::expectTree() {
  openAfter_ = client_.scene().begun() ? client_.scene().state().revision : 0;
  challengeNext_.reset();
}

// With other checks: from the start with the same setup, further on by replay of the path to the shown node.
void StepWindow::openAgain(const QStringList& checks) {
  const BenchScene& scene = client_.scene();
  if (!scene.begun()) return;
  if (scene.back()) {
    toCheck_ = checks;
    return client_.getSchedule();
  }
  telemetry::BenchSetup setup = scene.state().setup;
  for (const QString& check : checks) setup.checks.push_back(check.toStdString());
  expectTree();
  client_.begin(setup);
}

void StepWindow::askHint() {
  if (!client_.ready()) return;
  switch (challenge_.ask(client_.scene())) {
    case Challenge::Request::kNone: break;
    case Challenge::Request::kSearch: client_.search(true); break;
    case Challenge::Request::kCancel: client_.search(false); break;
  }
  onScene();
}

// A child's session is chosen in the form; one that another program serves is shown as it is.
void StepWindow::begin() {
  if (!options_.connectAddress.isEmpty()) openAfter_ = 0;
  form_->setMessage(tr("Starting the laboratory..."));
  options_.connectAddress.isEmpty() ? client_.start() : client_.connectTo(options_.connectAddress);
}

void StepWindow::onScene() {
  const BenchScene& scene = client_.scene();
  const bool opened = openAfter_ && scene.begun() && scene.state().revision > *openAfter_;
  if (opened) {
    openAfter_.reset();
    challenge_.end();
    if (challengeNext_) challenge_.begin(*std::exchange(challengeNext_, {}));
  }
  challenge_.onScene(scene);
  client_.conceal(challenge_.open());
  if (const auto next = challenge_.hinted(scene)) client_.look(*next);
  strip_->onScene();
  challengeBar_->onScene();
  refreshChallenge();
  page_->onScene();
  refreshSteps();
  if (opened) showForm(false);
  if (!prefilled_ && scene.begun() && client_.ready()) {
    prefilled_ = true;
    form_->setSetup(scene.state().setup);
    form_->setReady(true);
  }
  if (scene.begun() && !scene.state().error.empty()) say(QString::fromStdString(scene.state().error));
}

void StepWindow::refreshChallenge() {
  const bool shown = challenge_.on() && pages_->currentWidget() == page_;
  challengeBar_->setVisible(shown);
  hint_->setEnabled(shown && client_.ready());
}

void StepWindow::refreshSteps() {
  const BenchScene& scene = client_.scene();
  QString why;
  if (!client_.ready()) why = tr("The session has ended: you can look back, not step.");
  const telemetry::BenchView* view = scene.shownView();
  if (view != nullptr && view->verdict.outcome == telemetry::BenchOutcome::kViolation)
    why = tr("A rule was violated here and the run stopped. Go back to step another way.");
  if (view != nullptr && view->verdict.outcome == telemetry::BenchOutcome::kFinished)
    why = tr("The run has ended. Go back to step another way.");
  page_->threads->setCanStep(why.isEmpty() && view != nullptr, view == nullptr ? QString() : why);
}

// Enter and Space press a button that has the focus.
void StepWindow::request(BenchStepKind kind) {
  if (kind == BenchStepKind::kArc) {
    if (auto* button = qobject_cast<QAbstractButton*>(focusWidget());
        button != nullptr && button->isEnabled())
      return button->click();
  }
  if (!page_->threads->request(kind))
    say(tr("This thread cannot step now. Choose another thread with 1 to 9."));
}

void StepWindow::openSchedule() {
  if (!client_.ready()) return;
  const QString path =
      QFileDialog::getOpenFileName(this, tr("Open a schedule"), {}, tr("Schedules (*.txt);;All files (*)"));
  if (!path.isEmpty()) loadSchedule(path);
}

void StepWindow::loadSchedule(const QString& path) {
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly))
    return form_->setMessage(tr("Could not open %1: %2").arg(path, file.errorString()));
  const QByteArray text = file.read(kMostScheduleBytes + 1);
  if (text.size() > kMostScheduleBytes)
    return form_->setMessage(tr("%1 is larger than 1 MiB, and so no schedule.").arg(path));
  expectTree();
  client_.load(QString::fromUtf8(text));
}

void StepWindow::saveSchedule() {
  if (!client_.scene().begun()) return;
  saveTo_ = QFileDialog::getSaveFileName(this, tr("Save the schedule"), QStringLiteral("schedule.txt"),
                                         tr("Schedules (*.txt);;All files (*)"));
  if (!saveTo_.isEmpty()) client_.getSchedule();
}

void StepWindow::nameNode() {
  const BenchScene& scene = client_.scene();
  if (!scene.begun()) return;
  bool good = false;
  const QString was = QString::fromStdString(scene.state().nodes[scene.shown()].name);
  const QString name = QInputDialog::getText(this, tr("Name this step"), tr("Name (at most 64 bytes):"),
                                             QLineEdit::Normal, was, &good);
  if (good) client_.name(scene.shown(), name);
}

void StepWindow::showForm(bool form) {
  form_->setReady(client_.ready());
  pages_->setCurrentWidget(form ? static_cast<QWidget*>(form_) : page_);
  for (QAction* action : std::as_const(stepActions_)) action->setEnabled(!form);
  refreshChallenge();
  inspector_->setChecked(page_->inspectorShown());
  if (!form) page_->board->setFocus();
}

void StepWindow::say(const QString& text) {
  notice_ = text;
  status_->setText(text);
}

}  // namespace sweepscope::gui
