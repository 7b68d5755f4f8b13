#include "gui/session/bench_client.h"

#include <algorithm>

namespace sweepscope::gui {

using namespace telemetry;

namespace {

constexpr int kPollMs = 8, kRetryMs = 50, kTries = 200;
constexpr int kMostLooks = 8;  // asked for and not answered

}  // namespace

BenchClient::BenchClient(QObject* parent) : QObject(parent), engine_(this) {
  connect(&timer_, &QTimer::timeout, this, [this] { session_ ? poll() : tryOnce(); });
  connect(&engine_, &EngineProcess::startFailed, this, &BenchClient::end);
  connect(&engine_, &EngineProcess::finished, this, [this](int code, bool) {
    if (session_) poll();  // what it sent before it ended
    const QString line = engine_.errorLine();
    end(line.isEmpty() ? tr("The laboratory exited with code %1.").arg(code) : line);
  });
}

void BenchClient::start() {
  engine_.startBench();
  if (!engine_.running()) return;
  own_ = true;
  address_ = engine_.address();
  tries_ = 0;
  timer_.start(kRetryMs);
}

void BenchClient::connectTo(const QString& address) {
  own_ = false;
  address_ = address;
  tries_ = kTries;
  tryOnce();
}

void BenchClient::tryOnce() {
  auto session = LiveSession::connect(address_.toStdString());
  if (session) {
    session_ = std::move(*session);
    return timer_.start(kPollMs);
  }
  if (++tries_ >= kTries) end(QString::fromStdString(session.error().message));
}

void BenchClient::end(const QString& why) {
  timer_.stop();
  session_.reset();
  pending_.clear(), looks_.clear();
  ready_ = watching_ = false;
  stepping_ = looking_ = 0;
  emit readyChanged();
  emit failed(why);
}

void BenchClient::poll() {
  const LiveSession::State state = session_->state();
  if (state == LiveSession::State::kConnecting) return;
  if (state == LiveSession::State::kLive && !watching_) {
    watching_ = true;
    send(Kind::kWatch, BenchWatch{});
    if (!session_) return;
  }
  ignored_.clear();
  session_->drain(ignored_, 4096);
  bool changed = false;
  while (auto answer = session_->take_bench_answer()) {
    take(*answer);
    changed = true;
    if (!session_) return;
  }
  if (auto newest = session_->take_bench_state()) {
    scene_.setState(std::move(*newest));
    changed = true;
  }
  if (changed) {
    fetchViews();
    emit sceneChanged();
  }
  if (session_ && (state == LiveSession::State::kEnded || state == LiveSession::State::kFailed))
    end(QString::fromStdString(session_->message()));
}

void BenchClient::send(Kind kind, BenchRequestBody body) {
  if (!session_) return;
  const uint64_t id = nextId_++;
  if (auto sent = session_->send(BenchRequest{id, std::move(body)}); !sent)
    return end(QString::fromStdString(sent.error().message));
  pending_.emplace(id, kind);
  if (kind == Kind::kStep) ++stepping_;
}

void BenchClient::take(const BenchAnswer& answer) {
  const auto at = pending_.find(answer.request);
  if (at == pending_.end()) return;
  const Kind kind = at->second;
  pending_.erase(at);
  if (kind == Kind::kStep) --stepping_;
  if (kind == Kind::kLook) {
    --looking_;
    if (answer.error.empty()) looks_.erase(answer.request);  // one that was refused is not asked for again
  }
  if (kind == Kind::kWatch && !answer.catalogue.empty()) {
    scene_.setCatalogue(answer.catalogue.front());
    ready_ = true;
    emit readyChanged();
    emit catalogueArrived();
  }
  if (!answer.error.empty()) emit refused(QString::fromStdString(answer.error));
  for (const BenchView& view : answer.view) scene_.addView(view);
  if (kind == Kind::kStep && answer.node != kNoNode) scene_.show(answer.node);
  if (kind == Kind::kLesson && answer.error.empty()) emit lessonOpened();
  if (kind == Kind::kSchedule && answer.error.empty())
    emit scheduleArrived(QString::fromStdString(answer.schedule));
}

void BenchClient::fetchViews() {
  if (!ready_) return;
  for (const uint32_t node : scene_.wanted(kMostLooks)) {
    if (askedFor(node)) continue;
    if (looking_ >= kMostLooks) return;
    look(node);
    if (!session_) return;
  }
}

bool BenchClient::askedFor(uint32_t node) const {
  return std::any_of(looks_.begin(), looks_.end(), [&](const auto& look) { return look.second == node; });
}

void BenchClient::look(uint32_t node) {
  if (!ready_ || scene_.view(node) != nullptr || askedFor(node)) return;
  looks_.emplace(nextId_, node);
  ++looking_;
  send(Kind::kLook, BenchLook{node});
}

void BenchClient::show(uint32_t node) {
  scene_.show(node);
  fetchViews();
  emit sceneChanged();
}

void BenchClient::step(BenchStepKind kind, uint32_t thread, uint32_t choice) {
  if (stepping() || !scene_.begun()) return;  // the picture that was decided on is about to change
  send(Kind::kStep, BenchStepRequest{scene_.shown(), kind, thread, choice});
}

void BenchClient::begin(const BenchSetup& setup) { send(Kind::kOther, setup); }
void BenchClient::load(const QString& schedule) { send(Kind::kOther, BenchLoad{schedule.toStdString()}); }
void BenchClient::openLesson(const std::string& text, uint32_t run) {
  send(Kind::kLesson, BenchOpenLesson{text, run});
}
void BenchClient::name(uint32_t node, const QString& name) {
  QString cut = name.left(64);
  while (cut.toUtf8().size() > 64) cut.chop(1);
  send(Kind::kOther, BenchName{node, cut.toStdString()});
}
void BenchClient::search(bool begin) { send(Kind::kOther, BenchSearchRequest{scene_.shown(), begin}); }
void BenchClient::setBreakpoints(const QStringList& breakpoints) {
  BenchBreakpoints all;
  for (const QString& breakpoint : breakpoints) all.breakpoints.push_back(breakpoint.toStdString());
  send(Kind::kOther, std::move(all));
}
void BenchClient::getSchedule() { send(Kind::kSchedule, BenchGetSchedule{scene_.shown()}); }

}  // namespace sweepscope::gui
