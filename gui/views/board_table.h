// The protocol board as a table: its twin for screen readers and for reading values off. A virtual model over the scene.
#pragma once

#include <QAbstractTableModel>

#include "gui/models/bench_scene.h"

namespace sweepscope::gui {

class BoardTable : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column {
    kSpan,
    kPlace,
    kDistance,
    kState,
    kSweepgen,
    kQueue,
    kAllocated,
    kMarked,
    kChanged,
    kColumns
  };
  explicit BoardTable(const BenchScene& scene, QObject* parent = nullptr)
      : QAbstractTableModel(parent), scene_(scene) {}
  void onScene();
  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : kColumns; }
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  static QVariant dataOfObjects(const telemetry::BenchView& view, size_t row, int column);

  const BenchScene& scene_;
  std::vector<bool> changed_;
  int rows_ = 0;
};

}  // namespace sweepscope::gui
