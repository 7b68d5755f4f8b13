#include "telemetry/server/live_picture.h"

namespace sweepscope::telemetry {

void LivePicture::consume(const Batch& batch) {
  if (batch.lost_before != 0) replica_.declare_loss(batch.lost_before);
  for (const Event& event : batch.events) (void)replica_.apply(event);
}

}  // namespace sweepscope::telemetry
