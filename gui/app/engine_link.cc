#include "gui/app/engine_link.h"

namespace sweepscope::gui {

namespace {

constexpr int kRetryMs = 50, kTries = 200;

}  // namespace

EngineLink::EngineLink(QObject* parent) : QObject(parent), engine_(this) {
  connect(&timer_, &QTimer::timeout, this, &EngineLink::tryOnce);
  connect(&engine_, &EngineProcess::startFailed, this, [this](const QString& why) {
    timer_.stop();
    emit failed(why);
  });
  connect(&engine_, &EngineProcess::finished, this, [this](int code, bool crashed) {
    timer_.stop();
    if (reached_) return emit ended(code, crashed);
    emit failed(engine_.errorLine().isEmpty()
                    ? tr("The engine exited with code %1 before the dashboard could connect.").arg(code)
                    : engine_.errorLine());
  });
}

void EngineLink::startOwn(const EngineRequest& request) {
  reached_ = own_ = false;
  engine_.start(request);
  if (!engine_.running()) return;
  own_ = tryingOwn_ = true;
  address_ = engine_.address();
  tries_ = 0;
  timer_.start(kRetryMs);
}

void EngineLink::connectTo(const QString& address) {
  timer_.stop();
  tryingOwn_ = false;
  address_ = address;
  tryOnce();
}

void EngineLink::stop() {
  timer_.stop();
  own_ = false;
  engine_.stop();
}

void EngineLink::tryOnce() {
  auto source = LiveSource::connect(address_.toStdString());
  if (source) {
    timer_.stop();
    reached_ = true;
    own_ = tryingOwn_;
    if (!own_) engine_.stop();
    source_ = std::move(*source);
    return emit connected();
  }
  if (timer_.isActive() && ++tries_ < kTries) return;
  timer_.stop();
  emit failed(QString::fromStdString(source.error().message));
}

}  // namespace sweepscope::gui
