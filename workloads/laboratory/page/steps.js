// What surrounds the board: the sentence of the step, the verdict, the threads with their next accesses, and the
// accesses of the step.
'use strict';

function showCaption(beat, at) {
  const {view} = beat.steps[at.step];
  const {deeds, folded} = toldOf(beat, at.step);
  const passed = beat.steps.slice(stopBefore(beat, at.step) + 1, at.step + 1);
  const arcs = [...new Set(passed.flatMap((node) => node.view.rows.map(arcOf)).filter((arc) => ARCS[arc]))];
  const named = (arc) => (arcs.length === 1 && deeds.length === 1 ? '' : arc + ': ') + ARCS[arc];
  const nothing =
    folded === 0
      ? ''
      : folded === 1
        ? ', and 1 step that changes nothing on the board'
        : `, and ${folded} steps that change nothing on the board`;
  show(
    'caption',
    element('b', {}, at.step === 0 ? 'The beat begins here' : deeds.join('; ')),
    at.step === 0 ? `, after ${counted(view.steps, 'access', 'accesses')}.` : nothing,
    arcs.length && at.step > 0 ? ' \u2014 ' + arcs.map(named).join('; ') : ''
  );
}

// What happened since the stop before: what the steps did, and how many of them changed nothing.
function toldOf(beat, step) {
  const passed = [];
  for (let at = stopBefore(beat, step) + 1; at <= step; ++at) passed.push(at);
  const told = passed.map((at) => deedsOf(beat.steps[at], at > 0 ? beat.steps[at - 1].view : null));
  const deeds = told.flat(),
    folded = told.filter((one) => one.length === 0).length;
  // Of many deeds those without an arc are left out first.
  const all = deeds.length;
  while (deeds.length > MOST_DEEDS) deeds.splice(Math.max(0, deeds.findIndex((deed) => !deed.includes('(T'))), 1);
  if (all > deeds.length) deeds.push(`and ${all - deeds.length} more`);
  if (deeds.length || step === 0) return {deeds, folded};
  return {deeds: [sentence(beat.steps[step].step.text)], folded: folded - 1}; // the last step of a beat
}

const MOST_DEEDS = 4;
const STOPS_TO_SEE = ['blocked', 'ended', 'choice', 'breakpoint', 'violation', 'run end'];
const WRITES = ['store', 'CAS won', 'change'];
const DRAWN_WORDS = [2, 3, 4, 5, 8, 9, 12, 13, 15]; // engine/base/step.h: of spans, queues, Ps, the phase
const WORD_WORLD = 16,
  STOP = 2 ** 31;

// Whether the access changes what the board shows.
function isDrawn(row) {
  if (row.text.includes(' moves span')) return true;
  if (!WRITES.includes(row.op) || row.before === row.after) return false;
  if (row.word === WORD_WORLD) return row.before >= STOP !== row.after >= STOP;
  return DRAWN_WORDS.includes(row.word);
}

// "P0 moves span 1 from no list to the list empty; takes mcentral.lock": the access under which a span moved is left out.
function deedOf(row) {
  const moves = row.text.indexOf(' moves span'),
    rest = row.text.indexOf('; ');
  return sentence(moves >= 0 && moves < rest ? row.text.slice(0, rest) : row.text);
}

// What of a step is to be told: the choice that it took, what changed the board, and why it ended, if that is to be seen.
// Empty: a quiet step, unless it makes an arc.
function deedsOf({step, view}, before) {
  const deeds = [];
  const chooser = step.kind === 'choice' && before ? before.threads.find((t) => t.thread === step.thread) : null;
  if (chooser && chooser.alternatives[step.choice] !== undefined)
    deeds.push(`${chooser.name} chooses: ${chooser.alternatives[step.choice]}`);
  if (before && before.board.known) deeds.push(...objectDeeds(before.board, view));
  for (const row of view.rows)
    if (row.arc) deeds.push(sentence(row.text) + (row.text.includes(`(${row.arc})`) ? '' : ` (${row.arc})`));
    else if (!step.quiet && isDrawn(row)) deeds.push(deedOf(row));
  if (step.quiet) return deeds;
  const end = STOPS_TO_SEE.includes(step.stop) && step.why !== '';
  if (!deeds.length && !end) deeds.push(sentence(step.text));
  if (end) deeds.push(sentence(step.why));
  return deeds;
}

