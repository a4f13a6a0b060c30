// The tab of figures: what is picked goes to the server, which gives the table and the chart; plotly.js comes with the first chart.
window.reportqaTabs.figures = async (panel, kit) => {
  const {app, server, find, element, announce, openSource, download, language} = kit;
  const shown = find(".shown", panel);
  const drawn = find(".drawn", panel);
  const table = find(".table", panel);
  const charted = find('[name="charted"]', panel);
  const note = find(".chart-note", panel);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  let form = "table", latest = 0, chart = null, timer = 0;

  // --- what is picked

  const boxes = (name) => [...panel.querySelectorAll(`input[name="${name}"]`)];
  const picked = (name) => boxes(name).filter((box) => box.checked).map((box) => box.value);

  function given() {
    return {language: language(), indicators: picked("indicators"), places: picked("places"), periods: picked("periods"),
      charted: charted.value, form: form === "line" ? "line" : "bar"};
  }

  function count() {
    panel.querySelectorAll(".several").forEach((group) => {
      const all = boxes(group.dataset.name);
      find(".count", group).textContent = `${all.filter((box) => box.checked).length}/${all.length}`;
    });
  }

  function later() {
    count();
    clearTimeout(timer);
    timer = setTimeout(show, 150);
  }

  function changed(event) {
    if (event.target.matches('input[type="checkbox"]')) later();
    if (event.target.matches(".narrow")) {
      const wanted = event.target.value.trim().toLowerCase();
      event.target.closest(".options").querySelectorAll("li").forEach((item) => {
        item.hidden = !item.textContent.toLowerCase().includes(wanted);
      });
    }
  }

  function pickAll(button) {
    button.closest(".options").querySelectorAll("li:not([hidden]) input").forEach((box) => { box.checked = Boolean(button.dataset.all); });
    later();
  }

  // --- what is shown

  async function show() {
    const call = ++latest;
    panel.setAttribute("aria-busy", "true");
    try {
      const told = await server.figure_table(given());
      if (call !== latest) return;
      table.innerHTML = told.html;
      const names = find(".charted-names", table);
      charted.replaceChildren(...names.content.cloneNode(true).children);
      charted.parentElement.hidden = charted.options.length < 2;
      chart = told.chart;
      shown.hidden = false;
      announce(told.said);
      await draw();
    } catch { announce(JSON.parse(app.dataset.words).unreachable); }
    if (call === latest) panel.removeAttribute("aria-busy");
  }

  function plotly() {
    if (window.Plotly) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = new URL("ui/charts/plotly.min.js", document.baseURI);
      script.onload = resolve;
      script.onerror = () => { script.remove(); reject(new Error(script.src)); };
      document.head.append(script);
    });
  }

  function colours() {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    const axis = {gridcolor: colour("line"), zerolinecolor: colour("edge"), linecolor: colour("edge"), tickcolor: colour("edge")};
    const ground = colour("ground").replace("#", "");
    const isDark = parseInt(ground.slice(0, 2), 16) < 128;  // the theme may be fixed, whatever the system's is
    const series = isDark ? ["#93bff2", "#f0b467", "#8fd6a8", "#d7a8ee", "#f2a1a1", "#9fd8df"]
      : ["#16508f", "#b45f06", "#2e7d4f", "#7b3fa0", "#b3261e", "#00707d"];
    return {axis, layout: {paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", colorway: series,
      font: {color: colour("ink"), family: colour("letters"), size: 14},
      hoverlabel: {bgcolor: colour("paper"), bordercolor: colour("edge"), font: {color: colour("ink")}}}};
  }

  async function draw() {
    drawn.hidden = form === "table";
    if (drawn.hidden) return;
    const place = find(".chart", drawn);
    place.hidden = !chart;
    note.textContent = !chart ? note.dataset.none : chart.missing ? note.dataset.missing.replace("{0}", chart.missing) : "";
    if (!chart) return;
    try { await plotly(); } catch { place.hidden = true; note.textContent = note.dataset.failed; return; }
    const {axis, layout} = colours();
    const whole = {...chart.layout, ...layout, autosize: true,
      xaxis: {...chart.layout.xaxis, ...axis}, yaxis: {...chart.layout.yaxis, ...axis}};
    await window.Plotly.react(place, chart.data, whole, {displayModeBar: false, responsive: true});
    place.removeAllListeners("plotly_click");
    place.on("plotly_click", ({points}) => {
      const [address] = points[0].customdata;
      if (window.matchMedia("(min-width: 68rem)").matches) openSource(address);
      else window.open(new URL(address, document.baseURI), "_blank", "noopener");
    });
  }

  function choose(button) {
    form = button.dataset.form;
    panel.querySelectorAll("[data-form]").forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
    show();
  }

  function sort(button) {
    const head = button.closest("th");
    const rising = head.getAttribute("aria-sort") === "descending";
    button.closest("thead").querySelectorAll("[aria-sort]").forEach((other) => other.setAttribute("aria-sort", "none"));
    head.setAttribute("aria-sort", rising ? "ascending" : "descending");
    const at = Number(button.dataset.sort);
    const number = (row) => row.children[at].dataset.number;
    const body = find("tbody", table);
    const rows = [...body.rows].sort((one, other) => {
      const [a, b] = [number(one), number(other)];
      if (a === undefined || b === undefined) return (a === undefined) - (b === undefined);
      return rising ? a - b : b - a;
    });
    body.append(...rows);
  }

  async function save(format) {
    try {
      download(await server.figure_file({...given(), format, address: new URL(".", document.baseURI).href}));
    } catch { announce(JSON.parse(app.dataset.words).unreachable); }
  }

  function savePicture(name) {
    const place = find(".chart", drawn);
    if (window.Plotly && chart) window.Plotly.downloadImage(place, {format: "png", scale: 2, filename: `${name}-${charted.value}`});
  }

  function clicked(event) {
    const button = event.target.closest("button");
    panel.querySelectorAll(".several[open]").forEach((group) => { if (!group.contains(event.target)) group.open = false; });
    if (!button) return;
    if (button.dataset.form) choose(button);
    else if (button.dataset.picture) savePicture(button.dataset.picture);
    else if (button.dataset.file) save(button.dataset.file);
    else if (button.dataset.sort) sort(button);
    else if (button.dataset.all !== undefined) pickAll(button);
  }

  function escaped(event) {
    const group = event.target.closest(".several[open]");
    if (event.key !== "Escape" || !group) return;
    event.preventDefault();
    group.open = false;
    find("summary", group).focus();
  }

  const told = await server.figure_choices({language: language()});
  find(".choices", panel).replaceChildren(element(told.html.trim()));
  panel.addEventListener("click", clicked);
  panel.addEventListener("input", changed);
  panel.addEventListener("keydown", escaped);
  charted.addEventListener("change", show);
  dark.addEventListener("change", draw);
  if (find(".picks", panel)) { count(); await show(); }
};
