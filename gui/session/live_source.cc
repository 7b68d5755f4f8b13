#include "gui/session/live_source.h"

namespace sweepscope::gui {

telemetry::Result<std::unique_ptr<LiveSource>> LiveSource::connect(const std::string& address) {
  auto session = telemetry::LiveSession::connect(address);
  if (!session) return telemetry::fail(session.error().message);
  auto source = std::make_unique<LiveSource>();
  source->address_ = address;
  source->session_ = std::move(*session);
  return source;
}

size_t LiveSource::pump(telemetry::History& history, size_t max, std::vector<telemetry::Event>& moved, bool& restarted) {
  moved.clear();
  while (moved.size() < max) {
    const size_t before = moved.size();
    const telemetry::LiveSession::Stretch stretch = session_->drain(moved, max - before);
    if (stretch.empty()) break;
    history.append(std::span(moved).subspan(before));
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

QString LiveSource::message() const { return QString::fromStdString(session_->message()); }

}  // namespace sweepscope::gui