function showVerdict(view, spots) {
  const {verdict, board} = view,
    parts = [];
  if (verdict.outcome === 'violation') {
    const finder =
      verdict.kind === 'oracle'
        ? 'Found by the oracle, a shadow heap outside the engine.'
        : verdict.kind === 'engine check'
          ? 'Found by the engine\u2019s own check.'
          : `Found as a ${verdict.kind}.`;
    parts.push(
      element(
        'div',
        {class: 'fired', role: 'group', 'aria-label': 'Verdict'},
        element(
          'p',
          {},
          element('b', {}, `\u2716 Fired after ${counted(verdict.step, 'access', 'accesses')}: ${verdict.rule}`)
        ),
        RULES[verdict.rule] ? element('p', {}, `The rule: ${RULES[verdict.rule]}.`) : null,
        element('p', {}, capital(sentence(verdict.text))),
        element('p', {class: 'dim'}, finder)
      )
    );
  }
  for (const rule of board.rules.filter((r) => r.state === 'noted'))
    parts.push(
      element(
        'div',
        {class: 'noted'},
        element(
          'p',
          {},
          element('b', {}, `Noted: ${rule.rule}`),
          `, ${counted(rule.times, 'time')}, first at access ${rule.first_step}. ${capital(sentence(rule.text))}`
        )
      )
    );
  if (!parts.length && spots.has('rules'))
    parts.push(element('p', {class: 'holds'}, '\u2713 No rule is violated so far.'));
  if (!parts.length && verdict.outcome === 'finished')
    parts.push(element('p', {class: 'holds'}, '\u2713 The run ended, and no rule was violated.'));
  show('verdict', parts);
}

// open: the question of the beat is not answered yet, so what comes next is not shown.
function showThreads(beat, at, spots, open, forward) {
  const {view} = beat.steps[at.step],
    next = open ? undefined : beat.steps[at.step + 1];
  const items = view.threads.map((thread) => {
    const takes = next && next.step.thread === thread.thread;
    const spot = spots.has('thread ' + thread.name);
    return element(
      'li',
      {class: 'thread ' + thread.state.replace(' ', '-') + (spot ? ' spot' : '')},
      element(
        'p',
        {},
        element('b', {}, thread.name),
        thread.p === null ? null : element('span', {class: 'dim'}, ` on P${thread.p}`),
        creditWords(thread) ? element('span', {class: 'dim'}, ' \u00b7 ' + creditWords(thread)) : null,
        takes
          ? element(
              'button',
              {type: 'button', 'data-key': 'thread ' + thread.thread, onclick: forward},
              stepLabel(thread, next.step)
            )
          : null
      ),
      element('p', {class: 'next'}, nextWords(thread, view)),
      thread.file && thread.state !== 'ended'
        ? element(
            'p',
            {class: 'dim source' + (spots.has('source') && takes ? ' spot' : '')},
            `${thread.file}:${thread.line}`
          )
        : null
    );
  });
  document.getElementById('threads').classList.toggle('spot', spots.has('threads'));
  show(
    'threads',
    element('h3', {id: 'threads-title'}, 'Threads, and what each does next'),
    element('ul', {}, items),
    element(
      'p',
      {class: 'dim'},
      'This page replays one recorded run: only its next step is offered. In the dashboard any thread can be stepped.'
    )
  );
}

function stepLabel(thread, step) {
  const choice = step.kind === 'choice' ? thread.alternatives[step.choice] : undefined;
  return choice ? `Choose \u2018${choice}\u2019` : `Step ${thread.name}`;
}

function nextWords(thread, view) {
  if (thread.state === 'ended') return 'Ended.';
  if (view.verdict.outcome !== 'running') return sentence(thread.text); // it says that the run has ended
  if (thread.state === 'must choose') return 'Chooses: ' + thread.alternatives.join(', ');
  if (thread.state === 'can run') return sentence(thread.text);
  const reads = thread.reads.map((read) => sentence(read.text));
  return (
    'Blocked: ' +
    sentence(thread.text) +
    (thread.holder === null || thread.text.includes('held by') ? '' : '; held by ' + threadName(view, thread.holder)) +
    (reads.length ? ` (${reads.join(', ')})` : '')
  );
}

function showAccesses(beat, at) {
  const {step, view} = beat.steps[at.step];
  const title = element('h3', {id: 'accesses-title'}, 'Accesses of this step');
  if (at.step === 0) {
    show('accesses', title, element('p', {class: 'dim'}, 'What came before this beat is folded.'));
    return;
  }
  const row = (access) =>
    element(
      'tr',
      {class: access.arc ? 'arc' : access.folded ? 'folded' : ''},
      element('td', {}, String(access.step)),
      element('td', {}, threadName(view, access.thread)),
      element(
        'td',
        {},
        sentence(access.text),
        access.arc && !access.text.includes(`(${access.arc})`) ? ` (${access.arc})` : ''
      )
    );
  const table = element(
    'table',
    {},
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        ['Nr', 'Thread', 'Access'].map((name) => element('th', {scope: 'col'}, name))
      )
    ),
    element('tbody', {}, view.rows.map(row))
  );
  show(
    'accesses',
    title,
    view.rows.length
      ? element(
          'div',
          {
            class: 'scrolls',
            tabindex: 0,
            role: 'region',
            'aria-labelledby': 'accesses-title',
            'data-key': 'accesses'
          },
          table
        )
      : element('p', {class: 'dim'}, 'The accesses of this step were not kept.'),
    step.why ? element('p', {class: 'dim'}, `The step ended here: ${sentence(step.why)}.`) : null
  );
}
