// The card of a lesson: what of the present beat is to be read, the prediction, the check list of a hands-on step, the two
// number fields, and the buttons. Shows a LessonRun and a BenchScene; asks for everything by signals. Text of 16 px and more.
#pragma once

#include <QFrame>
#include <QSet>
#include <QString>
#include <vector>

#include "gui/models/bench_scene.h"
#include "gui/models/lesson_run.h"
#include "gui/theme/theme.h"

class QButtonGroup;
class QLabel;
class QLineEdit;
class QPushButton;
class QScrollArea;
class QVBoxLayout;

namespace sweepscope::gui {

class ChoiceButton;

class LessonCard : public QFrame {
  Q_OBJECT

 public:
  LessonCard(const BenchScene& scene, const Theme& theme, QWidget* parent = nullptr);

  // The run outlives the card or is replaced by another one; null: none.
  void setRun(const LessonRun* run);
  void refresh();
  void setNotice(const QString& text);  // a line above the buttons: why a request was refused
  void chooseAnswer(int choice);        // by its key
  bool typing() const;                  // a number field has the focus
  void checkNumbers();                  // what is in the fields
  void focusText();
  void focusNumbers();
  void setTypedAnswer(const QString& text);
  void setNumbers(uint32_t sg, uint32_t sweepgen);
  QString plainText() const;  // all that is shown, for a screen reader

 signals:
  void forwardRequested();
  void backRequested();
  void returnRequested();  // to the lesson's board
  void picked(quint32 choice);
  void typed(quint32 sg, quint32 sweepgen);

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  QLabel* addText(const char* name, bool box);
  void addChoices();
  void addNumbers();
  void addButtons(QVBoxLayout* outer);
  void fillPrediction();
  void fillHandsOn();
  void fillButtons();
  void put(QLabel* label, const QString& html);  // hides an empty one
  void reveal(const QWidget* firstNew);

  const BenchScene& scene_;
  const Theme& theme_;
  const LessonRun* run_ = nullptr;
  QLabel *name_, *count_;
  QScrollArea* scroll_;
  QWidget* body_;
  QVBoxLayout* layout_;
  QLabel *text_, *words_, *question_, *result_, *because_, *task_, *checks_, *deadEnd_, *typedAnswer_, *step_,
      *violation_, *then_, *takeaway_, *away_, *hint_;
  std::vector<ChoiceButton*> choices_;
  QButtonGroup* group_;
  QWidget* numbers_;
  QLineEdit *sg_, *sweepgen_;
  QPushButton *check_, *back_, *next_, *return_;
  uint32_t shownBeat_ = ~0u;
  QString notice_, typedText_, shownStep_;
  QSet<QWidget*> shownParts_;  // a new one scrolls into view
};

}  // namespace sweepscope::gui
