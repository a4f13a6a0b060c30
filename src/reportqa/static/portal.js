// The portal's page: its search box asks the widget; the options become a line of HTML and the widget that it makes.
(() => {
  const SESSION = /s\/rqs_[\w-]+\//;
  const base = document.body.dataset.address || new URL(".", location.href).href.replace(SESSION, "");
  const host = new URL(base).origin;
  const form = document.getElementById("options");
  const field = (name) => form.elements[name].value.trim();
  const kind = () => form.elements.kind.value;

  const escaped = (text) => text.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;");
  const attribute = ([name, value]) => (value ? ` ${name}="${escaped(value)}"` : "");

  /** What the options say, by the names that the widget has for them. */
  function chosen() {
    const named = {"data-title": field("title"), "data-theme": field("theme"), "data-lang": field("lang"), "data-token-url": field("token")};
    if (kind() === "bubble") named["data-position"] = field("position");
    if (kind() === "inline") named["data-height"] = field("height");
    return Object.entries(named);
  }

  function frame() {
    const address = new URL(base);
    address.searchParams.set("frame", "compact");
    for (const name of ["theme", "lang"]) if (field(name)) address.searchParams.set(name, field(name));
    return Object.entries({src: address.href, title: field("title") || "政府工作报告问答", width: "100%", height: field("height")});
  }

  function snippet() {
    if (kind() === "iframe") return `<iframe${frame().map(attribute).join("")} allow="clipboard-write"></iframe>`;
    const options = chosen().map(attribute).join("");
    if (kind() === "bubble") return `<script src="${base}embed.js"${options} defer></` + "script>";
    return `<reportqa-chat${options}></reportqa-chat>\n<script src="${base}embed.js" data-position="none" defer></` + "script>";
  }

  function policy() {
    const needed = kind() === "iframe" ? [] : [`script-src ${host}`];
    needed.push(`frame-src ${host}`);
    if (field("token") && kind() !== "iframe") needed.push("connect-src 'self'");
    return needed.join("; ");
  }

  function portal() {
    try { return new URL(field("portal")).origin; } catch { return "https://portal.example"; }
  }

  function show() {
    document.querySelectorAll("reportqa-chat").forEach((element) => element.remove());
    const preview = document.getElementById("preview");
    preview.replaceChildren();
    if (kind() === "iframe") {
      const element = document.createElement("iframe");
      for (const [name, value] of frame()) element.setAttribute(name, value);
      element.src = new URL(`./${new URL(element.src).search}`, location.href);
      preview.append(element);
      return;
    }
    const element = document.createElement("reportqa-chat");
    for (const [name, value] of chosen()) if (value && name !== "data-token-url") element.setAttribute(name, value);
    if (kind() === "bubble") element.dataset.position ||= "right";
    (kind() === "bubble" ? document.body : preview).append(element);
  }

  function write() {
    for (const each of form.querySelectorAll("[data-for]")) each.hidden = !each.dataset.for.split(" ").includes(kind());
    document.getElementById("snippet").textContent = snippet();
    document.getElementById("policy").textContent = policy();
    document.getElementById("serve").textContent = `reportqa serve --allow-origin ${portal()}`;
  }

  async function copy(button) {
    const source = document.getElementById(button.dataset.copy);
    const selection = window.getSelection();
    selection.selectAllChildren(source);
    const done = document.execCommand("copy");
    if (done) selection.removeAllRanges();
    document.getElementById("told").textContent = done ? "已复制" : "已选中，请按 Ctrl+C 复制";
    if (!done) return;
    button.textContent = "✓ 已复制";
    setTimeout(() => { button.textContent = "复制"; }, 2000);
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", write);
  form.addEventListener("change", (event) => { if (event.target.name !== "portal") show(); });
  document.addEventListener("click", (event) => { if (event.target.dataset.copy) copy(event.target); });
  document.getElementById("search").addEventListener("submit", (event) => {
    event.preventDefault();
    const words = document.getElementById("words").value.trim();
    if (words) window.reportqa.ask(words);
  });
  write();
})();
