// Arrow keys turn the page, unless a demo or a control has the focus.
addEventListener('keydown', ({ key, target }) => {
  const by = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 }[key];
  if (!by || target !== document.body) return;
  const slides = [...document.querySelectorAll('section')];
  const here = Math.round(scrollY / innerHeight);
  slides[Math.min(Math.max(here + by, 0), slides.length - 1)].scrollIntoView();
});
