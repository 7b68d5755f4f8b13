#include "gui/views/start_tiles.h"

#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

namespace sweepscope::gui {

namespace {

constexpr int kMargin = 14, kTop = 10, kTextTop = 29, kBottom = 10;

}  // namespace

class StartTiles::Tile : public QPushButton {
 public:
  Tile(const QString& title, const QString& text, const QString& shortcut, const Theme& theme,
       QWidget* parent)
      : QPushButton(parent), title_(title), shortcut_(shortcut), theme_(theme) {
    setAccessibleName(title);
    setDetail(text);
    setCursor(Qt::PointingHandCursor);
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
  }

  void setDetail(const QString& text) {
    detail_ = text;
    setAccessibleDescription(text);
    updateGeometry();
    update();
  }

  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override {
    const QRect text = QFontMetrics(theme_.body())
                           .boundingRect(QRect(0, 0, width - 2 * kMargin, 400), Qt::TextWordWrap, detail_);
    return kTextTop + text.height() + kBottom;
  }
  QSize sizeHint() const override { return {280, heightForWidth(280)}; }
  QSize minimumSizeHint() const override { return {200, kTextTop + kBottom}; }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const bool hot = isEnabled() && (underMouse() || hasFocus());
    painter.setPen(QPen(hot ? theme_.ui().accent : theme_.ui().border, hot ? 1.5 : 1));
    painter.setBrush(theme_.ui().raised);
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 6, 6);
    const QRect inside = rect().adjusted(kMargin, kTop, -kMargin, 0);
    painter.setPen(isEnabled() ? theme_.ui().text : theme_.ui().dim);
    painter.setFont(theme_.strong());
    painter.drawText(inside, Qt::AlignLeft | Qt::AlignTop, title_);
    painter.setPen(theme_.ui().dim);
    painter.setFont(theme_.small());
    painter.drawText(inside, Qt::AlignRight | Qt::AlignTop, shortcut_);
    painter.setFont(theme_.body());
    painter.drawText(rect().adjusted(kMargin, kTextTop, -kMargin, 0),
                     Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, detail_);
  }

 private:
  QString title_, detail_, shortcut_;
  const Theme& theme_;
};

namespace {

QString stepDetail() {
  return StartTiles::tr(
      "Leaves one rule out of the real engine and steps through it until an invariant breaks.");
}

}  // namespace

StartTiles::StartTiles(const Theme& theme, QWidget* parent) : QScrollArea(parent) {
  setObjectName(QStringLiteral("page"));
  setFrameShape(QFrame::NoFrame);
  setWidgetResizable(true);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  auto* page = new QWidget(this);
  page->setObjectName(QStringLiteral("page"));
  auto* layout = new QVBoxLayout(page);
  layout->setContentsMargins(14, 12, 14, 12);
  layout->setSpacing(8);
  auto* title = new QLabel(tr("<span style='font-size:16px'><b>Get started</b></span>"), page);
  layout->addWidget(title);
  const auto add = [&](const char* name, const QString& heading, const QString& text, const QString& key) {
    auto* tile = new Tile(heading, text, key, theme, page);
    tile->setObjectName(QLatin1String(name));
    layout->addWidget(tile);
    return tile;
  };
  auto* watch = add("watchTile", tr("Watch a collection"),
                    tr("Starts a demo engine and shows its garbage collector in slow motion."), tr("Ctrl+N"));
  step_ = add("stepTile", tr("Step through the protocol"), stepDetail(), tr("Ctrl+T"));
  auto* lesson =
      add("lessonTile", tr("Take a lesson"),
          tr("Teaches the sweep protocol on the real engine: predict, step, break it."), tr("Ctrl+3"));
  auto* compare =
      add("compareTile", tr("Compare eager and lazy"),
          tr("Runs the same workload under both flush policies on this machine and measures the pauses."),
          tr("Ctrl+M"));
  auto* open =
      add("openTile", tr("Open a recording"),
          tr("Opens a recorded session: play it, seek in it, step through its events."), tr("Ctrl+O"));
  layout->addStretch(1);
  setWidget(page);
  connect(watch, &QPushButton::clicked, this, &StartTiles::watchChosen);
  connect(step_, &QPushButton::clicked, this, &StartTiles::stepChosen);
  connect(lesson, &QPushButton::clicked, this, &StartTiles::lessonChosen);
  connect(compare, &QPushButton::clicked, this, &StartTiles::compareChosen);
  connect(open, &QPushButton::clicked, this, &StartTiles::openChosen);
}

void StartTiles::setSearching(bool searching) {
  step_->setEnabled(!searching);
  step_->setDetail(searching ? tr("Searching for a schedule that breaks a rule... Press Ctrl+. to cancel.")
                             : stepDetail());
}

}  // namespace sweepscope::gui
