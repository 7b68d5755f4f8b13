// The start page: five tiles, shown in place of the Inspector until one is chosen. GUI thread.
#pragma once

#include <QScrollArea>

#include "gui/theme/theme.h"

namespace sweepscope::gui {

class StartTiles : public QScrollArea {
  Q_OBJECT

 public:
  explicit StartTiles(const Theme& theme, QWidget* parent = nullptr);
  void setSearching(bool searching);  // for a schedule to step through

 signals:
  void watchChosen();
  void stepChosen();
  void lessonChosen();
  void compareChosen();
  void openChosen();

 private:
  class Tile;
  Tile* step_;
};

}  // namespace sweepscope::gui
