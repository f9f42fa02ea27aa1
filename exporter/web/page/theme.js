// Light, dark, or as the system says: the choice of whoever looks, kept where the browser keeps anything.
const looks = ['auto', 'light', 'dark'];

function kept() {
  try { return localStorage.getItem('theme'); } catch { return null; }
}
function keep(look) {
  try { localStorage.setItem('theme', look); } catch { /* a browser that keeps nothing */ }
}

// Makes `button` go from one look to the next.
export function followChoice(button) {
  const show = (look) => {
    document.documentElement.dataset.theme = look;
    button.textContent = `theme: ${look}`;
  };
  button.addEventListener('click', () => {
    const next = looks[(looks.indexOf(document.documentElement.dataset.theme) + 1) % looks.length];
    show(next);
    keep(next);
  });
  show(looks.includes(kept()) ? kept() : 'auto');
}
