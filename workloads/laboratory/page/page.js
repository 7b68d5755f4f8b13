// The place in the recording, how it changes, and what is drawn for it.
'use strict';

let at = {beat: 0, step: RECORDING.beats[0].opens};

function goTo(place) {
  const moved = place.beat !== at.beat;
  // What changed is shown only after a step forward or back within a beat.
  const cameFrom = !moved && place.step === stopAfter(RECORDING.beats[at.beat], at.step) ? RECORDING.beats[at.beat].steps[at.step].view : null;
  at = place;
  history.replaceState(null, '', linkTo(at));
  draw(cameFrom);
  if (!moved) return;
  document.getElementById('card').scrollTop = 0;
  window.scrollTo(0, 0);
  document.getElementById('beat-title').focus({preventScroll: true});
}

function draw(cameFrom) {
  const beat = RECORDING.beats[at.beat],
    {view} = beat.steps[at.step];
  const before = at.step > 0 ? beat.steps[stopBefore(beat, at.step)].view : null;
  const spots = spotsOf(beat),
    open = questionIsOpen(beat, at.beat),
    wasOver = REACHED.has(at.beat);
  document.body.dataset.at = linkTo(at);
  showCard(beat, at, () => draw(null));
  showHeader(beat);
  showCaption(beat, at);
  showVerdict(view, spots);
  showBoard(view, before, spots);
  showRuler(view, cameFrom, spots);
  showLanes(beat, at, goTo);
  showThreads(beat, at, spots, open, forward);
  showAccesses(beat, at);
  showControls(beat, open);
  if (REACHED.has(at.beat) && !wasOver) reveal();
}

// The answer may lie below the lower edge of the card, which scrolls by itself.
function reveal() {
  const card = document.getElementById('card'),
    answer = card.querySelector('.quiz, .hands-on');
  if (answer && card.scrollHeight > card.clientHeight) card.scrollTop = answer.offsetTop - 16;
}

// "sg", "span 3", "cache 1", "thread mutator 1" ...
function spotsOf(beat) {
  return new Set(
    beat.spotlights.map(({on, number, thread}) =>
      ['span', 'cache', 'object'].includes(on) ? `${on} ${number}` : on === 'thread' ? `thread ${thread}` : on
    )
  );
}

function showHeader(beat) {
  const {id, title, kind, beats, runs} = RECORDING,
    setup = runs[beat.run];
  show('title', kind === 'lesson' ? `Lesson ${id}: ${title}` : title);
  show(
    'setup',
    [
      `scenario ${setup.scenario}`,
      `policy ${setup.policy}`,
      hidesFault(beat) ? 'left out: one rule' : setup.fault ? `left out: ${setup.fault}` : '',
      counted(setup.procs, 'P'),
      counted(setup.spans, 'span'),
      kind === 'schedule' ? `random seed ${setup.seed}` : '',
      ...setup.checks.map((check) => 'check ' + check.replace('=', ': '))
    ]
      .filter(Boolean)
      .join(' \u00b7 ')
  );
  document.querySelector('.beats').hidden = beats.length < 2;
  show(
    'beats',
    beats.map((other, n) =>
      element(
        'li',
        {},
        element(
          'button',
          {
            type: 'button',
            'data-key': 'beat ' + n,
            title: other.name,
            'aria-current': n === at.beat ? 'step' : null,
            'aria-label': `Beat ${n + 1}: ${other.name}`,
            onclick: () => goTo({beat: n, step: beats[n].opens})
          },
          element('b', {}, String(n + 1)),
          element('span', {}, other.name)
        )
      )
    )
  );
}

