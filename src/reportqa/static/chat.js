// The chat's page: asks over Gradio's component server, keeps the conversation in this browser, opens sources beside it.
window.reportqa = (() => {
  const HERE = location.pathname.replace(/s\/rqs_[\w-]+\//, "");  // what is kept outlives the session in the path
  const FRAME = window.reportqaFrame;
  const KEY = `reportqa:${HERE}${FRAME.name}`;
  const KEPT = 30;
  const WIDE = window.matchMedia("(min-width: 68rem)");
  let app, server, words, log, box, turns = [];

  const find = (selector, within = app) => within.querySelector(selector);
  const language = () => app.lang;

  function announce(text) {
    const region = find(':scope > [role="status"]');
    region.textContent = "";
    setTimeout(() => { region.textContent = text; }, 50);
  }

  // --- what the browser keeps

  const store = () => (FRAME.framed ? window.sessionStorage : window.localStorage);  // in a portal: as long as its tab

  function recall() {
    try { return JSON.parse(store().getItem(KEY)) || []; } catch { return []; }
  }

  function keep() {
    turns = turns.slice(-KEPT);
    try { store().setItem(KEY, JSON.stringify(turns)); } catch { /* no storage here: the page keeps it while it is open */ }
  }

  // --- tabs: the panel beside the conversation that is open; its script and style come when it is opened first

  const opened = {};
  window.reportqaTabs = {};

  function load(kind, address) {
    const part = document.createElement(kind);
    if (kind === "link") part.rel = "stylesheet";
    part[kind === "link" ? "href" : "src"] = new URL(address, document.baseURI);
    return new Promise((resolve, reject) => {
      part.onload = resolve;
      part.onerror = () => { part.remove(); reject(new Error(address)); };
      document.head.append(part);
    });
  }

  async function openTab(name, focus) {
    const tab = find(`[role="tab"][data-tab="${CSS.escape(name)}"]`);
    if (!tab) return;
    app.querySelectorAll('[role="tab"]').forEach((other) => {
      other.setAttribute("aria-selected", String(other === tab));
      other.tabIndex = other === tab ? 0 : -1;
      find(`#panel-${other.dataset.tab}`).hidden = other !== tab;
    });
    app.dataset.tab = name;
    if (focus) tab.focus();
    history.replaceState(history.state, "", name === "ask" ? location.pathname + location.search : `#${name}`);
    if (name === "ask") return;
    const panel = find(`#panel-${name}`);
    panel.inert = !panel.dataset.ready;
    const version = new URL(find("script[src*='chat.js']", document).src).search;
    opened[name] ||= Promise.all([load("link", `ui/${name}.css${version}`), load("script", `ui/${name}.js${version}`)]).then(
      () => window.reportqaTabs[name](panel, {app, server, find, element, announce, openSource, download, flash, language}));
    try {
      await opened[name];
      panel.dataset.ready = "yes";
      panel.inert = false;
    } catch { delete opened[name]; announce(words.unreachable); }
  }

  function stepTabs(event) {
    const tabs = [...app.querySelectorAll('[role="tab"]')];
    const at = tabs.indexOf(event.target);
    const to = {ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1}[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    openTab(tabs.at(to % tabs.length).dataset.tab, true);
  }

  // --- asking

  function element(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content.firstElementChild;
  }

  function waiting(question) {
    const article = element(`<article class="exchange" aria-busy="true"><h2 class="asked"><bdi></bdi></h2>
      <p class="pending soft"></p></article>`);
    find("bdi", article).textContent = question;
    find(".pending", article).textContent = words.pending;
    return article;
  }

  function show(article) {
    log.append(article);
    app.classList.add("begun");
    log.scrollTop = article.offsetTop - log.offsetTop + 10;
  }

  async function ask(question) {
    const asked = question.trim();
    if (!asked) { box.focus(); return; }
    const article = waiting(asked.slice(0, 1000));
    show(article);
    const form = find(".composer");
    try {
      const given = {language: language(), question: asked, turns: turns.slice(-8), address: address(),
        place: form.place?.value || "", year: Number(form.year?.value || 0)};
      const told = await server.ask(given);
      const answer = element(told.html);
      article.replaceWith(answer);
      answer.turn = told.turn;
      turns.push(told.turn);
      keep();
      announce(told.said);
      const first = find('[data-do="source"]', answer);
      if (first && !find(".pane").hidden) openSource(first.getAttribute("href"));
      log.scrollTop = answer.offsetTop - log.offsetTop + 10;
    } catch {
      const reason = await window.reportqaSession.isOver() ? words.expired : words.unreachable;
      const failed = element('<div class="failed"><p></p><button type="button" class="act" data-do="retry"></button></div>');
      find("p", failed).textContent = reason;
      find("button", failed).textContent = words.retry;
      failed.dataset.question = asked;
      find(".pending", article).replaceWith(failed);
      article.removeAttribute("aria-busy");
      announce(reason);
    }
  }

  async function restore() {
    const kept = recall();
    if (!kept.length) return;
    try {
      const told = await server.restore({language: language(), turns: kept, address: address()});
      turns = told.turns;
      told.html.forEach((html, number) => {
        const article = element(html);
        article.turn = turns[number];
        show(article);
      });
    } catch { /* the server is not there: what was kept stays kept */ }
  }

  // --- the source beside the conversation

  let opener = null;

  function openSource(href) {
    const address = new URL(href, document.baseURI);
    address.searchParams.set("view", "pane");
    if (language() === "en") address.searchParams.set("lang", "en");
    if (FRAME.theme) address.searchParams.set("theme", FRAME.theme);
    const pane = find(".pane");
    find("iframe", pane).contentWindow.location.replace(address);
    find('[data-do="window"]', pane).href = href;
    pane.hidden = false;
    app.classList.add("beside");
  }

  function closeSource() {
    find(".pane").hidden = true;
    app.classList.remove("beside");
    app.querySelectorAll('[data-do="source"][aria-current]').forEach((link) => link.removeAttribute("aria-current"));
    if (opener?.isConnected) opener.focus();
  }

  function followSource(event, link) {
    if (!(WIDE.matches || FRAME.compact) || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    app.querySelectorAll('[data-do="source"][aria-current]').forEach((other) => other.removeAttribute("aria-current"));
    if (link.dataset.do === "source") link.setAttribute("aria-current", "true");
    opener = link.dataset.do === "read" ? find('[data-do="corpus"]') : link;
    find(".shelf").close();
    openSource(link.getAttribute("href"));
    if (WIDE.matches) announce(words.source_opened);
    else find('[data-do="close"]').focus();
  }

  // --- copying: also where there is no navigator.clipboard (plain HTTP, frames)

  async function copy(button) {
    const text = button.dataset.copy;
    const menu = button.closest(".menu");
    const held = menu ? menu.querySelector("summary") : button;
    if (menu) { menu.open = false; held.focus(); }
    let done = false;
    if (navigator.clipboard && window.isSecureContext) {
      done = await navigator.clipboard.writeText(text).then(() => true, () => false);
    }
    if (!done) {
      const field = document.createElement("textarea");
      field.value = text;
      field.setAttribute("readonly", "");
      field.className = "unseen";
      document.body.append(field);
      field.select();
      done = document.execCommand("copy");
      field.remove();
      held.focus();
    }
    if (done) {
      flash(held, words.copied);
    } else {
      window.getSelection().selectAllChildren(find("blockquote", button.closest(".quote")));
      announce(words.copy_failed);
    }
  }

  function flash(button, text) {
    announce(text);
    if (button.dataset.before) return;
    button.dataset.before = "yes";
    const before = [...button.childNodes];
    button.replaceChildren(`✓ ${text}`);
    setTimeout(() => { button.replaceChildren(...before); delete button.dataset.before; }, 2000);
  }

  // --- the rest of the page's buttons

  function download(file) {
    const bytes = Uint8Array.from(atob(file.data), (character) => character.charCodeAt(0));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([bytes], {type: file.type}));
    link.download = file.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  function address() { return new URL(HERE, document.baseURI).href; }

  async function save(format) {
    find(".menu").open = false;
    try {
      download(await server.export({language: language(), turns, format, address: address()}));
    } catch { announce(words.unreachable); }
  }

  function startAnew() {
    turns = [];
    keep();
    log.querySelectorAll(".exchange").forEach((article) => article.remove());
    app.classList.remove("begun");
    closeSource();
    box.focus();
  }

  async function rate(button) {
    const pressed = [...button.parentElement.querySelectorAll("button")];
    pressed.forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
    const turn = button.closest(".exchange").turn;
    try {
      await server.rate({turns: [turn], helpful: button.dataset.helpful === "yes"});
      announce(words.thanks);
    } catch { announce(words.unreachable); }
  }

  const ACTS = {
    new: startAnew,
    close: closeSource,
    corpus: () => find(".shelf").showModal(),
    shut: () => find(".shelf").close(),
    copy: (button) => copy(button),
    rate: (button) => rate(button),
    export: (button) => save(button.dataset.format),
    source: (link, event) => followSource(event, link),
    read: (link, event) => followSource(event, link),
    retry: (button) => {
      const {question} = button.parentElement.dataset;
      button.closest(".exchange").remove();
      ask(question);
    },
    add: (button) => window.reportqaUpload.add(app, words, button),
    discard: (button) => window.reportqaUpload.discard(app, button),
  };

  function clicked(event) {
    app.querySelectorAll(".menu[open]").forEach((menu) => { menu.open = menu.contains(event.target); });
    const tab = event.target.closest('[role="tab"]');
    if (tab) { openTab(tab.dataset.tab); return; }
    const example = event.target.closest("[data-ask]");
    if (example) { ask(example.dataset.ask); return; }
    const button = event.target.closest("[data-do]");
    if (button && app.contains(button)) ACTS[button.dataset.do]?.(button, event);
  }

  function typed(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
      event.preventDefault();
      find(".composer").requestSubmit();
    }
  }

  function grow() {
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight + 2}px`;
  }

  function submitted(event) {
    event.preventDefault();
    const question = box.value;
    if (question.trim()) box.value = "";
    grow();
    ask(question);
  }

  function escaped(event) {
    if (event.key !== "Escape" || event.defaultPrevented || find(".shelf").open) return;
    const menu = find(".menu[open]");
    if (menu) {
      menu.open = false;
      find("summary", menu).focus();
    } else if (!find(".pane").hidden) closeSource();
    else FRAME.tell("close");
  }

  function filterShelf(event) {
    const wanted = event.target.value.trim();
    find(".reports").querySelectorAll("li").forEach((item) => { item.hidden = !item.textContent.includes(wanted); });
  }

  function start(element_, server_) {
    app = element_.querySelector(".app");
    server = server_;
    words = JSON.parse(app.dataset.words);
    log = find(".log");
    box = find("#question");
    app.addEventListener("click", clicked);
    app.addEventListener("toggle", ({target}) => {
      if (target.matches(".formats[open]")) find(":scope > div", target).scrollIntoView({block: "nearest"});
    }, true);
    document.addEventListener("keydown", escaped);
    find('[role="tablist"]')?.addEventListener("keydown", stepTabs);
    find(".composer").addEventListener("submit", submitted);
    box.addEventListener("keydown", typed);
    box.addEventListener("input", grow);
    find(".find")?.addEventListener("input", filterShelf);
    window.reportqaUpload.start(app, words);
    window.reportqaSession.start(app);
    find(".pane iframe").addEventListener("load", (event) => event.target.contentWindow.addEventListener("keydown", escaped));
    FRAME.start(app, (question) => { openTab("ask"); ask(question); }, () => box.focus());
    restore().then(() => FRAME.tell("ready"));
    if (/^#[a-z]+$/.test(location.hash)) openTab(location.hash.slice(1));
    else if (window.top === window && WIDE.matches) box.focus({preventScroll: true});
  }

  return {start};
})();
