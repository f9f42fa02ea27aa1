// Puts text on the reader's clipboard. Browsers give a clipboard to pages over HTTPS only; elsewhere the text is selected and copied as
// by hand.
import {element} from './dom.js';

function copySelected(source) {
  const range = document.createRange(), selection = getSelection();
  range.selectNodeContents(source);
  selection.removeAllRanges();
  selection.addRange(range);
  const done = document.execCommand('copy');
  if (done) selection.removeAllRanges();
  return done;
}

// A button that copies what `source` shows.
export function copyButton(source, what) {
  const button = element('button', {type: 'button', class: 'copy', 'aria-label': `Copy ${what}`}, 'Copy');
  button.addEventListener('click', async () => {
    const done = await (navigator.clipboard?.writeText(source.textContent).then(() => true, () => copySelected(source)) ?? copySelected(source));
    button.textContent = done ? 'Copied' : 'Selected: press Ctrl+C';
    document.getElementById('announcement').textContent = button.textContent;
    setTimeout(() => (button.textContent = 'Copy'), 2000);
  });
  return button;
}

export function copied(text, what) {
  const source = element('code', {class: 'wrap'}, text);
  return element('span', {class: 'copied'}, source, ' ', copyButton(source, what));
}
