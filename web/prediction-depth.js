// <prediction-depth>: the page of prediction depth inside another page. One file, no build step:
//
//   <script src="prediction-depth.js" defer></script>
//   <prediction-depth view="strip inspector" selection="depth=6"></prediction-depth>
//
// The page runs in a frame inside the element's shadow root, so that styles and names do not affect each other. The
// element's content (such as a figure) is shown until the page runs, and without JavaScript. course/teachers.html, beside
// this file, lists the attributes and events.
(() => {
  const here = document.currentScript?.src ?? location.href;

  /** Attributes that are passed to the page unchanged, by their names in its URL. */
  const passed = {
    device: 'device', epochs: 'epochs', k: 'k', layers: 'layers', noise: 'noise', 'noise-seed': 'noise-seed', rate: 'rate', seed: 'seed', theme: 'theme', width: 'width',
  };

  const style = new CSSStyleSheet(); // also allowed in pages that forbid inline styles
  style.replaceSync(`
    :host { display: block; position: relative; margin-block: 16px; }
    :host([hidden]) { display: none; }
    .stage { position: relative; border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: 4px; padding: 8px; }
    iframe { display: block; width: 100%; border: 0; color-scheme: normal; }
    .waits iframe { position: absolute; visibility: hidden; width: calc(100% - 16px); }
    .bar { display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: center; font-size: 14px; margin-top: 8px; }
    button { font: inherit; color: inherit; background: none; border: 1px solid currentColor; border-radius: 3px; padding: 3px 11px; cursor: pointer; }
    button:focus-visible { outline: 2px solid; outline-offset: 2px; }
    [hidden] { display: none !important; }
  `);

  /** Demos start one after another, so that the page stays responsive. */
  let line = Promise.resolve();

  const made = (tag, properties = {}, children = []) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  class PredictionDepth extends HTMLElement {
    #frame = null;
    #next = () => {};
    #sight = null;
    #built = false;
    #hear = (event) => this.#heard(event);

    connectedCallback() {
      if (!this.#built) this.#build();
      addEventListener('message', this.#hear);
      if (this.getAttribute('start') === 'sight' && !this.#frame) {
        this.#sight = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && this.start());
        this.#sight.observe(this);
      }
    }

    disconnectedCallback() {
      removeEventListener('message', this.#hear);
      this.#sight?.disconnect();
      this.stop(); // a frame that is moved reloads anyway
    }

    #build() {
      this.#built = true;
      const root = this.attachShadow({ mode: 'open' });
      root.adoptedStyleSheets = [style];
      const button = made('button', { type: 'button' });
      button.part.add('button');
      button.addEventListener('click', () => (this.#frame ? this.stop() : this.start()));
      const stage = made('div', { className: 'stage' }, [
        made('div', { id: 'before' }, [made('slot')]),
        made('div', { className: 'bar' }, [button, made('span', { role: 'status' })]),
      ]);
      stage.part.add('stage');
      root.append(stage, made('slot', { name: 'question' }));
      this.#say('Start the demo', '');
      this.addEventListener('change', (event) => this.#answer(event));
    }

    /** Returns the URL of the page in the frame. */
    get address() {
      const given = this.getAttribute('src');
      // A page that is opened as a file cannot load its parts: it must be the page in one file.
      const usual = here.startsWith('file:') ? 'prediction-depth.html' : 'index.html';
      const page = given === null ? new URL(usual, here) : new URL(given, document.baseURI);
      page.searchParams.set('embed', '1');
      for (const [attribute, name] of Object.entries(passed)) {
        if (this.hasAttribute(attribute)) page.searchParams.set(name, this.getAttribute(attribute));
      }
      const words = (attribute) => (this.getAttribute(attribute) ?? '').split(/[\s,]+/).filter(Boolean).join();
      if (words('view')) page.searchParams.set('show', words('view'));
      if (words('hide')) page.searchParams.set('hide', words('hide'));
      if (this.hasAttribute('study')) page.searchParams.set('study', new URL(this.getAttribute('study'), document.baseURI));
      if (this.hasAttribute('selection')) page.hash = this.getAttribute('selection');
      return String(page);
    }

    /** Loads the page, unless it is loaded, after the demos that were started before. */
    async start() {
      this.#sight?.disconnect();
      if (this.#frame) return;
      const frame = made('iframe', {
        title: this.getAttribute('label') ?? 'Prediction depth, a demo to use',
        src: this.address,
        allow: 'clipboard-write',
        height: this.getAttribute('height') ?? 480,
      });
      this.#frame = frame;
      this.#say('Close the demo', 'The demo is being loaded …');
      const turn = line;
      line = Promise.all([turn, new Promise((next) => (this.#next = next))]);
      await turn;
      if (frame !== this.#frame) return; // stopped meanwhile
      setTimeout(this.#next, 10_000); // a page that never loads must not block the others
      const stage = this.shadowRoot.querySelector('.stage');
      stage.classList.add('waits');
      stage.prepend(frame);
      // A page that sends no message (another page, or one that failed to load) is shown as it is.
      frame.addEventListener('load', () => setTimeout(() => this.#show(frame), 4000), { once: true });
    }

    /** Unloads the page, and shows the element's content again. */
    stop() {
      if (!this.#frame) return;
      this.#frame.remove();
      this.#frame = null;
      this.#next();
      this.shadowRoot.querySelector('.stage').classList.remove('waits');
      this.shadowRoot.querySelector('#before').hidden = false;
      this.#say('Start the demo', '');
    }

    #show(frame) {
      if (frame !== this.#frame) return;
      this.#next();
      this.shadowRoot.querySelector('.stage').classList.remove('waits');
      this.shadowRoot.querySelector('#before').hidden = true;
      this.#say('Close the demo', '');
    }

    #say(button, words) {
      this.shadowRoot.querySelector('button').textContent = button;
      this.shadowRoot.querySelector('.bar span').textContent = words;
    }

    /** Handles messages of this frame only. (A sandboxed page has no origin to compare.) */
    #heard({ source, data }) {
      if (!this.#frame || source !== this.#frame.contentWindow || data?.source !== 'prediction-depth') return;
      if (data.type === 'height' && !this.hasAttribute('height')) this.#frame.height = Math.ceil(data.detail);
      if (data.type === 'opened') this.#show(this.#frame);
      if (['opened', 'selected', 'trained'].includes(data.type)) this.#tell(data.type, data.detail);
    }

    /** Handles a choice in `slot="question"`; it is correct if its input has `data-right`. */
    #answer({ target }) {
      const question = target.closest?.('[slot=question]');
      if (!question || target.type !== 'radio') return;
      const right = 'right' in target.dataset;
      let said = question.querySelector('p[role=status]');
      if (!said) {
        said = made('p', { role: 'status' });
        question.append(said);
      }
      said.textContent = right ? 'That is right.' : 'Not so. Look at the demo once more.';
      if (right) question.querySelector('details')?.setAttribute('open', '');
      this.#tell('answered', { question: target.name, answer: target.value, right });
    }

    #tell(type, detail) {
      this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
    }
  }

  if (!customElements.get('prediction-depth')) customElements.define('prediction-depth', PredictionDepth);
})();
