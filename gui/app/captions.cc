#include "gui/app/captions.h"

#include <QCoreApplication>

namespace sweepscope::gui {

namespace {

constexpr qint64 kApartMs = 4000;

const char* const kCaptions[] = {
    QT_TRANSLATE_NOOP("Caption", "Each square is 8 KiB of memory."),
    QT_TRANSLATE_NOOP(
        "Caption",
        "The collector just finished marking: amber squares may hold garbage, and nobody wrote to them."),
    QT_TRANSLATE_NOOP(
        "Caption", "Red squares lie in a processor's cache: only whoever flushes that cache may sweep them."),
};

}  // namespace

std::optional<QString> Captions::next(const SessionController& session) {
  static_assert(std::size(kCaptions) == kCount);
  if (shown_ >= kCount || session.codes().pages() == 0) return std::nullopt;
  if (since_.isValid() && since_.elapsed() < kApartMs) return std::nullopt;
  const telemetry::Census& census = session.replica().census();
  const auto some = [&](telemetry::SweepState s) { return census.spans[static_cast<size_t>(s)] > 0; };
  const bool due = shown_ == 0 || (shown_ == 1 && some(telemetry::SweepState::kNeeds)) ||
                   (shown_ == 2 && some(telemetry::SweepState::kStale));
  if (!due) return std::nullopt;
  since_.start();
  return QCoreApplication::translate("Caption", kCaptions[shown_++]);
}

}  // namespace sweepscope::gui
