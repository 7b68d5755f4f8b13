#include "gui/views/inspector.h"

#include <QLabel>
#include <QListView>
#include <QPainter>
#include <QScrollArea>
#include <QStyledItemDelegate>
#include <QTabBar>
#include <QVBoxLayout>
#include <algorithm>
#include <map>

#include "gui/models/formats.h"

namespace sweepscope::gui {

using telemetry::kNoId;

namespace {

constexpr int kRefreshMs = 120;
constexpr int kAround = 60;  // events shown before and after the play head

// A row: a state bar, time and arc on the first line, the wrapped sentence below.
class SentenceDelegate : public QStyledItemDelegate {
 public:
  SentenceDelegate(const Theme& theme, QObject* parent) : QStyledItemDelegate(parent), theme_(theme) {}

  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    const int width = (option.widget ? option.widget->width() : 300) - 36;
    const QRect text = QFontMetrics(theme_.body())
                           .boundingRect(QRect(0, 0, width, 400), Qt::TextWordWrap,
                                         index.data(EventListModel::kSentenceRole).toString());
    return {width, text.height() + 26};
  }

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    const QRect r = option.rect;
    const bool current = index.data(EventListModel::kCurrentRole).toBool();
    painter->save();
    if (option.state & QStyle::State_Selected || current) painter->fillRect(r, theme_.ui().raised);
    const auto state = static_cast<CellState>(index.data(EventListModel::kStateRole).toInt());
    const QColor bar = state == CellState::kUnknown ? theme_.ui().border : toColor(theme_.canvas()[state]);
    painter->fillRect(QRect(r.left() + 8, r.top() + 6, 4, r.height() - 12), bar);
    if (state == CellState::kIllegal) {  // white, as is a light panel
      painter->setPen(theme_.ui().text);
      painter->drawRect(QRect(r.left() + 7, r.top() + 5, 5, r.height() - 11));
    }
    if (current) painter->fillRect(QRect(r.left(), r.top(), 2, r.height()), theme_.ui().accent);
    const QRect head(r.left() + 20, r.top() + 4, r.width() - 28, 15);
    painter->setFont(theme_.small());
    painter->setPen(theme_.ui().dim);
    painter->drawText(head, Qt::AlignLeft | Qt::AlignVCenter,
                      index.data(EventListModel::kWhenRole).toString());
    QString arc = index.data(EventListModel::kRuleRole).toString();
    const QString step = index.data(EventListModel::kStepRole).toString();
    if (!step.isEmpty()) arc = step + QStringLiteral("   ") + arc;
    painter->setPen(theme_.ui().text);
    painter->drawText(head, Qt::AlignRight | Qt::AlignVCenter, arc);
    painter->setFont(theme_.body());
    painter->drawText(QRect(r.left() + 20, r.top() + 19, r.width() - 28, r.height() - 22), Qt::TextWordWrap,
                      index.data(EventListModel::kSentenceRole).toString());
    painter->restore();
  }

 private:
  const Theme& theme_;
};

QString row(const QString& name, const QString& value) {
  return QStringLiteral(
             "<tr><td style='padding:2px 14px 2px 0'>%1</td><td align=right style='padding:2px "
             "0'><b>%2</b></td></tr>")
      .arg(name, value);
}

QString heading(const QString& text, const QColor& dim) {
  return QStringLiteral("<p style='color:%1; margin:12px 0 2px 0'>%2</p>").arg(dim.name(), text);
}

}  // namespace

void EventListModel::setEvents(std::vector<PlayedEvent> events, int current) {
  beginResetModel();
  events_ = std::move(events);
  current_ = current;
  endResetModel();
}

int EventListModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(events_.size());
}

QVariant EventListModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= static_cast<int>(events_.size())) return {};
  const PlayedEvent& item = events_[static_cast<size_t>(index.row())];
  if (role == kSeqRole) return QVariant::fromValue<qulonglong>(item.seq);
  if (role == kWhenRole) return formatMoment(item.event.ns, session_.laboratory());
  if (role == kCurrentRole) return index.row() == current_;
  const auto sg = item.sweepgen == 0 ? std::nullopt : std::optional(item.sweepgen);
  const Sentence sentence =
      session_.log() ? describe(item.event, session_.log()->info(), sg) : describe(item.event, {}, sg);
  switch (role) {
    case kSentenceRole: return sentence.text;
    case kRuleRole: return sentence.rule;
    case kStepRole: return sentence.step;
    case kStateRole: return static_cast<int>(sentence.after);
    case Qt::AccessibleTextRole:
      return QStringLiteral("%1 %2 %3").arg(sentence.text, sentence.step, sentence.rule);
    default: return {};
  }
}

