// The bench: what is explored. Scenario, policy, fault or none, Ps, spans, random seed, what happens when a rule is
// violated, and whether it is a challenge, with a fault that chance may choose. An unguided session starts here. Faults that cannot be stepped are greyed with the reason. GUI thread.
#pragma once

#include <QWidget>
#include <functional>
#include <utility>

#include "gui/models/bench_scene.h"
#include "gui/theme/theme.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QListWidget;
class QPushButton;
class QSpinBox;

namespace sweepscope::gui {

class BenchForm : public QWidget {
  Q_OBJECT

 public:
  BenchForm(const BenchScene& scene, const Theme& theme, QWidget* parent = nullptr);
  void onCatalogue();  // fills the choices
  void setSetup(const telemetry::BenchSetup& setup);
  // With the surprise, a fault that chance chooses at each call.
  telemetry::BenchSetup setup() const;
  void setChance(std::function<uint32_t()> chance) { chance_ = std::move(chance); }  // for tests
  bool challenge() const;
  bool surprise() const;                 // a challenge whose fault is not named
  void setMessage(const QString& text);  // why no session could begin, or what is waited for
  void setReady(bool ready);

 signals:
  void beginRequested();
  void openRequested();
  void backRequested();

 protected:
  void keyPressEvent(QKeyEvent* event) override;  // Enter begins

 private:
  void refreshWords();
  void refreshLimits();
  void refreshSurprise();
  const telemetry::BenchFault* chosenFault() const;

  const BenchScene& scene_;
  const Theme& theme_;
  QComboBox *scenario_, *policy_;
  QLabel *scenarioText_, *policyText_, *faultText_, *message_;
  QListWidget* fault_;
  int rowBeforeSurprise_ = -1;
  QSpinBox *procs_, *spans_;
  QLineEdit* seed_;
  std::function<uint32_t()> chance_;
  QCheckBox *passed_, *challenge_, *surprise_;
  QPushButton *begin_, *open_, *back_;
};

}  // namespace sweepscope::gui
