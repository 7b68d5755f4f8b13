#include "gui/views/source_pane.h"

#include <QFile>
#include <QLabel>
#include <QPlainTextEdit>
#include <QRegularExpression>
#include <QScrollBar>
#include <QTextBlock>
#include <QVBoxLayout>

#include "gui/source_commit.h"

namespace sweepscope::gui {

SourcePane::SourcePane(const Theme& theme, QWidget* parent) : QWidget(parent), theme_(theme) {
  setObjectName(QStringLiteral("page"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  head_ = new QLabel(this);
  head_->setTextFormat(Qt::PlainText);
  head_->setWordWrap(true);
  head_->setContentsMargins(12, 8, 12, 8);
  layout->addWidget(head_);
  text_ = new QPlainTextEdit(this);
  text_->setObjectName(QStringLiteral("source"));
  text_->setAccessibleName(tr("Source of the next access"));
  text_->setReadOnly(true);
  text_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  text_->setLineWrapMode(QPlainTextEdit::NoWrap);
  text_->setFrameShape(QFrame::NoFrame);
  text_->setTabStopDistance(16);
  layout->addWidget(text_, 1);
}

QString SourcePane::commit() { return QStringLiteral(SWEEPSCOPE_SOURCE_COMMIT); }

QString SourcePane::textOf(const QString& file) {
  static const QRegularExpression kPlain(QStringLiteral("^[a-z0-9_]+(/[a-z0-9_]+)*\\.(h|cc)$"));
  if (!kPlain.match(file).hasMatch()) return {};
  QFile source(QStringLiteral(":/sources/") + file);
  return source.open(QIODevice::ReadOnly) ? QString::fromUtf8(source.readAll()) : QString();
}

void SourcePane::show(const QString& file, uint32_t line, const QString& why) {
  const QString text = file.isEmpty() ? QString() : textOf(file);
  text_->setVisible(!text.isNull());
  if (text.isNull()) {
    head_->setText(
        file.isEmpty()
            ? why
            : tr("%1, line %2. The text of this file is not part of this program.").arg(file).arg(line));
    return;
  }
  head_->setText(tr("%1, line %2\ncommit %3").arg(file).arg(line).arg(commit()));
  text_->setFont(theme_.mono());
  if (file != file_) {
    file_ = file;
    text_->setPlainText(text);
  }
  const QTextBlock block = text_->document()->findBlockByNumber(static_cast<int>(line) - 1);
  QTextEdit::ExtraSelection lit;
  lit.cursor = QTextCursor(block.isValid() ? block : text_->document()->lastBlock());
  lit.format.setBackground(theme_.ui().accent);
  lit.format.setForeground(theme_.ui().onAccent);
  lit.format.setProperty(QTextFormat::FullWidthSelection, true);
  text_->setExtraSelections({lit});
  text_->setTextCursor(lit.cursor);
  text_->centerCursor();
  text_->horizontalScrollBar()->setValue(0);
}

}  // namespace sweepscope::gui
