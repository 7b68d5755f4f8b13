#include "gui/views/map_accessible.h"

#include <QAccessible>
#include <QAccessibleWidget>
#include <QCoreApplication>
#include <algorithm>
#include <unordered_map>

#include "gui/models/formats.h"
#include "gui/models/sentences.h"
#include "gui/views/map_widget.h"

namespace sweepscope::gui {

using telemetry::kNoId;
using telemetry::SpanPicture;
using telemetry::SpanStatus;

namespace {

QString tr(const char* text) { return QCoreApplication::translate("MapAccessible", text); }

class MapTable;

// A cell is created on request and lives as long as its table.
class MapCell : public QAccessibleInterface, public QAccessibleTableCellInterface {
 public:
  MapCell(MapTable& table, int row, int column) : table_(table), row_(row), column_(column) {}

  bool isValid() const override;
  QObject* object() const override { return nullptr; }
  QAccessibleInterface* parent() const override;
  QAccessibleInterface* child(int) const override { return nullptr; }
  QAccessibleInterface* childAt(int, int) const override { return nullptr; }
  int childCount() const override { return 0; }
  int indexOfChild(const QAccessibleInterface*) const override { return -1; }
  QAccessible::Role role() const override { return QAccessible::Cell; }
  QString text(QAccessible::Text text) const override;
  void setText(QAccessible::Text, const QString&) override {}
  QRect rect() const override;
  QAccessible::State state() const override;
  void* interface_cast(QAccessible::InterfaceType type) override {
    return type == QAccessible::TableCellInterface ? static_cast<QAccessibleTableCellInterface*>(this)
                                                   : nullptr;
  }

  int columnExtent() const override { return 1; }
  int rowExtent() const override { return 1; }
  int columnIndex() const override { return column_; }
  int rowIndex() const override { return row_; }
  QList<QAccessibleInterface*> columnHeaderCells() const override { return {}; }
  QList<QAccessibleInterface*> rowHeaderCells() const override { return {}; }
  bool isSelected() const override;
  QAccessibleInterface* table() const override { return parent(); }

 private:
  MapTable& table_;
  int row_, column_;
};

class MapTable : public QAccessibleWidget, public QAccessibleTableInterface {
 public:
  explicit MapTable(MapWidget* map) : QAccessibleWidget(map, QAccessible::Table), map_(*map) {}
  ~MapTable() override {
    for (const auto& [index, id] : cells_) QAccessible::deleteAccessibleInterface(id);
  }

  MapWidget& map() const { return map_; }
  const telemetry::Replica& replica() const { return map_.session().replica(); }
  // Null: the heap now has fewer spans.
  const SpanPicture* spanOf(int row) const {
    const auto& all = rows();
    if (row < 0 || static_cast<size_t>(row) >= all.size()) return nullptr;
    return replica().span(all[static_cast<size_t>(row)]);
  }
  int cursorRow() const {
    const auto& all = rows();
    const auto found = std::find(all.begin(), all.end(), map_.selected());
    return found == all.end() ? -1 : static_cast<int>(found - all.begin());
  }

  void* interface_cast(QAccessible::InterfaceType type) override {
    if (type == QAccessible::TableInterface) return static_cast<QAccessibleTableInterface*>(this);
    return QAccessibleWidget::interface_cast(type);
  }
  int childCount() const override { return rowCount() * kSpanColumns; }
  QAccessibleInterface* child(int index) const override {
    return cellAt(index / kSpanColumns, index % kSpanColumns);
  }
  int indexOfChild(const QAccessibleInterface* child) const override {
    auto* cell = const_cast<QAccessibleInterface*>(child)->tableCellInterface();
    return cell ? cell->rowIndex() * kSpanColumns + cell->columnIndex() : -1;
  }
  QAccessibleInterface* focusChild() const override {
    const int row = cursorRow();
    return row < 0 ? nullptr : cellAt(row, 0);
  }
  QAccessibleInterface* childAt(int x, int y) const override {
    const telemetry::SpanId id = map_.spanUnder(map_.mapFromGlobal(QPoint(x, y)));
    const auto& all = rows();
    const auto found = std::find(all.begin(), all.end(), id);
    return found == all.end() ? nullptr : cellAt(static_cast<int>(found - all.begin()), 0);
  }

  QAccessibleInterface* caption() const override { return nullptr; }
  QAccessibleInterface* summary() const override { return nullptr; }
  QAccessibleInterface* cellAt(int row, int column) const override {
    if (row < 0 || row >= rowCount() || column < 0 || column >= kSpanColumns) return nullptr;
    const int index = row * kSpanColumns + column;
    if (const auto known = cells_.find(index); known != cells_.end())
      return QAccessible::accessibleInterface(known->second);
    auto* cell = new MapCell(const_cast<MapTable&>(*this), row, column);
    cells_[index] = QAccessible::registerAccessibleInterface(cell);
    return cell;
  }
  int selectedCellCount() const override { return cursorRow() < 0 ? 0 : kSpanColumns; }
  QList<QAccessibleInterface*> selectedCells() const override {
    QList<QAccessibleInterface*> cells;
    for (int column = 0; column < selectedCellCount(); ++column) cells.append(cellAt(cursorRow(), column));
    return cells;
  }
  QString columnDescription(int column) const override {
    return spanColumnTitle(static_cast<SpanColumn>(column));
  }
  QString rowDescription(int row) const override {
    const SpanPicture* span = spanOf(row);
    return span ? tr("span %1").arg(span->id) : QString();
  }
  int selectedColumnCount() const override { return 0; }
  int selectedRowCount() const override { return cursorRow() < 0 ? 0 : 1; }
  int columnCount() const override { return kSpanColumns; }
  int rowCount() const override { return static_cast<int>(rows().size()); }
  QList<int> selectedColumns() const override { return {}; }
  QList<int> selectedRows() const override {
    return cursorRow() < 0 ? QList<int>{} : QList<int>{cursorRow()};
  }
  bool isColumnSelected(int) const override { return false; }
  bool isRowSelected(int row) const override { return row >= 0 && row == cursorRow(); }
  bool selectRow(int row) override {
    const SpanPicture* span = spanOf(row);
    if (span) map_.select(span->id);
    return span != nullptr;
  }
  bool selectColumn(int) override { return false; }
  bool unselectRow(int row) override {
    if (!isRowSelected(row)) return false;
    map_.select(kNoId);
    return true;
  }
  bool unselectColumn(int) override { return false; }
  void modelChange(QAccessibleTableModelChangeEvent*) override {}

