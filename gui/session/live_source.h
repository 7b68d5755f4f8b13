// A connection to a running engine: the only file of the dashboard that calls telemetry/client. GUI thread; the
// client's reader thread fills the queue that pump() drains into the flight ring.
#pragma once

#include <QString>
#include <memory>
#include <string>
#include <vector>

#include "telemetry/client/live_session.h"
#include "telemetry/store/history.h"

namespace sweepscope::gui {

enum class LinkState : uint8_t { kConnecting, kConnected, kClosed };

class LiveSource {
 public:
  static telemetry::Result<std::unique_ptr<LiveSource>> connect(const std::string& address);

  // Moves at most about `max` events from the client into `history`; returns how many. `restarted` is set if
  // the engine sent a snapshot, which invalidates a picture made from older events.
  size_t pump(telemetry::History& history, size_t max, std::vector<telemetry::Event>& moved, bool& restarted);
  LinkState state() const;
  QString message() const;  // why the connection ended, one line
  const std::string& address() const { return address_; }

 private:
  std::string address_;
  std::unique_ptr<telemetry::LiveSession> session_;
  bool infoSet_ = false;
  QString brokenSnapshot_;  // why the snapshot could not be decoded
};

}  // namespace sweepscope::gui
