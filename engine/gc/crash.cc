#include "engine/gc/crash.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "engine/base/clock.h"
#include "engine/base/driver.h"
#include "engine/gc/runtime.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {
namespace {

// Straight to the descriptor: stdio may hold a lock or be out of memory.
__attribute__((format(printf, 1, 2))) void say(const char* format, ...) {
  char line[512];
  va_list arguments;
  va_start(arguments, format);
  const int n = vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  if (n <= 0) return;
  const size_t length = static_cast<size_t>(n) < sizeof line ? static_cast<size_t>(n) : sizeof line - 1;
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line, length);
}

const char* name(std::optional<SweepState> state) {
  if (!state) return "ILLEGAL";
  switch (*state) {
    case SweepState::kNeeds: return "needs sweep (-2)";
    case SweepState::kSweeping: return "being swept (-1)";
    case SweepState::kSwept: return "swept (0)";
    case SweepState::kStale: return "stale cached (+1)";
    case SweepState::kCached: return "cached (+3)";
  }
  return "?";
}

uint64_t operand(std::span<const Operand> operands, const char* name, uint64_t otherwise) {
  for (const Operand& o : operands)
    if (strcmp(o.name, name) == 0) return o.value;
  return otherwise;
}

}  // namespace

void Crash::fail(Context& context, FatalCode code, std::span<const Operand> operands) {
  const Context* first = nullptr;
  // relaxed: the first to fail is decided by the order of this word alone.
  if (!failing_.compare_exchange_strong(first, &context, std::memory_order_relaxed)) {
    if (first == &context) _exit(1);  // failed again while dumping
    while (true) pause();             // another thread is dumping; it ends the process
  }
  M& m = static_cast<M&>(context);
  if (m.emitter.enabled()) {
    m.emitter.emit(observe::CheckFired{
        {stamp(), observe::EventKind::kCheckFired, static_cast<uint8_t>(code),
         m.p != nullptr ? m.p->id : observe::kNoP, static_cast<uint32_t>(operand(operands, "span", ~0u))},
        runtime_.heap().gen(),
        static_cast<uint32_t>(operand(operands, "sweepgen", 0)),
        code == FatalCode::kVerifyFailed ? static_cast<uint32_t>(operand(operands, "invariant_I", 0)) : 0,
        context.id});
    m.emitter.seal();
  }
  if constexpr (kLaboratory) {
    failing_.store(nullptr, std::memory_order_relaxed);  // relaxed: one OS thread
    end_run(context, code, operands);
  }

  // The state may be anything by now: whatever the dump or the drain stumbles over,
  // the process ends as it was to.
  for (int signal_number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) signal(signal_number, [](int) { _exit(1); });
  say("fatal: %s: %s\n", words(code), meaning(code));
  for (const Operand& o : operands)
    say("  %s = %llu (0x%llx)\n", o.name, static_cast<unsigned long long>(o.value),
        static_cast<unsigned long long>(o.value));
  const uint64_t span = operand(operands, "span", ~0ull);
  if (span < runtime_.heap().span_ids()) {
    MSpan& s = runtime_.heap().span(static_cast<uint32_t>(span));
    say("  span %u: class %u%s, page %u..%u, sweepgen %u = %s, freeindex %u of %u, allocCount %u, list %u, "
        "transition %u\n",
        s.id, s.span_class.size_class(), s.span_class.noscan() ? " noscan" : "", s.first_page,
        s.first_page + s.pages, s.sweepgen.peek(), name(decode(s.sweepgen.peek(), runtime_.heap().gen())),
        s.freeindex.peek(), s.nelems, s.alloc_count, static_cast<unsigned>(s.list), s.number);
  }
  dump(context);
  if (runtime_.options.observer != nullptr) runtime_.options.observer->drain_for_crash();
  call_hook(m, code, operands);
  if (runtime_.options.core_on_fatal) abort();
  _exit(1);
}

void Crash::call_hook(M& m, FatalCode code, std::span<const Operand> operands) noexcept {
  if (!runtime_.options.on_fatal) return;
  FatalReport report{};
  report.code = static_cast<uint8_t>(code);
  report.words = words(code);
  report.meaning = meaning(code);
  report.thread = m.id;
  report.p = m.p != nullptr ? m.p->id : FatalReport::kNone;
  report.span = static_cast<uint32_t>(operand(operands, "span", FatalReport::kNone));
  report.sweepgen = runtime_.heap().gen();
  report.value_count = std::min(operands.size(), report.values.size());
  for (size_t i = 0; i < report.value_count; ++i) report.values[i] = {operands[i].name, operands[i].value};
  runtime_.options.on_fatal(report);
}

void Crash::dump(Context& context) {
  M& m = static_cast<M&>(context);
  MHeap& heap = runtime_.heap();
  say("engine: policy %s, seed %llu, sg %u, cycle %u, phase %u, procs %u, running %u%s\n",
      runtime_.options.flush_policy.c_str(), static_cast<unsigned long long>(runtime_.options.seed),
      heap.gen(), runtime_.collector().cycles(), static_cast<unsigned>(runtime_.collector().phase()),
      runtime_.sched().procs(), runtime_.sched().world.running(),
      runtime_.sched().world.stopping() ? ", stopping" : "");
  say("  thread %u, P %d, locks held 0x%x, non-preemptible depth %u\n", m.id,
      m.p != nullptr ? static_cast<int>(m.p->id) : -1, m.held_ranks, m.non_preemptible);
  say("  spans in use %u, heap_live %llu, sweepdone %u, sweepers %u, unflushed %u, unswept queue %u, swept queue %u\n",
      heap.spans_in_use(), static_cast<unsigned long long>(heap.heap_live.peek()), heap.sweep_done.peek(),
      heap.sweepers.peek(), heap.unflushed.peek(), heap.unswept().size(), heap.swept().size());
  for (uint32_t id = 0; id < runtime_.sched().procs() && id < 64; ++id) {
    P& p = runtime_.sched().p(id);
    say("  P %u: status %u, owner %d, flush_gen %u, cached spans %u\n", id,
        static_cast<unsigned>(p.status.peek()), static_cast<int>(p.owner), p.mcache.flush_gen.peek(),
        p.mcache.cached);
  }
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
