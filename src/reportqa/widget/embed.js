// reportqa in a portal's page: a button that opens the chat in a frame, and <reportqa-chat> for the chat within the page.
// It depends on nothing, sets one global (reportqa), asks for nothing until the chat is opened, and stays in its shadow tree.
(() => {
  "use strict";
  const NAME = "reportqa-chat";
  const MESSAGE = "reportqa:";
  const TITLE = {zh: "政府工作报告问答", en: "Government Work Report Q&A"};
  const CLOSE = {zh: "关闭", en: "Close"};
  const ICON = "M4 4h16a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-8l-5 4.5V17H4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2zM7 9h10M7 12.5h6";
  const CROSS = "M6 6l12 12M18 6L6 18";
  const DARK = `--paper: #1b1f25; --ink: #e7eaee; --line: #343b45; --accent: #93bff2; --accent-ink: #10243b; --tint: #262b33; color-scheme: dark`;
  // Pixels, because a portal may have made its rem anything.
  const STYLE = `
:host {display: block; height: 560px}
:host([hidden]) {display: none}
* {box-sizing: border-box}
[hidden] {display: none !important}
.all {all: initial; --paper: #fff; --ink: #1c2127; --line: #d9dee5; --accent: #16508f; --accent-ink: #fff; --tint: #e8f0fa;
  color-scheme: light; color: var(--ink); font: 16px/1.5 "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC",
  "WenQuanYi Micro Hei", system-ui, sans-serif}
.all.dark {${DARK}}
@media (prefers-color-scheme: dark) {.all.auto {${DARK}}}
.inline {display: block; height: 100%}
.panel {background: var(--paper); overflow: hidden; display: flex; flex-direction: column}
.inline .panel {height: 100%; border: 1px solid var(--line); border-radius: 10px}
.bubble .panel {position: fixed; z-index: 2147483001; bottom: 92px; width: min(430px, calc(100vw - 32px)); height: min(700px, calc(100vh - 116px));
  border: 1px solid var(--line); border-radius: 14px; box-shadow: 0 12px 40px #0004}
.open, .panel {right: 24px; left: auto}
.left .open, .left .panel {left: 24px; right: auto}
button {font: inherit; cursor: pointer; border: 0; margin: 0; padding: 0; color: inherit; background: none}
button:focus-visible {outline: 3px solid var(--accent); outline-offset: 3px}
.open {position: fixed; z-index: 2147483000; bottom: 24px; display: flex; align-items: center; gap: 10px; height: 52px; padding: 0 20px 0 16px;
  border-radius: 26px; background: var(--accent); color: var(--accent-ink); font-weight: 600; box-shadow: 0 4px 16px #0003}
.open:hover {filter: brightness(1.12)}
.open span {max-width: 14em; overflow: hidden; text-overflow: ellipsis; white-space: nowrap}
.open[aria-expanded="true"] {width: 52px; padding: 0; justify-content: center}
.open[aria-expanded="true"] span, .open[aria-expanded="true"] svg:first-child, .open[aria-expanded="false"] svg:nth-child(2) {display: none}
svg {width: 24px; height: 24px; flex: none; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round}
header {display: flex; align-items: center; gap: 8px; padding: 6px 6px 6px 18px; background: var(--accent); color: var(--accent-ink)}
header b {flex: 1; font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap}
header button {display: grid; place-items: center; width: 40px; height: 40px; border-radius: 8px}
header button:hover {background: #ffffff2b}
header button:focus-visible {outline-color: currentColor; outline-offset: -4px}
iframe {flex: 1; min-height: 0; width: 100%; border: 0; background: var(--paper)}
@media (max-width: 480px) {
  .open span {display: none}
  .open {width: 52px; padding: 0; justify-content: center; right: 16px; bottom: 16px}
  .left .open {left: 16px}
  .bubble .panel {inset: 0; width: auto; height: auto; border: 0; border-radius: 0}
}
@media print {.bubble {display: none}}`;

  const script = document.currentScript || [...document.scripts].find((other) => other.src === address());
  const base = new URL(".", script ? script.src : address());
  const options = script ? script.dataset : {};
  const before = window.reportqa;
  const reportqa = before && before.ask ? before : {token: before && before.token};
  const widget = () => document.querySelector(`${NAME}[data-position]`) || document.querySelector(NAME);
  let count = 0;

  // A module has no currentScript; the stack of an error names the file all the same.
  function address() {
    return (/https?:\/\/[^\s()]*?\/embed\.js[^\s():]*/.exec(new Error().stack) || [location.href])[0];
  }

  function put(parent, name, attributes = {}, text = "") {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.textContent = text;
    return parent.appendChild(element);
  }

  function draw(parent, path) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    svg.appendChild(document.createElementNS(svg.namespaceURI, "path")).setAttribute("d", path);
    parent.appendChild(svg);
  }

  function dress(root) {
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet]; // which a portal's style-src does not forbid
    } catch {
      put(root, "style", {}, STYLE);
    }
  }

  class Chat extends HTMLElement {
    #options = {};
    #query = "";
    #base = base;
    #frame = null;
    #panel = null;
    #button = null;
    #loaded = false;
    #ready = false;
    #asked = [];

    connectedCallback() {
      window.addEventListener("message", this);
      if (!this.#frame) this.#build();
      this.#ready = false; // moved in the page, a frame loads anew
      if (!this.#button) this.#load();
    }

    disconnectedCallback() {
      window.removeEventListener("message", this);
    }

    /** Open the chat and put the cursor into its question. */
    open() {
      this.#load();
      if (this.#button) {
        this.#panel.hidden = false;
        this.#button.setAttribute("aria-expanded", "true");
      } else this.scrollIntoView({block: "nearest"});
      this.#frame.focus();
      if (this.#ready) this.#tell("focus");
    }

    /** Close it; what was said in it stays. */
    close() {
      if (!this.#button || this.#panel.hidden) return;
      const inside = this.shadowRoot.activeElement;
      this.#panel.hidden = true;
      this.#button.setAttribute("aria-expanded", "false");
      if (inside) this.#button.focus();
    }

    /** Open it and ask. */
    ask(question) {
      this.#asked.push(String(question));
      this.open();
      if (this.#ready) this.#flush();
    }

    /** Take a message: from our own frame, of our own host, or not at all. */
    handleEvent(event) {
      if (!event.source || event.source !== this.#frame.contentWindow || event.origin !== this.#base.origin) return;
      const said = String(event.data && event.data.type);
      if (said === `${MESSAGE}close`) this.close();
      else if (said === `${MESSAGE}token-wanted`) this.#token().then((token) => { if (token) this.#tell("token", {token}); });
      else if (said === `${MESSAGE}ready`) {
        this.#ready = true;
        if (this.#button && !this.#panel.hidden) this.#tell("focus");
        this.#flush();
      }
    }

    #build() {
      this.#base = new URL(this.getAttribute("src") || base, base);
      if (!this.#base.pathname.endsWith("/")) this.#base.pathname += "/";
      const bubble = "position" in this.dataset;
      const {position, token, ...shared} = bubble || this.#base.href !== base.href ? {} : options;
      const own = this.#options = {...shared, ...this.dataset};
      const words = (own.lang || "").startsWith("en") ? "en" : "zh";
      const title = own.title || TITLE[words];
      const root = this.attachShadow({mode: "open"});
      dress(root);
      const theme = ["light", "dark"].includes(own.theme) ? own.theme : "auto";
      const side = own.position === "left" ? "left" : "right";
      const all = put(root, "div", {class: `all ${bubble ? `bubble ${side}` : "inline"} ${theme}`});
      if (bubble) {
        this.style.setProperty("display", "contents", "important"); // no box: it moves nothing of the portal's
        this.#button = put(all, "button", {type: "button", class: "open", "aria-label": title, "aria-expanded": "false", "aria-haspopup": "dialog"});
        draw(this.#button, ICON);
        draw(this.#button, CROSS);
        put(this.#button, "span", {}, title);
        this.#button.addEventListener("click", () => { if (this.#panel.hidden) this.open(); else this.close(); });
        all.addEventListener("keydown", (event) => { if (event.key === "Escape") this.close(); });
      }
      this.#panel = put(all, "section", {class: "panel", ...(bubble && {role: "dialog", "aria-label": title, hidden: ""})});
      if (bubble) {
        const header = put(this.#panel, "header");
        put(header, "b", {}, title);
        const cross = put(header, "button", {type: "button", "aria-label": CLOSE[words]});
        draw(cross, CROSS);
        cross.addEventListener("click", () => this.close());
      }
      this.#frame = put(this.#panel, "iframe", {title, allow: "clipboard-write", ...(!bubble && {loading: "lazy"})});
      if (own.height && !bubble) this.style.height = `${Number(own.height)}px`;
      const asked = {frame: bubble ? "panel" : "compact"};
      if (theme !== "auto") asked.theme = theme;
      if (words === "en") asked.lang = "en";
      count += 1;
      if (count > 1) asked.as = count;
      this.#query = `?${new URLSearchParams(asked)}`;
    }

    async #load() {
      if (this.#loaded) return;
      this.#loaded = true;
      const token = await this.#token();
      this.#frame.src = new URL(token ? `enter${this.#query}#${new URLSearchParams({token})}` : this.#query, this.#base);
    }

    #flush() {
      for (const question of this.#asked.splice(0)) this.#tell("ask", {question});
    }

    #tell(type, said = {}) {
      this.#frame.contentWindow.postMessage({type: MESSAGE + type, ...said}, this.#base.origin);
    }

    /** A fresh token, from the portal's own function or address, or the one in the page, which is good once; "" where there is none. */
    async #token() {
      const {token = "", tokenUrl} = this.#options;
      this.#options.token = "";
      if (token) return token;
      try {
        if (reportqa.token) return await reportqa.token(this.#base.href);
        if (!tokenUrl) return "";
        const answer = await fetch(tokenUrl, {credentials: "same-origin", cache: "no-store"});
        return answer.ok ? (await answer.text()).trim() : "";
      } catch (error) {
        console.error("reportqa: no token", error);
        return "";
      }
    }
  }

  if (!customElements.get(NAME)) customElements.define(NAME, Chat);
  if (reportqa !== before) {
    window.reportqa = Object.assign(reportqa, {
      ask: (question) => widget()?.ask(question),
      open: () => widget()?.open(),
      close: () => widget()?.close(),
    });
  }

  function place() {
    const bubble = document.createElement(NAME);
    bubble.setAttribute("src", base);
    Object.assign(bubble.dataset, options, {position: options.position || "right"});
    document.body.append(bubble);
  }

  if (script && options.position !== "none") {
    if (document.body) place();
    else document.addEventListener("DOMContentLoaded", place, {once: true});
  }
})();
