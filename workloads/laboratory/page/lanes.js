// The steps of the beat so far as a space-time diagram: a lane per thread, time to the right, a mark for each arc, an
// arrow where a span passes from one thread to another. Each column is a button that goes to its step.
'use strict';

const MOST_COLUMNS = 200; // the newest

function showLanes(beat, at, goTo) {
  const view = beat.steps[at.step].view;
  const threads = view.threads.map((thread) => thread.thread);
  const rows = 'auto ' + `repeat(${threads.length}, 2.25rem)`;
  const names = element(
    'div',
    {class: 'lane-names', 'aria-hidden': 'true'},
    element('span', {class: 'dim'}, 'accesses'),
    threads.map((thread) => element('span', {}, threadName(view, thread)))
  );
  names.style.gridTemplateRows = rows;
  const columns = [];
  for (let step = Math.max(1, at.step - MOST_COLUMNS + 1); step <= at.step; ++step)
    columns.push(
      laneColumn(beat.steps[step], step, step === at.step, threads, rows, () => goTo({beat: at.beat, step}))
    );
  const arrows = drawn('svg', {class: 'arrows', 'aria-hidden': 'true'});
  const list = element(
    'ol',
    {class: 'lane-steps'},
    columns.map((column) => element('li', {}, column))
  );
  const scrolls = element(
    'div',
    {
      class: 'scrolls lane-scroll',
      tabindex: 0,
      role: 'region',
      'aria-label': 'Steps of this beat',
      'data-key': 'lanes'
    },
    columns.length ? list : element('p', {class: 'dim'}, 'No step of this beat is taken yet.'),
    arrows
  );
  show('lanes', element('section', {class: 'lanes', 'aria-label': 'Thread lanes'}, names, scrolls));
  scrolls.scrollLeft = scrolls.scrollWidth;
  drawArrows(scrolls, arrows);
}

function laneColumn({step, view}, number, current, threads, rows, go) {
  const arcs = view.rows.filter((row) => row.arc && threads.includes(row.thread));
  const marks = arcs.map((row, place) => laneMark(markLabel(row), stateAfter(row, view), row, threads, place + 1));
  if (!marks.length) marks.push(laneMark(sentence(step.text), null, {thread: step.thread}, threads, 1));
  const first = step.steps_before + 1,
    last = step.steps_before + step.steps;
  const hidden = view.rows.length - arcs.length;
  const head = element(
    'span',
    {class: 'accesses'},
    first === last ? String(last) : `${first}\u2013${last}`,
    arcs.length && hidden > 0 ? element('i', {}, '+' + hidden) : null
  );
  head.style.gridColumn = `1 / span ${marks.length}`;
  const column = element(
    'button',
    {
      type: 'button',
      class: 'column' + (step.quiet ? ' silent' : ''),
      'data-key': 'column ' + number,
      onclick: go,
      'aria-current': current ? 'step' : null,
      'aria-label': `Accesses ${first} to ${last}: ${sentence(step.text)}`
    },
    head,
    marks
  );
  column.style.gridTemplateRows = rows;
  return column;
}

function markLabel(row) {
  const span = spanOfRow(row);
  return span === null ? row.arc : `${row.arc} span ${span}`;
}

function laneMark(label, state, row, threads, place) {
  const mark = element(
    'span',
    {
      class: 'mark' + (state ? ' edge-' + state + ' tint-' + state : ''),
      title: row.arc && ARCS[arcOf(row)] ? `${label}: ${ARCS[arcOf(row)]}` : label
    },
    label
  );
  mark.style.gridRow = Math.max(0, threads.indexOf(row.thread)) + 2;
  mark.style.gridColumn = place;
  if (row.arc && spanOfRow(row) !== null) mark.dataset.span = spanOfRow(row);
  return mark;
}

// From a span's mark to its next one, if that lies in another lane.
function drawArrows(scrolls, arrows) {
  const list = scrolls.querySelector('ol');
  if (!list) return;
  const origin = list.getBoundingClientRect(),
    last = new Map();
  arrows.setAttribute('width', origin.width);
  arrows.setAttribute('height', origin.height);
  for (const mark of list.querySelectorAll('[data-span]')) {
    const box = mark.getBoundingClientRect();
    const here = {
      left: box.left - origin.left,
      right: box.right - origin.left,
      y: box.top - origin.top + box.height / 2
    };
    const from = last.get(mark.dataset.span);
    last.set(mark.dataset.span, here);
    if (!from || from.y === here.y) continue;
    const bend = Math.min(24, Math.max(6, (here.left - from.right) / 2)),
      end = here.left - 6;
    arrows.append(
      drawn('path', {
        class: 'arrow',
        d: `M${from.right} ${from.y}C${from.right + bend} ${from.y} ${end - bend} ${here.y} ${end} ${here.y}`
      }),
      drawn('path', {class: 'arrow-head', d: `M${here.left} ${here.y}l-7 -4v8z`})
    );
  }
}
