// The lesson's text: what is read before the steps, the question, what is to be done, and what is read after them.
'use strict';

// What the student did, by beat. It lives as long as the page: nothing is stored.
const ANSWERS = new Map(); // beat -> number of the choice, or 'skipped'
const REACHED = new Set(); // beats whose end was seen
const TYPED = new Map(); // beat -> states that were typed

function questionIsOpen(beat, number) {
  return beat.predict !== null && !ANSWERS.has(number);
}

// An exam's fault is named when the last question of its run is answered.
function hidesFault(beat) {
  if (!RECORDING.runs[beat.run].hides_fault) return false;
  const asking = RECORDING.beats.map((other, n) => (other.run === beat.run && other.predict ? n : -1));
  return !ANSWERS.has(Math.max(...asking));
}

function showCard(beat, at, redraw) {
  const number = at.beat,
    atEnd = at.step === beat.steps.length - 1;
  if (atEnd && !questionIsOpen(beat, number)) REACHED.add(number);
  const over = REACHED.has(number);
  const lesson = RECORDING.kind === 'lesson';
  show(
    'card',
    element('p', {class: 'of dim'}, lesson ? `Beat ${number + 1} of ${RECORDING.beats.length}` : 'Schedule'),
    element('h2', {id: 'beat-title', tabindex: -1, 'data-key': 'beat-title'}, beat.name),
    number === 0 && RECORDING.summary
      ? element('p', {class: 'summary dim'}, `${RECORDING.summary} (${counted(RECORDING.minutes, 'minute')})`)
      : null,
    paragraphs(beat.text),
    wordList(beat.words),
    beat.predict ? quiz(beat, number, over, redraw) : null,
    beat.hands_on ? handsOn(beat, number, atEnd, redraw) : null,
    over
      ? [
          paragraphs(beat.then),
          beat.takeaway ? element('p', {class: 'takeaway'}, element('b', {}, 'Takeaway'), beat.takeaway) : null,
          claims(beat)
        ]
      : null
  );
}

function paragraphs(texts) {
  return texts.map((text) => element('p', {}, text));
}

function wordList(words) {
  if (!words.length) return null;
  return element(
    'dl',
    {class: 'words', 'aria-label': 'Words'},
    words.map(({word, meaning}) => element('div', {}, element('dt', {}, word), element('dd', {}, meaning)))
  );
}

function quiz(beat, number, over, redraw) {
  const {question, choices, right, because} = beat.predict;
  const answer = ANSWERS.get(number),
    answered = answer !== undefined;
  const radios = choices.map((choice, n) => {
    const shown = over && answered;
    const mark = !shown ? '' : n === right ? ' \u2713' : n === answer ? ' \u2716' : '';
    return element(
      'label',
      {
        class:
          'choice' +
          (shown && n === right ? ' right' : '') +
          (shown && n === answer && n !== right ? ' wrong' : '')
      },
      element('input', {
        type: 'radio',
        name: 'choice',
        value: n,
        checked: answer === n,
        disabled: answered,
        'data-key': 'choice ' + n
      }),
      element('span', {}, choice, mark ? element('b', {}, mark) : null)
    );
  });
  const take = (value) => {
    ANSWERS.set(number, value);
    redraw();
    document.getElementById('answer').focus({preventScroll: true});
  };
  const form = element(
    'form',
    {class: 'quiz'},
    element('fieldset', {}, element('legend', {}, element('b', {}, 'Predict: '), question), radios),
    answered
      ? null
      : element(
          'p',
          {class: 'buttons'},
          element('button', {type: 'submit', class: 'main'}, 'This is my answer'),
          element('button', {type: 'button', class: 'quiet', onclick: () => take('skipped')}, 'Skip the question')
        ),
    element(
      'p',
      {id: 'answer', class: 'answer', role: 'status', tabindex: -1, 'data-key': 'answer'},
      answered ? verdictOf(beat, answer, over) : ''
    ),
    over && answered ? element('p', {class: 'because'}, because) : null
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const chosen = form.querySelector('input:checked');
    if (chosen) take(Number(chosen.value));
    else form.querySelector('.answer').textContent = 'Choose an answer first, or skip the question.';
  });
  return form;
}

