#include "gui/models/fault_code.h"

#include <QRegularExpression>
#include <QStringList>

namespace sweepscope::gui {

namespace {

// Stand for true and false until nothing is left to simplify; no source has these characters.
constexpr QChar kTrue(0x22A4), kFalse(0x22A5);

constexpr int kMostLines = 14;  // of a statement

bool opens(QChar c) { return c == u'(' || c == u'[' || c == u'{'; }
bool closes(QChar c) { return c == u')' || c == u']' || c == u'}'; }

// The text with the signs of two characters made blank, so that '=' is an assignment and ':' a choice.
QString masked(QString text) {
  static const QRegularExpression kTwo(QStringLiteral("==|!=|<=|>=|::"));
  return text.replace(kTwo, QStringLiteral("__"));
}

// After the place: the first of these characters outside brackets, or the bracket that closes around it; -1: none.
int endBefore(const QString& source, int from, const QString& ends) {
  const QString text = masked(source);
  int depth = 0;
  for (int i = from; i < text.size(); ++i) {
    if (depth == 0 && (ends.contains(text[i]) || closes(text[i]))) return i;
    depth += opens(text[i]) - closes(text[i]);
  }
  return -1;
}

// Before the place: where the operand of && or || that ends there begins.
int beginOfOperand(const QString& source, int to, const QString& ends) {
  const QString text = masked(source);
  int depth = 0;
  for (int i = to - 1; i >= 0; --i) {
    if (depth == 0 && (ends.contains(text[i]) || opens(text[i]))) return i + 1;
    depth += closes(text[i]) - opens(text[i]);
    if (depth == 0 && text[i].isSpace() && text.left(i).endsWith(QLatin1String("return"))) return i;
  }
  return 0;
}

bool replace(QString& text, const char* pattern, const QString& by) {
  const QString before = text;
  text.replace(QRegularExpression(QString::fromUtf8(pattern)), by);
  return text != before;
}

// "X && false" is false, "X || true" is true: the whole chain, up to what has a weaker bond.
bool decideChain(QString& text, QChar value, const QString& sign, const QString& ends) {
  for (int at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1)) {
    const bool left = text.left(at).trimmed().endsWith(sign);
    const bool right = text.mid(at + 1).trimmed().startsWith(sign);
    if (!left && !right) continue;
    const int begin = beginOfOperand(text, at, ends);
    const int end = endBefore(text, at + 1, ends);
    const QString chain = text.mid(begin, (end < 0 ? text.size() : end) - begin);
    qsizetype lead = 0, trail = 0;
    while (lead < chain.size() && chain[lead].isSpace()) ++lead;
    while (trail < chain.size() - lead && chain[chain.size() - 1 - trail].isSpace()) ++trail;
    text.replace(begin + lead, chain.size() - lead - trail, QString(value));
    return true;
  }
  return false;
}

// "true ? A : B" is A.
bool decideChoice(QString& text) {
  static const QRegularExpression kChoice(QStringLiteral("([\u22A4\u22A5])\\s*\\?\\s*"));
  const auto match = kChoice.match(text);
  if (!match.hasMatch()) return false;
  const int first = static_cast<int>(match.capturedEnd());
  const QString signs = masked(text);
  int colon = first, nested = 0;
  for (int depth = 0; colon < signs.size(); ++colon) {
    if (depth == 0 && signs[colon] == u':' && nested-- == 0) break;
    nested += depth == 0 && signs[colon] == u'?';
    depth += opens(signs[colon]) - closes(signs[colon]);
  }
  int end = endBefore(text, colon + 1, QStringLiteral(";,"));
  if (end < 0) end = static_cast<int>(text.size());
  const QString a = text.mid(first, colon - first).trimmed(),
                b = text.mid(colon + 1, end - colon - 1).trimmed();
  const auto begin = static_cast<int>(match.capturedStart());
  text.replace(begin, end - begin, match.captured(1)[0] == kTrue ? a : b);
  return true;
}

// Where the statement that begins here ends: after its ';' or its block.
int endOfStatement(const QString& text, int from) {
  while (from < text.size() && text[from].isSpace()) ++from;
  if (from < text.size() && text[from] == u'{') {
    const int end = endBefore(text, from + 1, {});
    return end < 0 ? static_cast<int>(text.size()) : end + 1;
  }
  const int end = endBefore(text, from, QStringLiteral(";"));
  return end < 0 ? static_cast<int>(text.size()) : end + 1;
}

QString body(QString statement) {
  statement = statement.trimmed();
  if (statement.startsWith(u'{') && statement.endsWith(u'}'))
    statement = statement.mid(1, statement.size() - 2).trimmed();
  return statement;
}

// "if (true) A else B" is A.
bool decideIf(QString& text) {
  static const QRegularExpression kIf(QStringLiteral("\\bif (?:constexpr )?\\(([\u22A4\u22A5])\\)"));
  static const QRegularExpression kElse(QStringLiteral("\\G\\s*else\\b"));
  const auto match = kIf.match(text);
  if (!match.hasMatch()) return false;
  const auto begin = static_cast<int>(match.capturedStart());
  const auto first = static_cast<int>(match.capturedEnd());
  const int thenEnd = endOfStatement(text, first);
  int end = thenEnd;
  QString otherwise;
  const auto other = kElse.match(text, thenEnd);
  if (other.hasMatch()) {
    end = endOfStatement(text, static_cast<int>(other.capturedEnd()));
    otherwise = text.mid(other.capturedEnd(), end - other.capturedEnd());
  }
  text.replace(begin, end - begin,
               body(match.captured(1)[0] == kTrue ? text.mid(first, thenEnd - first) : otherwise));
  return true;
}

bool simplify(QString& text) {
  return replace(text, "!\u22A4", QString(kFalse)) || replace(text, "!\u22A5", QString(kTrue)) ||
         replace(text, "(?<![\\w>])(?<!if )\\(([\u22A4\u22A5])\\)", QStringLiteral("\\1")) ||
         replace(text, "\\s*&&\\s*\u22A4", {}) || replace(text, "\u22A4\\s*&&\\s*", {}) ||
         replace(text, "\\s*\\|\\|\\s*\u22A5", {}) || replace(text, "\u22A5\\s*\\|\\|\\s*", {}) ||
         decideChain(text, kFalse, QStringLiteral("&&"), QStringLiteral(";,=?:|")) ||
         decideChain(text, kTrue, QStringLiteral("||"), QStringLiteral(";,=?:")) || decideChoice(text) ||
         decideIf(text);
}

// Of the statement that has this line: its first and last line, from 0.
std::pair<int, int> statementAround(const QStringList& lines, int line) {
  static const QRegularExpression kEnd(QStringLiteral("[;{}:]\\s*(//.*)?$|^\\s*$|^\\s*//"));
  int first = line;
  while (first > 0 && line - first < kMostLines && !kEnd.match(lines[first - 1]).hasMatch()) --first;
  int last = line, depth = 0;
  for (int i = first; i < lines.size() && i - first < kMostLines; ++i) {
    for (const QChar c : lines[i]) depth += opens(c) - closes(c);
    last = i;
    const QString text = lines[i].trimmed();
    const bool goesOn = i + 1 < lines.size() && lines[i + 1].trimmed().startsWith(QLatin1String("else"));
    if (i >= line && depth <= 0 && !goesOn && (text.endsWith(u';') || text.endsWith(u'}'))) break;
  }
  return {first, last};
}

// Up to the end of the paragraph or of the function, without comments.
QString linesAfter(const QStringList& lines, int from) {
  QStringList after;
  for (int i = from; i < lines.size() && i - from < kMostLines; ++i) {
    const QString text = lines[i].trimmed();
    if (text.isEmpty() || lines[i].startsWith(u'}')) break;
    if (!text.startsWith(QLatin1String("//"))) after << lines[i];
  }
  return after.join(u'\n');
}

QString camel(const QString& fault) {
  QString name = fault;
  return name.remove(u'-');
}

QRegularExpression question(const QString& fault) {
  return QRegularExpression(QStringLiteral("\\bfault\\(Fault::k%1\\)").arg(camel(fault)),
                            QRegularExpression::CaseInsensitiveOption);
}

// Without the indentation that all lines have.
QString flushLeft(const QString& text) {
  QStringList lines = text.split(u'\n');
  int least = 1000;
  for (const QString& line : lines)
    if (!line.trimmed().isEmpty())
      least = std::min(
          least, static_cast<int>(line.size() - QString(line).replace(QRegularExpression("^ +"), {}).size()));
  for (QString& line : lines) line = line.mid(std::min<qsizetype>(least, line.size()));
  return lines.join(u'\n').trimmed();
}

}  // namespace

