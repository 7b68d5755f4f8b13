#include "gui/views/now_bar.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include "gui/models/formats.h"
#include "gui/models/marked_words.h"
#include "gui/models/sentences.h"

namespace sweepscope::gui {

namespace {

constexpr uint64_t kOff = ~uint64_t{0};
constexpr int kMarkedWidth = 170, kHeapLeast = 200, kHeapMost = 420, kLampsUsual = 230;
constexpr int kLampText = 18, kLampGap = 10;  // from a lamp to its label, from the label to the next lamp

QColor phaseColour(const Theme& theme, telemetry::Phase phase) {
  switch (phase) {
    case telemetry::Phase::kMark: return theme.ui().accent;
    case telemetry::Phase::kOff: return theme.ui().good;
    default: return theme.ui().text;
  }
}

}  // namespace

NowBar::NowBar(const SessionController& session, const Theme& theme, QWidget* parent)
    : QWidget(parent), session_(session), theme_(theme) {
  setAccessibleName(tr("Now"));
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  setFixedHeight(44);
}

QSize NowBar::sizeHint() const { return {800, 44}; }

void NowBar::caption(QPainter& painter, int x, const QString& text) const {
  painter.setFont(theme_.small());
  painter.setPen(theme_.ui().dim);
  painter.drawText(x, 16, text);
}

void NowBar::value(QPainter& painter, int x, const QString& text) const {
  painter.setFont(theme_.strong());
  painter.setPen(theme_.ui().text);
  painter.drawText(x, 34, text);
}

int NowBar::paintGeneration(QPainter& painter, int x) {
  painter.setFont(theme_.small());
  painter.setPen(theme_.ui().dim);
  painter.drawText(QRect(x, 0, 20, height()), Qt::AlignVCenter, QStringLiteral("sg"));
  painter.setFont(theme_.figure());
  painter.setPen(theme_.ui().text);
  const QString sg =
      session_.log() ? QString::number(session_.replica().sweepgen()) : QStringLiteral("\u2013");
  painter.drawText(QRect(x + 22, 0, 140, height()), Qt::AlignVCenter, sg);
  const int right = x + 22 + std::max(painter.fontMetrics().horizontalAdvance(sg), 44);
  explain(
      x, right,
      tr("sg: the heap's generation number, which grows by 2 each cycle. The state of a span is the distance "
         "of its sweepgen to sg."));
  return right + 20;
}

QString NowBar::phaseWords(telemetry::Phase phase, bool stopped) {
  return phaseName(phase) + (stopped ? tr("  world stopped") : QString());
}

// As wide as the longest phase name, so that the next part does not move.
int NowBar::phaseWidth(bool brief) const {
  const QString longest = phaseWords(telemetry::Phase::kMarkTermination, !brief);
  return 14 + QFontMetrics(theme_.strong()).horizontalAdvance(longest) + 20;
}

int NowBar::paintPhase(QPainter& painter, int x, bool brief) {
  const telemetry::Replica& replica = session_.replica();
  const bool stopped = replica.world_stopped();
  const QString cycle = replica.cycle() == 0 ? tr("before cycle 1") : tr("cycle %1").arg(replica.cycle());
  caption(painter, x, brief && stopped ? tr("%1, stopped").arg(cycle) : cycle);
  painter.setPen(Qt::NoPen);
  painter.setBrush(phaseColour(theme_, replica.phase()));
  painter.drawEllipse(QRectF(x, 25.5, 8, 8));
  value(painter, x + 14, phaseWords(replica.phase(), stopped && !brief));
  const int right = x + phaseWidth(brief) - 20;
  explain(x, right,
          tr("What the collector does: it marks the reachable objects, stops the world for mark termination, "
             "and then sweeps until the next cycle."));
  return right + 20;
}

int NowBar::paintMarked(QPainter& painter, int x, int width) {
  const MarkedWords words = markedWords(session_.replica());
  caption(painter, x, words.caption);
  value(painter, x, words.value);
  explain(x, x + width - 20,
          tr("Bytes that the collector found reachable. It expects about as many as in the last cycle."));
  return x + width;
}

int NowBar::paintHeap(QPainter& painter, int x, int width) {
  const telemetry::Replica& replica = session_.replica();
  const auto live = replica.heap_live();
  const bool limitsKnown = replica.trigger().has_value();
  const uint64_t trigger = replica.trigger().value_or(kOff), goal = replica.goal().value_or(kOff);
  const bool paced = trigger != kOff;
  const QString limits =
      paced         ? tr("heap live, trigger %1, goal %2").arg(formatBytes(trigger), formatBytes(goal))
      : limitsKnown ? tr("heap live, no trigger (GOGC off)")
                    : tr("heap live, trigger and goal not known");
  painter.setFont(theme_.small());
  caption(painter, x, painter.fontMetrics().elidedText(limits, Qt::ElideRight, width - 12));
  value(painter, x, live ? formatBytes(*live) : tr("not known"));
  if (paced || !limitsKnown) paintHeapBar(painter, {x + 76.0, 26, width - 76.0 - 24, 8});
  explain(x, x + width - 24,
          tr("Bytes allocated and not yet known to be garbage. A cycle begins at the trigger and should end "
             "before the goal. %1")
              .arg(limits));
  return x + width;
}

// Live against trigger and goal. Without a trigger there is no scale, so the caller draws no bar; hatched: not known.
void NowBar::paintHeapBar(QPainter& painter, const QRectF& bar) const {
  const telemetry::Replica& replica = session_.replica();
  const auto live = replica.heap_live(), trigger = replica.trigger(), goal = replica.goal();
  painter.setPen(Qt::NoPen);
  painter.setBrush(theme_.ui().raised);
  painter.drawRoundedRect(bar, 2, 2);
  const double full =
      static_cast<double>(std::max({live.value_or(0), goal.value_or(0), trigger.value_or(0), uint64_t{1}})) *
      1.05;
  const auto at = [&](uint64_t bytes) {
    return bar.left() + static_cast<double>(bytes) / full * bar.width();
  };
  if (live && trigger) {
    painter.setBrush(theme_.ui().accent);
    painter.drawRoundedRect(QRectF(bar.left(), bar.top(), at(*live) - bar.left(), bar.height()), 2, 2);
  } else {
    painter.setBrush(QBrush(theme_.ui().dim, Qt::BDiagPattern));
    painter.drawRoundedRect(bar, 2, 2);
  }
  if (!trigger || !goal) return;
  painter.setBrush(theme_.ui().text);
  painter.drawRect(QRectF(at(*trigger) - 0.75, 23, 1.5, 14));
  painter.drawRect(QRectF(at(*goal) - 0.75, 23, 1.5, 14));
  painter.drawRect(QRectF(at(*goal) - 4, 22, 5, 1.5));
}

std::vector<CheckLamp> NowBar::lamps() const {
  const Player& player = session_.player();
  Watched watched;
  watched.laboratory = session_.laboratory();
  bool played = false;
  for (const FiredCheck& fired : player.checks()) {
    watched.fired.push_back(fired.check);
    played |= fired.seq == session_.checkSeq();
  }
  // The check at the end of a recording is known in advance: until it is reached, it has not fired.
  if (const auto check = session_.checkFired(); check && !played) {
    const bool ahead =
        session_.source() == SessionController::Source::kRecording && player.seq() <= session_.checkSeq();
    if (ahead) {
      watched.ahead = check;
    } else {
      watched.fired.push_back(*check);
    }
  }
  if (session_.log()) watched.checkNames = session_.log()->info().check_names;
  watched.refusals = player.refusals();
  if (watched.refusals > 0) watched.refusal = QString::fromStdString(player.lastRefusal().sentence);
  return checkLamps(watched);
}

// Fired is never shown by red alone: an X in a double border, the same in every theme, and the word.
void NowBar::paintLamp(QPainter& painter, int x, CheckLamp::State state) const {
  const QRectF dot(x + 2.5, 25.5, 8, 8);
  painter.setBrush(state == CheckLamp::State::kQuiet ? QBrush(theme_.ui().good) : QBrush(Qt::NoBrush));
  if (state != CheckLamp::State::kFired) {
    painter.setPen(QPen(theme_.ui().good, 1.6));
    return painter.drawEllipse(dot);
  }
  const QColor white = toColor(theme_.canvas()[CellState::kIllegal]), black(0x14, 0x17, 0x1A);
  painter.setPen(QPen(theme_.ui().text, 1));
  painter.setBrush(white);
  painter.drawRect(dot.adjusted(-3, -3, 3, 3));
  painter.setPen(QPen(black, 1));
  painter.drawRect(dot.adjusted(-1, -1, 1, 1));
  painter.setPen(QPen(black, 1.8));
  painter.drawLine(dot.topLeft(), dot.bottomRight());
  painter.drawLine(dot.topRight(), dot.bottomLeft());
}

void NowBar::paintChecks(QPainter& painter, int x, const std::vector<CheckLamp>& lamps) {
  caption(painter, x, tr("checks"));
  for (const CheckLamp& lamp : lamps) {
    paintLamp(painter, x, lamp.state);
    painter.setFont(theme_.body());
    painter.setPen(theme_.ui().text);
    painter.drawText(x + kLampText, 34, lamp.text);
    const int right = x + kLampText + painter.fontMetrics().horizontalAdvance(lamp.text);
    explain(x, right, lamp.tip);
    x = right + kLampGap;
  }
}

int NowBar::paintTime(QPainter& painter, int right) {
  const bool live = session_.live();
  QString mode = tr("REPLAY"), detail;
  if (session_.source() == SessionController::Source::kNone) {
    mode = tr("NO SESSION");
  } else if (session_.source() == SessionController::Source::kOpening) {
    mode = tr("OPENING");
  } else if (live) {
    mode = session_.realTime() ? tr("LIVE") : tr("LIVE, slow motion");
  } else if (session_.source() == SessionController::Source::kLive) {
    mode = tr("REWOUND");
  }
  if (const double scale = session_.engineNsPerSecond(); scale > 0 && !(live && session_.realTime())) {
    detail = formatScale(scale, session_.laboratory());
  } else if (session_.log() && !session_.playing()) {
    detail = tr("paused");
  } else if (live) {
    detail = tr("real time");
  }
  painter.setFont(theme_.strong());
  const int modeWidth = painter.fontMetrics().horizontalAdvance(mode) + 18;
  painter.setFont(theme_.small());
  const int width = std::max({modeWidth, painter.fontMetrics().horizontalAdvance(detail), 96});
  const int x = right - width;
  const QRectF badge(right - modeWidth, 4, modeWidth, 18);
  painter.setPen(Qt::NoPen);
  painter.setBrush(live ? theme_.ui().accent : theme_.ui().raised);
  painter.drawRoundedRect(badge, 3, 3);
  painter.setPen(live ? theme_.ui().onAccent : theme_.ui().text);
  painter.setFont(theme_.strong());
  painter.drawText(badge, Qt::AlignCenter, mode);
  painter.setFont(theme_.small());
  painter.setPen(theme_.ui().dim);
  painter.drawText(QRect(x, 24, width, 16), Qt::AlignRight | Qt::AlignVCenter, detail);
  explain(x, right,
          tr("Where the picture comes from, and how much engine time passes per second on screen."));
  return x - 16;
}

void NowBar::explain(int left, int right, const QString& tip) {
  parts_.push_back({QRect(left, 0, right - left, height()), tip});
}

bool NowBar::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  for (const Part& part : parts_) {
    if (part.box.contains(help->pos())) {
      QToolTip::showText(help->globalPos(), part.tip, this, part.box);
      return true;
    }
  }
  QToolTip::hideText();
  event->ignore();
  return true;
}

void NowBar::paintEvent(QPaintEvent*) {
  parts_.clear();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.fillRect(rect(), theme_.ui().panel);
  const int right = paintTime(painter, width() - 12);
  int x = paintGeneration(painter, 14);
  if (!session_.log()) return;
  const auto checks = lamps();
  int room = 0;
  for (const CheckLamp& lamp : checks)
    room += kLampText + QFontMetrics(theme_.body()).horizontalAdvance(lamp.text) + kLampGap;
  // The lamps always fit. If room is short, the marking is dropped first, then the heap, then the phase is
  // shortened.
  const bool brief = right - x - room < phaseWidth(false);
  x = paintPhase(painter, x, brief);
  if (right - x - room >= kMarkedWidth + kHeapLeast) x = paintMarked(painter, x, kMarkedWidth);
  if (right - x - room >= kHeapLeast)
    x = paintHeap(painter, x, std::clamp(right - x - std::max(room, kLampsUsual), kHeapLeast, kHeapMost));
  paintChecks(painter, x, checks);
}

}  // namespace sweepscope::gui