Inspector::Inspector(SessionController& session, const Theme& theme, QWidget* parent)
    : QTabWidget(parent),
      session_(session),
      theme_(theme),
      spanHead_(new QLabel(this)),
      cycleText_(new QLabel(this)),
      eventHead_(new QLabel(this)),
      story_(new EventListModel(session, this)),
      events_(new EventListModel(session, this)) {
  setObjectName(QStringLiteral("inspector"));
  setDocumentMode(true);
  tabBar()->setDrawBase(false);
  for (QLabel* label : {spanHead_, cycleText_, eventHead_}) {
    label->setTextFormat(Qt::RichText);
    label->setWordWrap(true);
    label->setMargin(12);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  }
  addTab(page(spanHead_, addList(story_, tr("Recent transitions of the span"))), tr("Span"));
  auto* scroll = new QScrollArea(this);
  scroll->setObjectName(QStringLiteral("page"));
  scroll->setWidget(cycleText_);
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  cycleText_->setAlignment(Qt::AlignTop);
  addTab(scroll, tr("Cycle"));
  eventView_ = addList(events_, tr("Events around the play head"));
  addTab(page(eventHead_, eventView_), tr("Event"));
  trailing_.setSingleShot(true);
  connect(&trailing_, &QTimer::timeout, this, &Inspector::onPicture);
  connect(this, &QTabWidget::currentChanged, this, [this] {
    lastRefresh_.invalidate();
    onPicture();
  });
  refreshSpan();
}

QListView* Inspector::addList(EventListModel* model, const QString& name) {
  auto* view = new QListView(this);
  view->setModel(model);
  view->setItemDelegate(new SentenceDelegate(theme_, view));
  view->setAccessibleName(name);
  view->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
  view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  view->setResizeMode(QListView::Adjust);
  const auto go = [this](const QModelIndex& index) {
    emit seekRequested(index.data(EventListModel::kSeqRole).toULongLong() + 1);
  };
  connect(view, &QListView::activated, this, go);
  return view;
}

QWidget* Inspector::page(QLabel* head, QWidget* body) {
  auto* widget = new QWidget(this);
  widget->setObjectName(QStringLiteral("page"));
  auto* layout = new QVBoxLayout(widget);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(head);
  layout->addWidget(body, 1);
  return widget;
}

void Inspector::showSpan(telemetry::SpanId span) {
  span_ = span;
  storyNumber_ = 0;
  story_->setEvents({}, -1);
  if (span != kNoId) {
    setCurrentIndex(0);
    session_.requestStory(span);
  }
  refreshSpan();
}

void Inspector::setStory(const SpanStory& story) {
  if (story.span != span_) return;
  auto events = story.events;
  std::reverse(events.begin(), events.end());  // the newest first
  story_->setEvents(std::move(events), 0);
}

void Inspector::onPicture() {
  if (!isVisible()) return;
  if (lastRefresh_.isValid() && lastRefresh_.elapsed() < kRefreshMs) {
    if (!trailing_.isActive()) trailing_.start(kRefreshMs);
    return;
  }
  lastRefresh_.start();
  switch (currentIndex()) {
    case 0: return refreshSpan();
    case 1: return refreshCycle();
    default: return refreshEvents();
  }
}

void Inspector::refreshSpan() {
  const telemetry::SpanPicture* span = span_ == kNoId ? nullptr : session_.replica().span(span_);
  const QColor dim = theme_.ui().dim;
  if (span == nullptr) {
    spanHead_->setText(tr("<b>No span is selected.</b><br><span style='color:%1'>Click a square on the map, "
                          "or press an arrow key there, to read the history of its span.</span>")
                           .arg(dim.name()));
    return;
  }
  if (span->number != storyNumber_) {
    storyNumber_ = span->number;
    session_.requestStory(span_);
  }
  const uint32_t sg = session_.replica().sweepgen();
  QString state = tr("free");
  if (span->status == telemetry::SpanStatus::kManual) state = tr("stack");
  if (span->unknown) {
    state = QLatin1String(words(CellState::kUnknown).name);
  } else if (span->status == telemetry::SpanStatus::kInUse) {
    const CellState cell = stateOf(*span, sg);
    state = QStringLiteral("<span style='background:%1; color:%2'>&nbsp;%3&nbsp;</span> %4")
                .arg(toColor(theme_.canvas()[cell]).name(),
                     cell == CellState::kSwept ? QStringLiteral("#ffffff") : QStringLiteral("#14171a"),
                     formatDistance(span->sweepgen, sg), QLatin1String(words(cell).name));
  }
  QString text = QStringLiteral(
                     "<span style='font-size:15px'><b>%1</b></span> &nbsp; %2<table width='100%' "
                     "style='margin-top:8px'>")
                     .arg(tr("Span %1").arg(span_), state);
  text += row(tr("sweepgen, sg"), QStringLiteral("%1, %2").arg(span->sweepgen).arg(sg));
  text += row(tr("slots"),
              formatSpanClass(span->status == telemetry::SpanStatus::kManual ? telemetry::kManualSpanClass
                                                                             : span->span_class));
  text += row(tr("pages"), tr("%1 at page %2").arg(span->pages).arg(formatCount(span->first_page)));
  text += row(tr("objects"), formatCount(span->alloc_count));
  text += row(tr("held by"),
              span->owner == telemetry::kNoP ? tr("no cache") : QStringLiteral("P%1").arg(span->owner));
  spanHead_->setText(text + QStringLiteral("</table>"));
}

