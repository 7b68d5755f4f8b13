// A connection to a running engine, as the session controller uses it: the only file of the dashboard that knows how
// telemetry/client is called. GUI thread; the client's own reader thread fills the queue that drain() empties.
#pragma once

#include <QString>
#include <memory>
#include <string>
#include <vector>

#include "telemetry/client/live_session.h"
#include "telemetry/model/event.h"
#include "telemetry/store/event_log.h"
#include "telemetry/store/history.h"

namespace sweepscope::gui {

enum class LinkState : uint8_t { kConnecting, kConnected, kClosed };

class LiveSource {
 public:
  static telemetry::Result<std::unique_ptr<LiveSource>> connect(const std::string& address);
  ~LiveSource();

  size_t drain(std::vector<telemetry::Event>& out, size_t max);
  LinkState state() const;
  QString stateText() const;
  telemetry::SessionInfo info() const;
  uint64_t lost() const;
  const std::string& address() const { return address_; }

 private:
  LiveSource() = default;
  std::string address_;
  std::unique_ptr<telemetry::LiveSession> session_;
};

}  // namespace sweepscope::gui
