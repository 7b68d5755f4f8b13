#include "gui/app/beginnings.h"

#include "gui/views/start_tiles.h"

namespace sweepscope::gui {

Beginnings::Beginnings(const Actions& actions, const Regions& regions, SessionController& session,
                       EngineLink& link, const Theme& theme, QWidget* window)
    : regions_(regions), session_(session), link_(link), theme_(theme), window_(window) {
  connect(actions.stepThrough, &QAction::triggered, &schedule_, &FoundSchedule::search);
  connect(actions.compare, &QAction::triggered, this, &Beginnings::compare);
  connect(actions.cancelOpeningOrSearch, &QAction::triggered, &schedule_, &FoundSchedule::cancel);
  connect(regions.tiles, &StartTiles::stepChosen, actions.stepThrough, &QAction::trigger);
  connect(regions.tiles, &StartTiles::compareChosen, actions.compare, &QAction::trigger);
  connect(&schedule_, &FoundSchedule::searchingChanged, this, [this] {
    regions_.tiles->setSearching(schedule_.searching());
    emit changed();
  });
  connect(&schedule_, &FoundSchedule::found, this, &Beginnings::found);
  connect(&schedule_, &FoundSchedule::failed, this, &Beginnings::failed);
}

// The demo is stopped for the measurement, because on few cores it would distort the times. A session that is
// being recorded, and an engine that was not started here, keep running.
void Beginnings::compare() {
  if (dialog_) return;
  const bool live =
      session_.source() == SessionController::Source::kLive && session_.linkState() != LinkState::kClosed;
  const bool stopDemo = link_.own() && live && !session_.recording().active();
  if (stopDemo) {
    link_.stop();
    session_.close();
  }
  dialog_ = new ComparisonDialog(theme_, live && !stopDemo, window_);
  dialog_->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog_, &QDialog::finished, this, [this, stopDemo] {
    dialog_.clear();
    emit changed();
    if (stopDemo) emit demoNeeded();
  });
  dialog_->open();
  dialog_->measure();
  emit changed();
}

}  // namespace sweepscope::gui
