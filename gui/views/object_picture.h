// Draws the objects of a protocol board: roots, cards and the lines between them, by the layout of models/object_layout.h.
// No widget; needs fonts.
//
// A card has its colour as a tile with a letter, and in words. What the last step changed has a light frame. Colours of
// objects are those of the words white, grey and black; a line around each tile keeps them apart from any canvas.
#pragma once

#include <QRect>

#include "gui/models/object_layout.h"
#include "gui/theme/theme.h"

class QPainter;

namespace sweepscope::gui {

class ObjectPicture {
 public:
  // before: the view of the parent node, null: not known.
  ObjectPicture(const telemetry::BenchView& view, const telemetry::BenchView* before, const Theme& theme)
      : view_(view), before_(before), theme_(theme) {}

  void paint(QPainter& painter, const ObjectLayout& layout) const;

 private:
  void paintTitle(QPainter& painter, const ObjectLayout& layout) const;
  void paintLines(QPainter& painter, const ObjectLayout& layout) const;
  void paintArrow(QPainter& painter, const std::vector<QPoint>& points) const;
  void paintRoot(QPainter& painter, const RootBox& box) const;
  void paintCard(QPainter& painter, const ObjectCard& card, ObjectDetail detail, bool reachable) const;
  void paintTile(QPainter& painter, const QRect& box, telemetry::ObjectColour colour) const;
  bool changed(const telemetry::BoardObject& object) const;
  bool changed(const telemetry::BoardRoot& root) const;

  const telemetry::BenchView& view_;
  const telemetry::BenchView* before_;
  const Theme& theme_;
};

}  // namespace sweepscope::gui
