#include "gui/app/captions.h"

#include <QCoreApplication>

#include "gui/views/overlays.h"

namespace sweepscope::gui {

namespace {

constexpr qint64 kReadMs = 4000;  // long enough for a sentence

const char* const kCaptions[] = {
    QT_TRANSLATE_NOOP("Caption", "Each square is 8 KiB of memory."),
    QT_TRANSLATE_NOOP(
        "Caption",
        "Marking has just finished. Amber squares may hold garbage and need sweeping: sg changed, their spans did not."),
    QT_TRANSLATE_NOOP(
        "Caption",
        "Red squares are stale spans in a processor's cache: only a flush of that cache may sweep them."),
};

QString text(int caption) { return QCoreApplication::translate("Caption", kCaptions[caption]); }

// The subject of the caption is on screen, in the state that the caption describes.
bool holds(int caption, const SessionController& session, bool squares) {
  const telemetry::Replica& replica = session.replica();
  const auto some = [&](telemetry::SweepState s) {
    return squares && replica.census().spans[static_cast<size_t>(s)] > 0;
  };
  // From mark termination to the start of the next cycle: a square still amber then was marked a cycle ago.
  const bool marked =
      replica.phase() == telemetry::Phase::kMarkTermination || replica.phase() == telemetry::Phase::kOff;
  switch (caption) {
    case 0: return squares && session.codes().pages() > 0;
    case 1: return marked && some(telemetry::SweepState::kNeeds);
    default: return some(telemetry::SweepState::kStale);
  }
}

}  // namespace

void Captions::begin() {
  current_ = 0;
  visible_ = false;
  notBeforeMs_ = shownMs_ = 0;
}

void Captions::end() {
  if (visible_) caption_.dismiss();
  visible_ = false;
  current_ = kCount;
}

void Captions::advance() {
  visible_ = false;
  shownMs_ = 0;
  ++current_;
}

void Captions::tick(const SessionController& session, bool squares, qint64 nowMs) {
  static_assert(std::size(kCaptions) == kCount);
  if (visible_) {
    const qint64 shown = nowMs - shownAtMs_;
    if (!caption_.displays(text(current_))) {  // timed out, dismissed, or replaced by another
      advance();
    } else if (!holds(current_, session, squares)) {
      caption_.dismiss();
      visible_ = false;
      shownMs_ += shown;
      if (shownMs_ >= kReadMs) advance();
    } else if (shown >= kReadMs && current_ + 1 < kCount && holds(current_ + 1, session, squares)) {
      advance();  // the next one replaces it
    } else {
      return;
    }
  }
  if (current_ >= kCount || nowMs < notBeforeMs_ || !holds(current_, session, squares)) return;
  caption_.display(text(current_));
  visible_ = true;
  shownAtMs_ = nowMs;
  notBeforeMs_ = nowMs + kReadMs;
}

}  // namespace sweepscope::gui