 private:
  // In address order. Rebuilt on demand after new events, so that it costs nothing without a screen reader.
  const std::vector<telemetry::SpanId>& rows() const {
    const telemetry::Replica& heap = replica();
    if (known_ && events_ == heap.events()) return rows_;
    rows_.clear();
    for (uint32_t page = 0; page < heap.page_extent();) {
      const SpanPicture* span = heap.span_at_page(page);
      if (span) rows_.push_back(span->id);
      page = span ? std::max(page + 1, span->first_page + span->pages) : page + 1;
    }
    events_ = heap.events();
    known_ = true;
    return rows_;
  }

  MapWidget& map_;
  mutable std::vector<telemetry::SpanId> rows_;
  mutable uint64_t events_ = 0;
  mutable bool known_ = false;
  mutable std::unordered_map<int, QAccessible::Id> cells_;
};

bool MapCell::isValid() const { return table_.isValid() && table_.spanOf(row_) != nullptr; }
QAccessibleInterface* MapCell::parent() const { return &table_; }

QString MapCell::text(QAccessible::Text text) const {
  const SpanPicture* span = table_.spanOf(row_);
  if (span == nullptr) return {};
  const auto column = static_cast<SpanColumn>(column_);
  if (text == QAccessible::Description) return spanColumnTitle(column);
  if (text != QAccessible::Name && text != QAccessible::Value) return {};
  return spanText(*span, table_.replica().sweepgen(), column);
}

QRect MapCell::rect() const {
  const SpanPicture* span = table_.spanOf(row_);
  if (span == nullptr) return {};
  const QRect cell = table_.map().cellRect(span->first_page);
  return {table_.map().mapToGlobal(cell.topLeft()), cell.size()};
}

QAccessible::State MapCell::state() const {
  QAccessible::State state;
  state.invalid = !isValid();
  state.selectable = state.focusable = true;
  state.selected = isSelected();
  state.focused = isSelected() && table_.map().hasFocus();
  return state;
}

bool MapCell::isSelected() const { return table_.isRowSelected(row_); }

QAccessibleInterface* makeMapTable(const QString&, QObject* object) {
  auto* map = qobject_cast<MapWidget*>(object);
  return map ? new MapTable(map) : nullptr;
}

}  // namespace

void installMapAccessibility() { QAccessible::installFactory(makeMapTable); }

QString spanColumnTitle(SpanColumn column) {
  switch (column) {
    case SpanColumn::kSentence: return tr("span");
    case SpanColumn::kState: return tr("state");
    case SpanColumn::kSizeClass: return tr("size class");
    case SpanColumn::kHolder: return tr("held by");
    case SpanColumn::kObjects: return tr("objects");
  }
  return {};
}

QString spanText(const SpanPicture& span, uint32_t sweepgen, SpanColumn column) {
  const bool manual = span.status == SpanStatus::kManual;
  switch (column) {
    case SpanColumn::kSentence: {
      QStringList parts{tr("span %1").arg(span.id)};
      if (!manual) parts << spanText(span, sweepgen, SpanColumn::kSizeClass);
      parts << spanText(span, sweepgen, SpanColumn::kState);
      if (span.owner != telemetry::kNoP) parts << tr("in P%1's cache").arg(span.owner);
      return parts.join(QStringLiteral(", "));
    }
    case SpanColumn::kState: return stateWords(span, sweepgen);
    case SpanColumn::kSizeClass:
      return manual                ? tr("none")
             : span.span_class < 2 ? tr("large object of %1").arg(formatCounted(span.pages, "page"))
                                   : tr("size class %1").arg(span.span_class >> 1);
    case SpanColumn::kHolder:
      return span.owner == telemetry::kNoP ? tr("no cache") : tr("P%1").arg(span.owner);
    case SpanColumn::kObjects: return formatCount(span.alloc_count);
  }
  return {};
}

void notifyCursorMoved(MapWidget& map) {
  if (!QAccessible::isActive()) return;
  const auto* table = static_cast<MapTable*>(QAccessible::queryAccessibleInterface(&map));
  const int row = table ? table->cursorRow() : -1;
  if (row < 0) return;
  QAccessibleEvent event(&map, QAccessible::Focus);
  event.setChild(row * kSpanColumns);
  QAccessible::updateAccessibility(&event);
}

void notifyHeapReplaced(MapWidget& map) {
  if (!QAccessible::isActive()) return;
  QAccessibleTableModelChangeEvent event(&map, QAccessibleTableModelChangeEvent::ModelReset);
  QAccessible::updateAccessibility(&event);
}

}  // namespace sweepscope::gui