function verdictOf(beat, answer, over) {
  const {choices, right} = beat.predict;
  if (!over)
    return answer === 'skipped'
      ? 'Skipped. Step, and see what happens.'
      : 'Your prediction is noted. Step, and see what happens.';
  if (answer === right) return 'Right.';
  return (answer === 'skipped' ? 'It is: ' : 'Not so. It is: ') + choices[right] + '.';
}

function handsOn(beat, number, atEnd, redraw) {
  const {text, done} = beat.hands_on,
    typed = TYPED.get(number) || new Set();
  const items = done.map((condition) => {
    const isDone = condition.typed ? typed.has(condition.typed) : atEnd || REACHED.has(number);
    return element(
      'li',
      {class: isDone ? 'done' : ''},
      element('span', {'aria-hidden': 'true'}, isDone ? '\u2713 ' : '\u25cb '),
      element('span', {class: 'hidden'}, isDone ? 'done: ' : 'to do: '),
      condition.typed ? STATES[condition.typed].name : condition.text
    );
  });
  const types = done.some((condition) => condition.typed);
  return element(
    'section',
    {class: 'hands-on', 'aria-label': 'Hands-on'},
    element('p', {}, element('b', {}, 'Hands-on: '), text),
    element('ul', {class: 'done-list'}, items),
    types
      ? typing(number, redraw)
      : element(
          'p',
          {class: 'dim'},
          'The step buttons replay the recorded way there; other ways were not recorded.'
        )
  );
}

// Two numbers make a state: arithmetic, which needs no engine.
function typing(number, redraw) {
  const field = (name, label) =>
    element(
      'label',
      {},
      label,
      element('input', {
        type: 'text',
        inputmode: 'numeric',
        maxlength: 9,
        autocomplete: 'off',
        name,
        'data-key': 'type ' + name,
        value: TYPING[name]
      })
    );
  const form = element(
    'form',
    {class: 'typing'},
    field('sg', 'sg'),
    field('sweepgen', 'sweepgen'),
    element('button', {type: 'submit', class: 'main', 'data-key': 'type submit'}, 'Which state?'),
    element(
      'p',
      {class: 'typed', role: 'status'},
      TYPING.result ? [glyph(TYPING.result.state, 24), ' ' + TYPING.result.words] : TYPING.problem
    )
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    Object.assign(TYPING, readTyped(form.elements.sg.value.trim(), form.elements.sweepgen.value.trim()));
    if (TYPING.result) {
      if (!TYPED.has(number)) TYPED.set(number, new Set());
      TYPED.get(number).add(TYPING.result.state);
    }
    redraw();
  });
  return form;
}

const TYPING = {sg: '', sweepgen: '', result: null, problem: ''};

function readTyped(sg, sweepgen) {
  const good = [sg, sweepgen].every((text) => /^[0-9]{1,9}$/.test(text));
  if (!good) return {sg, sweepgen, result: null, problem: 'Type two whole numbers.'};
  if (Number(sg) % 2 === 1) return {sg, sweepgen, result: null, problem: 'sg grows by 2 from 0, so it is even.'};
  const state = stateAt(Number(sweepgen), Number(sg));
  const words =
    `${sweepgen} \u2212 ${sg} = ${signed(Number(sweepgen) - Number(sg))}: ` +
    (state === 'illegal' ? 'illegal' : STATES[state].name);
  return {sg, sweepgen, result: {state, words}, problem: ''};
}

function claims(beat) {
  if (!beat.claims.length) return null;
  return element(
    'details',
    {class: 'claims'},
    element('summary', {}, 'Checked on the engine'),
    element(
      'ul',
      {},
      beat.claims.map((claim) => element('li', {}, claim))
    )
  );
}