QString withAnswer(const QString& statement, const QString& fault, bool answer) {
  QString text = statement;
  text.replace(question(fault), QString(answer ? kTrue : kFalse));
  text.replace(QRegularExpression(QStringLiteral("\\bfault\\(Fault::k\\w+\\)")), QString(kFalse));
  for (int i = 0; i < 100 && simplify(text);) ++i;
  text.replace(kTrue, QStringLiteral("true")).replace(kFalse, QStringLiteral("false"));
  return flushLeft(text);
}

std::vector<FaultSite> faultSites(const QString& fault,
                                  const std::vector<std::pair<QString, QString>>& sources) {
  std::vector<FaultSite> sites;
  const QRegularExpression asked = question(fault);
  for (const auto& [file, text] : sources) {
    if (!text.contains(asked)) continue;
    const QStringList lines = text.split(u'\n');
    for (int line = 0; line < lines.size(); ++line) {
      if (!lines[line].contains(asked)) continue;
      const auto [first, last] = statementAround(lines, line);
      const QString statement = lines.mid(first, last - first + 1).join(u'\n');
      FaultSite site{file, line + 1, withAnswer(statement, fault, false), withAnswer(statement, fault, true)};
      // What an early return leaves out.
      if (site.withoutFault.isEmpty() && site.withFault.startsWith(QLatin1String("return")))
        site.withoutFault = withAnswer(linesAfter(lines, last + 1), fault, false);
      sites.push_back(std::move(site));
      line = last;
    }
  }
  return sites;
}

}  // namespace sweepscope::gui
