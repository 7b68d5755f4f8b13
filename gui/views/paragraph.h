// A paragraph of rich text with every character of the text escaped.
#pragma once

#include <QString>

namespace sweepscope::gui {

// style: CSS; empty: that of the document.
inline QString paragraph(const QString& text, const QString& style = {}) {
  const QString attribute = style.isEmpty() ? QString() : QStringLiteral(" style='%1'").arg(style);
  return QStringLiteral("<p%1>%2</p>").arg(attribute, text.toHtmlEscaped());
}

}  // namespace sweepscope::gui