function showControls(beat, open) {
  const last = beat.steps.length - 1,
    atEnd = at.step === last,
    lastBeat = at.beat === RECORDING.beats.length - 1;
  const stop = beat.stops.filter((place) => place > 0 && place <= at.step).length;
  const accesses = counted(beat.steps[at.step].view.steps, 'access', 'accesses');
  show(
    'position',
    last === 0 ? 'no steps in this beat' : element('b', {}, `${stop} of ${beat.stops.length - 1}`),
    element('span', {class: 'dim'}, ` \u00b7 after ${accesses}`)
  );
  const allow = (id, can) => document.getElementById(id).setAttribute('aria-disabled', String(!can));
  allow('previous-beat', at.beat > 0);
  allow('first', at.step > 0);
  allow('back', at.step > 0 || at.beat > 0);
  allow('forward', open || !atEnd || !lastBeat);
  allow('last', !atEnd && !open);
  allow('next-beat', !lastBeat);
  for (const id of ['previous-beat', 'next-beat']) document.getElementById(id).hidden = RECORDING.beats.length < 2;
  document.querySelector('#forward .word').textContent = open
    ? 'Predict first'
    : !atEnd
      ? 'Step'
      : lastBeat
        ? 'The end'
        : 'Next beat';
}

function forward() {
  const beat = RECORDING.beats[at.beat];
  if (questionIsOpen(beat, at.beat)) askFirst();
  else if (at.step + 1 < beat.steps.length) goTo({beat: at.beat, step: stopAfter(beat, at.step)});
  else nextBeat();
}

function back() {
  if (at.step > 0) goTo({beat: at.beat, step: stopBefore(RECORDING.beats[at.beat], at.step)});
  else if (at.beat > 0) goTo({beat: at.beat - 1, step: RECORDING.beats[at.beat - 1].steps.length - 1});
}

function nextBeat() {
  if (at.beat + 1 < RECORDING.beats.length) goTo({beat: at.beat + 1, step: RECORDING.beats[at.beat + 1].opens});
}

function previousBeat() {
  if (at.beat > 0) goTo({beat: at.beat - 1, step: RECORDING.beats[at.beat - 1].opens});
}

function first() {
  goTo({beat: at.beat, step: 0});
}

function last() {
  const beat = RECORDING.beats[at.beat];
  if (questionIsOpen(beat, at.beat)) askFirst();
  else goTo({beat: at.beat, step: beat.steps.length - 1});
}

function askFirst() {
  document.getElementById('answer').textContent = 'Predict first, or skip the question. Then step.';
  document.querySelector('.quiz').scrollIntoView({block: 'nearest'});
  document.querySelector('.quiz input').focus();
}

const ACTIONS = {'previous-beat': previousBeat, first, back, forward, last, 'next-beat': nextBeat};
const KEYS = {
  ArrowRight: forward,
  '.': forward,
  ArrowLeft: back,
  ',': back,
  PageDown: nextBeat,
  PageUp: previousBeat,
  Home: first,
  End: last
};

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest('input, textarea, select')) return;
  const action = KEYS[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

function showHelp() {
  const keys = [
    ['Right, .', 'next step'],
    ['Left, ,', 'step back'],
    ['PgDn, PgUp', 'next beat, beat before'],
    ['Home, End', 'first, last step of the beat']
  ];
  const states = Object.entries(STATES).map(([state, words]) =>
    element(
      'div',
      {},
      element(
        'dt',
        {},
        glyph(state, 24),
        (words.distance === null ? '' : ' ' + signed(words.distance)) + ' ' + words.name
      ),
      element('dd', {}, words.meaning)
    )
  );
  show(
    'help',
    element(
      'dl',
      {class: 'keys'},
      keys.map(([key, meaning]) => element('div', {}, element('dt', {}, key), element('dd', {}, meaning)))
    ),
    element(
      'p',
      {},
      'Cool is clean, warm is dirty, yellow is being cleaned, a dot is held by a P. A white frame: the last step ' +
        'changed it. A dashed frame: the lesson speaks of it. A full square is a set bit; a half one is a slot that ' +
        'was handed out since the last sweep.'
    ),
    element('dl', {class: 'states'}, states)
  );
}

for (const [id, action] of Object.entries(ACTIONS)) document.getElementById(id).addEventListener('click', action);
document.addEventListener('keydown', onKey);
window.addEventListener('hashchange', () => goTo(placeOf(location.hash) || at));
show(
  'made',
  `Recorded on the engine by ${RECORDING.made_by}; steps are sequentially consistent. This page holds no engine: ` +
    'it replays the recorded steps, and others are absent. It needs no network.'
);
showHelp();
at = placeOf(location.hash) || at;
draw(null);