void Inspector::refreshCycle() {
  const telemetry::Replica& replica = session_.replica();
  if (!session_.log()) return cycleText_->setText(tr("No session is open."));
  const telemetry::Marks& marks = session_.log()->marks();
  const uint32_t cycle = replica.cycle();
  const QColor dim = theme_.ui().dim;
  QString text =
      QStringLiteral("<span style='font-size:15px'><b>%1</b></span>").arg(tr("Cycle %1").arg(cycle));
  text += heading(tr("heap"), dim) + QStringLiteral("<table width='100%'>");
  text += row(tr("live"), replica.heap_live() ? formatBytes(*replica.heap_live()) : tr("not known"));
  text += row(tr("marked"), replica.heap_marked() ? formatBytes(*replica.heap_marked()) : tr("not known"));
  const telemetry::Census& census = replica.census();
  uint64_t spans = 0;
  for (const uint32_t n : census.spans) spans += n;
  text += row(tr("spans in use"), formatCount(spans));
  text += row(tr("free"), formatBytes(census.free_pages * 8192)) + QStringLiteral("</table>");

  text += heading(tr("stops of the world"), dim) + QStringLiteral("<table width='100%'>");
  bool any = false;
  for (const auto& pause : marks.pauses) {
    if (pause.cycle != cycle || pause.begin_ns > session_.ns()) continue;
    any = true;
    text +=
        row(stopName(pause), formatDuration(static_cast<double>(pause.length_ns()), session_.laboratory()));
    if (pause.mark_ns() > 0)
      text += row(tr("&nbsp;&nbsp;marking"),
                  formatDuration(static_cast<double>(pause.mark_ns()), session_.laboratory()));
    if (pause.spans_flushed > 0)
      text += row(tr("&nbsp;&nbsp;spans flushed in the pause"), formatCount(pause.spans_flushed));
  }
  if (!any) text += row(tr("none yet"), {});
  text += QStringLiteral("</table>") + heading(tr("flushes since the start of the cycle"), dim) +
          QStringLiteral("<table width='100%'>");
  const auto begun =
      std::find_if(marks.cycles.begin(), marks.cycles.end(), [&](const auto& c) { return c.cycle == cycle; });
  struct Sum {
    uint64_t count = 0, spans = 0, swept = 0;
  };
  std::map<telemetry::FlushCause, Sum> sums;
  if (begun != marks.cycles.end()) {
    for (const auto& flush : marks.flushes) {
      if (flush.ns < begun->ns || flush.ns > session_.ns()) continue;
      Sum& sum = sums[flush.cause];
      ++sum.count, sum.spans += flush.spans, sum.swept += flush.swept;
    }
  }
  for (const auto& [cause, sum] : sums) {
    text += row(tr("by %1").arg(flushCauseName(cause)),
                tr("%1: %2, %3 swept").arg(sum.count).arg(formatCounted(sum.spans, "span")).arg(sum.swept));
  }
  if (sums.empty()) text += row(tr("none yet"), {});
  cycleText_->setText(text + QStringLiteral("</table>"));
}

void Inspector::refreshEvents() {
  const auto window = session_.player().window();
  const auto at = static_cast<std::ptrdiff_t>(session_.player().position());
  const auto first = std::max<std::ptrdiff_t>(at - kAround, 0);
  const auto last = std::min<std::ptrdiff_t>(at + kAround, static_cast<std::ptrdiff_t>(window.size()));
  events_->setEvents({window.begin() + first, window.begin() + last}, static_cast<int>(at - 1 - first));
  eventHead_->setText(
      tr("<b>Event %1</b> of %2 &nbsp; %3")
          .arg(formatCount(session_.player().seq()),
               session_.log() ? formatCount(session_.log()->extent().end_seq) : QStringLiteral("0"),
               formatMoment(session_.ns(), session_.laboratory())));
  if (at > first)
    eventView_->scrollTo(events_->index(static_cast<int>(at - 1 - first)),
                         QAbstractItemView::PositionAtCenter);
}

}  // namespace sweepscope::gui
