// The two builds of the engine. The same sources are compiled twice, into two inline namespaces,
// so that one program can link both: `production`, in which a step point is no instruction,
// and `laboratory`, in which every step point hands control to a scheduler.
// Only files in engine/base/ may test SWEEPSCOPE_LABORATORY.
#pragma once

#ifdef SWEEPSCOPE_LABORATORY
#define SWEEPSCOPE_BUILD laboratory
#else
#define SWEEPSCOPE_BUILD production
#endif

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

#ifdef SWEEPSCOPE_LABORATORY
inline constexpr bool kLaboratory = true;
#else
inline constexpr bool kLaboratory = false;
#endif

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
