// Adding a report: sent with its progress, shown as it was read, indexed when the visitor says so.
window.reportqaUpload = (() => {
  const OURS = {"X-Reportqa": "1"};

  function progress(app, text, part) {
    const line = app.querySelector(".upload .progress");
    line.hidden = text === "";
    line.querySelector("label").textContent = text;
    const bar = line.querySelector("progress");
    if (part === null) bar.removeAttribute("value");
    else bar.value = Math.round(100 * part);
  }

  function say(app, text) {
    const note = document.createElement("p");
    note.className = "note";
    note.textContent = text;
    app.querySelector(".upload .preview").replaceChildren(note);
  }

  function send(app, words, file) {
    app.querySelector(".upload .preview").replaceChildren();
    const request = new XMLHttpRequest();
    const query = new URLSearchParams({name: file.name, lang: app.lang});
    request.open("POST", new URL(`api/uploads?${query}`, document.baseURI));
    request.setRequestHeader("X-Reportqa", "1");
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.responseType = "json";
    request.upload.onprogress = (event) => progress(app, words.uploading, event.lengthComputable ? event.loaded / event.total : null);
    request.onerror = () => { progress(app, "", 0); say(app, words.unreachable); };
    request.onload = () => {
      progress(app, "", 0);
      const told = request.response;
      if (request.status !== 200) say(app, told?.error?.message || words.failure);
      else app.querySelector(".upload .preview").innerHTML = told.html;
    };
    progress(app, words.uploading, 0);
    request.send(file);
  }

  async function add(app, words, button) {
    button.disabled = true;
    progress(app, words.indexing, null);
    try {
      const answer = await fetch(new URL(`api/uploads/${button.dataset.token}`, document.baseURI), {method: "POST", headers: OURS});
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        const lines = (rest + piece.value).split("\n\n");
        rest = lines.pop();
        for (const line of lines) told(app, words, JSON.parse(line.slice("data: ".length)));
      }
    } catch {
      progress(app, "", 0);
      say(app, words.unreachable);
    }
  }

  function told(app, words, message) {
    if (message.total) {
      progress(app, words.indexing, message.done / message.total);
    } else if (message.error) {
      progress(app, "", 0);
      say(app, message.error);
    } else if (message.reports) {
      progress(app, "", 0);
      say(app, `${words.added}：${message.reports.map((report) => `《${report.title}》`).join("")}`);
      setTimeout(() => location.reload(), 1500);
    }
  }

  function discard(app, button) {
    fetch(new URL(`api/uploads/${button.dataset.token}`, document.baseURI), {method: "DELETE", headers: OURS}).catch(() => {});
    app.querySelector(".upload .preview").replaceChildren();
    app.querySelector("#upload").value = "";
    app.querySelector("#upload").focus();
  }

  function start(app, words) {
    const input = app.querySelector("#upload");
    input?.addEventListener("change", () => { if (input.files.length) send(app, words, input.files[0]); });
    app.querySelector(".upload")?.addEventListener("submit", (event) => event.preventDefault());
  }

  return {start, add, discard};
})();
