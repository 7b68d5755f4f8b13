#include "gui/session/live_source.h"

#include <algorithm>

#include "telemetry/store/keyframe.h"

namespace sweepscope::gui {

telemetry::Result<std::unique_ptr<LiveSource>> LiveSource::connect(const std::string& address) {
  auto session = telemetry::LiveSession::connect(address);
  if (!session) return telemetry::fail(session.error().message);
  auto source = std::make_unique<LiveSource>();
  source->address_ = address;
  source->session_ = std::move(*session);
  return source;
}

size_t LiveSource::pump(telemetry::History& history, size_t max, std::vector<telemetry::Event>& moved,
                        bool& restarted) {
  moved.clear();
  while (moved.size() < max) {
    const size_t before = moved.size();
    const telemetry::LiveSession::Stretch stretch = session_->drain(moved, max - before);
    if (stretch.empty()) break;
    uint64_t lost = stretch.lost_before;
    if (stretch.snapshot) {
      telemetry::Replica state;
      if (!stretch.snapshot->keyframe.empty()) {
        // Without the snapshot the session can still be followed; spans it described show as unknown.
        if (auto decoded = telemetry::decode_keyframe(stretch.snapshot->keyframe, state); !decoded) {
          brokenSnapshot_ = QString::fromStdString(decoded.error().message);
          lost = std::max<uint64_t>(lost, 1);
        }
      }
      history.restart(stretch.snapshot->next_seq, state);
      restarted = true;
      if (brokenSnapshot_.isEmpty()) lost = 0;
    }
    if (!infoSet_ && session_->state() != telemetry::LiveSession::State::kConnecting) {
      history.set_info(session_->hello().info);
      infoSet_ = true;
    }
    history.append(std::span(moved).subspan(before), lost,
                   lost > 0 ? "this viewer was too slow" : std::string());
  }
  return moved.size();
}

LinkState LiveSource::state() const {
  switch (session_->state()) {
    case telemetry::LiveSession::State::kConnecting: return LinkState::kConnecting;
    case telemetry::LiveSession::State::kLive: return LinkState::kConnected;
    default: return session_->drained() ? LinkState::kClosed : LinkState::kConnected;
  }
}

QString LiveSource::message() const {
  return brokenSnapshot_.isEmpty() ? QString::fromStdString(session_->message()) : brokenSnapshot_;
}

}  // namespace sweepscope::gui
