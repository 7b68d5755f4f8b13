#include "gui/views/bench_inspector.h"

#include <QLabel>
#include <QPushButton>
#include <QTabBar>
#include <QTextBrowser>
#include <QVBoxLayout>
#include <algorithm>

#include "gui/models/bench_words.h"
#include "gui/models/formats.h"
#include "gui/models/sentences.h"
#include "gui/views/fault_pane.h"
#include "gui/views/paragraph.h"
#include "gui/views/source_pane.h"
#include "gui/views/stops_pane.h"

namespace sweepscope::gui {

using namespace telemetry;

namespace {

constexpr size_t kMostArcs = 12;

}  // namespace

BenchInspector::BenchInspector(const BenchScene& scene, const Theme& theme, QWidget* parent)
    : QTabWidget(parent),
      scene_(scene),
      theme_(theme),
      source_(new SourcePane(theme, this)),
      fault_(new FaultPane(theme, this)),
      stops_(new StopsPane(scene, theme, this)) {
  setObjectName(QStringLiteral("benchInspector"));
  setDocumentMode(true);
  tabBar()->setDrawBase(false);
  rule_ = addText(tr("Rule"), tr("What the last step did, and its rules"));
  addTab(source_, tr("Source"));
  verdict_ = addText(tr("Verdict"), tr("Which rule was violated, and what follows"));
  QWidget* page = verdict_->parentWidget();
  searchText_ = new QLabel(page);
  searchText_->setTextFormat(Qt::PlainText);
  searchText_->setWordWrap(true);
  searchText_->setContentsMargins(12, 4, 12, 4);
  search_ = new QPushButton(tr("Search from here"), page);
  search_->setAccessibleName(tr("Search for a violation from this step (S)"));
  search_->setToolTip(search_->accessibleName());
  note_ = new QPushButton(page);
  note_->setToolTip(tr(
      "Opens this schedule again with the check set to note: step on to see what follows. This discards the "
      "other branches of the session."));
  found_ = new QPushButton(tr("Go to the violation found"), page);
  found_->setObjectName(QStringLiteral("primary"));
  addTab(fault_, tr("Fault"));
  setTabVisible(indexOf(fault_), false);
  addTab(stops_, tr("Stops"));
  auto* layout = static_cast<QVBoxLayout*>(page->layout());
  layout->addWidget(searchText_);
  for (QPushButton* button : {note_, found_, search_}) {
    auto* row = new QHBoxLayout;
    row->setContentsMargins(12, 0, 12, 8);
    row->addWidget(button);
    row->addStretch(1);
    layout->addLayout(row);
  }
  connect(search_, &QPushButton::clicked, this, [this] {
    emit searchRequested(!scene_.begun() || scene_.state().search.state != BenchSearchState::kRunning);
  });
  connect(note_, &QPushButton::clicked, this, [this] {
    if (const BenchView* view = scene_.shownView())
      emit noteRequested(QString::fromStdString(view->verdict.rule));
  });
  connect(stops_, &StopsPane::breakpointsRequested, this, &BenchInspector::breakpointsRequested);
  connect(stops_, &StopsPane::checksRequested, this, &BenchInspector::checksRequested);
  connect(found_, &QPushButton::clicked, this, [this] { emit nodeRequested(scene_.state().search.found); });
}

QTextBrowser* BenchInspector::addText(const QString& title, const QString& name) {
  auto* page = new QWidget(this);
  page->setObjectName(QStringLiteral("page"));
  page->setAttribute(Qt::WA_StyledBackground);
  auto* layout = new QVBoxLayout(page);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  auto* text = new QTextBrowser(page);
  text->setAccessibleName(name);
  text->setFrameShape(QFrame::NoFrame);
  text->setOpenLinks(false);
  text->document()->setDocumentMargin(12);
  layout->addWidget(text, 1);
  addTab(page, title);
  return text;
}

QString BenchInspector::heading(const QString& text) const {
  return QStringLiteral("<p style='font-size:15px; font-weight:600'>%1</p>").arg(text.toHtmlEscaped());
}

// The rule in words first; then what happened, with its values; then who may do it.
QString BenchInspector::ruleHtml() const {
  const BenchView* view = scene_.shownView();
  if (view == nullptr) return {};
  const BenchNode& node = scene_.state().nodes[scene_.shown()];
  const QString dim = theme_.ui().dim.name();
  QString html;
  size_t arcs = 0;
  for (const BenchRow& row : view->rows) {
    const ArcRule* rule = ruleOfArc(QString::fromStdString(row.arc));
    if (rule == nullptr || ++arcs > kMostArcs) continue;
    const StepSentence sentence = sentenceOf(row, *view);
    QString words = sentence.rule;
    if (!words.isEmpty()) words[0] = words[0].toUpper();
    html += heading(words);
    html += sentence.differs ? QStringLiteral("<p><b>%1</b></p>").arg(sentence.text.toHtmlEscaped())
                             : paragraph(sentence.text + QLatin1Char('.'));
    if (sentence.differs) html += paragraph(tr("The fault wrote these values; the rule demands others."));
    html += QStringLiteral(
                "<table cellspacing='0' cellpadding='0'>"
                "<tr><td style='color:%1'>%2</td><td>%3</td></tr>"
                "<tr><td style='color:%1'>%4</td><td>%5</td></tr></table>")
                .arg(dim, tr("Taken by&nbsp;&nbsp;"), QString::fromUtf8(rule->who).toHtmlEscaped(),
                     tr("Protected by&nbsp;&nbsp;"), QString::fromUtf8(rule->guard).toHtmlEscaped());
  }
  if (arcs > kMostArcs) html += paragraph(tr("And %1 more arcs in this step.").arg(arcs - kMostArcs));
  if (arcs == 0) {
    if (node.kind == BenchStepKind::kStart) {
      html += heading(tr("The start of the run"));
      html += paragraph(
          tr("Every thread waits for its first step. Choose one, then press Enter for its next arc."));
    } else {
      html += heading(tr("No change of state in this step"));
      if (!node.text.empty()) html += paragraph(shownText(node.text));
    }
  }
  const QString why = node.why.empty() ? stopWords(node.stop) : shownText(node.why);
  if (!why.isEmpty())
    html += QStringLiteral("<p style='color:%1'>%2</p>")
                .arg(dim, tr("The step ended here: %1.").arg(why).toHtmlEscaped());
  return html;
}

QString BenchInspector::verdictHtml() const {
  const BenchView* view = scene_.shownView();
  if (view == nullptr) return {};
  BenchSetup setup = scene_.state().setup;
  if (challenged()) setup.fault.clear();  // its words lead to the search, which a challenge does not offer
  QStringList lines = verdictLines(*view, setup);
  if (challenge_ != nullptr) lines = challenge_->verdict(scene_) + lines;
  QString html;
  for (const QString& line : lines) html += html.isEmpty() ? heading(line) : paragraph(line);
  if (!scene_.state().bounds.empty())
    html += QStringLiteral("<p style='color:%1'>%2</p>")
                .arg(theme_.ui().dim.name(), tr("Bounds: %1. Steps are sequentially consistent.")
                                                 .arg(QString::fromStdString(scene_.state().bounds))
                                                 .toHtmlEscaped());
  return html;
}

void BenchInspector::refreshSearch() {
  const bool begun = scene_.begun() && !challenged();
  search_->setVisible(begun);
  searchText_->setVisible(begun);
  found_->setVisible(false);
  if (!begun) return;
  const BenchSearch& search = scene_.state().search;
  const bool running = search.state == BenchSearchState::kRunning;
  search_->setText(running ? tr("Cancel the search") : tr("Search from here"));
  QString text = withSg(QString::fromStdString(search.text));
  if (running)
    text = tr("Searching: %1 tried, %2.")
               .arg(formatCounted(search.schedules, "schedule"), formatCounted(search.steps, "step"));
  else if (search.state == BenchSearchState::kUndecided)
    text += tr(" Not found in this time, which proves nothing.");
  else if (search.state == BenchSearchState::kCancelled)
    text = tr("The search was cancelled.");
  searchText_->setText(text);
  searchText_->setVisible(!text.isEmpty());
  found_->setVisible(search.state == BenchSearchState::kFound && search.found < scene_.state().nodes.size());
}

void BenchInspector::refreshNote() {
  const BenchView* view = scene_.shownView();
  const auto& rules = scene_.catalogue().rules;
  const bool can = view != nullptr && view->verdict.outcome == BenchOutcome::kViolation &&
                   std::find(rules.begin(), rules.end(), view->verdict.rule) != rules.end();
  note_->setVisible(can);
  if (!can) return;
  note_->setText(tr("Note %1 and continue").arg(QString::fromStdString(view->verdict.rule)));
  note_->setAccessibleName(note_->text());
}

void BenchInspector::refreshFault() {
  const bool hidden = challenge_ != nullptr && challenge_->hidesFault();
  const std::string name = scene_.begun() && !hidden ? scene_.state().setup.fault : std::string();
  const auto& faults = scene_.catalogue().faults;
  const auto fault =
      std::find_if(faults.begin(), faults.end(), [&](const BenchFault& f) { return f.name == name; });
  setTabVisible(indexOf(fault_), fault != faults.end());
  if (fault != faults.end()) fault_->show(*fault);
}

void BenchInspector::refreshStops() {
  stops_->setChecksFixed(challenged() ? tr("In a challenge the checks are those that it began with.")
                                      : QString());
  stops_->onScene();
}

void BenchInspector::onScene(uint32_t chosenThread) {
  QFont reading = theme_.body();
  reading.setPixelSize(reading.pixelSize() + 1);
  rule_->setFont(reading);
  verdict_->setFont(reading);
  rule_->setHtml(ruleHtml());
  verdict_->setHtml(verdictHtml());
  refreshSearch();
  refreshFault();
  refreshNote();
  refreshStops();
  const BenchView* view = scene_.shownView();
  const BenchThread* chosen = nullptr;
  for (size_t i = 0; view != nullptr && i < view->threads.size(); ++i)
    if (view->threads[i].thread == chosenThread) chosen = &view->threads[i];
  if (chosen == nullptr || chosen->file.empty()) {
    source_->show({}, 0,
                  chosen == nullptr ? tr("No thread is chosen.")
                                    : tr("The source line of the next access of %1 is not known.")
                                          .arg(QString::fromStdString(chosen->name)));
  } else {
    source_->show(QString::fromStdString(chosen->file), chosen->line, {});
  }
  // A violation is shown once, when its node is reached.
  if (view != nullptr && shown_ != scene_.shown()) {
    shown_ = scene_.shown();
    if (view->verdict.outcome == BenchOutcome::kViolation) setCurrentIndex(2);
  }
}

}  // namespace sweepscope::gui
