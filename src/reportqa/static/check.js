// The tab 引文核验: sends a draft in pieces, shows it with its marks, and gives it back corrected or commented.
window.reportqaTabs.check = (panel, kit) => {
  const PIECE = 1500;
  const words = JSON.parse(panel.querySelector(".check").dataset.words);
  const find = (selector, within = panel) => within.querySelector(selector);
  const form = find(".check-form"), box = find("#check-text"), result = find(".check-result");
  const draft = find(".check-draft"), list = find(".check-findings ol"), summary = find(".check-summary");
  let file = null, pieces = [], running = 0;

  const filled = (text, ...values) => text.replace(/\{(\d)\}/g, (_, number) => values[number]);

  function complain(text) {
    const note = find(".note");
    note.hidden = !text;
    note.textContent = text;
  }

  function progress(part) {
    const line = find(".progress");
    line.hidden = part === null;
    if (part === null) return;
    find("label", line).textContent = filled(words.progress, Math.round(100 * part));
    find("progress", line).value = Math.round(100 * part);
  }

  // --- the draft

  function cut(text) {
    const parts = [];
    for (const line of text.match(/[^\n]*\n|[^\n]+$/g) || []) {
      for (const part of line.length > PIECE ? line.match(/[^。！？]{0,4000}[。！？\n]*|[^]{1,4000}/g).filter(Boolean) : [line]) {
        if (parts.length && parts.at(-1).length + part.length <= PIECE) parts[parts.length - 1] += part;
        else parts.push(part);
      }
    }
    return parts;
  }

  async function call(name, given) {
    const told = await kit.server[name]({language: kit.language(), ...given});
    if (told.error) throw Object.assign(new Error(told.error), {told: true});
    return told;
  }

  function failed(error) {
    complain(error.told ? error.message : words.unreachable);
    find(".note").scrollIntoView({block: "nearest"});
  }

  async function check(text) {
    const own = ++running;
    const parts = cut(text);
    let questionable = 0;
    pieces = [];
    draft.replaceChildren();
    list.replaceChildren();
    complain("");
    form.hidden = true;
    result.hidden = false;
    result.setAttribute("aria-busy", "true");
    summary.textContent = "";
    panel.scrollTop = 0;
    progress(0);
    try {
      for (const [number, part] of parts.entries()) {
        const told = await call("check_draft", {text: part, first: list.children.length});
        if (own !== running) return;
        pieces.push({text: part, findings: told.findings});
        const template = document.createElement("template");
        template.innerHTML = told.draft;
        draft.append(template.content);
        list.append(...told.list.map(kit.element));
        questionable += told.questionable;
        progress((number + 1) / parts.length);
      }
      const count = list.children.length;
      summary.textContent = count === 0 ? words.nothing : filled(questionable ? words.done : words.sound, count, questionable);
    } catch (error) {
      if (own !== running) return;
      draft.append(parts.slice(pieces.length).join(""));
      failed(error);
      if (!pieces.length) edit();
      else summary.textContent = words.stopped;
    }
    finish();
    kit.announce(summary.textContent);
  }

  function finish() {
    progress(null);
    result.removeAttribute("aria-busy");
    find("#check-only").closest("label").hidden = !list.children.length;
    for (const [name, on] of [["all", find("[data-check=accept]", list)], ["word", pieces.length], ["corrected", find("[data-check=accept]", list)]]) {
      find(`[data-check=${name}]`).hidden = !on;
    }
    summary.focus({preventScroll: true});
  }

  function stop() {
    running += 1;
    const done = pieces.reduce((length, piece) => length + piece.text.length, 0);
    draft.append(box.value.slice(done));
    summary.textContent = words.stopped;
    finish();
    kit.announce(words.stopped);
  }

  function edit() {
    running += 1;
    box.value = draft.textContent || box.value;
    form.hidden = false;
    result.hidden = true;
    progress(null);
    box.focus();
  }

  // --- corrections

  function correct(item, on) {
    const claim = find(`#claim-${item.dataset.number}`, draft);
    if (!claim) return;
    for (const span of claim.querySelectorAll(".wrong")) {
      if (on) {
        span.dataset.was ??= span.textContent;
        span.textContent = span.dataset.right;
      } else span.textContent = span.dataset.was;
    }
    for (const part of [item, claim]) part.classList.toggle("mended", on);
    const button = find("[data-check=accept]", item);
    button.firstChild.textContent = on ? words.undo : words.accept;
    button.setAttribute("aria-pressed", String(on));
  }

  function accept(button) {
    const item = button.closest(".finding");
    const on = !item.classList.contains("mended");
    correct(item, on);
    kit.announce(on ? words.accepted : words.undone);
  }

  async function save(format) {
    complain("");
    try {
      kit.download(await call("save_draft", {format, pieces: format === "word" ? pieces : [], text: draft.textContent,
        name: file?.name || "", data: file?.data || ""}));
    } catch (error) { failed(error); }
  }

  // --- files

  async function open(chosen) {
    complain("");
    kit.announce(words.reading);
    try {
      const bytes = new Uint8Array(await chosen.arrayBuffer());
      let data = "";
      for (let at = 0; at < bytes.length; at += 32768) data += String.fromCharCode(...bytes.subarray(at, at + 32768));
      const given = {name: chosen.name, data: btoa(data)};
      box.value = (await call("read_draft", given)).text;
      file = {...given, text: box.value};
      complain(filled(words.read, chosen.name));
      find("[type=submit]", form).focus();
    } catch (error) { failed(error); }
    find("#check-file").value = "";
  }

  // --- marks and findings point at each other

  function follow(event, link) {
    event.preventDefault();
    const target = find(link.getAttribute("href"));
    const focus = target.matches("a") ? target : find(".said a", target);
    panel.querySelectorAll(".current").forEach((other) => other.classList.remove("current"));
    for (const part of [find(`#claim-${target.dataset.number}`), find(`#finding-${target.dataset.number}`)]) part?.classList.add("current");
    target.scrollIntoView({block: "nearest", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth"});
    focus.focus({preventScroll: true});
  }

  const ACTS = {stop, edit, accept, word: () => save("word"), corrected: () => save("same"),
    all: () => list.querySelectorAll(".finding:not(.mended)").forEach((item) => { if (find("[data-check=accept]", item)) correct(item, true); })};

  panel.addEventListener("click", (event) => {
    const button = event.target.closest("[data-check]");
    const link = event.target.closest("a[href^='#']");
    if (button) ACTS[button.dataset.check](button);
    else if (link) follow(event, link);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = box.value.replace(/\r\n?/g, "\n").replace(/\0/g, "");
    if (!text.trim()) { complain(words.empty); box.focus(); return; }
    if (file && file.text.split("\n").length !== text.split("\n").length) file = null;
    box.value = text;
    check(text);
  });
  box.addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit(); });
  const chooser = find("#check-file");
  const chosen = () => { if (chooser.files.length) open(chooser.files[0]); };
  chooser.addEventListener("change", chosen);
  chosen();
  find("#check-only").addEventListener("change", (event) => list.classList.toggle("only", event.target.checked));
  panel.addEventListener("dragover", (event) => event.preventDefault());
  panel.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    if (result.hidden) open(event.dataTransfer.files[0]);
  });
  panel.inert = false;
  box.focus({preventScroll: true});
};
