// What surrounds the board: the sentence of the step, the verdict, the threads with their next accesses, and the
// accesses of the step.
'use strict';

function showCaption(beat, at) {
  const {step, view} = beat.steps[at.step];
  const before = at.step === 0 ? 'The beat begins here' : sentence(step.text);
  const arcs = [...new Set(view.rows.map(arcOf).filter((arc) => ARCS[arc]))];
  const named = (arc) => (arcs.length === 1 && step.text.includes(`(${arc}`) ? '' : arc + ': ') + ARCS[arc];
  show(
    'caption',
    element('b', {}, before),
    arcs.length && at.step > 0 ? ' \u2014 ' + arcs.map(named).join('; ') : '',
    at.step === 0 ? `, after ${counted(view.steps, 'access', 'accesses')}.` : ''
  );
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
  const reads = thread.reads.map((read) => `${read.text} is ${read.value}`);
  return (
    'Blocked: ' +
    sentence(thread.text) +
    (thread.holder === null ? '' : '; held by ' + threadName(view, thread.holder)) +
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
