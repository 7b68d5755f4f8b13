// What was recorded (html_page.cc wrote it): beats, each with its steps; a step has the view of the session after it.
'use strict';

const RECORDING = JSON.parse(document.getElementById('recording').textContent);

// Views hold places in lists that all share.
for (const node of RECORDING.nodes) {
  const {view} = node,
    {shared} = RECORDING;
  view.threads = view.threads.map((place) => shared.threads[place]);
  view.board.spans = view.board.spans.map((place) => shared.spans[place]);
  view.board.ps = view.board.ps.map((place) => shared.ps[place]);
  view.board.rules = shared.rules[view.board.rules];
  view.board.objects = view.board.objects.map((place) => shared.objects[place]);
}
for (const beat of RECORDING.beats) {
  beat.steps = beat.nodes.map((place) => RECORDING.nodes[place]);
  beat.stops = stopsOf(beat.steps, RECORDING.kind === 'lesson');
}

// The steps at which "next" stops, as in the dashboard (gui/models/lesson_run.h): after each arc and each choice; of
// accesses, after the last one in a row by one thread, or one that makes an arc; of these the last one of the beat and those
// before which something was to see. A schedule has no lesson's author who chose its steps: all of them.
function stopsOf(steps, folds) {
  const stops = [0];
  let quiet = true;
  for (let at = 1; at < steps.length; ++at) {
    const last = at + 1 === steps.length;
    quiet = quiet && steps[at].step.quiet;
    if (folds && !last && (quiet || isWithinAccesses(steps[at].step, steps[at + 1].step))) continue;
    stops.push(at);
    quiet = true;
  }
  return stops;
}

function isWithinAccesses(step, next) {
  return (
    step.kind === 'access' &&
    next.kind === 'access' &&
    next.thread === step.thread &&
    step.outcome === 'running' &&
    !/\(T[^(]*\)$/.test(step.text)
  );
}

// Places in beat.steps; the same step if there is none.
function stopBefore(beat, step) {
  return beat.stops.findLast((stop) => stop < step) ?? 0;
}

function stopAfter(beat, step) {
  return beat.stops.find((stop) => stop > step) ?? step;
}

// A place in the recording: beat and step from 0. `#beat=2&step=37` names the beat from 1, and the number of accesses
// since the engine was made: the number by which sweepctl and the dashboard name a step, too.
function linkTo(at) {
  return '#beat=' + (at.beat + 1) + '&step=' + RECORDING.beats[at.beat].steps[at.step].view.steps;
}

// Any text may stand behind the #: what it does not name well is the nearest place that exists. null: it names none.
function placeOf(link) {
  const parts = new URLSearchParams(link.replace(/^#/, ''));
  const number = (name) => (/^[0-9]{1,9}$/.test(parts.get(name) || '') ? Number(parts.get(name)) : null);
  const named = number('beat'),
    accesses = number('step');
  if (named === null && accesses === null) return null;
  const beat = Math.min(Math.max((named || 1) - 1, 0), RECORDING.beats.length - 1);
  const {steps, opens} = RECORDING.beats[beat];
  if (accesses === null) return {beat, step: opens};
  let step = 0;
  while (step + 1 < steps.length && steps[step + 1].view.steps <= accesses) ++step;
  return {beat, step};
}
